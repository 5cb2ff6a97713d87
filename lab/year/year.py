"""
A year of healthy nights by the real pipeline, without Airflow and HTTP: nothing is withheld, no cell is wrong.

Each night brings what a real one may: listings and delistings, renamed stocks and series, NXT's reselections,
splits, suspensions, closes beyond the limit, odd signs, counters that ran over, witnesses that are away. With
``--universe FILE`` the sessions, stocks, prices and volumes are those of the file.

    python -m lab year --sessions 245 --stocks 400
"""

from __future__ import annotations

import os
import time
from argparse import ArgumentParser
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from kiwoom_provider.datasets import layout
from kiwoom_provider.datasets.store import Store
from kiwoom_provider.krx import calendar
from kiwoom_provider.proof.documents import ProofSetting
from kiwoom_provider.quality.results import Status
from kiwoom_simulator import given
from kiwoom_simulator.events import Event
from kiwoom_simulator.faults import Fault
from kiwoom_simulator.options import Options
from kiwoom_simulator.simulator import Simulator
from lab.archive.archive import sessions_until
from lab.archive.night import ArchivedNight
from lab.year.cells import wrong_cells
from lab.year.happenings import events_of, oddities_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kiwoom_provider.krx import SessionWindow
    from kiwoom_provider.quality.results import AuditReport

BLOCK = 12
"""Nights that one process plays in a row; each block begins with the night before it."""


class HealthyNight(ArchivedNight):
    """A night whose session is proved by the dated rows and the sessions before, as by default."""

    @property
    def proof(self) -> ProofSetting:
        """Both ways."""
        return ProofSetting.BOTH

    def _warnings(self) -> list[str]:
        return []


@dataclass(frozen=True)
class Night:
    """What became of a night, with what it brought."""

    day: date
    brought: tuple[str, ...]
    cells: int = 0
    wrong: int = 0
    withheld: str = ""
    warnings: tuple[str, ...] = ()

    def __str__(self) -> str:
        end = f"WITHHELD: {self.withheld}" if self.withheld else f"{self.wrong} of {self.cells:,} cells wrong"
        return f"{self.day}  {end}  [{', '.join(self.brought)}]"


@dataclass(frozen=True)
class Year:
    """
    What to play.

    :param options: of the simulator, as texts.
    :param events: of the market, with their days, by day.
    :param oddities: faults that make no figure wrong, by day.
    """

    sessions: tuple[SessionWindow, ...]
    options: tuple[tuple[str, object], ...]
    events: Mapping[date, list[str]]
    oddities: Mapping[date, list[str]]

    def play(self, processes: int) -> Iterator[Night]:
        """Play the nights in blocks, and yield them in order."""
        starts = range(0, len(self.sessions), BLOCK)
        with ProcessPoolExecutor(min(processes, len(starts))) as pool:
            for nights in pool.map(self._block, starts):
                yield from nights

    def _block(self, start: int) -> list[Night]:
        os.fsync = lambda _: None  # type: ignore[assignment]  # what is played for its verdicts need not survive a power cut
        with TemporaryDirectory(prefix="year-") as folder:
            store = Store.open(Path(folder).as_uri())
            places = range(max(0, start - 1), min(start + BLOCK, len(self.sessions)))
            nights = [self._night(store, self.sessions[place]) for place in places]
        return nights[start > 0 :]

    def _night(self, store: Store, window: SessionWindow) -> Night:
        day, simulator = window.session_date, _simulator(self.options)
        told = tuple(Event.parse(text) for of, texts in self.events.items() if of <= day for text in texts)
        simulator.world = replace(simulator.world, events=told)
        faults = [Fault.parse(text) for text in self.oddities.get(day, [])]
        report = HealthyNight(store, window, calendar().previous(day)).lay(simulator, faults)
        brought = (*self.events.get(day, []), *self.oddities.get(day, []))
        return _verdict(simulator, store, day, report, brought)


def _verdict(
    simulator: Simulator, store: Store, day: date, report: AuditReport | None, brought: tuple[str, ...]
) -> Night:
    warnings = tuple(result.id for result in report.results if result.status is Status.WARN) if report else ()
    key = layout.published_key(day)
    if not store.exists(key):
        return Night(day, brought, withheld=report.message() if report else "no report", warnings=warnings)
    wrong, cells = wrong_cells(simulator.world, store.read(key), day)
    return Night(day, brought, cells, wrong, warnings=warnings)


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
    parser.add_argument("--quiet", action="store_true", help="nights on which nothing happens")
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
    year = Year(sessions, tuple(options.items()), events_of(days, asked.seed), oddities_of(days, asked.seed))
    nights = list(_told(year.play(asked.processes)))
    return _summed(nights, time.monotonic() - began)


def _sessions(universe: str | None, until: date | None, count: int) -> tuple[SessionWindow, ...]:
    if not universe:
        return tuple(sessions_until(until, count))
    return tuple(calendar().session(day) for day in given.read(universe).sessions.only[:count])


def _told(nights: Iterator[Night]) -> Iterator[Night]:
    for night in nights:
        if night.withheld or night.wrong:
            print(night, flush=True)
        yield night


def _summed(nights: list[Night], took_s: float) -> int:
    withheld = [night for night in nights if night.withheld]
    wrong, cells = sum(night.wrong for night in nights), sum(night.cells for night in nights)
    warnings = Counter(warning for night in nights for warning in night.warnings)
    print(f"{len(nights)} nights in {took_s:.0f} s: {len(withheld)} withheld, {wrong} of {cells:,} cells wrong")
    for rule, count in warnings.most_common():
        print(f"  warned on {count:3} nights: {rule}")
    return 1 if withheld or wrong else 0
