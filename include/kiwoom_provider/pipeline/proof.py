"""Whose session are the fetched rows? Told from stored evidence alone, so a replay says the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kiwoom_provider.api.ka10066 import INVESTOR_ELEMENTS
from kiwoom_provider.locale import label, message
from kiwoom_provider.parameters import Measure
from kiwoom_provider.pipeline.choice import busiest_by_page
from kiwoom_provider.pipeline.previous import compare_pages
from kiwoom_provider.pipeline.settlement import ProofSetting
from kiwoom_provider.quality.proof import Outcome, ReferenceRow, SessionProof

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    import pyarrow as pa

    from kiwoom_provider.locale import Message
    from kiwoom_provider.parameters import ParameterSet
    from kiwoom_provider.pipeline.previous import Before
    from kiwoom_provider.pipeline.references import Reference

DATED_TOLERANCE = {Measure.QUANTITY: 0, Measure.AMOUNT: 1}
"""Both TRs round the same figure; an amount may still fall on either side of half a million won."""


@dataclass(frozen=True, slots=True)
class Finding:
    """
    What the evidence says of one set.

    :param agreeing: reference stocks whose dated row equals the fetched one.
    :param contradicting: reference stocks whose dated row differs.
    :param refused: reference stocks that the host does not serve ka10059 for.
    :param unchanged: whether a page equals the previous stored session's; None when there is nothing to compare.
    :param trusted: whether a difference from that session shows something new.
    :param silent_pages: pages with flows for which neither a dated row nor a difference speaks, though one could.
    """

    agreeing: tuple[str, ...] = ()
    contradicting: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    unchanged: bool | None = None
    trusted: bool = False
    silent_pages: int = 0

    @property
    def is_stale(self) -> bool:
        """Whether the set, or a page of it, is another session's."""
        return bool(self.contradicting) or self.unchanged is True

    @property
    def is_changed(self) -> bool:
        """Whether the set shows something new against the session right before."""
        return self.trusted and self.unchanged is False

    @property
    def is_refused(self) -> bool:
        """Whether the host serves ka10059 for none of the stocks."""
        return bool(self.refused) and not self.agreeing and not self.contradicting

    def is_proved(self, setting: ProofSetting) -> bool:
        """Whether the set is shown to be the session's, as the deployment asks for it."""
        if self.is_stale:
            return False
        if setting is ProofSetting.CHANGED or (setting is ProofSetting.BOTH and self.is_refused):
            return self.is_changed
        return bool(self.agreeing) and not self.silent_pages


def examine(
    tables: Mapping[ParameterSet, pa.Table], dated: Mapping[ParameterSet, list[Reference]], before: Before
) -> dict[ParameterSet, Finding]:
    """Hold every fetched set against the dated rows and the previous stored session."""
    return {p: _examine(p, table, dated.get(p, []), before) for p, table in tables.items()}


def conclude(
    session_date: date,
    findings: Mapping[ParameterSet, Finding],
    dated: Mapping[ParameterSet, list[Reference]],
    setting: ProofSetting,
) -> SessionProof:
    """
    Sum the findings up.

    Disproved when any set is contradicted, proved when every set is proved, else unproved. With ``both``,
    change alone decides for sets that the host does not serve ka10059 for.
    """
    rows = tuple(_row(reference) for p in findings for reference in dated.get(p, []) if reference.is_settled)
    stale = [label(p) for p, finding in findings.items() if finding.is_stale]
    if stale:
        how = message(
            "{count} of {all} sets are another session's, first {first}",
            count=len(stale),
            all=len(findings),
            first=stale[0],
        )
        return SessionProof(Outcome.DISPROVED, (how,), rows)
    lacking = [label(p) for p, finding in findings.items() if not finding.is_proved(setting)]
    outcome = Outcome.UNPROVED if lacking or not findings else Outcome.PROVED
    return SessionProof(outcome, _how(session_date, findings.values(), lacking, setting), rows)


def _how(
    session_date: date, findings: Iterable[Finding], lacking: list[Message], setting: ProofSetting
) -> tuple[Message, ...]:
    findings = list(findings)

    def count(name: str) -> dict[str, int]:
        return {"count": sum(bool(getattr(finding, name)) for finding in findings), "all": len(findings)}

    parts = [
        message(
            "{count} of {all} sets equal ka10059's settled rows dated {day}", day=str(session_date), **count("agreeing")
        ),
        message("{count} of {all} sets differ from the session before", **count("is_changed")),
    ]
    if any(finding.is_refused for finding in findings):
        parts.append(
            message(
                "for {count} of {all} sets the host does not serve ka10059: change alone decides, if asked for both",
                **count("is_refused"),
            )
        )
    if any(finding.silent_pages for finding in findings):
        parts.append(message("{count} of {all} sets have pages that nothing speaks for", **count("silent_pages")))
    if not any(finding.trusted for finding in findings):
        parts.append(message("the session before is not stored and published, so there is no change to tell"))
    if lacking:
        parts.append(message("not proved: {count} sets, first {first}", count=len(lacking), first=lacking[0]))
    last = message("{sentence} (proof: {setting})", sentence=parts[-1], setting=str(setting))
    return (*parts[:-1], last)


def _row(reference: Reference) -> ReferenceRow:
    fields = dict(zip(INVESTOR_ELEMENTS, reference.fields or (), strict=True))
    return ReferenceRow(reference.parameters, reference.stock_code, fields)


def _examine(parameters: ParameterSet, table: pa.Table, dated: list[Reference], before: Before) -> Finding:
    settled = [reference for reference in dated if reference.is_settled]
    agreeing = _agreeing(table, settled, DATED_TOLERANCE[parameters.measure])
    refused = tuple(reference.stock_code for reference in dated if reference.is_refused)
    compared = compare_pages(table, before.tables.get(parameters))
    trusted = parameters in before.trusted
    return Finding(
        agreeing=agreeing,
        contradicting=tuple(r.stock_code for r in settled if r.stock_code not in agreeing),
        refused=refused,
        unchanged=any(compared.values()) if compared else None,
        trusted=trusted,
        silent_pages=_silent_pages(table, compared if trusted else {}, {*agreeing, *refused}),
    )


def _agreeing(table: pa.Table, settled: list[Reference], tolerance: int) -> tuple[str, ...]:
    wanted = {reference.stock_code for reference in settled}
    columns = table.select(["stk_cd", *INVESTOR_ELEMENTS]).to_pylist() if wanted else []
    rows = {row["stk_cd"]: row for row in columns if row["stk_cd"] in wanted}

    def agrees(reference: Reference) -> bool:
        fetched = rows.get(reference.stock_code)
        return fetched is not None and all(
            fetched[name] is not None and abs(fetched[name] - value) <= tolerance
            for name, value in zip(INVESTOR_ELEMENTS, reference.fields or (), strict=True)
        )

    return tuple(reference.stock_code for reference in settled if agrees(reference))


def _silent_pages(table: pa.Table, told: Mapping[int, bool], spoken_for: set[str]) -> int:
    pages = busiest_by_page(table)
    return sum(page not in told and spoken_for.isdisjoint(codes) for page, codes in pages.items())
