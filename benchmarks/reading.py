"""Reading what is published: one stock over 250 sessions, and a whole session."""

from __future__ import annotations

import shutil
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from benchmarks.figures import Figure
from benchmarks.sample import SESSION_DATE, stored
from kiwoom_provider.datasets.store import Store
from kiwoom_provider.krx import calendar
from kiwoom_provider.parameters import parameter_sets
from kiwoom_provider.pipeline.assemble import SessionTables
from kiwoom_provider.pipeline.plan import Mode, Plan
from lab.measure import fresh_python, say

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SESSIONS = 250
TIMED = """
import json, sys, time
from statistics import median
import pandas as pd
from kiwoom_provider.datasets.reader import read_investor_trading

root, code, first, last = sys.argv[1:]

def timed(read):
    taken = []
    for _ in range(3):
        began = time.perf_counter()
        rows = len(read())
        taken.append(time.perf_counter() - began)
    return {"s": median(taken), "first_s": taken[0], "rows": rows}

table = root + "/investor_trading"
print(json.dumps({
    "stock": timed(lambda: read_investor_trading(root, first, last, stocks=code)),
    "series": timed(lambda: read_investor_trading(
        root, first, last, stocks=code, venues="KRX", investors="foreigner", columns=["net_amount"])),
    "pandas": timed(lambda: pd.read_parquet(table, filters=[("stock_code", "==", code)])),
    "whole": timed(lambda: read_investor_trading(root, last, last)),
    "whole_pandas": timed(lambda: pd.read_parquet(table + "/session_date=" + last)),
}))
"""


def run(*, quick: bool) -> list[Figure]:
    """Measure for the table."""
    sessions = 25 if quick else SESSIONS
    say(f"laying out {sessions} sessions to read")
    with stored() as folder:
        plan = Plan.of(calendar(), SESSION_DATE, Mode.REPLAY, parameter_sets({}))
        _, data = SessionTables.read(Store.open(folder.as_uri()), plan).encode({})
        published = folder / "session.parquet"
        published.write_bytes(data)
        known = calendar().sessions(SESSION_DATE - timedelta(days=420), SESSION_DATE)
        days = [one.session_date for one in known][-sessions:]
        for day in days:
            place = folder / "investor_trading" / f"session_date={day}"
            place.mkdir(parents=True)
            shutil.copy(published, place / "part-0.parquet")
        code = _code(published)
        turns = [fresh_python("-c", TIMED, str(folder), code, str(days[0]), str(days[-1])) for _ in range(3)]
    return _figures(min(turns, key=lambda turn: float(turn["stock"]["s"])), sessions)


def _figures(found: Mapping[str, Any], sessions: int) -> list[Figure]:
    how = f"median of 3 in the best of 3 processes, the first time {found['stock']['first_s']:.2f} s"
    how += f"; one file {sessions} times, in the page cache"
    return [
        _figure(f"one stock over {sessions} sessions", found["stock"], "< 1", how),
        _figure("the same, one investor's net amount at KRX", found["series"]),
        _figure("the same stock by pandas.read_parquet with a filter", found["pandas"]),
        _figure("a whole session", found["whole"]),
        _figure("the same by pandas.read_parquet", found["whole_pandas"]),
    ]


def _figure(name: str, found: Mapping[str, Any], target: str = "", how: str = "") -> Figure:
    rows = f"{found['rows']:,} rows"
    return Figure(name, found["s"], "s", target, f"read_investor_trading, {rows}; {how}" if how else rows)


def _code(path: Path) -> str:
    """Return a stock from the middle of the file."""
    import pyarrow.parquet as pq

    codes = pq.read_table(path, columns=["stock_code"])["stock_code"]
    return str(codes[len(codes) // 2].as_py())
