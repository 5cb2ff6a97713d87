"""Whose session are the fetched rows? Told from stored evidence alone, so a replay says the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kiwoom_provider.api.ka10066 import INVESTOR_ELEMENTS
from kiwoom_provider.parameters import Measure
from kiwoom_provider.pipeline.previous import is_unchanged
from kiwoom_provider.pipeline.settlement import ProofSetting
from kiwoom_provider.quality.proof import Outcome, ReferenceRow, SessionProof

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    import pyarrow as pa

    from kiwoom_provider.parameters import ParameterSet
    from kiwoom_provider.pipeline.references import Reference

DATED_TOLERANCE = {Measure.QUANTITY: 0, Measure.AMOUNT: 1}
"""Both TRs round the same figure; an amount may still fall on either side of half a million won."""


@dataclass(frozen=True, slots=True)
class Finding:
    """
    What the evidence says of one set.

    :param agreeing: reference stocks whose dated row equals the fetched one.
    :param contradicting: reference stocks whose dated row differs.
    :param unchanged: whether a page equals the previous stored session's; None when there is nothing to compare.
    """

    agreeing: tuple[str, ...]
    contradicting: tuple[str, ...]
    unchanged: bool | None

    @property
    def is_stale(self) -> bool:
        """Whether the set, or a page of it, is another session's."""
        return bool(self.contradicting) or self.unchanged is True

    def is_proved(self, setting: ProofSetting) -> bool:
        """Whether the set is shown to be the session's, as the deployment asks for it."""
        if self.is_stale:
            return False
        if setting is ProofSetting.CHANGED:
            return self.unchanged is False
        return bool(self.agreeing)


def examine(
    tables: Mapping[ParameterSet, pa.Table],
    dated: Mapping[ParameterSet, list[Reference]],
    before: Mapping[ParameterSet, pa.Table],
) -> dict[ParameterSet, Finding]:
    """Hold every fetched set against the dated rows and the previous stored session."""
    return {
        parameters: _examine(table, dated.get(parameters, []), before.get(parameters), parameters.measure)
        for parameters, table in tables.items()
    }


def conclude(
    session_date: date,
    findings: Mapping[ParameterSet, Finding],
    dated: Mapping[ParameterSet, list[Reference]],
    setting: ProofSetting,
    *,
    unsupported: bool,
) -> SessionProof:
    """
    Sum the findings up.

    Disproved when any set is contradicted, proved when every set is proved, else unproved.

    :param unsupported: the host said that it does not serve ka10059: for ``both``, change alone decides.
    """
    rows = tuple(
        ReferenceRow(r.parameters, r.stock_code, dict(zip(INVESTOR_ELEMENTS, r.fields, strict=True)))
        for group in dated.values()
        for r in group
        if r.fields is not None
    )
    fallback = setting is ProofSetting.BOTH and unsupported and not rows
    applied = ProofSetting.CHANGED if fallback else setting
    stale = [p.label for p, finding in findings.items() if finding.is_stale]
    proved = [p for p, finding in findings.items() if finding.is_proved(applied)]
    if stale:
        how = f"{len(stale)} of {len(findings)} sets are another session's, first {stale[0]}"
        return SessionProof(Outcome.DISPROVED, how, rows)
    how = _how(session_date, findings, applied, fallback=fallback)
    outcome = Outcome.PROVED if findings and len(proved) == len(findings) else Outcome.UNPROVED
    return SessionProof(outcome, how, rows)


def _how(session_date: date, findings: Mapping[ParameterSet, Finding], applied: ProofSetting, *, fallback: bool) -> str:
    total = len(findings)
    agreeing = sum(1 for finding in findings.values() if finding.agreeing)
    changed = sum(1 for finding in findings.values() if finding.unchanged is False)
    parts = [
        f"{agreeing} of {total} sets equal ka10059's settled rows dated {session_date}",
        f"{changed} of {total} sets differ from the previous stored session",
    ]
    if fallback:
        parts.append("the host does not serve ka10059, so change alone decides")
    elif not any(finding.unchanged is not None for finding in findings.values()):
        parts.append("no earlier session is stored to compare with")
    return "; ".join(parts) + f" (proof: {applied})"


def _examine(table: pa.Table, dated: list[Reference], before: pa.Table | None, measure: Measure) -> Finding:
    rows = {row["stk_cd"]: row for row in table.select(["stk_cd", *INVESTOR_ELEMENTS]).to_pylist()} if dated else {}
    agreeing, contradicting = [], []
    for reference in dated:
        if reference.fields is None or not reference.is_settled:
            continue
        fetched = rows.get(reference.stock_code)
        matches = fetched is not None and all(
            fetched[name] is not None and abs(fetched[name] - value) <= DATED_TOLERANCE[measure]
            for name, value in zip(INVESTOR_ELEMENTS, reference.fields, strict=True)
        )
        (agreeing if matches else contradicting).append(reference.stock_code)
    unchanged = None if before is None else is_unchanged(table, before)
    return Finding(tuple(agreeing), tuple(contradicting), unchanged)
