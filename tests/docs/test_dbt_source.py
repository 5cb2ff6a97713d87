"""The dbt source describes the table as it is, and its place is one that DuckDB reads."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from kiwoom_provider.datasets.investor_trading import schema
from published import STORED, publish_three

SOURCES = Path(__file__).parents[2] / "docs" / "examples" / "sources.yml"


@pytest.fixture
def source():
    (found,) = yaml.safe_load(SOURCES.read_text("utf-8"))["sources"]
    return found


def test_its_columns_are_those_of_the_table_in_their_order(source):
    (table,) = source["tables"]
    first, *columns = table["columns"]
    assert first["name"] == "session_date"
    assert [column["name"] for column in columns] == schema().names


def test_each_column_is_described_by_its_korean_term_and_its_unit(source):
    described = {column["name"]: column["description"] for column in source["tables"][0]["columns"]}
    for field in schema():
        assert described[field.name].startswith(field.metadata[b"korean"].decode())
        if (unit := field.metadata[b"unit"].decode()) not in ("code", "name"):
            assert unit in described[field.name]


def test_duckdb_reads_the_place_that_it_names(source, tmp_path):
    duckdb = pytest.importorskip("duckdb")
    publish_three(tmp_path)
    place = source["config"]["meta"]["external_location"]
    place = place.replace('{{ env_var("KIWOOM_DATA_ROOT") }}', str(tmp_path)).replace("{name}", "investor_trading")

    days = duckdb.sql(f"SELECT DISTINCT session_date FROM {place} ORDER BY 1").fetchall()  # noqa: S608 - our own document

    assert [str(day) for (day,) in days] == list(STORED)
