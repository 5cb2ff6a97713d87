"""A real API server for the page. Airflow's warns of its own dependencies when it is imported: that is not ours."""

from __future__ import annotations

import time
import warnings

import pytest

from servers import api_server

NOW = "2026-11-23T06:30:00+09:00"  # Monday: Friday's window is open for half an hour more

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import airflow.api_fastapi.core_api.security  # noqa: F401


@pytest.fixture(scope="session")
def simple_server(database, tmp_path_factory):
    """Run an API server with the simple auth manager; a module has it show its own data root."""
    folder = tmp_path_factory.mktemp("server") / "airflow"
    with api_server(folder, database, "simple", KIWOOM_DEMO_CLOCK=f"{NOW}@{time.time()}") as running:
        yield running
