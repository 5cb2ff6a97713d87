"""The wanted rows of published sessions, from the months' files where they serve, else from the daily ones."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from kiwoom_provider.datasets import layout, monthly
from kiwoom_provider.datasets.investor_trading import WHENCE_COLUMNS, schema
from kiwoom_provider.datasets.object_parts import ObjectParts
from kiwoom_provider.datasets.parquet import file_metadata
from kiwoom_provider.datasets.selection import KEYS, Selection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import pyarrow as pa
    import pyarrow.parquet as pq

    from kiwoom_provider.datasets.published import PublishedMetadata
    from kiwoom_provider.datasets.store import Store, Version

MAX_THREADS = 8
SHORTEST_MONTH = 15
"""Sessions of a range from which it pays to look for months' files."""

_EPOCH = date(1970, 1, 1)
_TEXTS = [*KEYS, "stock_name"]


@dataclass(frozen=True, slots=True)
class SessionRows:
    """The wanted rows of one session, and what its published file says of itself."""

    rows: pa.Table
    metadata: PublishedMetadata


@dataclass(slots=True)
class PublishedRows:
    """
    What was read.

    :ivar sessions: by session; one whose folder holds no file is left out.
    :ivar errors: by URL, why a file could not be read.
    """

    sessions: dict[date, SessionRows] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def tables(self) -> dict[date, pa.Table]:
        """The rows by session."""
        return {day: found.rows for day, found in self.sessions.items()}

    def facts(self, name: str) -> dict[str, Any]:
        """Return what the files' metadata say under a name, by session, JSON-ready; nothing of those that do not."""
        said = {
            day: found.metadata.model_dump(mode="json", include={name}, exclude_unset=True)
            for day, found in self.sessions.items()
        }
        return {str(day): entry[name] for day, entry in said.items() if name in entry}


def read_rows(store: Store, days: Sequence[date], selection: Selection) -> PublishedRows:
    """
    Return each session's wanted rows.

    Of chosen stocks, whole months are read from the months' files that are of the daily files as they are now.

    :param days: sessions that are published, oldest first.
    :raises StoreError: when the root cannot be read.
    """
    with ThreadPoolExecutor(MAX_THREADS) as threads:
        found = PublishedRows()
        for part in threads.map(
            lambda month: _read_month(store, month, selection), _whole_months(store, days, selection)
        ):
            found.sessions.update(part)
        left = [day for day in days if day not in found.sessions]
        daily = threads.map(lambda day: _read_session(store, day, selection), left)
        for day, rows in zip(left, daily, strict=True):
            if isinstance(rows, SessionRows):
                found.sessions[day] = rows
            elif rows:
                found.errors[store.url(layout.published_key(day))] = rows
    found.sessions = dict(sorted(found.sessions.items()))
    return found


@dataclass(frozen=True, slots=True)
class _Month:
    """A month that the range covers: its file, and its daily files as they are now."""

    key: str
    version: Version
    days: list[date]
    daily: dict[str, Version]


def _whole_months(store: Store, days: Sequence[date], selection: Selection) -> list[_Month]:
    """Return the months that the range covers and that have a file."""
    if "stock_code" not in selection.wanted or len(days) < SHORTEST_MONTH:
        return []
    files = store.versions(layout.MONTHLY)
    if not files:
        return []
    daily: dict[str, dict[str, Version]] = {}
    for name, version in monthly.daily_versions(store).items():
        daily.setdefault(name.partition(layout.SESSION)[2][:7], {})[name] = version
    return [
        _Month(key, files[key], sessions, daily[month])
        for month, sessions in monthly.months(days).items()
        if (key := layout.monthly_key(month)) in files and len(daily.get(month, {})) == len(sessions)
    ]


