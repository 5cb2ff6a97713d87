"""The wheel: the package alone, with what a registry expects, and enough for an Airflow without anything else."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import sysconfig
from contextlib import closing
from datetime import UTC, date, datetime
from email import message_from_bytes
from pathlib import Path
from zipfile import ZipFile

import pyarrow.parquet as pq
import pytest

from ground_truth import SIZES, Truths, wrong_cells
from kiwoom_provider import __version__
from kiwoom_simulator.server import serve

REPOSITORY = Path(__file__).parents[2]
ROWS = 230 * 12
"""A row for each stock of KOSPI and investor."""
CONF = json.dumps({"markets": ["KOSPI"], "venues": ["KRX"]})
LOADED = """
import json
from airflow import plugins_manager
from airflow.dag_processing.dagbag import DagBag
from airflow.providers_manager import ProvidersManager
import kiwoom_provider

bag = DagBag()
dag = bag.dags["ka10066_investor_trading"]
print(json.dumps({
    "errors": [*bag.import_errors.values(), *plugins_manager.get_import_errors().values()],
    "timetable": type(dag.timetable).__name__,
    "known timetables": [name for name in plugins_manager.get_timetables_plugins() if "kiwoom" in name],
    "page": [app["name"] for app in plugins_manager.get_fastapi_plugins()[0]],
    "from": kiwoom_provider.__file__,
    "provider": ProvidersManager().providers["airflow-provider-kiwoom"].version,
}))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Build as `make wheel` does, from a copy: building writes beside the sources."""
    copy, dist = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("dist")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(REPOSITORY / name, copy)
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
    for name in ("include", "lab"):
        shutil.copytree(REPOSITORY / name, copy / name, ignore=ignored)
    command = [sys.executable, "-m", "uv", "build", "--quiet", "--wheel", "--no-build-isolation"]
    subprocess.run([*command, "--python", sys.executable, "--out-dir", str(dist), "."], cwd=copy, check=True)
    (built,) = dist.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def metadata(wheel):
    with ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith("/METADATA")]
        return message_from_bytes(archive.read(name))


def test_the_wheel_is_called_as_the_documentation_says(wheel):
    assert wheel.name in (REPOSITORY / "docs" / "deployment.md").read_text("utf-8")


def test_every_file_of_the_package_is_in_the_wheel_and_no_other_code(wheel):
    package = REPOSITORY / "include" / "kiwoom_provider"
    files = {
        path.relative_to(package.parent).as_posix()
        for path in package.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    listed = {name for name in ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert listed == files


def test_a_registry_finds_what_it_expects(metadata):
    assert (metadata["Name"], metadata["Version"]) == ("airflow-provider-kiwoom", __version__)
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata.get_all("License-File") == ["LICENSE"]
    assert metadata["Maintainer"]
    assert metadata.get_all("Project-URL")
    assert "Framework :: Apache Airflow :: Provider" in metadata.get_all("Classifier")
    assert {"redis", "s3", "gcs", "azure", "openlineage"} == set(metadata.get_all("Provides-Extra"))


UV = [sys.executable, "-m", "uv"]


def make_environment(folder):
    """Make an empty environment and a home for Airflow with the DAGs' files; return what installs into it."""
    subprocess.run([*UV, "venv", "--quiet", "--python", sys.executable, str(folder / "venv")], check=True)
    (folder / "home").mkdir()
    shutil.copytree(REPOSITORY / "dags", folder / "home" / "dags", ignore=shutil.ignore_patterns("__pycache__"))
    return [*UV, "pip", "install", "--quiet", "--python", str(folder / "venv" / "bin" / "python")]


def install_beside_ours(wheel, folder):
    """Install the wheel among the packages of our own environment, compiled as they are, without the editable one."""
    into = make_environment(folder)
    (site,) = (folder / "venv" / "lib").glob("python*/site-packages")
    for path in Path(sysconfig.get_path("purelib")).iterdir():
        if not path.name.startswith(("airflow_provider_kiwoom", "__editable__", "_virtualenv")):
            (site / path.name).symlink_to(path)
    subprocess.run([*into, "--no-deps", str(wheel)], check=True)
    return folder


def install(wheel, folder, extra="", resolution=None):
    """
    Install the wheel with what it says that it needs, and nothing else.

    :param resolution: the versions of what is declared; None takes those of the lock.
    """
    into = make_environment(folder)
    if resolution:  # uv takes the lowest of what a file requires, not of what a wheel does
        subprocess.run([*into, "--resolution", resolution, "-r", str(REPOSITORY / "pyproject.toml")], check=True)
        subprocess.run([*into, "--no-deps", str(wheel)], check=True)
    else:
        subprocess.run([*into, "--constraint", str(pins(folder)), f"{wheel}{extra}"], check=True)
    return folder


def pins(folder):
    """Write the versions of the lock as constraints."""
    locked = (REPOSITORY / "requirements.lock").read_text("utf-8").splitlines()
    (folder / "pins.txt").write_text("\n".join(line.rstrip(" \\") for line in locked if not line.startswith(" ")))
    return folder / "pins.txt"


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    return install_beside_ours(wheel, tmp_path_factory.mktemp("installed"))


