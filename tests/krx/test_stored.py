from __future__ import annotations

from datetime import date

from kiwoom_provider.krx import calendar, closures_with_data


def test_data_under_a_declared_closure_is_named_with_the_file(write):
    file = write("days:\n- {day: 2026-11-20, kind: closed, reason: short notice, source: s}\n")
    (text,) = closures_with_data(calendar(overrides=file), [date(2026, 11, 20)])
    assert text == (
        f"2026-11-20 holds data, but the calendar says closed (short notice: {file}). "
        "Correct the closure or move the data."
    )


def test_data_under_a_holiday_and_a_weekend_is_named_oldest_first(krx):
    found = closures_with_data(krx, [date(2026, 11, 21), date(2026, 7, 17)])
    assert [text[:10] for text in found] == ["2026-07-17", "2026-11-21"]


def test_data_under_sessions_is_well(krx):
    assert closures_with_data(krx, [date(2026, 11, 19), date(2026, 11, 20)]) == []


def test_data_outside_the_known_range_is_left_out(krx):
    assert closures_with_data(krx, [date(2019, 1, 1), date(2030, 1, 1)]) == []
