"""Stretches of time: which days a view is about, and durations in words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Self

from kiwoom_provider.errors import KiwoomProviderError
from kiwoom_provider.krx import KST
from kiwoom_provider.quality.rule import Language

if TYPE_CHECKING:
    from datetime import datetime

_YEAR = re.compile(r"[12][0-9]{3}")
_WEEKS = timedelta(weeks=52)
_NAMES = {Language.ENGLISH: (" d", " h", " min", " s", " "), Language.KOREAN: ("일", "시간", "분", "초", " ")}


class SpanError(KiwoomProviderError, ValueError):
    """The asked year is no year."""


@dataclass(frozen=True, slots=True)
class Span:
    """Days from ``first`` to ``last``, both inclusive; ``year`` is None for the last twelve months."""

    first: date
    last: date
    year: int | None

    @classmethod
    def of(cls, year: str | None, now: datetime) -> Self:
        """
        Return a calendar year up to today, or the last 52 weeks from a Monday on; days are Korea's.

        :raises SpanError: when ``year`` is not four digits.
        """
        today = now.astimezone(KST).date()
        if not year:
            first = today - _WEEKS
            return cls(first - timedelta(days=first.weekday()), today, None)
        if not _YEAR.fullmatch(year):
            raise SpanError(f"year {year!r} is not written YYYY, such as 2026")
        number = int(year)
        return cls(date(number, 1, 1), min(date(number, 12, 31), max(today, date(number, 1, 1))), number)


def duration(span: timedelta, language: Language) -> str:
    """Return a duration by its two largest units: ``2 h 45 min``, ``3일 4시간``, ``95 s`` below two minutes."""
    days, hours, minutes, seconds, gap = _NAMES[language]
    total = max(0, round(span.total_seconds()))
    if total < 120:  # noqa: PLR2004 - two minutes
        return f"{total}{seconds}"
    parts = [(total // 86_400, days), (total // 3600 % 24, hours), (total // 60 % 60, minutes)]
    while not parts[0][0]:
        parts.pop(0)
    return gap.join(f"{count}{name}" for count, name in parts[:2] if count)
