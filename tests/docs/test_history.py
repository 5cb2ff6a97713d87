"""Every Python block of the history's page runs, in order, on a rebuilt session and two that were swept."""

from __future__ import annotations

import io
import json
import re
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kiwoom_provider.datasets import investor_trading, layout
from kiwoom_provider.datasets.store import Store
from pages import row
from published import STORED, publish

PAGE = Path(__file__).parents[2] / "docs" / "history.md"
BLOCKS = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def after(tmp_path_factory):
    """Return the names that the page's blocks leave behind; Wednesday was rebuilt, and holds 95 % of the volume."""
    root = tmp_path_factory.mktemp("data")
    for day in STORED:
        publish(
            root, day, [("KOSPI", "KRX", "amount", "net", [row(frgnr_invsr="100", cur_prc="+71300", pred_pre="+300")])]
        )
    store = Store.open(root)
    key = layout.published_key(date(2026, 11, 18))
    table = pq.read_table(io.BytesIO(store.read(key)), partitioning=None)
    at = table.schema.get_field_index("source")
    rebuilt = table.set_column(at, table.schema.field(at), pa.array(["ka10059"] * len(table)))
    coverage = {"KOSPI/KRX": {"stocks": 1, "of": 1, "volume": 0.95}}
    said = {"session_date": "2026-11-18", "sweeps": "{}", "coverage": json.dumps(coverage)}
    store.write(key, investor_trading.encode(rebuilt, said))
    typed = io.BytesIO()
    pq.write_table(pa.table({"stk_cd": ["005930"], "frgnr_invsr": [100], "natfor": [-7]}), typed)
    place = "ka10059/session_date=2026-11-18/market=KOSPI/venue=KRX/measure=amount/side=net/part-0.parquet"
    store.write(place, typed.getvalue())
    names = {"root": str(root), "pd": pd}
    for number, block in enumerate(BLOCKS, 1):
        exec(compile(block, f"{PAGE.name}, block {number}", "exec"), names)  # noqa: S102 - our own document
    return names


def test_rebuilt_and_swept_sessions_come_in_one_frame(after):
    assert after["joined"]["count"].to_dict() == {"ka10066": 2, "ka10059": 1}


def test_sessions_that_are_covered_thinly_are_left_out(after):
    assert after["thin"] == ["2026-11-18"]
    assert after["whole"]["session_date"].dt.strftime("%d").tolist() == ["19", "20"]


def test_the_base_price_and_the_foreigners_are_those_that_the_page_says(after):
    assert after["close_before"].tolist() == [71000, 71000, 71000]
    assert after["foreigners"].to_dict() == {"005930": 93}
    assert set(after["as_known"]["source"]) == {"ka10066"}
