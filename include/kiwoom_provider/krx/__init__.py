"""
Sessions of the Korea Exchange: days, hours, closures. Knows no Airflow and reads no clock.

>>> from kiwoom_provider.krx import calendar, parse_session_date
>>> session = calendar().session(parse_session_date("2026-11-20"))
"""

from __future__ import annotations

from kiwoom_provider.krx.calendar import KrxCalendar, calendar
from kiwoom_provider.krx.deployment import check_overrides, overrides_path
from kiwoom_provider.krx.errors import (
    CalendarError,
    NotASessionError,
    OutOfRangeError,
    OverrideError,
    SessionDateError,
    WindowError,
)
from kiwoom_provider.krx.handed import Handed
from kiwoom_provider.krx.session import KST, Session, check_window, parse_session_date
from kiwoom_provider.krx.stored import closures_with_data

__all__ = [
    "KST",
    "CalendarError",
    "Handed",
    "KrxCalendar",
    "NotASessionError",
    "OutOfRangeError",
    "OverrideError",
    "Session",
    "SessionDateError",
    "WindowError",
    "calendar",
    "check_overrides",
    "check_window",
    "closures_with_data",
    "overrides_path",
    "parse_session_date",
]
