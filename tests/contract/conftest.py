from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DRIVERS = Path(__file__).parent / "drivers"
VARIABLE = "KIWOOM_CLIENTS_PYTHON"


@pytest.fixture(scope="session")
def clients_python():
    """The interpreter of the environment that holds the public clients."""
    python = Path(os.environ.get(VARIABLE, ROOT / ".venv-clients" / "bin" / "python"))
    if not python.exists():
        pytest.fail(f"no {python}: `make .venv-clients` builds it from tests/contract/requirements.txt")
    return python


@pytest.fixture
def drive(clients_python):
    """Run a public client's driver in its own environment, and return what it printed."""

    def driven(client, url, market="001", venue="1"):
        command = [str(clients_python), str(DRIVERS / f"{client}_driver.py"), url, market, venue]
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=60, check=False, env={"PATH": os.defpath}
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return json.loads(done.stdout[done.stdout.index('{"rows"') :])

    return driven
