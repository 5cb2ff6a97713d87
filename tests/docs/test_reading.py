"""Every Python block of the reading guide runs, in order, on three sessions as they are published."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pandas as pd
import pytest

from pages import row
from published import AUDITED, STORED, keep_summary, publish

GUIDE = Path(__file__).parents[2] / "docs" / "reading.md"
BLOCKS = re.findall(r"^```python\n(.*?)^```$", GUIDE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
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
    assert len(BLOCKS) == 14


def test_the_panel_is_sessions_by_stocks(after):
    assert after["panel"].to_dict("list") == {"005930": [900, 900, 900]}


def test_the_residual_is_other_foreigners(after):
    assert after["by_day"]["other_foreigner"].tolist() == [-(900 - 600 + 1 + 1)] * 3


def test_the_average_price_is_in_won(after):
    assert after["paid"].round().tolist() == [71429.0] * 3


def test_the_share_of_nxt_is_a_third(after):
    assert after["share"].round(4).tolist() == [0.3333] * 3


def test_the_schema_names_the_unit(after):
    assert after["schema"].field("net_amount").metadata[b"unit"] == b"KRW million"


def test_polars_reads_one_stock(after):
    polars = pytest.importorskip("polars")
    (block,) = [block for block in BLOCKS if "import polars" in block]

    frame = eval(block.replace("import polars as pl\n", "").strip(), {"pl": polars, "root": after["root"]})  # noqa: S307 - as below

    assert frame["net_amount"].to_list() == [600, 600, 600]


def test_the_history_has_the_run(after):
    assert after["runs"][["verdict", "proof", "published"]].to_numpy().tolist() == [["warned", "proved", True]]


def test_duckdb_sums_the_sessions(after):
    duckdb = pytest.importorskip("duckdb")
    (block,) = [block for block in BLOCKS if "import duckdb" in block]
    expression = block.replace("import duckdb\n", "").strip()

    frame = eval(expression, {"duckdb": duckdb, "root": after["root"]})  # noqa: S307 - our own document

    assert frame["net_million"].tolist() == [600, 600, 600]
    assert pd.api.types.is_datetime64_any_dtype(frame["session_date"])
