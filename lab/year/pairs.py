"""
What a real night may bring, each alone and in pairs, through every stage: published right, or withheld and why.

    python -m lab pairs --stocks 120
"""

from __future__ import annotations

import logging
import os
import shutil
from argparse import ArgumentParser
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from kiwoom_provider.datasets import layout
from kiwoom_provider.datasets.store import Store
from kiwoom_provider.krx import KST, calendar
from kiwoom_provider.parameters import parameter_sets
from kiwoom_provider.quality.results import Status
from kiwoom_simulator import ka10059
from kiwoom_simulator.events import Event
from kiwoom_simulator.options import Options
from kiwoom_simulator.simulator import Simulator
from lab.year.cells import wrong_cells
from lab.year.happenings import DATED_ROWS, SETTLE, bring
from lab.year.night import PlayedNight

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kiwoom_provider.krx import SessionWindow

BEFORE, DAY = date(2026, 11, 18), date(2026, 11, 19)
SETS = tuple(parameter_sets({"markets": ["KOSPI"]}))
DAWN = "16:00/29:07"
"""07 past five: the figures come while the hosts are maintained."""


@dataclass(frozen=True)
class Case:
    """
    Something that a night may bring.

    :param brings: events of the market without their day, and oddities, see :mod:`lab.year.happenings`.
    """

    number: int
    text: str
    brings: tuple[str, ...]


CASES = (
    Case(1, "NXT takes a fifth of its list out, and the securities master cannot be had",
         ("event nxt=3/11:market=KOSPI", "http=503@ka10099")),
    Case(2, "an issuer renames its whole series of ETNs", ("event etn-rename=새롬",)),
    Case(3, "`pre_sig` 0 in a few rows", ("pre-sig=0@ka10066",)),
    Case(4, "ka10059 does not know ETNs: a row of blanks", ("dated_etn=unknown", "unknown_code=blank")),
    Case(5, "sells come with a minus sign", ("sells=negative", "dated_sells=negative")),
    Case(6, "numbers are padded with spaces", ("numbers=padded",)),
    Case(7, "amounts are cut instead of rounded", ("rounding=cut",)),
    Case(8, "blank fields of stocks that do not trade", ("event suspend=3", "untraded=blank")),
    Case(9, "NXT settles stock by stock until 22:30", ("unsettled-stocks=20:30-22:30/missing@ka10066:venue=NXT",)),
    Case(10, "figures are revised in the middle of the sweep", ("settle 16:00/20:50/21:11",)),
    Case(11, "nothing settles until the hosts are maintained, 05:05 to 05:10", (f"settle {DAWN}",)),
    Case(12, "counters that ran over", ("saturated=trde_qty@ka10066",)),
    Case(13, "splits, and closes 60 % above the base price", ("event split=2", "event beyond-limit=1")),
)  # fmt: skip
CONTRADICTIONS = (
    Case(14, "a set of sells with both signs", ("mixed-signs@ka10066:side=sell,venue=KRX",)),
    Case(15, "price 0 in every row of every set", ("zero-prices@ka10066",)),
    Case(16, "a page of zeros in every set", ("zero-flows@ka10066:page=1",)),
    Case(17, "an investor's counter that ran over", ("saturated=ind_invsr@ka10066:venue=KRX",)),
    Case(18, "the last page missing from every set of a market", ("cut-short@ka10066:page=1",)),
)
"""What no healthy night brings: withheld, with the reason."""


@dataclass(frozen=True)
class Outcome:
    """What became of a night: when it was published (KST), or why it was not."""

    cases: tuple[Case, ...]
    published_at: str
    wrong: int
    cells: int
    reason: str
    warned: tuple[str, ...]

    @property
    def row(self) -> str:
        """The night as a row of the table."""
        names = " + ".join(str(case.number) for case in self.cases)
        if not self.published_at:
            return f"| {names} | withheld | | {self.reason} |"
        warned = ", ".join(f"`{rule}`" for rule in self.warned) or "–"
        return f"| {names} | published {self.published_at} | {self.wrong} of {self.cells:,} | {warned} |"


