"""The typed sets of a session, taken together: what is audited, and the published table made of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kiwoom_provider import __version__
from kiwoom_provider.datasets import investor_trading, ka10066, layout
from kiwoom_provider.datasets.parquet import file_metadata
from kiwoom_provider.datasets.published import PublishedMetadata, last_published_sweeps
from kiwoom_provider.datasets.set_metadata import SetMetadata
from kiwoom_provider.parameters import ParameterSet, Venue
from kiwoom_provider.pipeline.errors import IncompleteSessionError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date

    import pyarrow as pa

    from kiwoom_provider.datasets.published import FirstPublications, ProofNote, Release
    from kiwoom_provider.datasets.store import Store
    from kiwoom_provider.pipeline.plan import Plan


def stored_sets(store: Store, plan: Plan) -> list[ParameterSet]:
    """
    Return every set that is stored and typed of the plan's session, whichever run fetched it.

    What is audited and published is what is stored: a run for some of the sets narrows neither.

    :raises IncompleteSessionError: naming the sets of the plan, or of what is published, that are not stored.
    """
    day = plan.session.session_date
    stored = {ParameterSet.from_path(key) for key in store.list(layout.session_prefix(layout.PARTITIONS, day))}
    wanted = dict.fromkeys((*plan.sets, *last_published_sweeps(store, day)))
    absent = [parameters for parameters in wanted if parameters not in stored]  # or listed late
    missing = [p.label for p in absent if not store.exists(layout.partition_key(day, p))]
    if missing:
        raise IncompleteSessionError(
            f"{len(missing)} of {len(wanted)} sets of session {day} are not stored, "
            f"first {missing[0]}. Clear their fetch tasks while the window is open."
        )
    return sorted(stored.union(wanted))


@dataclass(frozen=True, slots=True)
class SessionTables:
    """
    The typed sets of one session, as they are audited and published.

    :param withheld: venues that are stored too, and were left out.
    """

    session_date: date
    tables: Mapping[ParameterSet, pa.Table]
    withheld: tuple[Venue, ...] = ()

    @classmethod
    def read(cls, store: Store, plan: Plan) -> SessionTables:
        """
        Read every stored set.

        :raises IncompleteSessionError: as :func:`stored_sets`.
        """
        day = plan.session.session_date
        return cls(day, ka10066.read_partitions(store, day, stored_sets(store, plan)))

    def without(self, venues: Collection[Venue]) -> SessionTables:
        """Return the sets of the other venues."""
        tables = {p: table for p, table in self.tables.items() if p.venue not in venues}
        return SessionTables(self.session_date, tables, tuple(sorted(venues)))

    def sweeps(self) -> dict[str, str]:
        """Return the raw sweep's folder of every set, by the set's path."""
        return {p.path: folder for p, folder in sorted(self.metadata("sweep").items())}

    def metadata(self, name: str) -> dict[ParameterSet, str]:
        """Return one entry of every partition file's metadata."""
        return {p: file_metadata(table.schema)[name] for p, table in self.tables.items()}

    def documents(self) -> dict[ParameterSet, SetMetadata]:
        """
        Return what every partition file's metadata holds beside texts.

        :raises DocumentError: when an entry is damaged.
        """
        return {
            p: SetMetadata.of(table, f"{p.label} of session {self.session_date}") for p, table in self.tables.items()
        }

    def encode(
        self, proof: ProofNote | None = None, release: Release | None = None, first: FirstPublications | None = None
    ) -> tuple[int, bytes]:
        """
        Return the rows and the bytes of the published table made of these very sets.

        :param first: since when they can be known; without it ``published_at`` is null.
        """
        table, sweeps = investor_trading.build(self.tables), self.metadata("sweep")
        if first:
            table = investor_trading.with_published_at(table, first.instants(sweeps))
        coverage = {p.place: said.coverage for p, said in self.documents().items()}
        said = {
            "session_date": self.session_date,
            "collected_by_run": ", ".join(sorted(set(self.metadata("collected_by_run").values()))),
            "package_version": __version__,
            "proof": proof,
            "sweeps": sweeps,
            "withheld": self.withheld,
            "release": release,
            "coverage": {place: note for place, note in coverage.items() if note},
            "first_publications": first,
        }
        metadata = PublishedMetadata.from_json(said, f"what is to be said of session {self.session_date}")
        return table.num_rows, investor_trading.encode(table, metadata.to_metadata())
