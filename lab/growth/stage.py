"""Ten years of simulated sessions: laid once, and cut to fewer by hard links."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from datetime import date, datetime
from typing import TYPE_CHECKING

from kiwoom_provider.datasets import layout
from kiwoom_provider.krx import KST
from lab.archive.archive import Archive, sessions_until

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

LAST, TONIGHT = date(2026, 11, 19), date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=KST)
"""When the page and the gap list are asked: the last session's window is over, tonight's has not begun."""
STOCKS, VENUE = 20, "KRX"
DATASETS = {
    "raw": (layout.RAW, layout.RAW_REFERENCE),
    "typed": (layout.PARTITIONS,),
    "published": (layout.PUBLISHED,),
    "reports": (layout.REPORTS,),
    "quarantine": (layout.QUARANTINE,),
}
PLACES = tuple(place for places in DATASETS.values() for place in places)


def lay(root: Path, count: int) -> list[date]:
    """
    Lay ``count`` sessions up to :data:`LAST`, some of which fail, and return them; those that are there stay.

    :raises RuntimeError: when the root holds something else.
    """
    sessions = sessions_until(LAST, count)
    ends = [root / layout.session_prefix(layout.RAW, session.session_date) for session in (sessions[0], sessions[-1])]
    if not all(end.exists() for end in ends):
        if root.exists() and any(root.iterdir()):
            raise RuntimeError(f"{root} does not hold the {count:,} sessions up to {LAST}: give a new place")
        Archive(root, STOCKS, (VENUE,)).lay(sessions)
    return [session.session_date for session in sessions]


def link(root: Path, sessions: Sequence[date], into: Path) -> None:
    """Link the files of these sessions into a root of their own: nothing writes into a file that is there."""
    for place in PLACES:
        for day in sessions:
            stored = root / layout.session_prefix(place, day)
            if stored.exists():
                shutil.copytree(stored, into / layout.session_prefix(place, day), copy_function=os.link)


def forget(root: Path, day: date) -> None:
    """Remove all that is stored of a session."""
    for place in PLACES:
        shutil.rmtree(root / layout.session_prefix(place, day), ignore_errors=True)


def sizes(root: Path, sessions: int) -> dict[str, float]:
    """Return files and kB a session, by dataset and in all."""
    files, size = Counter[str](), Counter[str]()
    for name, places in DATASETS.items():
        for entry in (entry for place in places for entry in _files(root / place)):
            for counted in (name, "in all"):
                files[counted] += 1
                size[counted] += entry.stat().st_size
    names = (*DATASETS, "in all")
    by_count = {f"{name}|files a session": files[name] / sessions for name in names}
    return by_count | {f"{name}|kB a session": size[name] / 1_000 / sessions for name in names}


def _files(folder: Path) -> Iterator[os.DirEntry[str]]:
    if folder.is_dir():
        for entry in os.scandir(folder):
            if entry.is_dir():
                yield from _files(folder / entry.name)
            else:
                yield entry
