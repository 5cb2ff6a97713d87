from __future__ import annotations

from datetime import date

from kiwoom_provider.krx import calendar, closures_with_data
from kiwoom_provider.locale import translate


def test_data_under_a_declared_closure_is_named_with_the_file(write):
    file = write("days:\n- {day: 2026-11-20, kind: closed, reason: short notice, source: s}\n")
    (text,) = closures_with_data(calendar(overrides=file), [date(2026, 11, 20)])
    assert str(text) == (
        f"2026-11-20 holds data, but the calendar says closed (short notice: {file}). "
        "Correct the closure or move the data."
    )


def test_data_under_a_holiday_and_a_weekend_is_named_oldest_first(krx):
    found = closures_with_data(krx, [date(2026, 11, 21), date(2026, 7, 17)])
    assert [str(text)[:10] for text in found] == ["2026-07-17", "2026-11-21"]


def test_data_under_sessions_is_well(krx):
    assert closures_with_data(krx, [date(2026, 11, 19), date(2026, 11, 20)]) == []


def test_data_outside_the_known_range_is_left_out(krx):
    assert closures_with_data(krx, [date(2009, 1, 1), date(2030, 1, 1)]) == []


def test_it_is_said_in_korean_too(krx):
    (text,) = closures_with_data(krx, [date(2026, 9, 25)])
    assert translate(text, "ko") == (
        "2026-09-25에 데이터가 있으나 달력은 휴장(추석)입니다. 휴장 정보를 고치거나 데이터를 옮기십시오."
    )
