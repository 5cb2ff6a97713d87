"""
A finished month of the published table in one file, sorted by stock: a year of one stock is twelve small reads.

The rows and columns are the daily files', with ``session_date`` (date32) first, sorted by ``stock_code``,
``session_date``, ``market``, ``venue`` and ``investor``. ``kiwoom.sessions`` in the file's metadata names each
session's file, its SHA-256 and size, and what it says of itself. A month's file counts only while the daily files are
those that it was made of.
"""

from __future__ import annotations

import hashlib
import io
import json
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from kiwoom_provider.datasets import investor_trading, layout
from kiwoom_provider.datasets.published import file_metadata

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    import numpy as np
    import pyarrow as pa

    from kiwoom_provider.datasets.store import Store, Version
    from kiwoom_provider.krx import KrxCalendar

ROWS_PER_GROUP = 12_000
"""Some fifteen stocks of a month: one stock is read from one group, or two."""
_SORTED = ("stock_code", "session_date", "market", "venue", "investor")
KEPT = ("release", "withheld", "rebuilt", "coverage")
"""What a daily file's metadata says that a reader has to know, as JSON texts."""
_TRIES = 3


@cache
def schema() -> pa.Schema:
    """Return the schema: the daily one after the session."""
    import pyarrow as pa

    described = {"unit": "day in Korea", "korean": "거래일", "element": ""}
    return pa.schema([pa.field("session_date", pa.date32(), metadata=described), *investor_trading.schema()])


def month_of(day: date) -> str:
    """Return the month of a day: ``2026-11``."""
    return f"{day:%Y-%m}"


def make_month(store: Store, month: str, package_version: str) -> dict[str, Any] | None:
    """
    Write a month's file from the daily files, unless it is made of these very files already.

    :returns: sessions, rows, bytes and URL of the file; None when nothing had to be made.
    :raises FileNotFoundError: when no session of the month is published.
    :raises StoreError: when a daily file is replaced again and again meanwhile.
    """
    for _ in range(_TRIES):
        before = daily_versions(store, month)
        if not before:
            raise FileNotFoundError(f"no session of {month} is published under {store.name}")
        files = {key: store.read(key) for key in before}
        sessions = {key: hashlib.sha256(data).hexdigest() for key, data in files.items()}
        if recorded_checksums(store, month) == sessions:
            return None
        table, described = _join(files)
        data = _encode(table, month, described, package_version)
        key = layout.monthly_key(month)
        store.write(key, data)
        if daily_versions(store, month) == before:
            return {"sessions": len(files), "rows": table.num_rows, "bytes": len(data), "path": store.url(key)}
    raise _changing(store, month)


def finished_months(store: Store, calendar: KrxCalendar, now: datetime) -> list[str]:
    """Return the months of which sessions are published and no session can be fetched any more, oldest first."""
    found = []
    for month in sorted(months(layout.published_sessions(store))):
        first = date.fromisoformat(f"{month}-01")
        last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        if calendar.sessions(first, last)[-1].window_ends_at <= now:
            found.append(month)
    return found


def recorded_checksums(store: Store, month: str) -> dict[str, str]:
    """Return the SHA-256 of each daily file that a month's file was made of, by key; empty without one."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        metadata = file_metadata(pq.read_schema(io.BytesIO(store.read(layout.monthly_key(month)))))
        return {entry["key"]: entry["sha256"] for entry in json.loads(metadata["sessions"]).values()}
    except (FileNotFoundError, pa.ArrowException, KeyError, ValueError):
        return {}


def daily_versions(store: Store, month: str | None = None) -> dict[str, Version]:
    """Return the published daily files by key, of one month or all."""
    found = store.versions(layout.PUBLISHED)
    days = {key: layout.session_of(key) for key in found}
    return {key: version for key, version in found.items() if (day := days[key]) and month in (None, month_of(day))}


def is_of(metadata: Mapping[str, str], monthly: Version, daily: Mapping[str, Version]) -> bool:
    """Tell whether a month's file is of the daily files as they lie there: same names and sizes, none newer than it."""
    try:
        sizes = {entry["key"]: entry["size"] for entry in json.loads(metadata["sessions"]).values()}
    except (KeyError, ValueError, TypeError, AttributeError):
        return False
    if sizes != {key: version.size for key, version in daily.items()}:
        return False
    known = [version.replaced_at for version in daily.values() if version.replaced_at is not None]
    return monthly.replaced_at is None or all(instant <= monthly.replaced_at for instant in known)


def _join(files: Mapping[str, bytes]) -> tuple[pa.Table, dict[str, Any]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    texts = [field.name for field in investor_trading.schema() if pa.types.is_string(field.type)]
    parts, described = [], {}
    for key, data in files.items():
        day = layout.session_of(key)
        with pq.ParquetFile(io.BytesIO(data), read_dictionary=texts) as file:
            table, said = file.read(), file_metadata(file.schema_arrow)
        for name in investor_trading.WHENCE_COLUMNS:
            if name not in table.column_names:
                field = investor_trading.schema().field(name)
                table = table.append_column(field, pa.nulls(table.num_rows, field.type))
        days = pa.repeat(pa.scalar(day, pa.date32()), table.num_rows)
        parts.append(table.add_column(0, schema().field("session_date"), days).replace_schema_metadata())
        facts = {"key": key, "sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
        described[str(day)] = facts | {name: said[name] for name in KEPT if name in said}
    joined = pa.concat_tables(parts, promote_options="permissive").unify_dictionaries().combine_chunks()
    return joined, described


def _order(table: pa.Table) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Return the rows' order: each sort column as ranks, put together into one number a row."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    total = np.zeros(table.num_rows, np.int64)
    for name in _SORTED:
        column = table[name].combine_chunks()
        if pa.types.is_dictionary(column.type):
            ranks = pc.rank(column.dictionary, "ascending", tiebreaker="dense").to_numpy().astype(np.int64)
            values = ranks[column.indices.to_numpy()]
        else:
            days = column.cast(pa.int32()).to_numpy().astype(np.int64)
            values = days - days.min()
        total = total * (int(values.max()) + 1) + values
    return np.argsort(total, kind="stable")


def _encode(table: pa.Table, month: str, described: Mapping[str, Any], package_version: str) -> bytes:
    import pyarrow.parquet as pq

    metadata = {
        "kiwoom.month": month,
        "kiwoom.sessions": json.dumps(dict(sorted(described.items())), ensure_ascii=False),
        "kiwoom.package_version": package_version,
    }
    order, shape = _order(table), schema().with_metadata(metadata)
    buffer = io.BytesIO()
    with pq.ParquetWriter(
        buffer,
        shape,
        compression="zstd",
        compression_level=9,
        use_dictionary=["session_date", *investor_trading.REPEATED],
        write_statistics=["stock_code", "session_date"],
    ) as writer:
        for begin in range(0, len(order), ROWS_PER_GROUP):
            writer.write_table(table.take(order[begin : begin + ROWS_PER_GROUP]).cast(shape))
    return buffer.getvalue()


def _changing(store: Store, month: str) -> Exception:
    from kiwoom_provider.datasets.store import StoreError

    return StoreError(f"the sessions of {month} under {store.name} are being replaced: make the month's file later")


def months(days: Iterable[date]) -> dict[str, list[date]]:
    """Return days by month."""
    found: dict[str, list[date]] = {}
    for day in sorted(days):
        found.setdefault(month_of(day), []).append(day)
    return found
