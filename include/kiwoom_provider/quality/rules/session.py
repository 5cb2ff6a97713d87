"""Is it this session's data: against the evidence, and against the sessions before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kiwoom_provider.api.identities import SAME_WITHIN
from kiwoom_provider.api.ka10066 import MAIN
from kiwoom_provider.locale import label, message
from kiwoom_provider.parameters import Measure, Side
from kiwoom_provider.proof.dated_rows import TELLING_FIELDS, TELLING_SIZE
from kiwoom_provider.proof.session_proof import Outcome
from kiwoom_provider.proof.tables import CHANCE_ROWS
from kiwoom_provider.quality.check import NotApplicable
from kiwoom_provider.quality.results import Severity
from kiwoom_provider.quality.rule import LOOK, NEVER, WATCH, percent, rule
from kiwoom_provider.quality.table import ELEMENTS, INVESTOR_NAMES, common_rows
from kiwoom_provider.quality.tolerances import BASE_MOVE, BASE_SHARE, TURNOVER_FACTOR

if TYPE_CHECKING:
    from kiwoom_provider.proof.session_proof import ReferenceRow
    from kiwoom_provider.quality.audit_input import AuditInput
    from kiwoom_provider.quality.check import CheckResult

OTHER_FLOWS = message("other flows")
EQUAL = message("as in the dated row")
OUTCOMES = {
    Outcome.PROVED: message("proved"),
    Outcome.UNPROVED: message("unproved"),
    Outcome.DISPROVED: message("disproved"),
}


@rule(
    title=message("The data are proved to be this session's"),
    looks_at=message("the settlement evidence"),
    reason=message("the API carries no date; unproved may be released by a person, disproved never"),
    severity=Severity.BLOCK,
    remedy=message("Compare a few stocks with a second source before releasing; if disproved, fetch again."),
    fixed=True,
)
def session_proof(given: AuditInput, result: CheckResult) -> None:
    """Check that the settlement evidence shows that the rows are this session's."""
    proof = given.proof
    if proof is None:
        result.cannot_check(message("no settlement evidence was given to the audit"))
        return
    result.checked = 1
    if proof.outcome is not Outcome.PROVED:
        seen = message("{outcome}: {how}", outcome=OUTCOMES[proof.outcome], how=proof.how)
        result.fault(message("the session"), message("proved"), seen)
    result.is_releasable = proof.outcome is not Outcome.DISPROVED


@rule(
    title=message("Reference stocks equal their dated rows"),
    looks_at=message("each reference stock of each set, and each investor of those that were said to be equal"),
    tolerance=message(
        "amounts {amount} million won, quantities {quantity}",
        amount=SAME_WITHIN[Measure.AMOUNT],
        quantity=SAME_WITHIN[Measure.QUANTITY],
    ),
    reason=message("ka10059 rounds by itself; an earlier day's row is never released, an unexplained one may be"),
    severity=Severity.BLOCK,
    remedy=LOOK,
    fixed=True,
)
def reference_rows(given: AuditInput, result: CheckResult) -> None:
    """Check what the proof says of every reference stock, and that the audited rows are those that it saw equal."""
    rows = [row for row in (given.proof.rows if given.proof else ()) if row.parameters in given.asked]
    sets = [entry for entry in given.set_proofs if entry.parameters in given.asked]
    if not rows and not any(entry.earlier_days or entry.unexplained for entry in sets):
        raise NotApplicable(message("the settlement evidence holds no dated row of an asked set"))
    for row in rows:
        _compare_with_dated(given, result, row)
    result.is_releasable = not result.failing
    for entry in sets:
        result.checked += len(entry.earlier_days) + len(entry.unexplained)
        for code, day in entry.earlier_days.items():
            seen = message("as on {day}", day=str(day))
            result.fault(label(entry.parameters), OTHER_FLOWS, seen, size=2, stock={"stock_code": code})
            result.is_releasable = False
        for code in entry.unexplained:
            seen = message("as on none of the dated days")
            result.fault(label(entry.parameters), EQUAL, seen, stock={"stock_code": code})


