"""
`python -m benchmarks [NAME …] [--quick] [--full]`: measure, print a table, keep it as JSON and Markdown.

What is measured replaces what was kept of it; the rest of the kept figures stay, each with its day and load.
"""

from __future__ import annotations

import json
import os
import platform
import signal
import sys
import time
from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime
from functools import partial
from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from benchmarks.figures import Figure, Section, markdown, text_table
from lab.measure import ROOT, say

if TYPE_CHECKING:
    from collections.abc import Callable

MODULES = ("parse", "permits", "memory", "dag_import", "timetable", "audit", "reading", "object_store", "make_run")
SWEEPS: dict[str, tuple[Any, ...]] = {
    f"sweep-{rate or 'unlimited'}-{ms}": ("case", rate, ms) for rate in (5, 1, 0) for ms in (40, 300)
}
SWEEPS |= {"stock-5-40": ("stock", 5, 40), "refusals": ("refusals",)}
NAMES = (*MODULES, *SWEEPS, "interrupted", "beside")
SLOW = ("sweep-1-40", "sweep-1-300", "stock-5-40", "beside")
JSON = ROOT / "benchmarks" / "results.json"
PAGE = ROOT / "docs" / "evidence" / "performance.md"
BEGIN, END = "<!-- figures -->", "<!-- end of figures -->"


def main(arguments: list[str]) -> int:
    """Run the chosen benchmarks; 1 when a target is missed."""
    chosen = _arguments(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # leave every block, so that nothing stays running
    measured: dict[str, Section] = {}
    for name in chosen.names or [name for name in NAMES if chosen.full or name not in SLOW]:
        say(name)
        measured[name] = _measure(_benchmark(name, quick=chosen.quick))
        if not chosen.quick:
            keep({name: measured[name]})
    print(text_table(measured))
    return int(any(figure.is_met is False for section in measured.values() for figure in section.figures))


def _benchmark(name: str, *, quick: bool) -> Callable[[], list[Figure]]:
    if name not in SWEEPS:
        return partial(import_module(f"benchmarks.{name}").run, quick=quick)
    if quick:
        return list
    function, *values = SWEEPS[name]
    return partial(getattr(import_module("benchmarks.sweep"), str(function)), *values)


def _measure(benchmark: Callable[[], list[Figure]]) -> Section:
    began, before = time.monotonic(), os.getloadavg()[0]
    figures = benchmark()
    load = f"{before:.1f} → {os.getloadavg()[0]:.1f}"
    return Section(f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC", load, round(time.monotonic() - began), tuple(figures))


def keep(measured: dict[str, Section]) -> None:
    """Keep the figures beside the code and in the documentation."""
    kept = json.loads(JSON.read_text()).get("sections", {}) if JSON.exists() else {}
    sections = {name: Section.from_json(kept[name]) for name in NAMES if name in kept} | measured
    ordered = {name: sections[name] for name in NAMES if name in sections}
    listed = {"machine": _machine(), "sections": {name: section.to_json() for name, section in ordered.items()}}
    JSON.write_text(json.dumps(listed, ensure_ascii=False, indent=1) + "\n")
    head, _, rest = PAGE.read_text().partition(BEGIN)
    tail = rest.partition(END)[2]
    where = ", ".join(f"{name} {value}" for name, value in _machine().items())
    PAGE.write_text(f"{head}{BEGIN}\n\nMeasured with {where}.\n\n{markdown(ordered)}\n\n{END}{tail}")


def _machine() -> dict[str, Any]:
    return {
        "cores": os.cpu_count(),
        "Python": platform.python_version(),
        "Airflow": version("apache-airflow"),
        "pyarrow": version("pyarrow"),
    }


def _arguments(arguments: list[str]) -> Namespace:
    parser = ArgumentParser("python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"measure these alone: {', '.join(NAMES)}")
    parser.add_argument("--quick", action="store_true", help="fewer rounds, no sweeps; nothing is kept")
    parser.add_argument("--full", action="store_true", help=f"also what takes long: {', '.join(SLOW)}; over an hour")
    chosen = parser.parse_args(arguments)
    if unknown := set(chosen.names) - set(NAMES):
        parser.error(f"no benchmark is called {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    return chosen


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
