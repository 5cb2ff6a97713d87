"""Bars of net flows, as plain geometry that the page draws in SVG. Units: pixels, and the flows' own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kiwoom_provider.datasets.columns import INVESTORS
from kiwoom_provider.parameters import WIDEST_FIRST
from kiwoom_provider.quality.rule import Language

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ROW_HEIGHT, LABEL_WIDTH, HALF_WIDTH, VALUE_WIDTH = 22, 150, 180, 110
_KOREAN = {investor.name: investor.korean for investor in INVESTORS}


@dataclass(frozen=True)
class Bar:
    """One investor's bar: it starts at ``x`` and is ``width`` wide, left of the middle for net sellers."""

    label: str
    value: int
    x: float
    width: float
    y: int


@dataclass(frozen=True)
class Plot:
    """Net flows of one market and venue."""

    title: str
    unit: str
    bars: tuple[Bar, ...]

    middle = LABEL_WIDTH + VALUE_WIDTH + HALF_WIDTH
    width = LABEL_WIDTH + 2 * (VALUE_WIDTH + HALF_WIDTH)

    @property
    def height(self) -> int:
        """Height of all bars."""
        return ROW_HEIGHT * len(self.bars)


def plots(flows: Iterable[Mapping[str, Any]], language: Language) -> list[Plot]:
    """Return one plot a market, of the widest venue there is."""
    by_market: dict[str, dict[str, list[Mapping[str, Any]]]] = {}
    for flow in flows:
        by_market.setdefault(flow["market"], {}).setdefault(flow["venue"], []).append(flow)
    drawn = []
    for market, venues in by_market.items():
        venue = next(name for name in WIDEST_FIRST if name in venues)
        chosen = venues[venue]
        drawn.append(Plot(f"{market} · {venue}", chosen[0]["unit"], _bars(chosen, language)))
    return drawn


def _bars(flows: list[Mapping[str, Any]], language: Language) -> tuple[Bar, ...]:
    largest = max(abs(flow["net"]) for flow in flows) or 1
    bars = []
    for place, flow in enumerate(flows):
        width = HALF_WIDTH * abs(flow["net"]) / largest
        x = Plot.middle - (width if flow["net"] < 0 else 0)
        bars.append(Bar(_label(flow["investor"], language), flow["net"], x, width, place * ROW_HEIGHT))
    return tuple(bars)


def _label(investor: str, language: Language) -> str:
    return _KOREAN[investor] if language is Language.KOREAN else investor.replace("_", " ")
