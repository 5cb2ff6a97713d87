from __future__ import annotations

from datetime import date

import pytest

from kiwoom_provider.krx import CalendarError, SessionDateError, parse_session_date


def test_a_day_written_in_full_is_read():
    assert parse_session_date("2026-11-20") == date(2026, 11, 20)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "20261120",
        "2026-11-31",
        "2026-1-2",
        "2026/11/20",
        "20-11-2026",
        " 2026-11-20",
        "2026-11-20\n",
        "2026-11-20T00:00:00",
        "2026-W47-5",
        "２０２６-11-20",
        "today",
        None,
        20261120,
        date(2026, 11, 20),
    ],
)
def test_anything_else_is_refused_by_the_name_of_the_field(text):
    with pytest.raises(SessionDateError, match=r"session_date .* is not a day written YYYY-MM-DD"):
        parse_session_date(text)


def test_the_refusal_belongs_to_the_calendars_errors():
    assert issubclass(SessionDateError, CalendarError)
