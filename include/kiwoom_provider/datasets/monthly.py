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
from kiwoom_provider.datasets.parquet import read_table
from kiwoom_provider.datasets.published import file_metadata

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    import pyarrow as pa

    from kiwoom_provider.datasets.store import Store, Version
    from kiwoom_provider.krx import KrxCalendar

STOCKS_AT_ONCE = 200
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
    return day.isoformat()[:7]


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
        parts, described = _read_daily(files)
        rows, data = sum(len(part) for part in parts), _encode(parts, month, described, package_version)
        key = layout.monthly_key(month)
        store.write(key, data)
        if daily_versions(store, month) == before:
            return {"sessions": len(files), "rows": rows, "bytes": len(data), "path": store.url(key)}
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


def _read_daily(files: Mapping[str, bytes]) -> tuple[list[pa.Table], dict[str, Any]]:
    """Return each session's rows after its day, and what its file says of itself."""
    import pyarrow as pa

    texts = [field.name for field in investor_trading.schema() if pa.types.is_string(field.type)]
    parts, described = [], {}
    for key, data in files.items():
        day = layout.session_of(key)
        table = read_table(data, as_dictionary=texts)
        said = file_metadata(table.schema)
        for name in investor_trading.WHENCE_COLUMNS:
            if name not in table.column_names:
                field = investor_trading.schema().field(name)
                table = table.append_column(field, pa.nulls(table.num_rows, field.type))
        days = pa.repeat(pa.scalar(day, pa.date32()), table.num_rows)
        parts.append(table.add_column(0, "session_date", days))
        facts = {"key": key, "sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
        described[str(day)] = facts | {name: said[name] for name in KEPT if name in said}
    return parts, described


def _sorted_slices(parts: Sequence[pa.Table], shape: pa.Schema) -> Iterator[pa.Table]:
    """Yield the rows in the file's order, some stocks at a time: a whole month at once would take a gigabyte."""
    import pyarrow as pa
    import pyarrow.compute as pc

    codes = sorted({code for part in parts for code in pc.unique(part["stock_code"]).to_pylist()})
    for begin in range(0, len(codes), STOCKS_AT_ONCE):
        wanted = pa.array(codes[begin : begin + STOCKS_AT_ONCE], pa.string())
        rows = pa.concat_tables([part.filter(pc.is_in(part["stock_code"], wanted)).cast(shape) for part in parts])
        yield rows.sort_by([(name, "ascending") for name in _SORTED])


def _encode(parts: Sequence[pa.Table], month: str, described: Mapping[str, Any], package_version: str) -> bytes:
    import pyarrow.parquet as pq

    metadata = {
        "kiwoom.month": month,
        "kiwoom.sessions": json.dumps(dict(sorted(described.items())), ensure_ascii=False),
        "kiwoom.package_version": package_version,
    }
    buffer = io.BytesIO()
    with pq.ParquetWriter(
        buffer,
        schema().with_metadata(metadata),
        compression="zstd",
        compression_level=9,
        use_dictionary=["session_date", *investor_trading.REPEATED],
        write_statistics=["stock_code", "session_date"],
    ) as writer:
        for rows in _sorted_slices(parts, schema()):
            writer.write_table(rows, row_group_size=ROWS_PER_GROUP)
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
