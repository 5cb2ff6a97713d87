"""Which months a run makes."""

from __future__ import annotations

from datetime import datetime

import pytest

from kiwoom_provider.datasets.store import Store
from kiwoom_provider.operators.monthly import MakeMonthsOperator
from published import publish, small_session


@pytest.fixture
def root(tmp_path, monkeypatch):
    """September, October and November begun; it is the first of December."""
    for day in ("2026-09-01", "2026-10-01", "2026-10-30", "2026-11-02"):
        publish(tmp_path, day, small_session(1))
    monkeypatch.setenv("AIRFLOW_VAR_KIWOOM_DATA_ROOT", tmp_path.as_uri())
    now = datetime.fromisoformat("2026-11-30T12:00:00+09:00")
    monkeypatch.setattr("kiwoom_provider.clock.SystemClock.now", lambda _clock: now)
    return Store.open(tmp_path)


def run(**arguments):
    return MakeMonthsOperator(task_id="make_months", **arguments).execute({})


def made(root):
    return [key.split("/")[1] for key in root.list("investor_trading_monthly")]


def test_a_published_session_makes_its_month_and_the_one_before_when_they_are_over(root):
    run(partition_key="2026-11-02")

    assert made(root) == ["month=2026-09", "month=2026-10"]


def test_a_session_that_is_published_late_makes_its_own_month_again(root):
    run(partition_key="2026-09-01")

    assert made(root) == ["month=2026-09"]


def test_a_run_by_hand_makes_every_month_that_is_over(root):
    files = run()

    assert made(root) == ["month=2026-09", "month=2026-10"]
    assert files["2026-10"]["sessions"] == 2
    assert run() == {"2026-09": None, "2026-10": None}


def test_a_month_that_is_not_over_is_refused_by_name(root):
    with pytest.raises(ValueError, match="not over yet, or nothing of it is published: 2026-11"):
        run(months=["2026-10", "2026-11"])
    assert made(root) == []
