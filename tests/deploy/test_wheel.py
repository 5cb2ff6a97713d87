"""The wheel that managed Airflows install: everything of include/, and the provider's entry point."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Build as the documentation says, from a copy: building writes beside the sources."""
    copy, dist = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("dist")
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(REPOSITORY / name, copy)
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
    shutil.copytree(REPOSITORY / "include", copy / "include", ignore=ignored)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*command, "--wheel-dir", str(dist), "."], cwd=copy, check=True, capture_output=True)
    (built,) = dist.iterdir()
    return copy / "include", built


def test_the_wheel_is_called_as_the_documentation_says(wheel):
    _, built = wheel
    assert built.name in (REPOSITORY / "docs" / "deployment.md").read_text("utf-8")


def test_every_file_of_the_package_is_in_the_wheel(wheel):
    include, built = wheel
    files = {
        path.relative_to(include).as_posix() for path in (include / "kiwoom_provider").rglob("*") if path.is_file()
    }
    assert files - set(ZipFile(built).namelist()) == set()


def test_airflow_finds_the_provider_by_its_entry_point(wheel):
    _, built = wheel
    with ZipFile(built) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith("entry_points.txt")]
        entry_points = archive.read(name).decode()
    assert "[apache_airflow_provider]" in entry_points
    assert "kiwoom_provider.provider_info:get_provider_info" in entry_points
