"""Which stocks there are, against the securities master of the day (ka10099)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kiwoom_provider.locale import message
from kiwoom_provider.parameters import DEFAULT_MARKETS, Venue
from kiwoom_provider.quality.check import NotApplicable
from kiwoom_provider.quality.results import Severity
from kiwoom_provider.quality.rule import REFETCH, WATCH, percent, rule
from kiwoom_provider.quality.rules.explanations import report_stocks, traded_on_nxt
from kiwoom_provider.quality.tolerances import MASTER_LACKS, MASTER_MISSING, OLDER_MISSING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kiwoom_provider.quality.audit_input import AuditInput
    from kiwoom_provider.quality.check import CheckResult
    from kiwoom_provider.quality.master import SecuritiesMaster
    from kiwoom_provider.quality.table import SetTable

LOOK_AT_MASTER = message("Nothing is withheld; look at the master in raw, and ask for it again while it is the day's.")


@rule(
    title=message("Every stock of the securities master was swept"),
    looks_at=message("each stock of the master, by market and venue"),
    tolerance=message(
        "{count} a market and venue with a warning; of an older copy {older} on a first night, else any number",
        count=MASTER_MISSING,
        older=OLDER_MISSING,
    ),
    reason=message("the stocks of ka10066 are the master's without ETFs, to one stock on two days"),
    severity=Severity.BLOCK,
    remedy=REFETCH,
)
def listed_stocks_swept(given: AuditInput, result: CheckResult) -> None:
    """
    Check that no stock is missing that the master of the day lists, or of NXT's that was traded there.

    A master that lacks a swept stock is not the day's: what it has more only warns, and on a first night, which has
    nothing else to be held against, no more than a day takes away.
    """
    master = _needed_master(given)
    tables = given.universes(result).items()
    older = {market for (market, venue), table in tables if venue is not Venue.NXT and len(master.lacks(table))}
    for now in _boards(given, master, result):
        wanted = master.codes[now.parameters.market]
        if now.parameters.venue is Venue.NXT:
            wanted = wanted[np.isin(wanted, list(master.on_nxt))]
        missing = np.setdiff1d(wanted, now.codes)
        result.checked += len(wanted)
        is_older = now.parameters.market in older or not master.is_of(given.session_date)
        few = len(missing) <= (OLDER_MISSING if is_older else MASTER_MISSING)
        unusual = np.full(len(missing), few or (is_older and bool(given.published)))
        if now.parameters.venue is Venue.NXT:
            traded = traded_on_nxt(given, now, missing)
            unusual |= np.ones(len(missing), dtype=bool) if traded is None else ~traded
        seen = message("gone, one of {count}", count=len(missing))
        report_stocks(result, now, missing, message("as the master lists it"), seen, unusual=unusual)


@rule(
    title=message("The securities master has every swept stock"),
    looks_at=message("each stock on KRX and consolidated"),
    tolerance=message("{share} % of a market", share=percent(MASTER_LACKS)),
    reason=message("a master that lacks more is half a board, or another day's; it is then not used"),
    severity=Severity.WARN,
    remedy=LOOK_AT_MASTER,
)
def swept_stocks_listed(given: AuditInput, result: CheckResult) -> None:
    """Check that the master is the board of the day: that it has the stocks which were swept."""
    master = _needed_master(given)
    for (market, venue), now in given.universes(result).items():
        if market in DEFAULT_MARKETS and venue is not Venue.NXT:
            lacking = master.lacks(now)
            result.checked += len(now.codes)
            seen = message("not in the master, one of {count}", count=len(lacking))
            report_stocks(result, now, lacking, message("listed"), seen)
    if not master.is_of(given.session_date):
        seen = message("the copy of {day}", day=str(master.as_of))
        result.fault(message("the securities master"), str(given.session_date), seen)
    result.need(message("neither KRX nor CONSOLIDATED of one market was asked for"))


@rule(
    title=message("Stocks have the master's names"),
    looks_at=message("each stock on KRX"),
    reason=message("names may be cut or changed between two TRs; not seen on live data yet"),
    severity=Severity.WARN,
    remedy=WATCH,
)
def names_as_listed(given: AuditInput, result: CheckResult) -> None:
    """Check that stocks are called as the master calls them."""
    master = _needed_master(given)
    for now in _boards(given, master, result):
        if now.parameters.venue is not Venue.NXT:
            names = master.names[now.parameters.market]
            for row in np.flatnonzero(np.isin(now.codes, list(names))):
                result.checked += 1
                wanted, seen = names[str(now.codes[row])].strip(), str(now.names[row]).strip()
                if wanted != seen:
                    result.fault(now.place, wanted, seen, stock=now.stock(row))
    result.need(message("neither KRX nor CONSOLIDATED of one market was asked for"))


def _needed_master(given: AuditInput) -> SecuritiesMaster:
    """Return the securities master. :raises NotApplicable: when it could not be had."""
    if given.master is None:
        raise NotApplicable(message("the securities master could not be had"))
    return given.master


def _boards(given: AuditInput, master: SecuritiesMaster, result: CheckResult) -> Iterator[SetTable]:
    """Yield a set of each market and venue that the master can speak of. :raises NotApplicable: for none."""
    tables = given.universes(result)
    refuted = {
        market for (market, venue), table in tables.items() if venue is not Venue.NXT and not master.knows(table)
    }
    usable = [table for (market, _), table in tables.items() if market in master.names and market not in refuted]
    if not usable:
        raise NotApplicable(message("the securities master is not the board of these markets"))
    yield from usable