def _compare_with_dated(given: AuditInput, result: CheckResult, row: ReferenceRow) -> None:
    table = given.sets.get(row.parameters)
    if table is None:
        result.cannot_check(given.unreadable[row.parameters])
        return
    at = int(np.searchsorted(table.codes, row.stock_code))
    if at == len(table.codes) or table.codes[at] != row.stock_code:
        lost = message("{set}: reference stock {code} was not fetched", set=table.label, code=row.stock_code)
        result.cannot_check(lost)
        return
    dated, rows = np.array([[row.dated[name] for name in ELEMENTS]]), np.array([at])
    tolerance = SAME_WITHIN[row.parameters.measure]
    result.compare(table, rows, INVESTOR_NAMES, expected=dated, seen=table.flows[rows], tolerance=tolerance)


@rule(
    title=message("No set, and no part of one, is still an earlier session's"),
    looks_at=message("each set, against every earlier session that the proof compared it with"),
    tolerance=message(
        "{rows} stocks a set with flows enough to show their session: {fields} fields and {size} in all",
        rows=CHANCE_ROWS,
        fields=TELLING_FIELDS,
        size=TELLING_SIZE,
    ),
    reason=message(
        "on a closed day and before settlement the API serves the last session; a stock repeats such a row by chance "
        "once in many thousands of days"
    ),
    severity=Severity.BLOCK,
    remedy=NEVER,
    fixed=True,
)
def not_previous_session(given: AuditInput, result: CheckResult) -> None:
    """Check that the proof found no set, and no part of one, to be still an earlier session's."""
    for entry in given.set_proofs:
        result.checked += len(entry.compared_with)
        if entry.unchanged_since:
            seen = message("{count} stocks as on {day}", count=entry.unchanged_stocks, day=str(entry.unchanged_since))
            result.fault(label(entry.parameters), OTHER_FLOWS, seen, size=entry.unchanged_stocks)
    result.need(message("none of these sets is stored for an earlier session"))
    result.is_releasable = False


@rule(
    title=message("Base prices go on from the session published before"),
    looks_at=message("each stock of each market and venue"),
    tolerance=message("{move} %, for up to {share} % of stocks", move=percent(BASE_MOVE), share=percent(BASE_SHARE)),
    reason=message("rights and splits move single stocks; after weeks without a session half of them have moved"),
    severity=Severity.WARN,
    remedy=WATCH,
)
def base_price_goes_on(given: AuditInput, result: CheckResult) -> None:
    """Check that the day's base prices go on from the last published session's prices."""
    for now, before in given.universe_changes(result):
        rows, earlier = common_rows(now, before)
        base, last = now.base_price[rows], before.prices["cur_prc"][earlier]
        known = (base > 0) & (last > 0)
        far = known & (np.abs(base - last) > BASE_MOVE * last)
        result.checked += int(known.sum())
        if far.sum() > BASE_SHARE * known.sum():
            for row, price in zip(rows[far], last[far], strict=True):
                near = message("near {price}", price=int(price))
                result.fault(now.place, near, int(now.base_price[row]), stock=now.stock(row))


@rule(
    title=message("Totals are of the order of the session published before"),
    looks_at=message("each set"),
    tolerance=message(
        "a factor of {gross}, of {net} for net", gross=TURNOVER_FACTOR[Side.BUY], net=TURNOVER_FACTOR[Side.NET]
    ),
    reason=message("more than any ordinary change from day to day"),
    severity=Severity.WARN,
    remedy=WATCH,
)
def turnover_is_usual(given: AuditInput, result: CheckResult) -> None:
    """Check that a set's total is within a factor of the last published session's."""
    for now, before in given.against_published(result):
        total, last = (int(np.abs(table.flows[:, MAIN]).sum()) for table in (now, before))
        result.checked += 1
        factor = TURNOVER_FACTOR[now.parameters.side]
        if last and not last / factor <= total <= last * factor:
            result.fault(now.label, message("about {figure}", figure=last), total, difference=total - last)