def run(installed, *command, **variables):
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "PYTHON", "KIWOOM"))}
    home = {"AIRFLOW_HOME": str(installed / "home"), "AIRFLOW__CORE__LOAD_EXAMPLES": "False"}
    done = subprocess.run(
        [str(installed / "venv" / "bin" / "python"), *command],
        env=kept | home | {"PYTHONWARNINGS": "ignore"} | variables,
        cwd=installed,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def test_provider_dag_timetable_and_page_come_from_it_without_a_file_among_the_plugins(installed):
    found = json.loads(run(installed, "-c", LOADED).splitlines()[-1])
    assert found.pop("from").startswith(str(installed / "venv"))
    assert found == {
        "provider": __version__,
        "errors": [],
        "timetable": "KrxSessionTimetable",
        "known timetables": ["kiwoom_provider.timetables.krx.KrxSessionTimetable"],
        "page": ["Kiwoom"],
    }


def test_the_plugin_file_beside_it_does_no_harm(installed):
    shutil.copytree(REPOSITORY / "plugins", installed / "home" / "plugins", ignore=shutil.ignore_patterns("__pyc*"))
    found = json.loads(run(installed, "-c", LOADED).splitlines()[-1])
    assert (found["errors"], found["page"]) == ([], ["Kiwoom"])


def night(installed, database=None, **variables):
    """
    Run the session's DAG from the wheel against a simulator, on a machine in New York; return rows and summary.

    What became of the run is read from Airflow, and every published cell is held against the simulator's.

    :param database: one that this Airflow has migrated; None has it migrated.
    """
    now, stocks = "2026-11-20T21:20:00+09:00", ",".join(f"{market}={count}" for market, count in SIZES.items())
    with serve(rate=0, now=now, stocks=stocks, settle_at="18:10") as simulator:
        connection = {
            "conn_type": "kiwoom",
            "host": simulator.url,
            "login": "simulator-app-key",
            "password": "simulator-secret-key",
            "extra": {"requests_per_second": "unlimited"},
        }
        variables |= {
            "AIRFLOW_CONN_KIWOOM_DEFAULT": json.dumps(connection),
            "AIRFLOW_VAR_KIWOOM_DATA_ROOT": (installed / "data").as_uri(),
            "KIWOOM_DEMO_CLOCK": f"{now}@{datetime.now(UTC).timestamp()}",
            "NO_PROXY": "127.0.0.1,localhost",
            "TZ": "America/New_York",
        }
        if database:
            shutil.copy(database, installed / "home" / "airflow.db")
        else:
            run(installed, "-m", "airflow", "db", "migrate", **variables)
        run(installed, "-m", "airflow", "dags", "test", "ka10066_investor_trading", "--conf", CONF, **variables)
    with closing(sqlite3.connect(installed / "home" / "airflow.db")) as kept:
        assert kept.execute("SELECT state FROM dag_run").fetchall() == [("success",)]
    (summary,) = (installed / "data" / "quality").rglob("*.summary.json")
    (published,) = (installed / "data" / "investor_trading").rglob("*.parquet")
    assert published.parent.name == "session_date=2026-11-20"
    wrong, compared = wrong_cells(published.read_bytes(), date(2026, 11, 20), Truths())
    assert (wrong, compared) == (0, ROWS * 10)  # close, change, rate and volume; three sides in two measures
    return pq.read_metadata(published).num_rows, json.loads(summary.read_text("utf-8"))


def test_a_night_runs_from_it(installed, database):
    rows, summary = night(installed, database)

    assert (rows, summary["rows"], summary["sets"], summary["mode"]) == (ROWS, 230 * 6, 6, "live")


@pytest.mark.thorough
@pytest.mark.parametrize("resolution", [None, "lowest-direct", "highest"])
def test_a_night_runs_from_it_and_what_it_needs_on_the_locked_the_lowest_and_the_newest_versions(
    wheel, tmp_path, resolution
):
    """The newest are those of the day: only where KIWOOM_NEWEST asks for them."""
    if resolution == "highest" and "KIWOOM_NEWEST" not in os.environ:
        pytest.skip("the newest versions of the day: KIWOOM_NEWEST=yes")
    if resolution == "lowest-direct" and sys.version_info >= (3, 13):
        pytest.skip("the lowest versions are those of Python 3.12 and below")

    rows, _ = night(install(wheel, tmp_path, resolution=resolution))

    assert rows == ROWS


@pytest.mark.thorough
def test_openlineage_is_told_of_the_rows_and_of_every_rule(wheel, tmp_path):
    installed, told = install(wheel, tmp_path, "[openlineage]"), tmp_path / "told.jsonl"

    rows, summary = night(
        installed,
        AIRFLOW__OPENLINEAGE__TRANSPORT=json.dumps({"type": "file", "log_file_path": str(told), "append": True}),
    )

    events = [json.loads(line) for line in told.read_text("utf-8").splitlines()]
    (event,) = [event for event in events if event["job"]["name"].endswith(".quality_check") and event["outputs"]]
    (source,), (table,) = event["inputs"], event["outputs"]
    assert (table["namespace"], table["name"]) == ("file", f"{installed}/data/investor_trading")
    assert table["outputFacets"]["outputStatistics"]["rowCount"] == rows
    assert source["name"] == f"{installed}/data/ka10066"
    rules = source["inputFacets"]["dataQualityAssertions"]["assertions"]
    assert sum(rule["success"] for rule in rules) == summary["rules"]["pass"]
