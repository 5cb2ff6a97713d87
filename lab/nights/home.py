"""Airflow homes with a migrated database: migrated once for each version of Airflow, then copied."""

from __future__ import annotations

import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from filelock import FileLock

from lab.nights.stage import environment


def migrated_database(folder: Path) -> Path:
    """Return a migrated SQLite database in ``folder``, made there by whichever process comes first."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / f"airflow-{version('apache-airflow')}.db"
    with FileLock(kept.with_suffix(".lock")), TemporaryDirectory() as home:
        if not kept.exists():
            migrate = [sys.executable, "-m", "airflow", "db", "migrate"]
            subprocess.run(migrate, env=environment(Path(home)), check=True, capture_output=True, timeout=600)
            shutil.copy(f"{home}/airflow.db", kept.with_suffix(".new"))
            kept.with_suffix(".new").rename(kept)
    return kept


def make_home(home: Path, database: Path) -> Path:
    """Make an Airflow home with a copy of a database."""
    home.mkdir(parents=True, exist_ok=True)
    shutil.copy(database, home / "airflow.db")
    return home
