"""Reading what is published: one stock over 250 sessions and over ten years, a whole session; making a month's file."""

from __future__ import annotations

import os
from datetime import date
from typing import TYPE_CHECKING, Any

from benchmarks.figures import Figure
from benchmarks.sample import SESSION_DATE, store_sets
from kiwoom_provider.datasets.store import Store
from kiwoom_provider.krx import calendar
from kiwoom_provider.parameters import parameter_sets
from kiwoom_provider.pipeline.assemble import SessionTables
from kiwoom_provider.pipeline.plan import Mode, Plan
from lab.measure import fresh_python, say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

SESSIONS, YEARS = 250, 10
NXT_SINCE = date(2025, 3, 4)
MONTHS = """
import json, resource, sys, time
from kiwoom_provider.datasets.monthly import make_month
from kiwoom_provider.datasets.store import Store

store, taken = Store.open(sys.argv[1]), []
for month in sys.argv[2:]:
    began = time.perf_counter()
    made = make_month(store, month, "bench")
    taken.append((time.perf_counter() - began, made["rows"], made["bytes"]))
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
seconds, rows, size = max(taken, key=lambda one: one[1])
print(json.dumps({"s": seconds, "rows": rows, "mb": size / 2**20, "peak_mb": peak}))
"""
TIMED = """
import json, sys, time
from statistics import median
import pandas as pd
from kiwoom_provider.datasets.reader import read_investor_trading

root, code, first, last = sys.argv[1:5]

def timed(read):
    taken = []
    for _ in range(5):
        began = time.perf_counter()
        rows = len(read())
        taken.append(time.perf_counter() - began)
    return {"s": median(taken), "first_s": taken[0], "rows": rows}

table = root + "/investor_trading"
wanted = {
    "stock": lambda: read_investor_trading(root, first, last, stocks=code),
    "series": lambda: read_investor_trading(
        root, first, last, stocks=code, venues="KRX", investors="foreigner", columns=["net_amount"]),
    "pandas": lambda: pd.read_parquet(table, filters=[("stock_code", "==", code)]),
    "whole": lambda: read_investor_trading(root, last, last),
    "whole_pandas": lambda: pd.read_parquet(table + "/session_date=" + last),
}
print(json.dumps({name: timed(wanted[name]) for name in sys.argv[5:] or wanted}))
"""


def run(*, quick: bool) -> list[Figure]:
    """Measure for the table; ten years take a quarter of an hour to lay, ``KIWOOM_TEN_YEARS=0`` leaves them out."""
    with store_sets() as folder:
        files = {name: encode_session(folder, name) for name in ("all", "KRX")}
        days = [one.session_date for one in calendar().sessions(date(SESSION_DATE.year - YEARS, 11, 21), SESSION_DATE)]
        year = days[-25 if quick else -SESSIONS :]
        code = code_of(files["all"])
        laid = whole_months(days, year[0])
        _lay(folder, files, laid)
        span = (str(year[0]), str(year[-1]))
        daily = _best(str(folder), code, *span)
        figures = _daily(daily, len(year))
        figures += _months(folder, laid)
        figures.append(
            _stock(f"one stock over {len(year)} sessions", _best(str(folder), code, *span, "stock"), "< 0.3")
        )
        if not quick and os.environ.get("KIWOOM_TEN_YEARS", "1") != "0":
            _lay(folder, files, days)
            say(f"making the months of {YEARS} years")
            _make(folder, days)
            found = _best(str(folder), code, str(days[0]), str(days[-1]), "stock")
            figures.append(_stock(f"one stock over {YEARS} years, {len(days)} sessions", found, "< 1"))
    return figures


def whole_months(days: Sequence[date], first: date) -> list[date]:
    """Return the days from the month of ``first`` on: a range begins within a month that is stored whole."""
    return [day for day in days if day >= first.replace(day=1)]


def encode_session(folder: Path, venues: str) -> Path:
    """Return a session's published file, of all venues or of KRX alone."""
    sets = [p for p in parameter_sets({}) if venues in ("all", str(p.venue))]
    session = SessionTables.read(Store.open(folder.as_uri()), Plan.of(calendar(), SESSION_DATE, Mode.REPLAY, sets))
    kept = SessionTables(SESSION_DATE, {p: table for p, table in session.tables.items() if p in sets})
    path = folder / f"session-{venues}.parquet"
    path.write_bytes(kept.encode()[1])
    return path


def _lay(folder: Path, files: Mapping[str, Path], days: Sequence[date]) -> None:
    """Publish the same file on every day, as a hard link: of KRX alone where there was no NXT yet."""
    say(f"laying out {len(days)} sessions to read")
    for day in days:
        place = folder / "investor_trading" / f"session_date={day}" / "part-0.parquet"
        place.parent.mkdir(parents=True, exist_ok=True)
        if not place.exists():
            place.hardlink_to(files["all" if day >= NXT_SINCE else "KRX"])


def _make(folder: Path, days: Sequence[date]) -> dict[str, Any]:
    lacking = [
        month
        for month in sorted({str(day)[:7] for day in days} - {str(SESSION_DATE)[:7]})
        if not (folder / f"investor_trading_monthly/month={month}").exists()
    ]
    return fresh_python("-c", MONTHS, str(folder), *lacking)


def _months(folder: Path, days: Sequence[date]) -> list[Figure]:
    made = _make(folder, days)
    how = f"the largest of the months: {made['rows']:,} rows, {made['mb']:.0f} MB"
    return [
        Figure("a month's file made of its daily ones", made["s"], "s", "", how),
        Figure("memory of making months", made["peak_mb"], "MB", "< 500", "peak of the process"),
    ]


def _best(*arguments: str) -> dict[str, Any]:
    turns = [fresh_python("-c", TIMED, *arguments) for _ in range(3)]
    return min(turns, key=lambda turn: float(turn["stock"]["s"]))


def _stock(name: str, found: Mapping[str, Any], target: str) -> Figure:
    how = "with the months' files; median of 5 in the best of 3 processes, "
    how += f"the first time {found['stock']['first_s']:.2f} s; in the page cache"
    return _figure(name, found["stock"], target, how)


def _daily(found: Mapping[str, Any], sessions: int) -> list[Figure]:
    how = f"median of 5 in the best of 3 processes, the first time {found['stock']['first_s']:.2f} s"
    how += f"; one file {sessions} times, in the page cache"
    return [
        _figure(f"one stock over {sessions} sessions, without months' files", found["stock"], "< 1", how),
        _figure("the same, one investor's net amount at KRX", found["series"]),
        _figure("the same stock by pandas.read_parquet with a filter", found["pandas"]),
        _figure("a whole session", found["whole"]),
        _figure("the same by pandas.read_parquet", found["whole_pandas"]),
    ]


def _figure(name: str, found: Mapping[str, Any], target: str = "", how: str = "") -> Figure:
    rows = f"{found['rows']:,} rows"
    return Figure(name, found["s"], "s", target, f"read_investor_trading, {rows}; {how}" if how else rows)


def code_of(path: Path) -> str:
    """Return a stock from the middle of the file."""
    import pyarrow.parquet as pq

    codes = pq.read_table(path, columns=["stock_code"])["stock_code"]
    return str(codes[len(codes) // 2].as_py())
