"""Every Python block of the reading guide runs, in order, on three sessions as they are published."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import subprocess
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pyarrow.dataset as ds
import pytest

from kiwoom_provider.datasets.reader import read_investor_trading
from kiwoom_provider.parameters import Market
from pages import row
from published import AUDITED, STORED, Listed, keep_summary, publish, publish_three, store_securities

GUIDE = Path(__file__).parents[2] / "docs" / "reading.md"
TEXT = GUIDE.read_text("utf-8")
SPARK = Path(__file__).parents[2] / ".venv-storage" / "spark" / "bin" / "python"
BLOCKS = re.findall(r"^```python\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
FLOWS = {"net": (300, -200), "buy": (1500, 1000), "sell": (1200, 1200)}


def sets():
    """All measures and sides of three venues; amounts are of a price of 71,300 won."""
    made = []
    for venue, suffix, part in (("KRX", "", 2), ("NXT", "_NX", 1), ("CONSOLIDATED", "_AL", 3)):
        for side, (foreign, institution) in FLOWS.items():
            for measure, shares in (("amount", 1), ("quantity", 14)):
                flows = {"frgnr_invsr": foreign * part * shares, "orgn": institution * part * shares}
                cells = {name: str(value) for name, value in flows.items()} | {"trde_qty": str(100_000 * part)}
                made.append(("KOSPI", venue, measure, side, [row(f"005930{suffix}", **cells)]))
    return made


@pytest.fixture(scope="module")
def after(tmp_path_factory):
    """Return the names that the guide's blocks leave behind, having run each."""
    root = tmp_path_factory.mktemp("data")
    for day in STORED:
        publish(root, day, sets())
    store_securities(root, "2026-11-20", {Market.KOSPI: [Listed(listed_shares=84_000)]})
    keep_summary(root, AUDITED)
    names = {"root": str(root)}
    for number, block in enumerate(BLOCKS, 1):
        if _installed(block):
            exec(compile(block, f"{GUIDE.name}, block {number}", "exec"), names)  # noqa: S102 - our own document
    return names


def _installed(block: str) -> bool:
    """Whether the block's tool is there: DuckDB and Polars are no part of the package."""
    tools = [tool for tool in ("duckdb", "polars") if f"import {tool}" in block]
    return all(importlib.util.find_spec(tool) for tool in tools)


def test_the_guide_has_its_blocks():
    assert len(BLOCKS) == 26


def test_a_window_of_sessions_is_the_same_in_three_tools(after):
    assert after["bought"]["005930"].tolist()[-1] == 1800.0
    assert after["bought"]["005930"].isna().tolist() == [True, True, False]
    if "polars_bought" in after:
        assert after["polars_bought"]["bought"].to_list() == [None, None, 1800]
    if "duckdb_bought" in after:
        assert after["duckdb_bought"]["bought"].isna().tolist() == [True, True, False]
        assert after["duckdb_bought"]["bought"].tolist()[-1] == 1800


def blocks_with(*words):
    return [block for block in BLOCKS if all(word in block for word in words)]


@pytest.mark.filterwarnings("ignore::kiwoom_provider.datasets.reader.MissingDataWarning")
@pytest.mark.parametrize(
    ("tool", "name", "column"),
    [("", "bought", "005930"), ("polars", "polars_bought", "bought"), ("duckdb", "duckdb_bought", "bought")],
)
def test_a_window_over_a_session_that_is_missing_is_na_in_every_tool(tmp_path, tool, name, column):
    for day in (STORED[0], STORED[2]):
        publish(tmp_path, day, sets())
    if tool:
        pytest.importorskip(tool)
    (block,) = [block for block in BLOCKS if re.search(rf"^{name} = ", block, re.MULTILINE)]
    names = {"root": str(tmp_path), "read_investor_trading": read_investor_trading}

    exec(block, names)  # noqa: S102 - our own document

    assert pd.isna(list(names[name][column])).tolist() == [True, True, True]


def test_the_panel_is_sessions_by_stocks(after):
    assert after["panel"].to_dict("list") == {"005930": [900, 900, 900]}


def test_the_residual_is_other_foreigners(after):
    assert after["by_day"]["other_foreigner"].tolist() == [-(900 - 600 + 1 + 1)] * 3


