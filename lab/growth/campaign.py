"""
Ten years at once: 2,500 simulated sessions in a root, against 1,000, 250 and 10.

What a session adds, what the gap list, the reader and the page take, and a night of the real DAG: its seconds, and
how many folders it lists and files it opens, which do not depend on how busy the machine is. ``KIWOOM_GROWTH_ROOT``
names a folder where the sessions are laid, and found again; else they are laid anew. As Markdown:

    python -m lab growth
"""

from __future__ import annotations

import json
import os
from argparse import ArgumentParser
from collections import defaultdict
from contextlib import contextmanager
from pathlib import Path
from statistics import fmean, median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from kiwoom_provider.datasets.store import Store
from kiwoom_simulator.server import serve
from lab.growth import night as growth_night
from lab.growth import stage as growth_stage
from lab.growth.night import MEASURED
from lab.growth.stage import STOCKS, TONIGHT, VENUE
from lab.growth.table import markdown
from lab.measure import fresh_python, say
from lab.nights.home import make_home, migrated_database
from lab.nights.stage import Night, Worker

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from lab.growth.table import Table

COUNTS, QUICK_COUNTS, ROUNDS = (10, 250, 1_000, 2_500), (10, 25), 4
KEPT = "KIWOOM_GROWTH_ROOT"
EVERY_SET: dict[str, Any] = {"markets": ["KOSPI", "KOSDAQ"], "venues": [VENUE], "measures": ["amount", "quantity"]}
EVERY_SET |= {"sides": ["net", "buy", "sell"]}


class GrowthWorker(Worker):
    """The tests' worker, noting."""

    module = growth_night.__name__


def measure(counts: Sequence[int], rounds: int) -> Table:
    """Return what was found, by name and by sessions stored."""
    table: Table = defaultdict(dict)
    with _roots(counts) as roots:
        for count, root in roots.items():
            say(f"asking a root of {count:,} sessions")
            asked = fresh_python("-m", "lab.growth.probe", str(root), "005930")
            for name, value in (growth_stage.sizes(root, count) | asked).items():
                table[name][count] = value
        for name, by_count in _nights(roots, rounds).items():
            table[name] |= by_count
    return dict(table)


def main(arguments: list[str]) -> int:
    """Print the whole table, and return the exit status."""
    parser = ArgumentParser("python -m lab growth", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="10 and 25 sessions instead of up to 2,500")
    quick = parser.parse_args(arguments).quick
    print(markdown(measure(QUICK_COUNTS if quick else COUNTS, 1 if quick else ROUNDS)))
    return 0


@contextmanager
def _roots(counts: Sequence[int]) -> Iterator[dict[int, Path]]:
    """Lay the sessions, or take those that were laid, and cut a root of each size from them."""
    kept = os.environ.get(KEPT)
    near = Path(kept).resolve().parent if kept else None
    with TemporaryDirectory(prefix="kiwoom-growth-", dir=near) as folder:
        laid = Path(kept).resolve() if kept else Path(folder) / "laid"
        say(f"{max(counts):,} sessions in {laid}, {STOCKS} stocks in each market, {VENUE}")
        days = growth_stage.lay(laid, max(counts))
        for count in counts:
            growth_stage.link(laid, days[-count:], Path(folder) / f"of-{count}")
        yield {count: Path(folder) / f"of-{count}" for count in counts}


def _nights(roots: Mapping[int, Path], rounds: int) -> Table:
    """Return what a night takes on every root: medians of several, in turns."""
    folder = next(iter(roots.values())).parent
    home, notes = make_home(folder / "airflow", migrated_database(folder)), folder / "notes.jsonl"
    os.environ |= {growth_night.FOLDER: f"{folder}/of-", growth_night.NOTES: str(notes)}
    found: dict[str, dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
    worker = GrowthWorker(home)
    try:
        _night(worker, next(iter(roots.values())), notes)  # which imports everything
        # There and back: Airflow's process slows down a little from run to run, which must not look like growth.
        turns = [(turn, at) for turn in range(rounds) for at in list(roots.items())[:: -1 if turn % 2 else 1]]
        for turn, (count, root) in turns:
            say(f"a night after {count:,} sessions, {turn + 1} of {rounds}")
            for name, value in _night(worker, root, notes).items():
                found[name][count].append(value)
    finally:
        worker.close()
    return {name: {count: median(values) for count, values in by.items()} for name, by in found.items()}


def _night(worker: Worker, root: Path, notes: Path) -> dict[str, float]:
    """Run the DAG for tonight's session on a root, tell what it took, and remove the session again."""
    notes.write_text("")
    with serve(rate=0, stocks=f"KOSPI={STOCKS},KOSDAQ={STOCKS}", settle_at="18:10") as simulator:
        night = Night(worker, Store.open(root.as_uri()), simulator.url, simulator.control, root.parent)
        outcome = night.at(f"{TONIGHT}T21:20").run(str(TONIGHT), session_date=str(TONIGHT), **EVERY_SET)
    growth_stage.forget(root, TONIGHT)
    if outcome.state != "success" or str(TONIGHT) not in outcome.assets:
        raise RuntimeError(f"the night on {root} ended {outcome.state}:\n{outcome.errors}")
    return _sum_up([json.loads(line) for line in notes.read_text().splitlines()])


def _sum_up(notes: Sequence[Mapping[str, float | str]]) -> dict[str, float]:
    """Return seconds and counts in all and of a task, the mean of those that are mapped."""
    told: dict[str, float] = {}
    for task in ("all tasks", *dict.fromkeys(str(note["task"]) for note in notes)):
        own = [note for note in notes if task in (note["task"], "all tasks")]
        join = sum if task == "all tasks" else fmean
        told |= {f"night: {task}|{what}": join(float(note[what]) for note in own) for what in MEASURED}
    return told
