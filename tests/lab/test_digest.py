from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lab.cluster.nights import rows_digest

ROWS = {"stock_code": ["000020", "000040"], "net_amount": [1, None]}


@pytest.fixture
def written(tmp_path):
    def write(rows, metadata):
        path = tmp_path / "part-0.parquet"
        pq.write_table(pa.table(rows).replace_schema_metadata(metadata), path, compression="zstd")
        return path.read_bytes()

    return write


def test_runs_that_differ_in_their_own_names_only_have_one_digest(written):
    one = written(ROWS, {"kiwoom.collected_by_run": "night-1"})
    other = written(ROWS, {"kiwoom.collected_by_run": "night-2"})
    assert rows_digest(one) == rows_digest(other)


@pytest.mark.parametrize(
    "rows",
    [
        {"stock_code": ["000020", "000040"], "net_amount": [1, 0]},
        {"stock_code": ["000040", "000020"], "net_amount": [None, 1]},
        {"stock_code": ["000020"], "net_amount": [1]},
        {"stock_code": ["000020", "000040"], "net_amount": [1.0, None]},
    ],
    ids=["a null became zero", "another order", "a row is missing", "another type"],
)
def test_any_other_difference_is_another_digest(written, rows):
    assert rows_digest(written(ROWS, {})) != rows_digest(written(rows, {}))


def test_nothing_published_has_no_digest():
    assert rows_digest(None) == ""
