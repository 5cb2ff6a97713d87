"""Figures as people read them: amounts in 억원 and KRW bn, sizes, durations, instants in Seoul."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiwoom_provider.datasets.columns import UNITS
from kiwoom_provider.krx import KST
from kiwoom_provider.locale import Language

if TYPE_CHECKING:
    from datetime import datetime, timedelta

SHARES = UNITS["quantity"]
_MINUS = "−"
_STEPS = {
    Language.KOREAN: ((1_000_000, "조원"), (100, "억원"), (1, "백만원")),
    Language.ENGLISH: ((1_000_000, "tn"), (1_000, "bn"), (1, "mn")),
}
"""KRW million in one of each unit."""
_DURATIONS = {Language.ENGLISH: (" d", " h", " min", " s"), Language.KOREAN: ("일", "시간", "분", "초")}


def signed_amount(value: int, unit: str, language: Language) -> str:
    """
    Return a net flow with its sign: ``+1.23조원``, ``−KRW 340 mn``, ``+1,200주``.

    :param value: in ``unit``: KRW million, or shares.
    """
    sign = "+" if value > 0 else _MINUS if value < 0 else ""
    return sign + amount(abs(value), unit, language)


def amount(value: int, unit: str, language: Language) -> str:
    """Return an amount of at least 0 in the largest unit of which it holds one: three or four figures of it."""
    if unit == SHARES:
        return f"{value:,}주" if language is Language.KOREAN else f"{value:,} shares"
    worth, name = next((step for step in _STEPS[language] if value >= step[0]), _STEPS[language][-1])
    text = f"{value / worth:,.{_decimals(value, worth)}f}"
    return f"{text}{name}" if language is Language.KOREAN else f"KRW {text} {name}"


def axis(unit: str, language: Language) -> tuple[int, str]:
    """Return by what to divide values of ``unit`` for an axis, and how the axis is called."""
    if unit == SHARES:
        return (1, "주") if language is Language.KOREAN else (1, "shares")
    return (100, "억원") if language is Language.KOREAN else (1_000, "KRW bn")


def size(count: int) -> str:
    """Return bytes as people read them: ``1.6 MB``."""
    value = float(count)
    for name in ("B", "kB", "MB"):
        if value < 1000:  # noqa: PLR2004 - SI
            return f"{value:.0f} {name}" if name == "B" else f"{value:.1f} {name}"
        value /= 1000
    return f"{value:.1f} GB"


def duration(span: timedelta, language: Language) -> str:
    """Return a duration by its two largest units: ``2 h 45 min``, ``3일 4시간``, ``95 s`` below two minutes."""
    days, hours, minutes, seconds = _DURATIONS[language]
    total = max(0, round(span.total_seconds()))
    if total < 120:  # noqa: PLR2004 - two minutes
        return f"{total}{seconds}"
    parts = [(total // 86_400, days), (total // 3600 % 24, hours), (total // 60 % 60, minutes)]
    while not parts[0][0]:
        parts.pop(0)
    return " ".join(f"{count}{name}" for count, name in parts[:2] if count)


def kst(instant: datetime | None, style: str = "%Y-%m-%d %H:%M") -> str:
    """Return an instant as it is in Seoul."""
    return f"{instant.astimezone(KST):{style}}" if instant else ""


def figure(value: object) -> str:
    """Write a number with its thousands apart, nothing for None, and a text as it is."""
    if value is None:
        return ""
    return f"{value:,}" if isinstance(value, int | float) else str(value)


def _decimals(value: int, worth: int) -> int:
    if worth == 1:
        return 0
    return 2 if value < 10 * worth else 1 if value < 100 * worth else 0
