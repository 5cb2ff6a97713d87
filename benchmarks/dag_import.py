"""Importing the DAG file, against a DAG file with one empty task."""

from __future__ import annotations

from statistics import median
from typing import Any

from benchmarks.figures import Figure
from lab.measure import ROOT, fresh_python, say

OURS = ROOT / "dags" / "ka10066_investor_trading.py"
EMPTY = ROOT / "benchmarks" / "dags" / "empty.py"
TIMED = """
import json, os, runpy, sys, time
os.environ.setdefault("AIRFLOW__CORE__LOAD_EXAMPLES", "False")
began = time.perf_counter()
runpy.run_path(sys.argv[1])
print(json.dumps({"s": time.perf_counter() - began, "modules": len(sys.modules), "heavy": [
    name for name in ("pandas", "pyarrow", "numpy", "holidays", "exchange_calendars") if name in sys.modules
]}))
"""


def run(*, quick: bool) -> list[Figure]:
    """Measure for the table."""
    rounds = 3 if quick else 11
    taken: dict[str, list[dict[str, Any]]] = {"empty": [], "ours": []}
    for turn in range(rounds + 1):
        say(f"DAG import, turn {turn} of {rounds}")
        for name, path in (("empty", EMPTY), ("ours", OURS)):
            found = fresh_python("-c", TIMED, str(path))
            if turn:
                taken[name].append(found)
    empty, ours = (median(float(found["s"]) for found in taken[name]) for name in ("empty", "ours"))
    more = int(taken["ours"][0]["modules"]) - int(taken["empty"][0]["modules"])
    heavy = taken["ours"][0]["heavy"] or "none"
    conditions = f"fresh interpreters in turns, medians of {rounds}, Airflow's own import included"
    return [
        Figure("import of the DAG file", ours / empty, "×", "≤ 1.3", conditions),
        Figure(
            "the same beyond an empty DAG file", (ours - empty) * 1000, "ms", "", f"{more} more modules; heavy: {heavy}"
        ),
    ]
