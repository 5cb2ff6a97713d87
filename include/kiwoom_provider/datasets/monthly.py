"""
A finished month of the published table in one file, sorted by stock: a year of one stock is twelve small reads.

The rows and columns are the daily files', with ``session_date`` (date32) first, sorted by ``stock_code``,
``session_date``, ``market``, ``venue`` and ``investor``. ``kiwoom.sessions`` in the file's metadata names each
session's file, its SHA-256 and size, the SHA-256 of its Parquet footer, the checksum that the store gives it, and what
it says of itself. A month's file counts only while the daily files are those that it was made of (:func:`is_of`).
"""

from __future__ import annotations

import hashlib
import io
from contextlib import ExitStack
from datetime import date, timedelta
from functools import cache, partial
from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import ConfigDict, Field

from kiwoom_provider.datasets import investor_trading, layout
from kiwoom_provider.datasets.parquet import file_metadata, to_metadata
from kiwoom_provider.datasets.published import JsonEntry, PublishedMetadata
from kiwoom_provider.documents import Count, Document, Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    import pyarrow as pa
    import pyarrow.parquet as pq

    from kiwoom_provider.datasets.store import Store, Version
    from kiwoom_provider.krx import KrxCalendar

STOCKS_AT_ONCE = 400
"""How many stocks of the month are in memory at once: some 40 MB of rows."""
ROWS_PER_GROUP = 12_000
"""Some fifteen stocks of a month: one stock is read from one group, or two."""
_SORTED = ("stock_code", "session_date", "market", "venue", "investor")
KEPT = ("release", "withheld", "rebuilt", "coverage")
"""What a daily file's metadata says that a reader has to know, as JSON texts."""
MOST_SAID = 1_000_000
"""Characters of one of these: a release names up to a thousand rules, and the sweeps of every set."""
_MOST_DAYS = 31
_TRIES = 3
_TAIL = 128 * 1024
"""Of a daily file: its footer, as a rule."""


class DailyFile(Document):
    """
    What a month's file says of a daily file that it was made of.

    :param sha256: of the file; ``footer_sha256`` of its Parquet footer, which the first months' files lack.
    :param size: in bytes.
    :param checksum: what the store's listing called the content by, where it did.
    :param replaced_at: seconds since 1970, where a store on the network gives no checksum.
    :param release: as the three that follow, what the daily file says of itself, as JSON text.
    """

    model_config = ConfigDict(extra="ignore")

    key: Text
    sha256: Text
    size: Count
    footer_sha256: Text | None = None
    checksum: Text | None = None
    replaced_at: float | None = None
    release: Annotated[str, Field(max_length=MOST_SAID)] | None = None
    withheld: Annotated[str, Field(max_length=MOST_SAID)] | None = None
    rebuilt: Annotated[str, Field(max_length=MOST_SAID)] | None = None
    coverage: Annotated[str, Field(max_length=MOST_SAID)] | None = None

    def said(self) -> PublishedMetadata:
        """
        Return what the daily file says of itself, of which a reader has to know.

        :raises DocumentError: when an entry is damaged.
        """
        return reader_metadata(self.model_dump(include=set(KEPT), exclude_none=True))


class MonthMetadata(Document):
    """What a month's file says of itself: the entries ``kiwoom.*`` of its metadata, in their order."""

    model_config = ConfigDict(extra="ignore")

    month: Text = ""
    sessions: Annotated[dict[date, DailyFile], Field(max_length=_MOST_DAYS), JsonEntry]
    package_version: Text = ""

    @classmethod
    def of(cls, table_schema: pa.Schema, name: str) -> Self:
        """
        Read the metadata on a month's schema.

        :param name: what the error calls the file.
        :raises DocumentError: when an entry is damaged, or the sessions are not there.
        """
        return cls.from_json(file_metadata(table_schema), name)


