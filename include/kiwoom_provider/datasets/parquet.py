"""Stored Parquet files: read whole and within bounds, written with what they say of themselves."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa

MOST_ROWS = 1_000_000
"""Of a session's file, since one of 100 KB can stand for a thousand million; a published session has about 120,000."""
MOST_COLUMNS = 100

_PREFIX = "kiwoom."


def read_table(data: bytes, columns: Sequence[str] | None = None) -> pa.Table:
    """
    Return a file's rows, with its metadata on the schema.

    :param columns: those to read; None reads all.
    :raises pyarrow.ArrowInvalid: when it is no Parquet file, or has more rows or columns than one of ours can have.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    # pq.read_table would import pandas; threads of pyarrow's can abort a short process at its exit (docs/reading.md).
    with pq.ParquetFile(io.BytesIO(data)) as file:
        found = file.metadata
        if found.num_rows > MOST_ROWS or found.num_columns > MOST_COLUMNS:
            raise pa.ArrowInvalid(
                f"it has {found.num_rows:,} rows of {found.num_columns:,} columns, which no file of a session has"
            )
        return file.read(columns=columns and list(columns), use_threads=False)


def encode_table(table: pa.Table, facts: Mapping[str, object], **options: Any) -> bytes:
    """
    Return a file's bytes: the same table and facts give the same bytes.

    :param facts: what the file says of itself, by name without prefix.
    :param options: of Parquet's writer.
    """
    import pyarrow.parquet as pq

    buffer = io.BytesIO()
    pq.write_table(table.replace_schema_metadata(to_metadata(facts)), buffer, compression="zstd", **options)
    return buffer.getvalue()


def to_metadata(facts: Mapping[str, object]) -> dict[str, str]:
    """Return the project's own entries of a file's metadata, with their prefix; what is no text as JSON."""
    return {
        f"{_PREFIX}{name}": fact if isinstance(fact, str) else json.dumps(fact, ensure_ascii=False)
        for name, fact in facts.items()
    }


def file_metadata(table_schema: pa.Schema) -> dict[str, str]:
    """Return the project's own entries of a file's metadata, without their prefix."""
    entries = table_schema.metadata or {}
    return {
        name.decode().removeprefix(_PREFIX): value.decode()
        for name, value in entries.items()
        if name.startswith(_PREFIX.encode())
    }
