"""The operators in a DAG of somebody else: other task ids, a task group, no params, a task of its own behind them."""

from __future__ import annotations

import pytest

from kiwoom_provider.datasets.reader import read_investor_trading
from kiwoom_provider.datasets.store import Store
from kiwoom_simulator.server import serve
from lab.nights.stage import Night


@pytest.fixture
def night(worker, tmp_path):
    with serve(rate=0, stocks="KOSPI=6,KOSDAQ=4", settle_at="18:10") as simulator:
        store = Store.open(tmp_path / "data")
        yield Night(worker, store, simulator.url, simulator.control, tmp_path, dag_id="kosdaq_at_krx")


def test_a_night_runs_in_a_task_group_of_another_dag(night):
    run = night.at("2026-11-20T21:20").run("2026-11-20", kind="scheduled", a_name_of_ours=1)

    assert run.state == "success", run.errors
    assert run.tasks == {
        "kosdaq.plan": "success",
        "kosdaq.settled": "success",
        "kosdaq.sets[0]": "success",
        "kosdaq.whole": "success",
        "kosdaq.publish": "success",
        "count": "success",
    }
    assert run.assets == ["2026-11-20"]
    frame = read_investor_trading(night.store.root, "2026-11-20", "2026-11-20")
    assert set(frame["market"]) == {"KOSDAQ"}
    assert frame["stock_code"].nunique() == 4
