"""
A year of healthy nights by the real pipeline, without Airflow and HTTP: nothing is withheld, no cell is wrong.

Each night brings what a real one may: the simulator's own share (listings and delistings, renamed stocks and series,
NXT's reselections and cuts, splits, suspensions, closes beyond the limit, odd signs, counters that ran over), and late
venues, revisions, witnesses that are away and open questions of the API the other way. With
``--universe FILE`` the sessions, stocks, prices and volumes are those of the file.

    python -m lab year --sessions 245 --stocks 400
"""

from __future__ import annotations

import json
import os
import time
from argparse import ArgumentParser
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from kiwoom_provider.datasets import layout
from kiwoom_provider.datasets.store import Store
from kiwoom_provider.krx import KST, calendar
from kiwoom_provider.quality.results import Status
from kiwoom_simulator import given, ka10059
from kiwoom_simulator.options import Options
from kiwoom_simulator.simulator import Simulator
from lab.archive.archive import sessions_until
from lab.year.cells import wrong_cells
from lab.year.happenings import DATED_ROWS, bring, oddities_of, share_of
from lab.year.night import PlayedNight

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from kiwoom_provider.krx import SessionWindow

BLOCK = 12
"""Nights that one process plays in a row; each block begins with the night before it."""


@dataclass(frozen=True)
class Night:
    """
    What became of a night, with what it brought.

    :param published_at: KST; "" when nothing was.
    :param withheld: why nothing was published, or which venues were left out.
    :param warnings: rules that warned, each with its worst case in words.
    """

    day: date
    brought: tuple[str, ...]
    published_at: str = ""
    cells: int = 0
    wrong: int = 0
    withheld: str = ""
    warnings: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        end = f"WITHHELD: {self.withheld}" if self.withheld else f"{self.wrong} of {self.cells:,} cells wrong"
        return f"{self.day}  {end}  [{', '.join(self.brought)}]"


@dataclass(frozen=True)
class Year:
    """
    What to play.

    :param options: of the simulator, as texts.
    :param oddities: what makes no figure wrong for good, by day.
    """

    sessions: tuple[SessionWindow, ...]
    options: tuple[tuple[str, object], ...]
    oddities: Mapping[date, list[str]]

    def play(self, processes: int) -> Iterator[Night]:
        """Play the nights in blocks, and yield them in order."""
        starts = range(0, len(self.sessions), BLOCK)
        with ProcessPoolExecutor(min(processes, len(starts))) as pool:
            for nights in pool.map(self._block, starts):
                yield from nights

    def _block(self, start: int) -> list[Night]:
        ka10059.PAGE_ROWS = DATED_ROWS
        os.fsync = lambda _: None  # type: ignore[assignment]  # what is played for its verdicts need not survive a power cut
        with TemporaryDirectory(prefix="year-") as folder:
            store = Store.open(Path(folder).as_uri())
            places = range(max(0, start - 1), min(start + BLOCK, len(self.sessions)))
            nights = [self._night(store, self.sessions[place]) for place in places]
        return nights[start > 0 :]

    def _night(self, store: Store, window: SessionWindow) -> Night:
        day, simulator = window.session_date, _simulator(self.options)
        oddities = self.oddities.get(day, ())
        bring(simulator, oddities)
        night = PlayedNight(store, window, before := calendar().previous(day), simulator)
        published_at = night.play()
        given = simulator.world.given is not None
        share = {} if given else share_of(simulator.world, before.session_date, day)
        return _verdict(night, published_at, (*(f"{count} {what}" for what, count in share.items()), *oddities))


def _verdict(night: PlayedNight, published_at: datetime | None, brought: tuple[str, ...]) -> Night:
    day, report = night.session.session_date, night.report
    found = [result for result in report.results if result.status is Status.WARN] if report else []
    warnings = tuple((result.id, str(result.sentence())) for result in found)
    if published_at is None:
        return Night(day, brought, withheld=night.failures[-1], warnings=warnings)
    left_out = ", ".join(report.withheld) if report else ""
    wrong, cells = wrong_cells(night.simulator.world, night.store.read(layout.published_key(day)), day)
    return Night(day, brought, f"{published_at.astimezone(KST):%H:%M}", cells, wrong, left_out, warnings)


@cache
def _simulator(options: tuple[tuple[str, object], ...]) -> Simulator:
    return Simulator(Options.of(rate=0, token_life_s=10 * 365 * 86_400.0, **dict(options)))


def main(arguments: list[str]) -> int:
    """Play the year that the command line asks for; return 1 when a night is withheld or a cell is wrong."""
    parser = ArgumentParser("python -m lab year", description=__doc__.split("\n\n")[0])
    parser.add_argument("--sessions", type=int, default=245)
    parser.add_argument("--until", type=date.fromisoformat, help="the last session (default: the newest that is over)")
    parser.add_argument("--stocks", type=int, default=400, help="in each market; 0: the real size (default: 400)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--universe", help="Parquet or CSV: play its sessions, see the simulator")
    parser.add_argument("--assume", action="append", default=[], help="an assumption of the simulator, NAME=VALUE")
    parser.add_argument("--quiet", action="store_true", help="nothing but the simulator's own share of a year")
    parser.add_argument("--results", type=Path, help="a file that takes each night as a line of JSON")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    asked = parser.parse_args(arguments)
    options: dict[str, object] = {"seed": asked.seed, "assume": tuple(asked.assume)}
    if asked.universe:
        options["universe"] = asked.universe
    elif asked.stocks:
        options["stocks"] = f"KOSPI={asked.stocks},KOSDAQ={asked.stocks}"
    began = time.monotonic()
    sessions = _sessions(asked.universe, asked.until, asked.sessions)
    days = [] if asked.quiet or asked.universe else [session.session_date for session in sessions]
    year = Year(sessions, tuple(options.items()), oddities_of(days, asked.seed))
    nights = list(_print_each(year.play(asked.processes), asked.results))
    return _sum_up(nights, time.monotonic() - began)


def _sessions(universe: str | None, until: date | None, count: int) -> tuple[SessionWindow, ...]:
    if not universe:
        return tuple(sessions_until(until, count))
    return tuple(calendar().session(day) for day in given.read(universe).sessions.only[:count])


def _print_each(nights: Iterator[Night], results: Path | None) -> Iterator[Night]:
    for night in nights:
        if night.withheld or night.wrong:
            print(night, flush=True)
        if results:
            with results.open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(night), default=str, ensure_ascii=False) + "\n")
        yield night


def _sum_up(nights: list[Night], took_s: float) -> int:
    withheld = [night for night in nights if night.withheld]
    wrong, cells = sum(night.wrong for night in nights), sum(night.cells for night in nights)
    warnings = Counter(rule for night in nights for rule, _ in night.warnings)
    print(f"{len(nights)} nights in {took_s:.0f} s: {len(withheld)} withheld, {wrong} of {cells:,} cells wrong")
    share: Counter[str] = Counter()
    for number, _, what in (text.partition(" ") for night in nights for text in night.brought):
        share[what] += int(number) if number.isdecimal() else 0
    print(f"  brought: {', '.join(f'{count:,} {what}' for what, count in (+share).most_common())}")
    for rule, count in warnings.most_common():
        print(f"  warned on {count:3} nights: {rule}")
    for night in nights:
        for _, sentence in night.warnings:
            print(f"  {night.day} {sentence}  [{', '.join(night.brought)}]")
    return 1 if withheld or wrong else 0
