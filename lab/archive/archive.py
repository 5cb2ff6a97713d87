"""
Lay down a simulated archive: many sessions in one data root, failures among them, in minutes.

Every session goes through the real pipeline (collect, type, join, audit, report, publish) over a simulator
in the same process; Airflow, HTTP and waiting for the rate are left out. The same arguments give the same
bytes, however many processes work: sessions are laid in blocks, each of which is begun in a folder of its
own with the session before it, and moved into the root when it is whole.

    python -m lab archive --root /tmp/archive --sessions 250
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from argparse import ArgumentParser, ArgumentTypeError
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from kiwoom_provider.datasets.store import Store
from kiwoom_provider.krx import calendar
from kiwoom_provider.parameters import Venue, parameter_sets
from lab.archive.night import ArchivedNight, Ending, simulator_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kiwoom_provider.krx import SessionWindow
    from kiwoom_simulator.simulator import Simulator

BLOCK = 25
PERIOD = 120
ENDINGS = {
    2: Ending.WARNED,
    4: Ending.QUARANTINED,
    7: Ending.RELEASED,
    9: Ending.MISSING,
    12: Ending.DAMAGED,
    33: Ending.WARNED,
    47: Ending.HALF,
    64: Ending.WARNED,
    88: Ending.QUARANTINED,
    101: Ending.WARNED,
}
"""What becomes of a session, by its place counted back from the last, which is 1; anew after every period."""


@dataclass(frozen=True)
class Archive:
    """
    What to lay.

    :param stocks: listed in each of the two markets.
    :param venues: names; each costs 12 sets a session.
    :param fails: whether some sessions fail.
    """

    root: Path
    stocks: int
    venues: tuple[str, ...] = tuple(map(str, Venue))
    fails: bool = True

    def lay(self, sessions: Sequence[SessionWindow], processes: int = os.cpu_count() or 1) -> None:
        """Lay these sessions, oldest first, in the root."""
        self.root.mkdir(parents=True, exist_ok=True)
        blocks = [range(start, min(start + BLOCK, len(sessions))) for start in range(0, len(sessions), BLOCK)]
        with ProcessPoolExecutor(min(processes, len(blocks))) as pool:
            for done in pool.map(self._block, [sessions] * len(blocks), blocks):
                print(f"{done} laid", flush=True)

    def _block(self, sessions: Sequence[SessionWindow], block: range) -> str:
        """Lay one block beside the root, begun with the session before it, and move it there."""
        os.fsync = lambda _: None  # type: ignore[assignment]  # what is laid for a demonstration need not survive a power cut
        with TemporaryDirectory(prefix=".archive-", dir=self.root) as folder:
            store = Store.open(Path(folder).as_uri())
            first = max(0, block.start - 1)
            for place in range(first, block.stop):
                self._night(store, sessions, place).lay(_simulator(self.stocks))
            if first < block.start:
                for stored in Path(folder).glob(f"**/session_date={sessions[first].key}"):
                    shutil.rmtree(stored)
            self._move(Path(folder))
        return f"{sessions[block.start].key} to {sessions[block.stop - 1].key}"

    def _night(self, store: Store, sessions: Sequence[SessionWindow], place: int) -> ArchivedNight:
        ending = ENDINGS.get((len(sessions) - place) % PERIOD, Ending.PUBLISHED) if self.fails else Ending.PUBLISHED
        before = calendar().previous(sessions[place].session_date)
        sets = tuple(parameter_sets({"venues": list(self.venues)}))
        return ArchivedNight(store, sessions[place], before, ending, sets)

    def _move(self, folder: Path) -> None:
        for session in folder.glob("**/session_date=*"):
            target = self.root / session.relative_to(folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            session.rename(target)
            for text in target.rglob("*.summary.json"):
                text.write_bytes(text.read_bytes().replace(os.fsencode(folder), os.fsencode(self.root)))


def sessions_until(last: date | None, count: int) -> list[SessionWindow]:
    """Return the ``count`` sessions up to ``last``, by default the newest whose window is over."""
    krx = calendar()
    now = datetime.now(UTC)
    settled = krx.latest_settled(now)
    newest = krx.previous(settled.session_date) if now < settled.window_ends_at else settled
    if last is not None:
        newest = krx.session(last)
    found = [newest]
    while len(found) < count:
        found.append(krx.previous(found[-1].session_date))
    return found[::-1]


@cache
def _simulator(stocks: int) -> Simulator:
    return simulator_of({"KOSPI": stocks, "KOSDAQ": stocks})


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


def main(arguments: list[str]) -> int:
    """Lay the archive that the command line asks for, and return the process's exit status."""
    parser = ArgumentParser("python -m lab archive", description=__doc__.split("\n\n")[0])
    parser.add_argument("--root", type=Path, required=True, help="the data root: an empty folder, or none yet")
    parser.add_argument("--sessions", type=_positive, default=250)
    parser.add_argument("--until", type=date.fromisoformat, help="the last session (default: the newest that is over)")
    parser.add_argument("--stocks", type=_positive, default=40, help="in each market")
    parser.add_argument("--venues", nargs="+", choices=list(map(str, Venue)), default=list(map(str, Venue)))
    parser.add_argument("--no-failures", dest="fails", action="store_false")
    parser.add_argument("--processes", type=_positive, default=os.cpu_count() or 1)
    asked = parser.parse_args(arguments)
    root = asked.root.resolve()
    if root.exists() and any(root.iterdir()):
        sys.exit(f"{root} is not empty: give a new place, an archive never goes over stored data")
    began, sessions = time.monotonic(), sessions_until(asked.until, asked.sessions)
    Archive(root, asked.stocks, tuple(asked.venues), asked.fails).lay(sessions, asked.processes)
    took_s = time.monotonic() - began
    print(f"{len(sessions)} sessions in {took_s:.0f} s, {len(sessions) / took_s:.1f} a second: {root}")
    return 0
