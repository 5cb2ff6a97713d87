"""Runs every rule over a session. A rule that cannot run is an error, which blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiwoom_provider.datasets.columns import UNITS
from kiwoom_provider.datasets.parquet import file_metadata
from kiwoom_provider.parameters import Measure, Side
from kiwoom_provider.quality.results import AuditReport, NetFlow, SetSize
from kiwoom_provider.quality.rule_settings import severities_of
from kiwoom_provider.quality.rules import RULES
from kiwoom_provider.quality.table import INVESTOR_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from kiwoom_provider.parameters import ParameterSet
    from kiwoom_provider.quality.audit_input import AuditInput
    from kiwoom_provider.quality.rule import Rule


def audit(
    given: AuditInput,
    severities: Mapping[str, str] | None = None,
    rules: Sequence[Rule] = RULES,
    *,
    run_id: str = "",
    audited_at: datetime | None = None,
) -> AuditReport:
    """
    Judge a session by every rule.

    :param severities: a deployment's own severities by rule id, ``block`` or ``warn``.
    :raises SettingError: as :func:`~kiwoom_provider.quality.rule_settings.severities_of`, before anything is run.
    """
    chosen = severities_of(severities or {}, rules)
    return AuditReport(
        run_id=run_id,
        session_date=given.session_date,
        results=tuple(rule.run(given, chosen[rule.id]) for rule in rules),
        audited_at=audited_at,
        sets=tuple(_size(given, parameters) for parameters in given.asked),
        flows=tuple(_net_flows(given)),
        proof=given.proof,
    )


def _size(given: AuditInput, parameters: ParameterSet) -> SetSize:
    table, pages = given.tables.get(parameters), given.page_sizes.get(parameters)
    return SetSize(
        parameters=parameters,
        rows=None if table is None else table.num_rows,
        pages=None if pages is None else len(pages),
        sells=None if table is None else file_metadata(table.schema).get("sell_sign"),
    )


def _net_flows(given: AuditInput) -> Iterator[NetFlow]:
    """Yield net flows by market, venue and investor: of amounts where asked for, else of quantities."""
    net = [table for table in given.sets.values() if table.parameters.side is Side.NET]
    measures = {table.parameters.measure for table in net}
    shown = Measure.AMOUNT if Measure.AMOUNT in measures else Measure.QUANTITY
    for table in net:
        if table.parameters.measure is shown:
            market, venue = table.parameters.market, table.parameters.venue
            for name, total in zip(INVESTOR_NAMES, table.flows.sum(axis=0).tolist(), strict=True):
                yield NetFlow(market=market, venue=venue, investor=name, net=total, unit=UNITS[shown])
