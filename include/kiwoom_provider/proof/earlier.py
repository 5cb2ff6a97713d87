"""The sessions stored before a given one: what "nothing new has settled" is measured against."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kiwoom_provider.api.errors import KiwoomError
from kiwoom_provider.datasets import ka10066, layout, raw
from kiwoom_provider.datasets.layout import published_sessions, stored_sessions
from kiwoom_provider.datasets.parquet import file_metadata
from kiwoom_provider.datasets.published import PublishedMetadata
from kiwoom_provider.proof.tables import COLUMNS, Comparison, FlowTable, compare

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    import pyarrow as pa

    from kiwoom_provider.datasets.store import Store
    from kiwoom_provider.parameters import ParameterSet

log = logging.getLogger(__name__)

REACH = 3
"""Earlier sessions that a set is compared with: the API lags by one, and a night or two may have failed."""

FOLDERS = 15
"""Stored sessions that are looked through for them; after three weeks without a set nothing is compared."""

_UNREADABLE = (ValueError, KeyError, TypeError, raw.RawError, KiwoomError)
"""What reading a damaged file raises; Arrow's errors are ValueErrors. A store that fails is no damage."""


@dataclass(frozen=True, slots=True)
class EarlierSet:
    """One set of an earlier session, as it is stored now."""

    session_date: date
    table: FlowTable


@dataclass(frozen=True, slots=True)
class EarlierSessions:
    """
    What is stored of the sessions before.

    Figures that equal any of them are not new. Figures that differ are new only against the session right before,
    as that was published: else they may be those of a session in between.

    :param stored: the newest stored table of each earlier session in reach, by set, newest first.
    :param trusted: the published table of the session right before, by set.
    """

    stored: Mapping[ParameterSet, Sequence[EarlierSet]] = field(default_factory=dict)
    trusted: Mapping[ParameterSet, EarlierSet] = field(default_factory=dict)

    @classmethod
    def read(
        cls, store: Store, session_date: date, session_before: date, sets: Iterable[ParameterSet]
    ) -> EarlierSessions:
        """
        Read what is there; a file that cannot be read costs its comparison alone.

        :param session_before: the session right before, by the calendar.
        """
        sets = list(sets)
        days = sorted((day for day in stored_sessions(store, layout.PARTITIONS) if day < session_date), reverse=True)
        stored: dict[ParameterSet, list[EarlierSet]] = {parameters: [] for parameters in sets}
        for day in days[:FOLDERS]:
            for parameters in sets:
                table = _read_stored_set(store, day, parameters) if len(stored[parameters]) < REACH else None
                if table is not None:
                    stored[parameters].append(EarlierSet(day, FlowTable.of(table)))
        published = read_published(store, session_before, sets, columns=COLUMNS)
        trusted = {p: EarlierSet(session_before, FlowTable.of(table)) for p, table in published.items()}
        return cls(stored, trusted)

    def change(self, parameters: ParameterSet, table: FlowTable) -> Comparison | None:
        """Return what a set still holds of the session right before; None where that is not published."""
        trusted = self.trusted.get(parameters)
        return compare(table, trusted.table) if trusted else None

    def of(self, parameters: ParameterSet) -> tuple[EarlierSet, ...]:
        """Return all that a set is compared with, newest first: no session is newer than the one right before."""
        trusted = (self.trusted[parameters],) if parameters in self.trusted else ()
        return (*trusted, *self.stored.get(parameters, ()))

    def unchanged_since(self, parameters: ParameterSet, table: FlowTable) -> tuple[date | None, int]:
        """Return the newest earlier session that a set, or a part of it, still is, and how many stocks of it are."""
        for earlier in self.of(parameters):
            found = compare(table, earlier.table)
            if found.is_stale:
                return earlier.session_date, found.equal
        return None, 0


def newest_published_tables(
    store: Store, session_date: date, sets: Iterable[ParameterSet]
) -> tuple[date | None, dict[ParameterSet, pa.Table]]:
    """Return the newest published session before a given one, and its typed tables: the universe to compare with."""
    days = sorted((day for day in published_sessions(store) if day < session_date), reverse=True)
    sets = list(sets)
    for day in days[:FOLDERS]:
        if tables := read_published(store, day, sets):
            return day, tables
    return None, {}


def read_published(
    store: Store, session_date: date, sets: Iterable[ParameterSet], columns: Sequence[str] | None = None
) -> dict[ParameterSet, pa.Table]:
    """
    Return the typed tables that a session was published from, even where a later run has replaced the partition.

    :param columns: those to read; None reads all.
    """
    try:
        folders = PublishedMetadata.read(store, session_date).sweeps
    except _UNREADABLE as error:
        log.warning("The published file of %s cannot be read, so nothing is compared with it: %s", session_date, error)
        return {}
    tables = {p: _read_published_set(store, session_date, p, folders[p], columns) for p in sets if p in folders}
    return {p: table for p, table in tables.items() if table is not None}


def _read_published_set(
    store: Store, day: date, parameters: ParameterSet, folder: str, columns: Sequence[str] | None
) -> pa.Table | None:
    table = _read_stored_set(store, day, parameters, columns)
    if table is not None and file_metadata(table.schema).get("sweep") == folder:
        return table
    try:
        sweeps = raw.load_sweeps(store, day, parameters).get(parameters, [])
        sweep = next((sweep for sweep in sweeps if sweep.prefix == folder and sweep.is_complete), None)
        return ka10066.parse(sweep.pages, parameters) if sweep else None
    except _UNREADABLE as error:
        log.warning("%s of %s cannot be rebuilt, so nothing is compared with it: %s", parameters.label, day, error)
        return None


def _read_stored_set(
    store: Store, day: date, parameters: ParameterSet, columns: Sequence[str] | None = COLUMNS
) -> pa.Table | None:
    try:
        return ka10066.read_partition(store, day, parameters, columns)
    except FileNotFoundError:
        return None
    except _UNREADABLE as error:
        log.warning("%s of %s cannot be read, so nothing is compared with it: %s", parameters.label, day, error)
        return None
