"""The pages: the overview, one session, a run's stored report, and the plots' data. Each reads when it is asked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote

from fastapi import Request, Response
from fastapi.responses import JSONResponse

from kiwoom_provider.datasets.columns import INVESTORS
from kiwoom_provider.history.estimate import HISTORY_DAG_ID
from kiwoom_provider.krx import KST, OutOfRangeError, SessionDateError, parse_session_date
from kiwoom_provider.locale import investor, message
from kiwoom_provider.monitor import deployment, plots
from kiwoom_provider.monitor.access import DAG_ID, RELEASE_DAG_ID
from kiwoom_provider.monitor.archive import rank
from kiwoom_provider.monitor.errors import NotFoundError, PageAddressError, PageError
from kiwoom_provider.monitor.figures import plot_json
from kiwoom_provider.monitor.grid import Grid
from kiwoom_provider.monitor.plots import DEFAULT_INVESTORS, INVESTOR_NAMES
from kiwoom_provider.monitor.render import language_of, page
from kiwoom_provider.parameters import WIDEST_FIRST
from kiwoom_provider.quality.results import Status

if TYPE_CHECKING:
    from datetime import datetime

    from kiwoom_provider.krx import KrxCalendar, SessionWindow
    from kiwoom_provider.monitor.archive import Archive
    from kiwoom_provider.monitor.state import Run
    from kiwoom_provider.pipeline.summary import Flows
    from kiwoom_provider.pipeline.top import TopLists
    from kiwoom_provider.quality.results import AuditReport, Offender, RuleResult

REPORT_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"
"""The stored report is one file with its style inside, and no script."""
MAIN_INVESTORS = ("individual", "foreigner", "institution")
_YEAR = re.compile(r"[12][0-9]{3}")
_WEEKS = timedelta(weeks=52)
_ORDER = (Status.FAIL, Status.ERROR, Status.WARN, Status.PASS, Status.NOT_APPLICABLE)


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

        :raises PageAddressError: when ``year`` is not four digits.
        """
        today = now.astimezone(KST).date()
        if not year:
            first = today - _WEEKS
            return cls(first - timedelta(days=first.weekday()), today, None)
        if not _YEAR.fullmatch(year):
            raise PageAddressError(message("year {year} is not written YYYY, such as 2026", year=year[:20]))
        number = int(year)
        return cls(date(number, 1, 1), min(date(number, 12, 31), max(today, date(number, 1, 1))), number)


def overview(request: Request) -> Response:
    """Show the sessions of a year, or of the last twelve months: what stands, what lacks, what was said."""
    archive = deployment.archive()
    now = archive.clock.now()
    span = Span.of(request.query_params.get("year"), now)
    board = archive.overview(span.first, span.last)
    known, net = archive.calendar.rules.known, board.last_run.flows.net if board.last_run else {}
    return page(
        request,
        "overview.html",
        board=board,
        span=span,
        grid=Grid.of(board.days),
        years=[at for at in range(span.last.year - 1, span.last.year + 2) if known.first.year <= at <= now.year],
        window=_window(archive.calendar, now),
        settling=_next_to_settle(archive.calendar, now),
        calendar_ends=known.last,
        days_left=(known.last - now.astimezone(KST).date()).days,
        newest=next((day for day in reversed(board.days) if day.date == board.newest), None),
        markets=sorted(net, key=rank),
        venues=sorted({venue for venues in net.values() for venue in venues}, key=rank),
        investors=[(name, name in DEFAULT_INVESTORS) for name in INVESTOR_NAMES],
        lowered=board.last_run.lowered if board.last_run else (),
        dag_id=DAG_ID,
        history_dag_id=HISTORY_DAG_ID,
    )


def session(request: Request) -> Response:
    """Show one session, and the audit of one of its runs: the one that its state is told from, or ``?run=``."""
    archive, day = deployment.archive(), _day(request)
    view = archive.session(day, request.query_params.get("run"))
    return page(
        request,
        "session.html",
        view=view,
        day=view.day,
        run=view.run.summary if view.run else None,
        run_name=view.run.name if view.run else "",
        dag_id=DAG_ID,
        history_dag_id=HISTORY_DAG_ID,
        cell_query=_cell_query,
        elements={each.element: investor(each.name) for each in INVESTORS},
        quote=lambda text: quote(text, safe=""),
        release_dag_id=RELEASE_DAG_ID,
        root=archive.store.name,
        bars=_flow_bars(view.run.summary.flows) if view.run else [],
        **_detail(archive, day, view.run),
    )


def cell(request: Request) -> Response:
    """Show one figure at every stage: ``?code=&venue=&investor=&column=``. Opens the session's own files."""
    from kiwoom_provider.monitor.cell_query import STAGES, find_cell

    archive, day = deployment.archive(), _day(request)
    found = find_cell(archive.store, day, request.query_params)
    return page(request, "cell.html", cell=found, stages=STAGES)


