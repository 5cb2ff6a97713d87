"""Reading what is published: one stock over 250 sessions, and a whole session."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.measure import fresh_python, say
from benchmarks.sample import SESSION_DATE, stored
from kiwoom_provider.datasets.store import Store
from kiwoom_provider.parameters import parameter_sets
from kiwoom_provider.pipeline.assemble import assemble
from kiwoom_provider.pipeline.plan import Mode, Plan

SESSIONS = 250
TIMED = """
import json, sys, time
import pandas as pd
root = sys.argv[1]
began = time.perf_counter()
one = pd.read_parquet(root, filters=[("stock_code", "==", sys.argv[2])])
stock = time.perf_counter()
whole = pd.read_parquet(root + "/session_date=2026-11-20")
print(json.dumps({"stock": stock - began, "rows": len(one), "whole": time.perf_counter() - stock, "all": len(whole)}))
"""


def run(*, quick: bool, full: bool) -> list[Figure]:  # noqa: ARG001
    """Measure for the table."""
    sessions = 25 if quick else SESSIONS
    say(f"laying out {sessions} sessions to read")
    with stored() as folder:
        plan = Plan(SESSION_DATE, Mode.REPLAY, tuple(parameter_sets({})))
        candidate = assemble(Store.open(folder.as_uri()), plan, "bench")["path"].removeprefix("file://")
        for number in range(sessions):
            place = folder / "investor_trading" / f"session_date={SESSION_DATE - timedelta(days=number)}"
            place.mkdir(parents=True)
            shutil.copy(candidate, place / "part-0.parquet")
        turns = [fresh_python("-c", TIMED, str(folder / "investor_trading"), _code(Path(candidate))) for _ in range(3)]
    best = min(turns, key=lambda turn: turn["stock"])
    how = f"pandas.read_parquet with a filter, {best['rows']:,} rows, the same file {sessions} times, in the page cache"
    return [
        Figure(f"one stock over {sessions} sessions", best["stock"], "s", "< 1", how),
        Figure("a whole session", best["whole"], "s", "", f"pandas.read_parquet, {best['all']:,} rows"),
    ]


def _code(path: Path) -> str:
    """Return a stock from the middle of the file."""
    import pyarrow.parquet as pq

    codes = pq.read_table(path, columns=["stock_code"])["stock_code"]
    return str(codes[len(codes) // 2].as_py())
