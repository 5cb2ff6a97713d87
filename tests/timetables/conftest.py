# ruff: noqa: ARG001 - Airflow is imported once it knows its database; fixtures are asked for effect
"""A real Airflow for these tests: its own metadata database, our plugin, and DAGs made on the spot."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

if "AIRFLOW_HOME" not in os.environ:
    # Airflow writes into its home when it is imported: never into that of the person who tests.
    os.environ["AIRFLOW_HOME"] = tempfile.mkdtemp(prefix="airflow-home-")
    atexit.register(shutil.rmtree, os.environ["AIRFLOW_HOME"], ignore_errors=True)

ROOT = Path(__file__).parents[2]

DAG_FILE = """
import datetime
from airflow.sdk import DAG
from airflow.providers.standard.operators.empty import EmptyOperator
from kiwoom_provider.timetables.krx import KrxSessionTimetable

with DAG("{dag_id}", schedule=KrxSessionTimetable({arguments}), catchup={catchup}, {more}):
    EmptyOperator(task_id="only")
"""


@pytest.fixture(scope="session")
def airflow_database(new_home) -> Iterator[Path]:
    """Point this process at a fresh SQLite metadata database and at ``plugins/``, and back again."""
    home = new_home()
    settings = {
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home / 'airflow.db'}",
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
        "AIRFLOW__API_AUTH__JWT_SECRET": "long enough to sign with " * 3,
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(name, value)
        _import_with_third_party_warnings()
        _configure()
        yield home
    _configure()


def _import_with_third_party_warnings() -> None:
    """Starlette would have its test client, which Airflow imports, use another HTTP library."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import starlette.testclient  # noqa: F401


def _configure() -> None:
    from airflow import plugins_manager, settings

    settings.configure_vars()
    settings.reconfigure_orm()
    for remembered in vars(plugins_manager).values():
        if hasattr(remembered, "cache_clear"):
            remembered.cache_clear()


@pytest.fixture
def bagged(airflow_database, tmp_path) -> Callable[..., object]:
    """Write a DAG file with our timetable, parse it, and store it as the DAG processor does."""
    from airflow.dag_processing.bundles.manager import DagBundlesManager
    from airflow.dag_processing.dagbag import DagBag, sync_bag_to_db

    def _bagged(dag_id: str, arguments: str = "", *, catchup: bool = False, more: str = "") -> DagBag:
        text = DAG_FILE.format(dag_id=dag_id, arguments=arguments, catchup=catchup, more=more)
        (tmp_path / f"{dag_id}.py").write_text(text, encoding="utf-8")
        bag = DagBag(tmp_path, bundle_path=tmp_path, bundle_name="dags-folder")
        DagBundlesManager().sync_bundles_to_db()
        if not bag.import_errors:
            sync_bag_to_db(bag, "dags-folder", None)
        return bag

    return _bagged
