"""Amounts, durations and the calendar's grid as people read them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from kiwoom_provider.locale import Language
from kiwoom_provider.monitor import formats
from kiwoom_provider.monitor.errors import PageAddressError
from kiwoom_provider.monitor.formats import duration
from kiwoom_provider.monitor.grid import Grid
from kiwoom_provider.monitor.state import Day, State
from kiwoom_provider.monitor.views import Span

KO, EN = Language.KOREAN, Language.ENGLISH


@pytest.mark.parametrize(
    ("value", "korean", "english"),
    [
        (0, "0백만원", "KRW 0 mn"),
        (45, "+45백만원", "+KRW 45 mn"),
        (-340, "−3.40억원", "−KRW 340 mn"),
        (345_678, "+3,457억원", "+KRW 346 bn"),
        (-12_345, "−123억원", "−KRW 12.3 bn"),
        (1_234_567, "+1.23조원", "+KRW 1.23 tn"),
    ],
)
def test_an_amount_is_in_the_largest_unit_of_which_it_holds_one(value, korean, english):
    assert formats.signed_amount(value, "KRW million", KO) == korean
    assert formats.signed_amount(value, "KRW million", EN) == english


def test_shares_are_counted_in_shares():
    assert formats.signed_amount(-1_200, "shares", KO) == "−1,200주"
    assert formats.signed_amount(1_200, "shares", EN) == "+1,200 shares"


@pytest.mark.parametrize(("count", "text"), [(999, "999 B"), (1_600_000, "1.6 MB"), (2_500_000_000, "2.5 GB")])
def test_bytes_are_rounded_to_their_unit(count, text):
    assert formats.size(count) == text


@pytest.mark.parametrize(
    ("span", "english", "korean"),
    [
        (timedelta(seconds=95), "95 s", "95초"),
        (timedelta(hours=2, minutes=45), "2 h 45 min", "2시간 45분"),
        (timedelta(days=3, hours=4, minutes=50), "3 d 4 h", "3일 4시간"),
        (timedelta(days=2, minutes=5), "2 d", "2일"),
        (timedelta(seconds=-5), "0 s", "0초"),
    ],
)
def test_a_duration_is_told_by_its_two_largest_units(span, english, korean):
    assert duration(span, EN) == english
    assert duration(span, KO) == korean


def test_the_last_twelve_months_begin_on_a_monday_and_end_today_in_korea():
    span = Span.of(None, datetime(2026, 11, 22, 19, tzinfo=UTC))  # Monday 04:00 in Seoul
    assert (span.first, span.last) == (date(2025, 11, 24), date(2026, 11, 23))


def test_a_year_ends_today_or_with_its_last_day():
    now = datetime(2026, 11, 22, 19, tzinfo=UTC)
    assert Span.of("2026", now).last == date(2026, 11, 23)
    assert Span.of("2025", now).last == date(2025, 12, 31)


@pytest.mark.parametrize("year", ["26", "20x6", "02026", "9999 ", "²⁰²⁶"])
def test_a_year_that_is_none_is_refused(year):
    with pytest.raises(PageAddressError, match="is not written YYYY"):
        Span.of(year, datetime(2026, 11, 22, tzinfo=UTC))


def days(first: date, last: date, **changes) -> list[Day]:
    count = (last - first).days + 1
    return [Day(first + timedelta(days=at), State.PUBLISHED, **changes) for at in range(count)]


def test_a_week_is_a_column_and_a_weekday_a_row():
    grid = Grid.of(days(date(2026, 11, 4), date(2026, 11, 17)))  # Wednesday to Tuesday
    assert [row[0] and row[0].date.day for row in grid.rows] == [None, None, 4, 5, 6]
    assert [row[2] and row[2].date.day for row in grid.rows] == [16, 17, None, None, None]


def test_a_weekend_is_shown_where_something_is_stored_on_it():
    assert len(Grid.of(days(date(2026, 11, 2), date(2026, 11, 8), is_published=True)).rows) == 7


def test_a_month_spans_the_weeks_that_begin_in_it():
    grid = Grid.of(days(date(2026, 10, 26), date(2026, 11, 15)))
    assert [(month.first.month, month.weeks) for month in grid.months] == [(10, 1), (11, 2)]