def reader_metadata(said: Mapping[str, Any]) -> PublishedMetadata:
    """
    Read of a daily file's metadata what a reader has to know; whatever else is said may be damaged.

    :raises DocumentError: when one of these entries is damaged.
    """
    kept = {name: said[name] for name in KEPT if name in said}
    return PublishedMetadata.from_json(kept, "what the file says of itself")


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
        described = {
            day: _describe(store, key, files[key], before[key])
            for key in sorted(files)
            if (day := layout.session_of(key))
        }
        if recorded_sessions(store, month) == described:
            return None
        rows, data = _encode(files, month, described, package_version)
        key = layout.monthly_key(month)
        store.write(key, data)
        if daily_versions(store, month) == before:
            return {"sessions": len(files), "rows": rows, "bytes": len(data), "path": store.url(key)}
    raise _replacement_error(store, month)


def finished_months(store: Store, calendar: KrxCalendar, now: datetime) -> list[str]:
    """Return the months of which sessions are published and no session can be fetched any more, oldest first."""
    found = []
    for month in sorted(months(layout.published_sessions(store))):
        first = date.fromisoformat(f"{month}-01")
        last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        if calendar.sessions(first, last)[-1].window_ends_at <= now:
            found.append(month)
    return found


def recorded_sessions(store: Store, month: str) -> dict[date, DailyFile]:
    """Return what a month's file says of the daily files that it was made of, by session; empty without one."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        key = layout.monthly_key(month)
        return MonthMetadata.of(pq.read_schema(io.BytesIO(store.read(key))), store.url(key)).sessions
    except (FileNotFoundError, pa.ArrowException, ValueError):
        return {}


def daily_versions(store: Store, month: str | None = None) -> dict[str, Version]:
    """Return the published daily files by key, of one month or all."""
    found = store.versions(layout.PUBLISHED)
    days = {key: layout.session_of(key) for key in found}
    return {key: version for key, version in found.items() if (day := days[key]) and month in (None, month_of(day))}


def is_of(store: Store, sessions: Mapping[date, DailyFile], daily: Mapping[str, Version]) -> bool:
    """
    Tell whether a month's file is of the daily files as they lie there, without reading them whole.

    Names and sizes must be the recorded ones, and so must the checksum: that of the listing (ETag or MD5) where the
    store gives one, else on a disk that of the file's footer, which names every column chunk, the sweeps and the
    instants of publication. A store that gives no checksum is asked when the file was replaced.

    :param sessions: what the month's file says of them.
    """
    recorded = {entry.key: entry for entry in sessions.values()}
    return recorded.keys() == daily.keys() and all(
        _is_unchanged(store, recorded[key], version) for key, version in daily.items()
    )


def _is_unchanged(store: Store, recorded: DailyFile, version: Version) -> bool:
    if recorded.size != version.size:
        return False
    if version.checksum is not None:
        return recorded.checksum == version.checksum
    if store.is_local:
        return recorded.footer_sha256 == _footer_sha256(partial(store.read_part, recorded.key), version.size)
    return version.replaced_at is None or recorded.replaced_at == version.replaced_at


def _footer_sha256(read: Callable[[int, int], bytes], size: int) -> str:
    """Return the SHA-256 of a Parquet file's footer; of a file that has none, that of its end."""
    end = read(max(0, size - _TAIL), size)
    length = int.from_bytes(end[-8:-4], "little") + 8
    footer = end[-length:] if length <= len(end) else read(max(0, size - length), size)
    return hashlib.sha256(footer).hexdigest()


