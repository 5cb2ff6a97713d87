"""What parsing a DAG with the timetable costs, and that the machine's zone does not matter."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

HEAVY = ["exchange_calendars", "holidays", "numpy", "pandas", "pyarrow"]

IMPORTS = """
import sys
from kiwoom_provider.timetables.krx import KrxSessionTimetable
KrxSessionTimetable().validate()
print("heavy:", *sorted(set(sys.modules) & set(sys.argv[1:])))
"""

DECIDES = """
import time; time.tzset()
import pendulum
from airflow.timetables.base import TimeRestriction
from kiwoom_provider.timetables.krx import KrxSessionTimetable
timetable = KrxSessionTimetable(now=lambda: pendulum.datetime(2026, 11, 20, 13))
restriction = TimeRestriction(None, None, False)
run = timetable.next_dagrun_info_v2(last_dagrun_info=None, restriction=restriction)
day = pendulum.datetime(2026, 11, 19)
(past,) = timetable.iter_partition_dagrun_infos(earliest=day, latest=day)
print(run.partition_key, run.run_after, run.partition_date, past.partition_key)
"""


def python(program: str, *arguments: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return done.stdout.strip().splitlines()[-1] if done.stdout.strip() else ""


def test_parsing_a_dag_imports_nothing_heavy():
    assert python(IMPORTS, *HEAVY) == "heavy:"


@pytest.mark.parametrize(
    "zone", [*(pytest.param(zone, marks=pytest.mark.thorough) for zone in ("UTC", "Asia/Seoul")), "America/New_York"]
)
def test_the_machines_zone_changes_no_decision(zone):
    assert python(DECIDES, TZ=zone, AIRFLOW__CORE__DEFAULT_TIMEZONE=zone) == (
        "2026-11-20 2026-11-20 12:10:00+00:00 2026-11-19 15:00:00+00:00 2026-11-19"
    )
