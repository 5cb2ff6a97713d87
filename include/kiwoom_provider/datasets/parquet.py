"""Reading a stored Parquet file whole, within bounds: a file of 100 KB can stand for a thousand million rows."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

MOST_ROWS = 1_000_000
"""Of a session's file; a published session has about 120,000, a set 3,200."""
MOST_COLUMNS = 100


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