def test_a_stocks_volume_is_counted_once(after):
    assert after["traded"].tolist() == [300_000] * 3


def test_the_share_of_the_volume_so_far_is_of_sums(after):
    assert after["by_stock"].obj["share_so_far"].round(4).tolist() == [0.042] * 3


def test_what_was_not_bought_at_krx_was_bought_elsewhere(after):
    assert after["by_venue"]["elsewhere"].tolist() == [4200] * 3
    assert after["by_venue"]["NXT"].tolist() == [4200] * 3


def test_the_top_net_buys_have_one_stock_an_investor_and_rank(after):
    assert len(after["top"]) == 12
    assert set(after["top"]["rank"]) == {1.0}


def test_a_streak_is_counted_to_the_last_session(after):
    assert after["streak"].to_dict() == {"005930": 3}


def test_a_stock_that_is_there_all_the_time_is_not_partial(after):
    assert after["days"]["count"].tolist() == [3]
    assert after["partial"].empty


def test_the_average_price_is_in_won(after):
    assert after["paid"].round().tolist() == [71429.0] * 3


def test_the_share_of_nxt_is_a_third(after):
    assert after["share"].round(4).tolist() == [0.3333] * 3


def test_flows_of_common_stocks_are_a_part_of_their_shares(after):
    assert after["held"].tolist() == [0.1]


def test_swept_sessions_were_known_before_the_next_day(after):
    assert after["rebuilt"].empty
    assert len(after["known_next_day"]) == 3


def test_closes_of_another_source_stand_beside_the_flows(after):
    assert after["joined"]["close"].dropna().tolist() == [71300]


def test_the_schema_names_the_unit(after):
    assert after["schema"].field("net_amount").metadata[b"unit"] == b"KRW million"


def evaluated(block, after):
    """Return what the last expression of a block gives, its imports having been made."""
    *imports, expression = re.split(r"^(?=\(|duckdb)", block, maxsplit=1, flags=re.MULTILINE)
    names = {"root": after["root"]}
    exec("".join(imports), names)  # noqa: S102 - our own document
    return eval(expression.strip(), names)  # noqa: S307 - as above


def test_polars_reads_one_stock_from_a_day_on(after):
    pytest.importorskip("polars")
    (block,) = blocks_with("import polars", "date(2026, 11, 19)")

    assert evaluated(block, after)["net_amount"].to_list() == [600, 600]


def test_duckdb_sums_the_sessions_of_a_range_in_whole_numbers(after):
    pytest.importorskip("duckdb")
    (block,) = blocks_with("import duckdb", "BETWEEN")

    frame = evaluated(block, after)

    assert frame["net_million"].tolist() == [600, 600]
    assert str(frame["net_million"].dtype) == "int64"
    assert pd.api.types.is_datetime64_any_dtype(frame["session_date"])


def test_pandas_and_pyarrow_read_from_a_day_on(after):
    (pandas_block,), (pyarrow_block,) = blocks_with("pd.read_parquet"), blocks_with("ds.dataset")
    names = {"root": after["root"]}
    exec(pandas_block + pyarrow_block, names)  # noqa: S102 - our own document

    assert sorted(set(names["df"]["session_date"].dt.strftime("%Y-%m-%d"))) == ["2026-11-19", "2026-11-20"]
    assert names["rows"].num_rows == 2 * 3


def test_the_history_has_the_run(after):
    assert after["runs"][["verdict", "proof", "published"]].to_numpy().tolist() == [["warned", "proved", True]]


TYPES = {
    cells[0]: dict(zip(("reader", "pandas", "pyarrow", "polars", "duckdb", "spark"), cells[1:], strict=True))
    for line in re.findall(r"^\| (?:`session_date`|whole|their|`change_rate`|`published_at`).*\|$", TEXT, re.MULTILINE)
    if len(cells := [cell.strip() for cell in line.strip("|").split("|")]) == 7
}
COLUMNS = {"`session_date`": "session_date", "whole numbers": "volume", "whole numbers, some null": "buy_amount",
           "`change_rate`": "change_rate", "`published_at`": "published_at"}  # fmt: skip


def of(tool):
    return {row: cells[tool] for row, cells in TYPES.items() if row in COLUMNS}


