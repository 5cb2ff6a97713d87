"""The wheel: the package alone, with what a registry expects, and enough for an Airflow without anything else."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from email import message_from_bytes
from pathlib import Path
from zipfile import ZipFile

import pytest

from kiwoom_provider import __version__

REPOSITORY = Path(__file__).parents[2]
LOADED = """
import json
from airflow import plugins_manager
from airflow.dag_processing.dagbag import DagBag
import kiwoom_provider

bag = DagBag()
dag = bag.dags["ka10066_investor_trading"]
print(json.dumps({
    "errors": [*bag.import_errors.values(), *plugins_manager.get_import_errors().values()],
    "timetable": type(dag.timetable).__name__,
    "known timetables": [name for name in plugins_manager.get_timetables_plugins() if "kiwoom" in name],
    "page": [app["name"] for app in plugins_manager.get_fastapi_plugins()[0]],
    "from": kiwoom_provider.__file__,
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
    assert {"redis", "s3", "gcs", "azure"} == set(metadata.get_all("Provides-Extra"))


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """Return a new environment with the wheel and what it needs, and a home for Airflow with the DAG's file."""
    folder = tmp_path_factory.mktemp("installed")
    uv = [sys.executable, "-m", "uv"]
    subprocess.run([*uv, "venv", "--quiet", "--python", sys.executable, str(folder / "venv")], check=True)
    python = str(folder / "venv" / "bin" / "python")
    pins = folder / "pins.txt"
    locked = (REPOSITORY / "requirements.lock").read_text("utf-8").splitlines()
    pins.write_text("\n".join(line.rstrip(" \\") for line in locked if not line.startswith(" ")))
    install = [*uv, "pip", "install", "--quiet", "--python", python, "--constraint", str(pins), str(wheel)]
    subprocess.run(install, check=True)
    (folder / "home").mkdir()
    shutil.copytree(REPOSITORY / "dags", folder / "home" / "dags", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def run(installed, *command):
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "PYTHON", "KIWOOM"))}
    home = {"AIRFLOW_HOME": str(installed / "home"), "AIRFLOW__CORE__LOAD_EXAMPLES": "False"}
    done = subprocess.run(
        [str(installed / "venv" / "bin" / command[0]), *command[1:]],
        env=kept | home | {"PYTHONWARNINGS": "ignore"},
        cwd=installed,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def test_airflow_shows_the_provider(installed):
    (found,) = json.loads(run(installed, "airflow", "providers", "get", "airflow-provider-kiwoom", "-o", "json"))
    assert found["Version"] == __version__


def test_dag_timetable_and_page_come_from_it_without_a_file_among_the_plugins(installed):
    found = json.loads(run(installed, "python", "-c", LOADED).splitlines()[-1])
    assert found.pop("from").startswith(str(installed / "venv"))
    assert found == {
        "errors": [],
        "timetable": "KrxSessionTimetable",
        "known timetables": ["kiwoom_provider.timetables.krx.KrxSessionTimetable"],
        "page": ["Kiwoom"],
    }


def test_the_plugin_file_beside_it_does_no_harm(installed):
    shutil.copytree(REPOSITORY / "plugins", installed / "home" / "plugins", ignore=shutil.ignore_patterns("__pyc*"))
    found = json.loads(run(installed, "python", "-c", LOADED).splitlines()[-1])
    assert (found["errors"], found["page"]) == ([], ["Kiwoom"])
