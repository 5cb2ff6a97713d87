"""
Plays the whole fault matrix through the real DAG, and prints what became of every night.

``python -m lab faults [--only TEXT] [--jobs N] [--results FILE] [--table FILE]``; with ``--results`` it
goes on where it was stopped.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING

from lab.faults.matrix import cells
from lab.faults.night import RetryingWorker
from lab.faults.play import MatrixNights, matrix_nights
from lab.faults.table import figures, table
from lab.faults.verdict import Verdict
from lab.nights.home import make_home, migrated_database

if TYPE_CHECKING:
    from lab.faults.matrix import Cell


def main(arguments: list[str]) -> int:
    """Play, print the tables, and return the process's exit status."""
    asked = _arguments(arguments)
    for path in filter(None, (asked.results, asked.table)):
        path.parent.mkdir(parents=True, exist_ok=True)
    chosen = [cell for cell in cells() if asked.only in cell.name]
    done = _read(asked.results, chosen)
    still = [cell for cell in chosen if cell.name not in done]
    random.Random(1).shuffle(still)  # noqa: S311 - what is played when it is stopped early is a fair part
    if still:
        _play(still, asked, done)
    verdicts = [done[cell.name] for cell in chosen if cell.name in done]
    text = f"{table(verdicts)}\n\n{figures(verdicts)}\n"
    print(text)
    if asked.table:
        asked.table.write_text(text)
    return 1 if any(verdict.end == "wrong" for verdict in verdicts) else 0


def _play(still: list[Cell], asked: argparse.Namespace, done: dict[str, Verdict]) -> None:
    with tempfile.TemporaryDirectory(prefix="chaos-") as folder:
        workers = [RetryingWorker(home) for home in _homes(Path(folder), asked.jobs)]
        free: SimpleQueue[MatrixNights] = SimpleQueue()

        def play(cell: Cell) -> None:
            at = free.get()
            done[cell.name] = at.play(cell)
            free.put(at)
            _tell(done[cell.name], asked.results)

        with ThreadPoolExecutor(asked.jobs) as pool:
            for at in pool.map(_nights_of, workers):
                free.put(at)
            list(pool.map(play, still))
        for worker in workers:
            worker.close()


def _nights_of(worker: RetryingWorker) -> MatrixNights:
    return matrix_nights(worker, worker.home.parent)


def _tell(verdict: Verdict, results: Path | None) -> None:
    print(f"{verdict.end:8} +{verdict.extra_calls:<3} {verdict.seconds:5.1f} s  {verdict.cell.name}  {verdict.note}")
    for sentence in (*verdict.why, *([verdict.said[-1500:]] if verdict.why else [])):
        print(f"         {sentence}")
    sys.stdout.flush()
    if results:
        with results.open("a") as file:
            file.write(json.dumps(verdict.figures()) + "\n")


def _read(results: Path | None, chosen: list[Cell]) -> dict[str, Verdict]:
    lines = results.read_text().splitlines() if results and results.exists() else []
    by_name = {cell.name: cell for cell in chosen}
    found = (json.loads(line) for line in lines)
    return {entry["name"]: Verdict.of(by_name[entry["name"]], entry) for entry in found if entry["name"] in by_name}


def _arguments(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m lab faults", description=__doc__)
    parser.add_argument("--only", default="", help="cells whose name holds this")
    parser.add_argument("--jobs", type=int, default=2, help="nights at once")
    parser.add_argument("--results", type=Path, help="keep each night's result here, and play what is not there")
    parser.add_argument("--table", type=Path, help="write the tables as Markdown into this file")
    return parser.parse_args(arguments)


def _homes(folder: Path, count: int) -> list[Path]:
    database = migrated_database(folder)
    return [make_home(folder / str(number) / "home", database) for number in range(1, count + 1)]
