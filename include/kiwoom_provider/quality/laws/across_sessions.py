"""Is it a new session's data: against the previous session, the settlement evidence and its dated rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kiwoom_provider.proof.documents import Outcome
from kiwoom_provider.quality import tolerances
from kiwoom_provider.quality.laws.within_set import MAIN
from kiwoom_provider.quality.sheet import ELEMENTS
from kiwoom_provider.quality.subject import INVESTOR_NAMES, common
from kiwoom_provider.quality.tally import Cells, Tally, named

if TYPE_CHECKING:
    from kiwoom_provider.proof.documents import ReferenceRow
    from kiwoom_provider.quality.sheet import Sheet
    from kiwoom_provider.quality.subject import Subject
    from kiwoom_provider.quality.tally import Finding

FIRST = "none of these sets is stored for a previous session"


def session_proof(subject: Subject) -> Finding:
    """
    Check that the settlement evidence shows that the rows are this session's.

    :raises ValueError: when no evidence was given at all.
    """
    proof = subject.given.proof
    if proof is None:
        raise ValueError("no settlement evidence was given to the audit")
    tally = Tally(entered=True, checked=1)
    if proof.outcome is not Outcome.PROVED:
        tally.fault(1, "the session", "proved", f"{proof.outcome}: {proof.said}")
    return tally.finding("", releasable=proof.outcome is not Outcome.DISPROVED)


def reference_rows(subject: Subject) -> Finding:
    """Check that the fetched rows of the reference stocks equal their dated rows."""
    tally = Tally()
    rows = subject.given.proof.rows if subject.given.proof else ()
    for row in rows:
        if row.parameters in subject.given.asked:
            _compare(subject, tally, row)
    return tally.finding("the settlement evidence holds no dated row of an asked set", releasable=False)


def _compare(subject: Subject, tally: Tally, row: ReferenceRow) -> None:
    tally.entered = True
    sheet = subject.sheets.get(row.parameters)
    if sheet is None:
        tally.broken[subject.broken[row.parameters]] = None
        return
    at = int(np.searchsorted(sheet.codes, row.stock_code))
    if at == len(sheet.codes) or sheet.codes[at] != row.stock_code:
        tally.broken[f"{sheet.label}: reference stock {row.stock_code} was not fetched"] = None
        return
    dated = np.array([[row.dated[name] for name in ELEMENTS]])
    tolerance = tolerances.ROUNDED_SUM[row.parameters.measure]
    rows = np.array([at])
    tally.compare(Cells(sheet, rows, INVESTOR_NAMES, dated, sheet.flows[rows], tolerance=tolerance))


def not_previous_session(subject: Subject) -> Finding:
    """Check that no set's investor fields all equal the previous session's."""
    tally = Tally()
    for now, before in _pairs(subject, tally):
        tally.checked += 1
        rows, earlier = _both(now, before)
        same = now.flows[rows] == before.flows[earlier]
        if now.flows[rows].any() and same.all():
            tally.fault(len(rows), now.label, "other flows", f"all {len(rows):,} stocks as in the previous session")
    return tally.finding(FIRST, releasable=False)


def no_stale_rows(subject: Subject) -> Finding:
    """Check that no part of a set is still the previous session's."""
    tally = Tally()
    for now, before in _pairs(subject, tally):
        rows, earlier = _both(now, before)
        telling = _telling(now.flows[rows])
        stale = telling & (now.flows[rows] == before.flows[earlier]).all(axis=1)
        tally.checked += int(telling.sum())
        if stale.sum() > tolerances.STALE_ROWS:
            for row in rows[stale]:
                stock = named(now, row)
                size = float(np.abs(now.flows[row]).sum())
                tally.fault(size, now.label, "other flows", "as in the previous session", **stock)
    if tally.entered and not tally.checked and not tally.broken:
        return Tally().finding("no stock has flows enough to show its session")
    return tally.finding(FIRST, releasable=False)


def base_price_goes_on(subject: Subject) -> Finding:
    """Check that the day's base prices go on from the previous session's prices."""
    tally = Tally()
    before = subject.previous_universes()
    for place, now in subject.universes(tally).items() if before else ():
        if place not in before:
            continue
        _, (rows, earlier) = common(now, before[place])
        base, last = now.base_price[rows], before[place].prices["cur_prc"][earlier]
        known = (base > 0) & (last > 0)
        far = known & (np.abs(base - last) > tolerances.BASE_MOVE * last)
        tally.checked += int(known.sum())
        if far.sum() > tolerances.BASE_SHARE * known.sum():
            for row, price in zip(rows[far], last[far], strict=True):
                stock = named(now, row)
                tally.fault(1, now.place, f"near {price:,}", f"{now.base_price[row]:,}", **stock)
    if not tally.checked and not tally.broken:
        return Tally().finding(FIRST)
    return tally.finding(FIRST)


def turnover_is_usual(subject: Subject) -> Finding:
    """Check that a set's total is within a factor of the previous session's."""
    tally = Tally()
    for now, before in _pairs(subject, tally):
        total, last = (int(np.abs(sheet.flows[:, MAIN]).sum()) for sheet in (now, before))
        tally.checked += 1
        factor = tolerances.TURNOVER_FACTOR[now.parameters.side]
        if last and not last / factor <= total <= last * factor:
            tally.fault(1, now.label, f"about {last:,}", f"{total:,}", difference=total - last)
    return tally.finding(FIRST)


def _pairs(subject: Subject, tally: Tally) -> list[tuple[Sheet, Sheet]]:
    if not subject.given.previous:
        return []
    scratch = Tally()
    pairs = [(s, subject.previous[s.parameters]) for s in subject.each(scratch) if s.parameters in subject.previous]
    tally.broken.update(scratch.broken)
    tally.entered = bool(pairs or scratch.broken)
    return pairs


def _both(now: Sheet, before: Sheet) -> tuple[np.ndarray, np.ndarray]:
    _, (rows, earlier) = common(now, before)
    return rows, earlier


def _telling(flows: np.ndarray) -> np.ndarray:
    """Return which rows show their session: several fields that are not zero, and not tiny."""
    several = np.count_nonzero(flows, axis=1) >= tolerances.STALE_FIELDS
    return np.asarray(several & (np.abs(flows).sum(axis=1) >= tolerances.STALE_SIZE))
