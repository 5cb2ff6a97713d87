"""`python -m benchmarks [--only NAME] [--quick] [--full]`: measure, print a table, write it as JSON and Markdown."""

from __future__ import annotations

import os
import platform
import signal
import sys
from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime
from importlib import import_module
from importlib.metadata import version

from benchmarks.figures import Figure, markdown_table, text_table, to_json
from benchmarks.measure import ROOT, say

sys.path.insert(0, str(ROOT / "scripts"))

NAMES = ("parse", "memory", "dag_import", "timetable", "audit", "reading", "make_run", "sweep")
JSON = ROOT / "benchmarks" / "results.json"
PAGE = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- figures -->", "<!-- end of figures -->"


def main() -> int:
    """Run the chosen benchmarks; 1 when a target is missed."""
    chosen = _arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # leave every block, so that nothing stays running
    results: dict[str, list[Figure]] = {}
    for name in chosen.only or NAMES:
        say(name)
        results[name] = import_module(f"benchmarks.{name}").run(quick=chosen.quick, full=chosen.full)
    print(text_table(results))
    if not chosen.only and not chosen.quick:
        write(results)
    return int(any(figure.is_met is False for figures in results.values() for figure in figures))


def write(results: dict[str, list[Figure]]) -> None:
    """Keep the figures beside the code and in the documentation."""
    machine = _machine()
    JSON.write_text(to_json(results, machine))
    head, _, rest = PAGE.read_text().partition(BEGIN)
    tail = rest.partition(END)[2]
    where = ", ".join(f"{name} {value}" for name, value in machine.items())
    PAGE.write_text(f"{head}{BEGIN}\n\nMeasured with {where}.\n\n{markdown_table(results)}\n\n{END}{tail}")


def _machine() -> dict[str, object]:
    return {
        "cores": os.cpu_count(),
        "Python": platform.python_version(),
        "Airflow": version("apache-airflow"),
        "pyarrow": version("pyarrow"),
        "load before": round(os.getloadavg()[0], 1),
        "on": f"{datetime.now(UTC):%Y-%m-%d}",
    }


def _arguments() -> Namespace:
    parser = ArgumentParser("python -m benchmarks", description=__doc__)
    parser.add_argument("--only", action="append", choices=NAMES, help="measure this alone; may be repeated")
    parser.add_argument("--quick", action="store_true", help="fewer rounds; nothing is written")
    parser.add_argument("--full", action="store_true", help="every rate and latency of the sweep: an hour or more")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