class Stage:
    """A simulator, and a data root in which the session before is published."""

    def __init__(self, folder: Path, stocks: int) -> None:
        options = {"seed": 1, "rate": 0, "token_life_s": 10 * 365 * 86_400.0}
        self.simulator = Simulator(Options.of(stocks=f"KOSPI={stocks},KOSDAQ={stocks}", **options))
        self.folder = folder
        bring(self.simulator, ())
        if PlayedNight(self._store("before"), *_windows(BEFORE), self.simulator, SETS).play() is None:
            raise RuntimeError("the session before was not published")

    def play(self, cases: Sequence[Case]) -> Outcome:
        """Play a night that brings these cases."""
        shutil.copytree(self.folder / "before", self.folder / "night")
        store = self._store("night")
        brings = [text for case in cases for text in case.brings]
        if {10, 11} <= {case.number for case in cases}:
            brings = [f"settle {DAWN}/29:12" if text.startswith(SETTLE) else text for text in brings]
        events = [text.removeprefix("event ").partition(":") for text in brings if text.startswith("event ")]
        bring(self.simulator, [text for text in brings if not text.startswith("event ")])
        told = tuple(Event.parse(f"{kind}@{DAY}{colon}{where}") for kind, colon, where in events)
        self.simulator.world = replace(self.simulator.world, events=told)
        night = PlayedNight(
            store,
            *_windows(DAY),
            self.simulator,
            SETS,
            call_s=1.0,
            look_every=timedelta(minutes=20),
            longest_pause=timedelta(hours=2),
        )
        try:
            return _outcome(night, tuple(cases))
        finally:
            shutil.rmtree(self.folder / "night")

    def _store(self, name: str) -> Store:
        return Store.open((self.folder / name).as_uri())


def _windows(day: date) -> tuple[SessionWindow, SessionWindow]:
    return calendar().session(day), calendar().previous(day)


def _outcome(night: PlayedNight, cases: tuple[Case, ...]) -> Outcome:
    published_at, report = night.play(), night.report
    warned = tuple(result.id for result in report.results if result.status is Status.WARN) if report else ()
    if published_at is None or (report and report.withheld):
        blocking = ", ".join(f"`{result.id}`" for result in report.blocking) if report else ""
        return Outcome(cases, "", 0, 0, blocking or " ".join(night.failures[-1].split())[:200], warned)
    data = night.store.read(layout.published_key(DAY))
    wrong, cells = wrong_cells(night.simulator.world, data, DAY)
    return Outcome(cases, f"{published_at.astimezone(KST):%H:%M}", wrong, cells, "", warned)


def main(arguments: list[str]) -> int:
    """Play all, and print a table; return 1 when a healthy night is withheld, another is not, or a cell is wrong."""
    parser = ArgumentParser("python -m lab pairs", description=__doc__.split("\n\n")[0])
    parser.add_argument("--stocks", type=int, default=120, help="in each market")
    parser.add_argument("--only", type=int, nargs="+", help="numbers of cases")
    asked = parser.parse_args(arguments)
    logging.disable()
    ka10059.PAGE_ROWS = DATED_ROWS
    os.fsync = lambda _: None  # type: ignore[assignment]  # what is played for its verdicts need not survive a power cut
    with TemporaryDirectory(prefix="pairs-") as folder:
        outcomes = list(_told(Stage(Path(folder), asked.stocks), _nights(asked.only)))
    healthy = [outcome for outcome in outcomes if outcome.cases[0] in CASES]
    withheld = [outcome for outcome in healthy if not outcome.published_at]
    let_through = [outcome for outcome in outcomes if outcome.published_at and outcome not in healthy]
    wrong, cells = sum(outcome.wrong for outcome in outcomes), sum(outcome.cells for outcome in outcomes)
    print(f"\n{len(healthy)} healthy nights, {len(withheld)} withheld; {wrong} of {cells:,} published cells wrong; "
          f"{len(outcomes) - len(healthy)} others, {len(let_through)} published")  # fmt: skip
    return int(bool(withheld or let_through or wrong))


def _nights(only: Sequence[int] | None) -> Iterator[tuple[Case, ...]]:
    cases = [case for case in (*CASES, *CONTRADICTIONS) if only is None or case.number in only]
    yield from ((case,) for case in cases)
    yield from combinations([case for case in cases if case in CASES], 2)


def _told(stage: Stage, nights: Iterator[tuple[Case, ...]]) -> Iterator[Outcome]:
    print("| brings | outcome | wrong cells | warned, or withheld by |\n| --- | --- | --- | --- |")
    for cases in nights:
        outcome = stage.play(cases)
        print(outcome.row, flush=True)
        yield outcome
