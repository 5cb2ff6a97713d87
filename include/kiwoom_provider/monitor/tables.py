"""What the session page's tables and bars show, from the facts of a run. Widths in percent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kiwoom_provider.locale import translate
from kiwoom_provider.parameters import WIDEST_FIRST, Market
from kiwoom_provider.quality.page import STATUSES
from kiwoom_provider.quality.results import Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kiwoom_provider.monitor.states import Flow, Run, Top, TopList
    from kiwoom_provider.quality.results import AuditReport, RuleResult
    from kiwoom_provider.quality.rule import Language

MAIN_INVESTORS = ("individual", "foreigner", "institution")
_MARKETS = {str(market): place for place, market in enumerate(Market)}
_ORDER = (Status.FAIL, Status.ERROR, Status.WARN, Status.PASS, Status.NOT_APPLICABLE)


@dataclass(frozen=True, slots=True)
class Bars:
    """One market's net flows at its widest venue; ``shares`` of the largest, 0 to 100, one a flow."""

    market: str
    venue: str
    flows: tuple[tuple[Flow, float], ...]


@dataclass(frozen=True, slots=True)
class Audited:
    """The audit for people: rules that found something, worst first; then the others."""

    report: AuditReport
    found: tuple[dict[str, Any], ...]
    quiet: tuple[dict[str, Any], ...]


def flow_bars(run: Run) -> list[Bars]:
    """Return a run's flows, one group a market."""
    groups: dict[str, dict[str, list[Flow]]] = {}
    for flow in run.flows:
        groups.setdefault(flow.market, {}).setdefault(flow.venue, []).append(flow)
    return [_bars(market, venues) for market, venues in groups.items()]


def top_by_market(top: Top | None) -> list[dict[str, Any]] | None:
    """Return the largest net trades by market: the three main investors, and the others."""
    if top is None:
        return None
    markets: dict[str, list[TopList]] = {}
    for entry in top.lists:
        markets.setdefault(entry.market, []).append(entry)
    return [
        {
            "market": market,
            "venue": lists[0].venue,
            "unit": top.unit,
            "main": [entry for entry in lists if entry.investor in MAIN_INVESTORS],
            "others": [entry for entry in lists if entry.investor not in MAIN_INVESTORS],
        }
        for market, lists in sorted(markets.items(), key=lambda item: _MARKETS.get(item[0], len(_MARKETS)))
    ]


def audit(report: AuditReport, language: Language) -> Audited:
    """Return an audit with its rules' words in ``language``; a rule not known any more keeps the report's."""
    results = sorted(report.results, key=lambda result: _ORDER.index(result.status))
    rows = [_row(result, language) for result in results]
    quiet = (Status.PASS, Status.NOT_APPLICABLE)
    return Audited(
        report,
        tuple(row for row in rows if row["result"].status not in quiet),
        tuple(row for row in rows if row["result"].status in quiet),
    )


def _row(result: RuleResult, language: Language) -> dict[str, Any]:
    texts = {name: translate(getattr(result, name), language) for name in ("title", "found", "remedy")}
    return texts | {"result": result, "status": translate(STATUSES[result.status], language)}


def _bars(market: str, venues: dict[str, list[Flow]]) -> Bars:
    venue = next((name for name in WIDEST_FIRST if name in venues), next(iter(venues)))
    flows: Sequence[Flow] = venues[venue]
    largest = max(abs(flow.net) for flow in flows) or 1
    return Bars(market, venue, tuple((flow, round(100 * abs(flow.net) / largest, 1)) for flow in flows))
