"""The pages: the overview, one session, and a run's stored report. Each reads what is stored when it is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from fastapi import Request, Response

from kiwoom_provider.krx import OutOfRangeError, parse_session_date
from kiwoom_provider.monitor import deployment, tables
from kiwoom_provider.monitor.access import DAG_ID
from kiwoom_provider.monitor.archive import ArchiveError
from kiwoom_provider.monitor.plots import DEFAULT_INVESTORS, INVESTOR_NAMES
from kiwoom_provider.monitor.render import language_of, page
from kiwoom_provider.monitor.spans import Span
from kiwoom_provider.monitor.weeks import Grid

if TYPE_CHECKING:
    from datetime import date, datetime

    from kiwoom_provider.krx import KrxCalendar, SessionWindow
    from kiwoom_provider.monitor.archive import Archive
    from kiwoom_provider.monitor.states import Run, SessionView

REPORT_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"
"""The stored report is one file with its style inside, and no script."""


def overview(request: Request, year: str | None = None) -> Response:
    """Show the sessions of a year, or of the last twelve months: what stands, what lacks, what was said."""
    archive = deployment.archive()
    now = archive.clock.now()
    span = Span.of(year, now)
    board = archive.board(span.first, span.last)
    known, flows = archive.calendar.rules.known, [day.run for day in board.days if day.run and day.run.flows]
    return page(
        request,
        "overview.html",
        board=board,
        span=span,
        grid=Grid.of(board.days),
        years=[at for at in range(span.last.year - 1, span.last.year + 2) if known.first.year <= at <= now.year],
        window=_window(archive.calendar, now),
        settling=_settling(archive.calendar, now),
        newest=next((day for day in reversed(board.days) if day.date == board.newest), None),
        places=sorted({(flow.market, flow.venue) for run in flows[-1:] for flow in run.flows}),
        investors=[(name, name in DEFAULT_INVESTORS) for name in INVESTOR_NAMES],
        dag_id=DAG_ID,
    )


def session(request: Request, day: str, run: str | None = None) -> Response:
    """Show one session, and the audit of one of its runs: the one that its state is told from, or ``?run=``."""
    archive, asked = deployment.archive(), parse_session_date(day)
    view = archive.session(asked)
    shown = _shown(view, run)
    return page(
        request,
        "session.html",
        view=view,
        run=shown,
        dag_id=DAG_ID,
        quote=lambda text: quote(text, safe=""),
        root=archive.store.url("").rstrip("/"),
        bars=tables.flow_bars(shown) if shown else [],
        **_detail(archive, asked, shown, request),
    )


def report(request: Request, day: str, run: str) -> Response:
    """Show a run's report as it was stored, in a sandbox."""
    archive = deployment.archive()
    content = archive.report_html(parse_session_date(day), run, language_of(request))
    return Response(content, headers={"Content-Security-Policy": REPORT_POLICY}, media_type="text/html; charset=utf-8")


def _shown(view: SessionView, asked: str | None) -> Run | None:
    return next((run for run in view.runs if run.id == asked), view.day.run)


def _detail(archive: Archive, day: date, run: Run | None, request: Request) -> dict[str, Any]:
    """Return the run's audit and largest trades; either may be lost without the page."""
    found: dict[str, Any] = {"audit": None, "audit_lost": "", "top": None}
    if run is None:
        return found
    try:
        found["audit"] = tables.audit(archive.report(day, run.id), language_of(request))
    except ArchiveError as error:
        found["audit_lost"] = str(error)
    try:
        found["top"] = tables.top_by_market(archive.top(day, run.id))
    except ArchiveError as error:
        found["audit_lost"] = found["audit_lost"] or str(error)
    return found


def _window(calendar: KrxCalendar, now: datetime) -> SessionWindow | None:
    try:
        return calendar.window_open_at(now)
    except OutOfRangeError:
        return None


def _settling(calendar: KrxCalendar, now: datetime) -> SessionWindow | None:
    try:
        return calendar.next_settling(now)
    except OutOfRangeError:
        return None
