"""
Twelve months of history while nights go on: the history is stopped at each settle time, and goes on after the night.

No answer is asked for twice, and every published cell of nights and history is held against the truth.

    python -m lab history beside --sessions 250 --nights 5
"""

from __future__ import annotations

import os
import time
from argparse import ArgumentParser
from contextlib import suppress
from datetime import UTC, date, timedelta
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from kiwoom_provider.datasets.store import Store
from kiwoom_provider.history.fetch_chunk import ChunkFetcher
from kiwoom_provider.krx import calendar
from kiwoom_simulator.options import Options
from kiwoom_simulator.simulator import Simulator
from lab.archive.archive import sessions_until
from lab.archive.night import Source
from lab.history.cells import compare
from lab.history.night import DatedNight
from lab.history.rebuild import RUN, keep_master, plan_of, publish

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiwoom_provider.history.history_plan import HistoryPlan
    from kiwoom_provider.krx import SessionWindow

LAST = date(2026, 11, 20)


class _SettleTime(Exception):  # noqa: N818 - it is no error
    """A session's own night goes first."""


def main(arguments: list[str]) -> int:
    """Play, compare, and print a line; 1 when a cell is wrong or a call was made twice."""
    parser = ArgumentParser("python -m lab history beside", description=__doc__.split("\n\n")[0])
    parser.add_argument("--sessions", type=int, default=250, help="of the history")
    parser.add_argument("--nights", type=int, default=5)
    asked = parser.parse_args(arguments)
    os.fsync = lambda _: None  # type: ignore[assignment]  # what is compared need not survive a power cut
    began = time.monotonic()
    # Nights and history have a token each here, and one of them must not end the other's.
    options = Options.of(stocks="KOSPI=4,KOSDAQ=3", rate=0, token_life_s=1e9, settle_at="18:10", reissue="keep")
    simulator = Simulator(options)
    sessions = sessions_until(LAST, asked.sessions + asked.nights)
    past, nights = sessions[: asked.sessions], sessions[asked.sessions :]
    with TemporaryDirectory(prefix="kiwoom-history-") as folder:
        store = Store.open(Path(folder).as_uri())
        source = Source(simulator, past[-1].window_ends_at.astimezone(UTC), 0.0)
        keep_master(store, source, past[-1].session_date)
        plan = plan_of(store, past[0].session_date, past[-1].session_date, source.now(), venues=["KRX"])
        calls = sum(_until_a_night(store, simulator, plan, night) for night in nights)
        calls += _fetch(store, source, plan, lambda: None)
        done = publish(store, source, plan, source.now())
        days = [*done.published, *(night.session_date for night in nights)]
        found = [compare(simulator.world, store, day) for day in days]
    wrong, cells = sum(one[0] for one in found), sum(one[1] for one in found)
    took_s = time.monotonic() - began
    for day, why in done.withheld.items():
        print(f"{day}: {why[:300]}")
    print(f"{len(done.published)} sessions rebuilt beside {len(nights)} nights, {calls} of {plan.calls} calls planned")
    print(f"{wrong} of {cells:,} cells wrong, {len(done.withheld)} sessions not published, {took_s:.0f} s")
    return int(bool(wrong or done.withheld) or calls != plan.calls)


def _until_a_night(store: Store, simulator: Simulator, plan: HistoryPlan, night: SessionWindow) -> int:
    """Fetch a few stocks until the settle time comes, then let the night run; return the calls of the history."""
    source = Source(simulator, night.settles_at.astimezone(UTC) - timedelta(minutes=5), 0.0)
    before, stocks = source.calls, count(1)

    def settle() -> None:
        if next(stocks) > 2 + night.session_date.day % 3:
            raise _SettleTime

    with suppress(_SettleTime):
        _fetch(store, source, plan, settle)
    DatedNight(store, night, calendar().previous(night.session_date)).lay(simulator)
    return source.calls - before


def _fetch(store: Store, source: Source, plan: HistoryPlan, may_go_on: Callable[[], None]) -> int:
    fetcher = ChunkFetcher(store, source, RUN, source.now, lambda: None, may_go_on)
    return sum(fetcher.fetch(chunk).calls for chunk in plan.chunks)
