"""A night that brings what it is told, played on copies of one data root, and what became of it."""

from __future__ import annotations

import logging
import os
import shutil
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from kiwoom_provider.datasets import layout
from kiwoom_provider.datasets.store import Store
from kiwoom_provider.krx import KST, calendar
from kiwoom_provider.quality.results import Status
from kiwoom_simulator import ka10059
from kiwoom_simulator.events import Event
from kiwoom_simulator.options import Options
from kiwoom_simulator.simulator import Simulator
from lab.year.cells import wrong_cells
from lab.year.happenings import DATED_ROWS, bring
from lab.year.night import PlayedNight

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from kiwoom_provider.krx import SessionWindow
    from kiwoom_provider.parameters import ParameterSet

EARLIER, BEFORE, DAY = date(2026, 11, 17), date(2026, 11, 18), date(2026, 11, 19)
EVENT, NIGHT = "event ", "night"


class Stored(StrEnum):
    """What is stored when a night begins."""

    BEFORE = "the session before"
    NOTHING = "nothing"
    EARLIER = "an earlier session"
    DAMAGED = "the session before, damaged"


@dataclass(frozen=True)
class Outcome:
    """
    What became of a night.

    :param published_at: KST; "" when nothing was.
    :param left_out: venues that were not published with it.
    :param error: the name of the last error that it met. :param reason: rules that block, or what that error says.
    """

    published_at: str = ""
    wrong: int = 0
    cells: int = 0
    left_out: tuple[str, ...] = ()
    error: str = ""
    reason: str = ""
    warned: tuple[str, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether all that was swept is published."""
        return bool(self.published_at) and not self.left_out


class Stage:
    """
    A simulator, and data roots to begin a night with.

    :param stocks: in each market. :param stored: the roots that nights will ask for.
    :param assume: assumptions that hold on every day, as ``NAME=VALUE``.
    :param look_every: how often settlement is looked for. :param longest_pause: before a task is tried again.
    """

    def __init__(
        self,
        folder: Path,
        stocks: int,
        sets: tuple[ParameterSet, ...],
        stored: Sequence[Stored] = (Stored.BEFORE,),
        *,
        assume: Sequence[str] = (),
        look_every: timedelta = timedelta(minutes=20),
        longest_pause: timedelta = timedelta(hours=2),
    ) -> None:
        options = {"seed": 1, "rate": 0, "token_life_s": 10 * 365 * 86_400.0, "assume": tuple(assume)}
        self.simulator = Simulator(Options.of(stocks=f"KOSPI={stocks},KOSDAQ={stocks}", **options))
        self.folder, self.sets, self.look_every, self.longest_pause = folder, sets, look_every, longest_pause
        for one in stored:
            self._prepare(one)

    def play(self, brings: Sequence[str], stored: Stored = Stored.BEFORE) -> Outcome:
        """Play a night, see :meth:`begin`, and leave nothing of it."""
        try:
            return outcome_of(self.begin(brings, stored))
        finally:
            shutil.rmtree(self.folder / NIGHT)

    def begin(self, brings: Sequence[str], stored: Stored = Stored.BEFORE) -> PlayedNight:
        """
        Return a night that is to be played, on a copy of what is stored.

        :param brings: events of the market without their day, and oddities, see :mod:`lab.year.happenings`.
        """
        shutil.copytree(self.folder / stored.name, self.folder / NIGHT)
        events = [text.removeprefix(EVENT).partition(":") for text in brings if text.startswith(EVENT)]
        bring(self.simulator, [text for text in brings if not text.startswith(EVENT)])
        told = tuple(Event.parse(f"{kind}@{DAY}{colon}{where}") for kind, colon, where in events)
        self.simulator.world = replace(self.simulator.world, events=told)
        return PlayedNight(
            self._store(NIGHT),
            *_windows(DAY),
            self.simulator,
            self.sets,
            call_s=1.0,
            look_every=self.look_every,
            longest_pause=self.longest_pause,
        )

    def _prepare(self, stored: Stored) -> None:
        (self.folder / stored.name).mkdir()
        if stored is Stored.NOTHING:
            return
        bring(self.simulator, ())
        store, day = self._store(stored.name), EARLIER if stored is Stored.EARLIER else BEFORE
        if PlayedNight(store, *_windows(day), self.simulator, self.sets).play() is None:
            raise RuntimeError(f"{day} was not published")
        if stored is Stored.DAMAGED:
            key = layout.published_key(day)
            store.write(key, store.read(key)[:-100])

    def _store(self, name: str) -> Store:
        return Store.open((self.folder / name).as_uri())


def hurry() -> None:
    """Spare what verdicts do not need: log lines, most of the dated rows, and what survives a power cut."""
    logging.disable()
    ka10059.PAGE_ROWS = DATED_ROWS
    os.fsync = lambda _: None  # type: ignore[assignment]


def _windows(day: date) -> tuple[SessionWindow, SessionWindow]:
    return calendar().session(day), calendar().previous(day)


def outcome_of(night: PlayedNight) -> Outcome:
    """Play a night, and return what became of it: every published cell is compared with the simulator's truth."""
    published_at, report = night.play(), night.report
    warned = tuple(result.id for result in report.results if result.status is Status.WARN) if report else ()
    error, _, words = night.failures[-1].partition(": ") if night.failures else ("", "", "")
    blocking = ", ".join(f"`{result.id}`" for result in report.blocking) if report else ""
    reason = blocking or " ".join(words.split())[:200]
    if published_at is None:
        return Outcome(error=error, reason=reason, warned=warned)
    data = night.store.read(layout.published_key(DAY))
    wrong, cells = wrong_cells(night.simulator.world, data, DAY)
    left_out = tuple(report.withheld) if report else ()
    return Outcome(f"{published_at.astimezone(KST):%H:%M}", wrong, cells, left_out, error, reason, warned)
