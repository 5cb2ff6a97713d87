"""The example of another TR runs in a real Airflow, and keeps what the simulator served."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest

from dag_files import ROOT, parse_folder
from kiwoom_simulator.market import DEFAULT_SEED, truth
from kiwoom_simulator.server import serve

NOW = "2026-11-20T21:30:00+09:00"
SIZES = {"KOSPI": 40, "KOSDAQ": 5}


@pytest.fixture(scope="module")
def run(airflow_database):
    with (
        serve(
            rate=0, now=NOW, speed=0, stocks=",".join(f"{name}={count}" for name, count in SIZES.items())
        ) as simulator,
        pytest.MonkeyPatch.context() as patch,
    ):
        extra = {"state_dir": str(airflow_database / "state"), "requests_per_second": "unlimited"}
        keys = {"login": "simulator-app-key", "password": "simulator-secret-key"}
        connection = {"conn_type": "kiwoom", "host": simulator.url, "extra": extra, **keys}
        patch.setenv("AIRFLOW_CONN_KIWOOM_DEFAULT", json.dumps(connection))
        patch.setenv("AIRFLOW_VAR_KIWOOM_DATA_ROOT", (airflow_database / "data").as_uri())
        patch.setenv("KIWOOM_DEMO_CLOCK", f"{NOW}@{datetime.now(UTC).timestamp()}")
        dag = parse_folder(ROOT / "docs" / "examples")["watch_list_flows"]
        yield dag.test(run_conf={"stocks": ["005930", "000660"], "until": "2026-11-20"}), airflow_database / "data"


def test_every_stock_of_the_list_is_kept_as_the_api_sent_it(run):
    finished, root = run

    assert finished.state == "success"
    assert sorted(path.name for path in (root / "watch_list").iterdir()) == [
        "000660-20261120.jsonl",
        "005930-20261120.jsonl",
    ]


def test_the_newest_row_is_the_session_of_the_market_itself(run):
    _, root = run
    newest = json.loads((root / "watch_list" / "005930-20261120.jsonl").read_text().splitlines()[0])
    market = truth(DEFAULT_SEED, date(2026, 11, 20), "KOSPI", "KRX", "amount", "net", sizes=SIZES)

    assert newest["dt"] == "20261120"
    assert int(newest["ind_invsr"].replace("--", "-")) == market.investors[list(market.codes).index("005930"), 0]