def _read_month(store: Store, month: _Month, selection: Selection) -> list[tuple[date, SessionRows]]:
    """
    Return a month's wanted rows by session, in the daily files' order.

    Nothing where the file is damaged, is not of the daily files as they are, or was replaced while it was read.
    """
    import pyarrow as pa

    try:
        with _open_parts(store, month) as (file, fetch):
            sessions = monthly.MonthMetadata.of(file.schema_arrow, store.url(month.key)).sessions
            if not monthly.is_of(store, sessions, month.daily):
                return []
            groups = selection.row_groups(file, fetch)
            table = _read_rows(file, selection, groups, ["session_date"])
        if not store.is_local and store.versions(month.key) != {month.key: month.version}:
            return []
        return _by_session(table, month.days, sessions, selection)
    except (pa.ArrowException, OSError, KeyError, ValueError):
        return []


def _by_session(
    table: pa.Table, days: Sequence[date], sessions: Mapping[date, monthly.DailyFile], selection: Selection
) -> list[tuple[date, SessionRows]]:
    import numpy as np
    import pyarrow as pa

    rows = table.sort_by([(name, "ascending") for name in ("session_date", *KEYS)])
    numbers = rows["session_date"].cast(pa.int32()).to_numpy()
    rows = rows.select(selection.columns)
    for name in (name for name in _TEXTS if name in rows.column_names):
        at = rows.column_names.index(name)
        rows = rows.set_column(at, name, rows[name].combine_chunks().dictionary_encode())
    found = []
    for day in days:
        begin, end = np.searchsorted(numbers, [(day - _EPOCH).days, (day - _EPOCH).days + 1])
        found.append((day, SessionRows(rows.slice(begin, end - begin), sessions[day].said())))
    return found


def _read_session(store: Store, day: date, selection: Selection) -> SessionRows | str | None:
    """Return a session's wanted rows, why they cannot be read, or None where there is no file."""
    import pyarrow as pa

    try:
        with _open(store, layout.published_key(day), read_dictionary=_TEXTS) as file:
            rows = _read_rows(file, selection, selection.row_groups(file))
            return SessionRows(rows, monthly.reader_metadata(file_metadata(file.schema_arrow)))
    except FileNotFoundError:
        return None
    except (pa.ArrowException, OSError, KeyError, ValueError) as error:
        return str(error)


def _open(store: Store, key: str, **options: Any) -> pq.ParquetFile:
    """Open a file: from a local disk only the pages that are needed, from elsewhere one request for the whole."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    source = store.path(key) if store.is_local else pa.BufferReader(store.read(key))
    return pq.ParquetFile(source, memory_map=store.is_local, **options)


@contextmanager
def _open_parts(store: Store, month: _Month) -> Iterator[tuple[pq.ParquetFile, Callable[[int, int], None]]]:
    """Open a month's file without reading it whole; yield it with what fetches a part of it in one request."""
    import pyarrow.parquet as pq

    if store.is_local:
        with pq.ParquetFile(store.path(month.key), memory_map=True) as file:
            yield file, lambda _start, _end: None
        return
    parts = ObjectParts(store, month.key, month.version.size)
    with pq.ParquetFile(parts) as file:
        yield file, parts.fetch


def _read_rows(file: pq.ParquetFile, selection: Selection, groups: list[int], also: Sequence[str] = ()) -> pa.Table:
    """Return the wanted rows of a file's row groups, with the selection's columns and ``also``."""
    import pyarrow as pa
    import pyarrow.compute as pc

    read = [*also, *dict.fromkeys([*selection.columns, *(["source"] if selection.sources else [])])]
    table = file.read_row_groups(groups, columns=read, use_threads=False)
    for name in (name for name in WHENCE_COLUMNS if name in read and name not in table.column_names):
        kind = schema().field(name).type  # a file of before version 1 lacks them
        table = table.append_column(schema().field(name), pa.nulls(table.num_rows, kind))
    table = selection.filter(table)
    if selection.sources:
        table = table.filter(pc.is_in(table["source"], pa.array(selection.sources, pa.string())))
    return table.select([*also, *selection.columns]).replace_schema_metadata()
