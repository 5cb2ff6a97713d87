"""What the securities master and the dated totals say of a session's tables when they are right."""

from __future__ import annotations

import pyarrow as pa

from kiwoom_provider.api.ka10051 import UNIT, Total
from kiwoom_provider.api.ka10066 import INVESTOR_ELEMENTS
from kiwoom_provider.datasets import securities
from kiwoom_provider.parameters import Measure, ParameterSet, Side, Venue


def totals_of(tables) -> dict[ParameterSet, Total]:
    """The market's totals of net figures in 억원 and 천주; no stock here is an ETN."""
    found = {}
    for key, table in tables.items():
        if key.side is Side.NET:
            sums = (sum(table[name].to_pylist()) for name in INVESTOR_ELEMENTS)
            found[key] = Total(tuple(round(value / UNIT[key.measure]) for value in sums), 0)
    return found


def master_of(tables, session_date) -> pa.Table:
    """The securities of the day, as the dataset keeps them."""
    on_nxt = {code for key, t in tables.items() if key.venue is Venue.NXT for code in t["stk_cd"].to_pylist()}
    rows = [
        {
            "market": str(key.market),
            "stock_code": code,
            "stock_name": name,
            "kind": "common",
            "is_on_nxt": code in on_nxt,
        }
        for key, table in tables.items()
        if (key.venue, key.measure, key.side) == (Venue.KRX, Measure.AMOUNT, Side.NET)
        for code, name in zip(table["stk_cd"].to_pylist(), table["stk_nm"].to_pylist(), strict=True)
    ]
    table = pa.Table.from_pylist(rows, schema=securities.schema())
    return table.replace_schema_metadata({"kiwoom.session_date": session_date.isoformat()})