def _describe(store: Store, key: str, data: bytes, version: Version) -> DailyFile:
    """Return what tells a daily file from another, and what it says of itself."""
    import pyarrow.parquet as pq

    said = file_metadata(pq.read_schema(io.BytesIO(data)))
    facts: dict[str, Any] = {"key": key, "sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
    facts["footer_sha256"] = _footer_sha256(lambda start, end: data[start:end], len(data))
    if version.checksum is not None:
        facts["checksum"] = version.checksum
    elif version.replaced_at is not None and not store.is_local:
        facts["replaced_at"] = version.replaced_at
    facts |= {name: said[name] for name in KEPT if name in said}
    return DailyFile.from_json(facts, store.url(key))


def _sorted_slices(files: Mapping[str, bytes], shape: pa.Schema) -> Iterator[pa.Table]:
    """Yield the rows in the file's order, some stocks at a time: a whole month at once would take a gigabyte."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    texts = [field.name for field in investor_trading.schema() if pa.types.is_string(field.type)]
    with ExitStack() as opened:
        daily = {
            layout.session_of(key): opened.enter_context(pq.ParquetFile(io.BytesIO(data), read_dictionary=texts))
            for key, data in files.items()
        }
        read = (file.read(["stock_code"], use_threads=False)["stock_code"] for file in daily.values())
        codes = sorted({code for column in read for code in pc.unique(column).to_pylist()})
        for begin in range(0, len(codes), STOCKS_AT_ONCE):
            wanted = codes[begin : begin + STOCKS_AT_ONCE]
            parts = [_rows_of(file, day, wanted).cast(shape) for day, file in daily.items()]
            yield pa.concat_tables(parts).sort_by([(name, "ascending") for name in _SORTED])


def _rows_of(file: pq.ParquetFile, day: date | None, codes: Sequence[str]) -> pa.Table:
    """Return a session's rows of some stocks, after its day; ``codes`` are sorted."""
    import pyarrow as pa
    import pyarrow.compute as pc

    groups = _groups_between(file, codes[0], codes[-1])
    table = file.read_row_groups(groups, use_threads=False)
    table = table.filter(pc.is_in(table["stock_code"], pa.array(codes, pa.string())))
    for name in investor_trading.WHENCE_COLUMNS:
        if name not in table.column_names:
            field = investor_trading.schema().field(name)
            table = table.append_column(field, pa.nulls(table.num_rows, field.type))
    return table.add_column(0, "session_date", pa.repeat(pa.scalar(day, pa.date32()), table.num_rows))


def _groups_between(file: pq.ParquetFile, low: str, high: str) -> list[int]:
    """Return the row groups that can hold a code from ``low`` to ``high``."""
    metadata = file.metadata
    at = file.schema_arrow.get_field_index("stock_code")
    found = []
    for group in range(metadata.num_row_groups):
        statistics = metadata.row_group(group).column(at).statistics
        is_known = statistics is not None and statistics.has_min_max
        if not is_known or (statistics.min <= high and statistics.max >= low):
            found.append(group)
    return found


def _encode(
    files: Mapping[str, bytes], month: str, described: dict[date, DailyFile], package_version: str
) -> tuple[int, bytes]:
    """Return how many rows the month has, and its file."""
    import pyarrow.parquet as pq

    facts = MonthMetadata(month=month, sessions=described, package_version=package_version).model_dump(
        mode="json", exclude_none=True
    )
    rows, buffer = 0, io.BytesIO()
    with pq.ParquetWriter(
        buffer,
        schema().with_metadata(to_metadata(facts)),
        compression="zstd",
        compression_level=9,
        use_dictionary=["session_date", *investor_trading.REPEATED],
        write_statistics=["stock_code", "session_date"],
    ) as writer:
        for part in _sorted_slices(files, schema()):
            writer.write_table(part, row_group_size=ROWS_PER_GROUP)
            rows += part.num_rows
    return rows, buffer.getvalue()


def _replacement_error(store: Store, month: str) -> Exception:
    from kiwoom_provider.datasets.store import StoreError

    return StoreError(f"the sessions of {month} under {store.name} are being replaced: make the month's file later")


def months(days: Iterable[date]) -> dict[str, list[date]]:
    """Return days by month."""
    found: dict[str, list[date]] = {}
    for day in sorted(days):
        found.setdefault(month_of(day), []).append(day)
    return found
