import json
import os

import pytest

from kiwoom_simulator.server import serve

os.environ.setdefault("AIRFLOW__CORE__UNIT_TEST_MODE", "True")


@pytest.fixture
def simulator():
    with serve(rate=0, stocks="KOSPI=250,KOSDAQ=120") as running:
        yield running


@pytest.fixture
def connect(monkeypatch, tmp_path):
    """Define the connection ``kiwoom_default`` in the environment, as a deployment may."""

    def define(url, *, extra=None, **fields):
        connection = {
            "conn_type": "kiwoom",
            "host": url,
            "login": "simulator-app-key",
            "password": "simulator-secret-key",
            "extra": {"state_dir": str(tmp_path / "state"), "requests_per_second": "unlimited"} | (extra or {}),
        } | fields
        monkeypatch.setenv("AIRFLOW_CONN_KIWOOM_DEFAULT", json.dumps(connection))

    return define
