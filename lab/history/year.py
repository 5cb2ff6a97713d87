"""
The same sessions collected by nights and rebuilt from ka10059: every cell compared.

A small market has few events of its own, so more are told: listings and delistings, renamed, moved, suspended and
split stocks, changes of NXT's list.
Ends with 1 when a cell differs that the documentation of the history does not name.

    python -m lab history year --sessions 60 --stocks 20
"""

from __future__ import annotations

import os
import time
from argparse import ArgumentParser, Namespace
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from kiwoom_provider.datasets import layout
from kiwoom_provider.datasets.parquet import read_table
from kiwoom_provider.datasets.store import Store
from kiwoom_provider.krx import calendar
from kiwoom_provider.parameters import Venue, parameter_sets
from kiwoom_simulator.events import Event
from kiwoom_simulator.options import Options
from kiwoom_simulator.simulator import Simulator
from lab.archive.archive import sessions_until
from lab.archive.night import ArchivedNight, Source
from lab.history.rebuild import fetch, keep_master, plan_of, publish

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from kiwoom_provider.krx import SessionWindow

LAST = date(2026, 11, 20)
KEYS = ["market", "venue", "stock_code", "investor"]
EVERY = 5
EVENTS = tuple(
    f"{kind}@{{day}}"
    for kind in ("rename=2", "list", "delist", "nxt=1/2", "move", "split=2", "suspend", "beyond-limit")
)
"""One of these is told on every fifth session, in turn."""

OF_THE_RUN = ["source", "published_at"]
"""Columns that say who brought a row, and when."""


def main(arguments: list[str]) -> int:
    """Play, compare, print a table."""
    parser = ArgumentParser("python -m lab history year", description=__doc__.split("\n\n")[0])
    parser.add_argument("--sessions", type=int, default=60)
    parser.add_argument("--stocks", type=int, default=20, help="in each market")
    parser.add_argument("--venues", nargs="+", choices=list(map(str, Venue)), default=list(map(str, Venue)))
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(arguments)
    os.fsync = lambda _: None  # type: ignore[assignment]  # what is compared need not survive a power cut
    began = time.monotonic()
    with TemporaryDirectory(prefix="kiwoom-history-") as folder:
        nights, rebuilt = (Store.open((Path(folder) / name).as_uri()) for name in ("nights", "rebuilt"))
        counted, calls = _play(nights, rebuilt, asked)
    print("| what | count |\n| --- | ---: |")
    for name, count in counted.most_common():
        print(f"| {name} | {count:,} |")
    unexplained = sum(count for name, count in counted.items() if name.startswith("**"))
    took_s = time.monotonic() - began
    print(f"\n{asked.sessions} sessions, {calls:,} calls, {unexplained} unexplained, {took_s:.0f} s")
    return int(bool(unexplained) or not counted["cells equal"])


def _play(nights: Store, rebuilt: Store, asked: Namespace) -> tuple[Counter[str], int]:
    sessions, stocks, seed = sessions_until(LAST, asked.sessions), asked.stocks, asked.seed
    sets = tuple(parameter_sets({"venues": asked.venues}))
    days = [session.session_date for session in sessions]
    sizes = f"KOSPI={stocks},KOSDAQ={stocks}"
    simulator = Simulator(Options.of(seed=seed, stocks=sizes, rate=0, token_life_s=1e9, settle_at="18:10"))
    counted: Counter[str] = Counter()
    for number, session in enumerate(sessions):
        if number % EVERY == 0:
            text = EVENTS[number // EVERY % len(EVENTS)].format(day=session.session_date)
            simulator.world = replace(simulator.world, events=(*simulator.world.events, Event.parse(text)))
        night = ArchivedNight(nights, session, calendar().previous(session.session_date), sets=sets)
        report = night.lay(simulator)
        counted.update(f"**nights not published: {result.id}**" for result in (report.blocking if report else ()))
    moment = sessions[-1].settles_at.astimezone(UTC) + timedelta(hours=4)
    source = Source(simulator, moment, 0.0)
    keep_master(rebuilt, source, days[-1])
    plan = plan_of(rebuilt, days[0], days[-1], moment, venues=asked.venues)
    calls = fetch(rebuilt, source, plan, moment)
    done = publish(rebuilt, source, plan, moment)
    counted.update({f"rows refused: {law}": times for law, times in done.refused.items()})
    counted.update({f"**not published: {why.splitlines()[0]}**": 1 for why in done.withheld.values()})
    return counted + _compare(nights, rebuilt, sessions), calls


def _compare(nights: Store, rebuilt: Store, sessions: Sequence[SessionWindow]) -> Counter[str]:
    counted: Counter[str] = Counter()
    newest = _rows(nights, max(layout.published_sessions(nights)))
    listed = set(zip(newest["market"], newest["venue"], newest["stock_code"], strict=True))
    codes = set(newest["stock_code"])
    for session in sessions:
        key = layout.published_key(session.session_date)
        if not nights.exists(key) or not rebuilt.exists(key):
            counted["**sessions of one side alone**"] += 1
            continue
        swept, later = (_rows(store, session.session_date).set_index(KEYS) for store in (nights, rebuilt))
        counted["sessions compared"] += 1
        for place in swept.index.difference(later.index):
            counted[_absent(place, listed, codes)] += 1
        for place in later.index.difference(swept.index):
            counted[_explain_added(place, swept)] += 1
        both = swept.index.intersection(later.index)
        counted += _cells(swept.loc[both], later.loc[both])
    return counted


def _cells(swept: pd.DataFrame, later: pd.DataFrame) -> Counter[str]:
    counted: Counter[str] = Counter()
    for name in (column for column in swept.columns if column not in OF_THE_RUN):
        one, other = swept[name], later[name]
        same = (one == other).fillna(value=False) | (one.isna() & other.isna())
        counted["cells equal"] += int(same.sum())
        blank = ~same & one.isna() & (other == 0).fillna(value=False) if name != "stock_name" else ~same & False
        counted["cells that the night left blank and ka10059 has as 0"] += int(blank.sum())
        over = ~same & ~blank & one.isna() & (name == "volume")
        counted["volumes whose counter ran over on the night"] += int(over.sum())
        differ = int((~same & ~blank & ~over).sum())
        if name == "stock_name":
            counted["names of stocks renamed since"] += differ
        elif differ:
            counted[f"**cells that differ: {name}**"] += differ
    return +counted


def _absent(place: tuple[str, str, str, str], listed: set[tuple[str, str, str]], codes: set[str]) -> str:
    """Say why the rebuilt session lacks a row of the night."""
    market, venue, code, _ = place
    if code not in codes:
        return "rows of stocks delisted since"
    if (market, venue, code) not in listed:
        return "rows of stocks that have left the market, or NXT, since"
    return f"**rows of {code} of {market} at {venue} that lack for no reason that is named**"


def _explain_added(place: tuple[str, ...], swept: pd.DataFrame) -> str:
    """Say why the rebuilt session has a row that the night has not."""
    market, venue, code, _ = place
    markets = set(swept.index.get_level_values("market")[swept.index.get_level_values("stock_code") == code])
    if markets and market not in markets:
        return "rows under the market that the stock has moved to since"
    if venue == "NXT" and markets:
        return "rows at NXT of stocks that ka10066 did not list there"
    return "**rows that the night had not**"


def _rows(store: Store, day: date) -> pd.DataFrame:
    import pandas as pd
    import pyarrow as pa

    table = read_table(store.read(layout.published_key(day)))
    frame: pd.DataFrame = table.to_pandas(types_mapper=lambda kind: pd.Int64Dtype() if kind == pa.int64() else None)
    return frame
