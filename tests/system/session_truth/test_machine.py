"""The machine's zone, and a setting that does not exist."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from lab.nights.stage import SETS, Outcome, environment
from system.truth import TODAY


def test_the_machines_zone_changes_nothing(night, published, new_home):
    """Through Airflow's own command, on a machine in New York; what became of the run is read from Airflow."""
    home = new_home()
    command = [str(Path(sys.executable).with_name("airflow")), "dags", "test", "ka10066_investor_trading"]
    done = subprocess.run(
        [*command, "--conf", json.dumps(SETS | {"session_date": TODAY})],
        env=environment(home, "America/New_York") | night.variables(),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    with closing(sqlite3.connect(home / "airflow.db")) as database:
        ((state,),) = database.execute("SELECT state FROM dag_run").fetchall()
    published(night, Outcome("", state, {}, [TODAY], done.stdout + done.stderr), TODAY)


def test_a_proof_setting_that_does_not_exist_is_named(night, refused):
    night.proof = "dtaed"
    refused(night, night.run(TODAY), "await_settlement", "proof 'dtaed' (Airflow Variable kiwoom_proof) is not one of")
