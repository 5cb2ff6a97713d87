"""The second opinion: the differences that people have looked at, and no others."""

from __future__ import annotations

import sys

import pytest

from kiwoom_provider.krx import calendar
from kiwoom_provider.krx.cross_check import cross_check

DISPUTED_DAYS = ["2026-06-03", "2026-07-17", "2027-05-03", "2027-07-19"]


def every_difference(krx):
    return cross_check(krx.rules, krx.rules.known.first, krx.rules.known.last)


@pytest.fixture(scope="module")
def warnings_by_day() -> dict[str, str]:
    return {str(text)[:10]: str(text) for text in every_difference(calendar())}


def test_exactly_the_known_days_differ_from_exchange_calendars_4_13_2(warnings_by_day):
    assert list(warnings_by_day) == DISPUTED_DAYS


@pytest.mark.parametrize("day", DISPUTED_DAYS)
def test_a_disputed_day_is_explained(warnings_by_day, day):
    assert warnings_by_day[day].startswith(f"{day}: exchange_calendars has a session, ours is closed (")


def test_a_closure_of_our_own_is_reported_as_a_difference(write):
    file = write("days:\n- {day: 2026-11-20, kind: closed, reason: short notice, source: s}\n")
    assert any(str(text).startswith("2026-11-20: ") for text in every_difference(calendar(overrides=file)))


def test_an_opening_of_our_own_is_reported_as_a_difference(write):
    file = write("days:\n- {day: 2026-12-25, kind: open, reason: r, source: s}\n")
    found = [str(text) for text in every_difference(calendar(overrides=file)) if str(text).startswith("2026-12-25")]
    (text,) = found
    assert text == (
        "2026-12-25: exchange_calendars is closed, ours has a session. "
        "Ours decides. If ours is wrong, add an override (docs/calendar.md)."
    )


def test_a_second_opinion_that_cannot_be_had_is_said_and_stops_nothing(krx, monkeypatch):
    monkeypatch.setitem(sys.modules, "exchange_calendars", None)
    (text,) = every_difference(krx)
    assert str(text).startswith(
        "The calendar was not cross-checked: exchange_calendars failed with ModuleNotFoundError"
    )
