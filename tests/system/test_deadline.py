"""The deadline alert, from a queued run in Airflow's database to what the deployment's notifier is told."""

from __future__ import annotations

import json
from datetime import datetime

from kiwoom_provider.krx import KST

SESSION = "2026-11-17"


def test_a_run_is_late_while_there_is_still_time_to_act(night):
    late_at, _ = night.miss_the_deadline(SESSION)
    assert late_at == datetime(2026, 11, 18, 4, tzinfo=KST)  # the window ends at 07:00


def test_a_late_run_is_told_in_the_log_by_default(night):
    _, said = night.miss_the_deadline(SESSION)
    assert "Session 2026-11-17 is not published" in said
    assert "(told: the log)" in said


def test_a_late_run_is_told_by_the_notifier_that_the_deployment_chose(night):
    told = night.folder / "told.txt"
    chosen = {"path": "tests.system.notifiers.FileNotifier", "kwargs": {"path": str(told)}}
    night.environ["AIRFLOW_VAR_KIWOOM_NOTIFIER"] = json.dumps(chosen)
    _, said = night.miss_the_deadline(SESSION)
    assert "(told: tests.system.notifiers.FileNotifier)" in said
    assert told.read_text().startswith("Session 2026-11-17 is not published: run scheduled__2026-11-17__")


def test_a_notifier_that_fails_does_not_hide_the_alert(night):
    night.environ["AIRFLOW_VAR_KIWOOM_NOTIFIER"] = '{"path": "nowhere.Notifier"}'
    _, said = night.miss_the_deadline(SESSION)
    assert "Session 2026-11-17 is not published" in said
    assert "(told: the log only)" in said
