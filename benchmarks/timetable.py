"""How long the timetable takes to decide the next run, as the scheduler and DAG processor ask it."""

from __future__ import annotations

from benchmarks.figures import Figure
from lab.measure import fresh_python

TIMED = """
import json, time
from statistics import median
from airflow.timetables.base import TimeRestriction
from kiwoom_provider.timetables.krx import KrxSessionTimetable

def decide():
    began = time.perf_counter()
    info = KrxSessionTimetable().next_dagrun_info_v2(
        last_dagrun_info=None, restriction=TimeRestriction(earliest=None, latest=None, catchup=False))
    assert info is not None
    return time.perf_counter() - began

first = decide()
print(json.dumps({"first": first, "later": median(decide() for _ in range(200))}))
"""


def run(*, quick: bool) -> list[Figure]:  # noqa: ARG001
    """Measure for the table."""
    found = fresh_python("-c", TIMED)
    return [
        Figure("timetable decides, first in a process", found["first"] * 1000, "ms", "", "builds the calendar"),
        Figure("timetable decides, later", found["later"] * 1000, "ms", "", "median of 200"),
    ]