@pytest.fixture
def some_null(tmp_path):
    """Net amounts only, so that other flows are null."""
    publish_three(tmp_path)
    return tmp_path


def test_the_types_of_the_reader_and_of_pandas_are_those_of_the_table(some_null):
    ours = read_investor_trading(some_null, "2026-11-18", "2026-11-20")
    plain = pd.read_parquet(some_null / "investor_trading")

    assert of("reader") == {row: str(ours[name].dtype) for row, name in COLUMNS.items()}
    assert of("pandas") == {row: str(plain[name].dtype) for row, name in COLUMNS.items()}
    assert isinstance(plain["change_rate"].iloc[0], Decimal)
    assert TYPES["their sum"]["reader"] == str(pd.Series([ours["volume"].sum()], dtype="Int64").dtype)


def test_the_types_of_pyarrow_are_those_of_the_table(some_null):
    schema = ds.dataset(some_null / "investor_trading", partitioning="hive").schema

    assert of("pyarrow") == {row: str(schema.field(name).type) for row, name in COLUMNS.items()}


def test_the_types_of_polars_are_those_of_the_table(some_null):
    polars = pytest.importorskip("polars")
    scan = polars.scan_parquet(f"{some_null}/investor_trading/**/*.parquet", hive_partitioning=True)
    schema = scan.collect_schema()

    assert of("polars") == {row: str(schema[name]) for row, name in COLUMNS.items()}
    assert TYPES["their sum"]["polars"] == str(scan.select(polars.col("volume").sum()).collect_schema()["volume"])
    with pytest.raises(polars.exceptions.InvalidOperationError, match="cannot compare"):
        scan.filter(polars.col("session_date") >= "2026-11-19").collect()


def test_the_types_of_duckdb_are_those_of_the_table(some_null):
    duckdb = pytest.importorskip("duckdb")
    source = f"read_parquet('{some_null}/investor_trading/*/*.parquet', hive_partitioning = true)"
    rows = duckdb.sql(f"SELECT * FROM {source}")  # noqa: S608 - a folder of the test's own
    kinds = dict(zip(rows.columns, map(str, rows.types), strict=True))

    assert of("duckdb") == {row: kinds[name] for row, name in COLUMNS.items()}
    assert TYPES["their sum"]["duckdb"] == str(duckdb.sql(f"SELECT sum(volume) FROM {source}").types[0])  # noqa: S608


@pytest.mark.thorough
def test_the_example_for_spark_runs_and_its_types_are_those_of_the_table(some_null):
    if not SPARK.exists() or shutil.which("java") is None:
        pytest.skip("Spark, with Java: KIWOOM_SPARK=yes make thorough")
    (code,) = re.findall(r"^```pyspark\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    given = json.dumps({"root": str(some_null), "code": code.replace("2026-11-18", "2026-11-19")})
    command = [SPARK, Path(__file__).with_name("spark_reads.py"), given]
    done = subprocess.run(command, cwd=some_null, capture_output=True, text=True, timeout=300, check=False)

    assert done.returncode == 0, done.stderr[-3000:]
    *shown, types = done.stdout.splitlines()
    assert re.findall(r"^\| *(2026-11-\d\d)\|", "\n".join(shown), re.MULTILINE) == ["2026-11-19", "2026-11-20"]
    assert of("spark") == {row: json.loads(types)[name] for row, name in COLUMNS.items()}
    assert TYPES["their sum"]["spark"] == json.loads(types)["their sum"]


@pytest.mark.filterwarnings("ignore::kiwoom_provider.datasets.reader.MissingDataWarning")
def test_the_readmes_question_is_answered_with_what_is_missing_in_it(tmp_path):
    for day in ("2026-10-29", "2026-11-24", "2026-11-25"):
        publish(tmp_path, day, sets())
    text = (GUIDE.parents[1] / "README.md").read_text("utf-8")
    (block,) = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    names = {}

    exec(block.replace(".run/month", str(tmp_path)), names)  # noqa: S102 - our own document

    assert (names["sessions"][0].isoformat(), len(names["sessions"])) == ("2026-10-29", 20)
    assert len(names["df"].attrs["missing_sessions"]) == 17
    assert names["df"]["net_amount"].tolist() == [900] * 3
