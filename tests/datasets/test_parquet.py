"""A stored Parquet file is read within bounds, whatever someone put there."""

from __future__ import annotations

import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kiwoom_provider.datasets.parquet import read_table


def file_of(table):
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd")
    return buffer.getvalue()


def test_a_table_is_read_with_its_metadata_and_the_columns_that_are_asked_for():
    data = file_of(pa.table({"a": [1, 2], "b": ["x", "y"]}).replace_schema_metadata({"k": "v"}))
    assert read_table(data).to_pylist() == [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]
    assert read_table(data).schema.metadata == {b"k": b"v"}
    assert read_table(data, ["b"]).column_names == ["b"]


@pytest.mark.parametrize(
    "table",
    [pa.table({"a": pa.nulls(1_000_001, pa.int64())}), pa.table({f"c{number}": [1] for number in range(101)})],
    ids=["a million rows and one", "a hundred columns and one"],
)
def test_a_file_that_stands_for_more_than_any_session_has_is_refused_before_it_is_read(table, monkeypatch):
    data = file_of(table)
    monkeypatch.setattr(pq.ParquetFile, "read", lambda *_, **__: pytest.fail("it was read"))
    with pytest.raises(pa.ArrowInvalid, match="which no file of a session has"):
        read_table(data)


def test_what_is_no_parquet_is_named():
    with pytest.raises(pa.ArrowInvalid):
        read_table(b"no parquet at all")
