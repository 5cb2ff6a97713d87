"""`make run` once the environment exists: from no Airflow database to the summary."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.figures import Figure
from lab.measure import ROOT, say


def run(*, quick: bool) -> list[Figure]:  # noqa: ARG001
    """Measure for the table, in a copy of the tree so that nobody's `.run` is touched."""
    say("make run, from no Airflow database")
    with TemporaryDirectory(prefix="kiwoom-bench-") as folder:
        tree = Path(folder)
        for name in ("dags", "plugins", "include", "lab"):
            shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
        environment = {**os.environ, "PYTHONPATH": f"{tree}:{tree / 'include'}"}
        for name in ("KIWOOM_APP_KEY", "KIWOOM_SECRET_KEY", "PYTHONDONTWRITEBYTECODE"):
            environment.pop(name, None)
        began = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-m", "lab", "run"], cwd=tree, env=environment, capture_output=True, text=True, check=False
        )
        taken = time.monotonic() - began
    if done.returncode:
        raise RuntimeError(f"make run failed:\n{done.stdout[-2000:]}{done.stderr[-1000:]}")
    how = "36 sets at full size, simulator without a limit; database migration, simulator and summary included"
    return [Figure("make run", taken, "s", "< 60", how)]
