"""Join the typed sets of a session into a candidate for publication, kept in quarantine until it is audited."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kiwoom_provider import __version__
from kiwoom_provider.datasets import investor_trading, layout
from kiwoom_provider.datasets.published import Provenance, file_metadata, published_sweeps
from kiwoom_provider.pipeline.errors import IncompleteSessionError
from kiwoom_provider.pipeline.previous import read_tables

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    import pyarrow as pa

    from kiwoom_provider.datasets.store import Store
    from kiwoom_provider.parameters import ParameterSet
    from kiwoom_provider.pipeline.plan import Plan

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SessionTables:
    """The typed sets of one session: those asked for, and those that its publication holds already."""

    session_date: date
    tables: Mapping[ParameterSet, pa.Table]

    @classmethod
    def read(cls, store: Store, plan: Plan) -> SessionTables:
        """
        Read every set from the store.

        A run for some of the sets never narrows what is published: the others are taken along.

        :raises IncompleteSessionError: naming the sets that are not stored.
        """
        wanted = dict.fromkeys((*plan.sets, *published_sweeps(store, plan.session.session_date)))
        tables = read_tables(store, plan.session.session_date, wanted)
        if missing := [parameters.label for parameters in wanted if parameters not in tables]:
            raise IncompleteSessionError(
                f"{len(missing)} of {len(wanted)} sets of session {plan.session.session_date} are not stored, "
                f"first {missing[0]}. Clear their fetch tasks while the window is open."
            )
        return cls(plan.session.session_date, tables)

    def metadata(self, name: str) -> dict[ParameterSet, str]:
        """Return one entry of every partition file's metadata."""
        return {p: file_metadata(table.schema)[name] for p, table in self.tables.items()}

    def parsed(self, name: str) -> dict[ParameterSet, tuple[Any, ...]]:
        """Return one entry of every partition file's metadata that holds a JSON list."""
        return {p: tuple(json.loads(text)) for p, text in self.metadata(name).items()}

    def provenance(self, proof: Mapping[str, Any], release: Mapping[str, Any] | None = None) -> Provenance:
        """Return where a file made of these sets comes from."""
        runs = tuple(sorted(set(self.metadata("collected_by_run").values())))
        return Provenance(self.session_date, self.metadata("sweep"), runs, proof, __version__, release)


def assemble(store: Store, plan: Plan, run_id: str) -> dict[str, Any]:
    """
    Write the run's candidate.

    :returns: rows, sets, bytes and URL of the candidate.
    :raises IncompleteSessionError: naming the sets that are not stored.
    """
    session = SessionTables.read(store, plan)
    table = investor_trading.build(session.tables)
    data = investor_trading.encode(table, session.provenance(proof={}).to_metadata())
    key = layout.candidate_key(plan.session.session_date, run_id)
    store.write(key, data)
    log.info(
        "Session %s: %d rows from %d sets, %d bytes",
        plan.session.session_date,
        table.num_rows,
        len(session.tables),
        len(data),
    )
    return {"rows": table.num_rows, "sets": len(session.tables), "bytes": len(data), "path": store.url(key)}
