"""Plays cells of the matrix: one worker process, one simulator and one data root for each."""

from __future__ import annotations

import os
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kiwoom_provider.datasets.store import Store
from kiwoom_simulator.server import serve
from lab.faults.matrix import PLACES, Cell
from lab.faults.night import MONDAY, SIDES, STOCKS, TroubledNight, stage
from lab.faults.proxy import Proxy
from lab.faults.replay import replay
from lab.faults.verdict import Judge, Verdict, answers, content, evidence, read_published

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lab.nights.stage import Worker


@dataclass(frozen=True)
class MatrixNights:
    """
    What all nights share.

    :param monday: a data root in which the session before is published.
    """

    worker: Worker
    folder: Path
    monday: Path
    judge: Judge

    def play(self, cell: Cell) -> Verdict:
        """Play one cell in a folder of its own."""
        started, verdict = time.monotonic(), Verdict(cell)
        with _night(self.worker, self._folder(), self.monday, cell) as night:
            outcome = night.tonight()
            self.judge.judge(verdict, night, outcome)
            try:
                self._again(verdict, night)
            except Exception as error:  # noqa: BLE001 - one night must not end the matrix
                verdict.why.append(f"{type(error).__name__}: {error}")
        if verdict.why:
            verdict.end = "wrong"
        verdict.seconds = time.monotonic() - started
        return verdict

    def _again(self, verdict: Verdict, night: TroubledNight) -> None:
        before, data = answers(night.store), read_published(night.store)
        night.quiet()
        if data is None:
            again = night.later()
            verdict.must(again.state == "success", f"without the fault: {again.failed_task} {again.errors[-300:]}")
        else:
            replay(night.store)
            verdict.must(read_published(night.store) == data, "a replay gives other bytes")
        self.judge.judge_again(verdict, night, before)

    def _folder(self) -> Path:
        made = self.folder / f"night-{sum(1 for _ in self.folder.iterdir())}"
        made.mkdir()
        return made


def matrix_nights(worker: Worker, folder: Path) -> MatrixNights:
    """Collect Monday, then Tuesday without a fault: what every other Tuesday is held against."""
    for name in ("empty", "monday", "calm", "nights"):
        (folder / name).mkdir(parents=True)
    with serve(rate=0, stocks=STOCKS, settle_at="18:10") as running:
        night = stage(worker, folder / "monday", folder / "empty", running)
        assert night.at(f"{MONDAY}T21:20").run(MONDAY, **SIDES).state == "success"
    monday = folder / "monday" / "data"
    _let_a_day_pass(monday)
    with serve(rate=0, stocks=STOCKS, settle_at="18:10") as running:
        night = stage(worker, folder / "calm", monday, running)
        assert night.tonight().state == "success"
        calls = sum(counts.calls for counts in running.control.counts().values())
        before = Store.open(monday.as_uri())
        data, kept = read_published(night.store) or b"", {key: before.read(key) for key in before.list("")}
        judge = Judge(content(data), evidence(data), calls, kept)
    return MatrixNights(worker, folder / "nights", monday, judge)


def _let_a_day_pass(root: Path) -> None:
    """Age what is stored, for a storage that lists late."""
    yesterday = time.time() - 24 * 3600
    for path in root.rglob("*"):
        os.utime(path, (yesterday, yesterday))


@contextmanager
def _night(worker: Worker, folder: Path, monday: Path, cell: Cell) -> Iterator[TroubledNight]:
    with ExitStack() as stack:
        running = stack.enter_context(serve(rate=0, stocks=STOCKS, settle_at="18:10"))
        proxy = stack.enter_context(Proxy(running.url)) if cell.strikes == "proxy" else None
        night = stage(worker, folder, monday, running, proxy.url if proxy else "")
        night.proxy, night.trouble = proxy, cell.trouble
        if cell.strikes == "simulator":
            running.control.fault(cell.text)
        elif proxy:
            proxy.strike(cell.fault, PLACES[cell.where], cell.times)
        yield night
