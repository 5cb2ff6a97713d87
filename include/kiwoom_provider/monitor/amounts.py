"""Amounts as people read them: 억원 and 조원 in Korean, KRW mn, bn and tn in English."""

from __future__ import annotations

from kiwoom_provider.quality.rule import Language

SHARES = "shares"
_MINUS = "−"
_STEPS = {
    Language.KOREAN: ((1_000_000, "조원"), (100, "억원"), (1, "백만원")),
    Language.ENGLISH: ((1_000_000, "tn"), (1_000, "bn"), (1, "mn")),
}
"""KRW million in one of each unit."""


def signed(value: int, unit: str, language: Language) -> str:
    """
    Return a net flow with its sign: ``+1.23조원``, ``−KRW 340 mn``, ``+1,200주``.

    :param value: in ``unit``: KRW million, or shares.
    """
    sign = "+" if value > 0 else _MINUS if value < 0 else ""
    return sign + readable(abs(value), unit, language)


def readable(value: int, unit: str, language: Language) -> str:
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


def _decimals(value: int, worth: int) -> int:
    if worth == 1:
        return 0
    return 2 if value < 10 * worth else 1 if value < 100 * worth else 0
