"""The report for people: one self-contained HTML page, in Korean or English, with no script at all."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import jinja2

from kiwoom_provider.krx import KST
from kiwoom_provider.locale import Language, Message, investor, label, message, translator
from kiwoom_provider.parameters import WIDEST_FIRST
from kiwoom_provider.quality.results import Severity, Status, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kiwoom_provider.parameters import Market, Venue
    from kiwoom_provider.quality.results import AuditReport, NetFlow

ROW_HEIGHT, LABEL_WIDTH, HALF_WIDTH, VALUE_WIDTH = 22, 150, 180, 110
"""Of the bars, in pixels."""
VERDICTS = {
    Verdict.PASSED: message("Passed"),
    Verdict.WARNED: message("Passed with warnings"),
    Verdict.BLOCKED: message("Blocked"),
    Verdict.RELEASED: message("Released by a person"),
}
STATUSES = {
    Status.PASS: message("pass"),
    Status.WARN: message("warn"),
    Status.FAIL: message("fail"),
    Status.ERROR: message("error"),
    Status.NOT_APPLICABLE: message("not applicable"),
}
SEVERITIES = {Severity.BLOCK: message("blocks"), Severity.WARN: message("warns")}
OUTCOMES = {"proved": message("proved"), "unproved": message("not proved"), "disproved": message("disproved")}
SELL_SIGNS = {"negative": message("minus, dropped"), "mixed": message("both, which is impossible")}
"""What is said of the sign that sells came with; none is the rule."""


def render_html(report: AuditReport, language: Language | str = Language.ENGLISH) -> str:
    """
    Return the report as one HTML page; every value in it is escaped.

    :raises ValueError: for a language other than ``en`` and ``ko``.
    """
    language = Language(language)
    return _template().render(
        _=translator(language),
        language=str(language),
        report=report,
        verdicts=VERDICTS,
        statuses=STATUSES,
        severities=SEVERITIES,
        outcomes=OUTCOMES,
        label=label,
        signs=SELL_SIGNS,
        audited_at=report.audited_at.astimezone(KST).strftime("%Y-%m-%d %H:%M:%S") if report.audited_at else "",
        plots=plots(report.flows),
    )


@dataclass(frozen=True)
class Bar:
    """One investor's bar: it starts at ``x`` and is ``width`` wide, left of the middle for net sellers."""

    label: Message
    value: int
    x: float
    width: float
    y: int


@dataclass(frozen=True)
class Plot:
    """Net flows of one market and venue, as plain geometry that the page draws in SVG."""

    title: Message
    unit: str
    bars: tuple[Bar, ...]

    middle = LABEL_WIDTH + VALUE_WIDTH + HALF_WIDTH
    width = LABEL_WIDTH + 2 * (VALUE_WIDTH + HALF_WIDTH)

    @property
    def height(self) -> int:
        """Height of all bars."""
        return ROW_HEIGHT * len(self.bars)


def plots(flows: Iterable[NetFlow]) -> list[Plot]:
    """Return one plot a market, of the widest venue there is."""
    by_market: dict[Market, dict[Venue, list[NetFlow]]] = {}
    for flow in flows:
        by_market.setdefault(flow.market, {}).setdefault(flow.venue, []).append(flow)
    drawn = []
    for market, venues in by_market.items():
        venue = next(one for one in WIDEST_FIRST if one in venues)
        chosen = venues[venue]
        drawn.append(Plot(Message(id=f"{market} · {venue}"), chosen[0].unit, _bars(chosen)))
    return drawn


def _bars(flows: list[NetFlow]) -> tuple[Bar, ...]:
    largest = max(abs(flow.net) for flow in flows) or 1
    bars = []
    for place, flow in enumerate(flows):
        width = HALF_WIDTH * abs(flow.net) / largest
        x = Plot.middle - (width if flow.net < 0 else 0)
        bars.append(Bar(investor(flow.investor), flow.net, x, width, place * ROW_HEIGHT))
    return tuple(bars)


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(files("kiwoom_provider.quality").joinpath("report_page.html").read_text("utf-8"))