def report(request: Request) -> Response:
    """Show a run's report as it was stored, in a sandbox."""
    archive, day, run = deployment.archive(), _day(request), request.path_params["run"]
    content = archive.report_html(day, run, language_of(request))
    return Response(content, headers={"Content-Security-Policy": REPORT_POLICY}, media_type="text/html; charset=utf-8")


def plot(request: Request) -> Response:
    """
    Return one plot of the sessions of a year, or of the last twelve months.

    :raises NotFoundError: for a plot that there is not.
    :raises PageAddressError: for a market, venue, investor or theme that there is not.
    """
    draw = plots.BY_NAME.get(request.path_params["name"])
    if draw is None:
        raise NotFoundError(message("There is no such plot."))
    choice = plots.Choice.parse(request.query_params.multi_items(), language_of(request))
    archive = deployment.archive()
    span = Span.of(request.query_params.get("year"), archive.clock.now())
    return JSONResponse(plot_json(draw(archive.summaries(span.first, span.last), choice)))


def _day(request: Request) -> date:
    text = request.path_params["day"]
    try:
        return parse_session_date(text)
    except SessionDateError:
        said = message("{day} is not a day written YYYY-MM-DD, such as 2026-11-20", day=text[:40])
        raise PageAddressError(said) from None


def _detail(archive: Archive, day: date, run: Run | None) -> dict[str, Any]:
    """Return the run's audit and largest trades; either may be lost without the page."""
    found: dict[str, Any] = {"report": None, "found": (), "quiet": (), "lost": [], "top": None, "release": None}
    if run is None:
        return found
    try:
        found["report"] = given = archive.report(day, run.name)
        found["found"], found["quiet"] = _results(given)
        found["release"] = _release_conf(given, day, run)
    except PageError as error:
        found["lost"].append(error.message)
    try:
        found["top"] = _by_market(archive.top(day, run.name))
    except PageError as error:
        found["lost"].append(error.message)
    return found


def _release_conf(report: AuditReport, day: date, run: Run) -> dict[str, Any] | None:
    """Return what a release of a run's findings is triggered with, but for the reason; None where there is none."""
    if run.summary.published or not report.blocking or not all(result.releasable for result in report.blocking):
        return None
    return {"session_date": str(day), "report": run.name, "rules": [result.id for result in report.blocking]}


def _results(report: AuditReport) -> tuple[list[RuleResult], list[RuleResult]]:
    """Return the rules that found something, worst first, and the others."""
    results = sorted(report.results, key=lambda result: _ORDER.index(result.status))
    quiet = (Status.PASS, Status.NOT_APPLICABLE)
    return (
        [result for result in results if result.status not in quiet],
        [result for result in results if result.status in quiet],
    )


def _cell_query(offender: Offender) -> dict[str, str] | None:
    from kiwoom_provider.monitor.cell_query import cell_query

    return cell_query(offender.where.id, offender.stock_code, offender.investor.id if offender.investor else None)


def _flow_bars(flows: Flows) -> list[dict[str, Any]]:
    """Return each market's net flows at its widest venue, each with its share of the largest, 0 to 100."""
    groups = []
    for market, venues in sorted(flows.net.items(), key=lambda item: rank(item[0])):
        venue = next((name for name in WIDEST_FIRST if name in venues), next(iter(venues), ""))
        nets = venues.get(venue, {})
        largest = max((abs(net) for net in nets.values()), default=0) or 1
        bars = [(name, net, round(100 * abs(net) / largest, 1)) for name, net in nets.items()]
        groups.append({"market": market, "venue": venue, "bars": bars})
    return groups


def _by_market(top: TopLists | None) -> list[dict[str, Any]]:
    """Return the largest net trades by market: the three main investors, and the others."""
    lists = top.lists if top else ()
    markets = sorted({entry.market for entry in lists}, key=rank)
    return [
        {
            "market": market,
            "venue": next(entry.venue for entry in lists if entry.market == market),
            "unit": top.unit if top else "",
            "main": [entry for entry in lists if entry.market == market and entry.investor in MAIN_INVESTORS],
            "others": [entry for entry in lists if entry.market == market and entry.investor not in MAIN_INVESTORS],
        }
        for market in markets
    ]


def _window(calendar: KrxCalendar, now: datetime) -> SessionWindow | None:
    try:
        return calendar.window_open_at(now)
    except OutOfRangeError:
        return None


def _next_to_settle(calendar: KrxCalendar, now: datetime) -> SessionWindow | None:
    try:
        return calendar.next_to_settle(now)
    except OutOfRangeError:
        return None
