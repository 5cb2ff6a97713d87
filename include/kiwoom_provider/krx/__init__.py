"""
Sessions of the Korea Exchange: days, closures, windows. Knows no Airflow and reads no clock.

>>> from kiwoom_provider.krx import calendar, parse_session_date
>>> session = calendar().session(parse_session_date("2026-11-20"))
"""

from __future__ import annotations

from kiwoom_provider.krx.calendar import KrxCalendar, calendar, closures_with_data
from kiwoom_provider.krx.errors import (
    CalendarError,
    NotASessionError,
    OutOfRangeError,
    OverrideError,
    SessionDateError,
    WindowError,
)
from kiwoom_provider.krx.overrides import check_overrides, overrides_path
from kiwoom_provider.krx.session import KST, SessionWindow, Window, parse_session_date

__all__ = [
    "KST",
    "CalendarError",
    "KrxCalendar",
    "NotASessionError",
    "OutOfRangeError",
    "OverrideError",
    "SessionDateError",
    "SessionWindow",
    "Window",
    "WindowError",
    "calendar",
    "check_overrides",
    "closures_with_data",
    "overrides_path",
    "parse_session_date",
]
