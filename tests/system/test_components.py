import os
import signal
import sys
import time

import psutil
import pytest

from lab.local import components
from lab.local.airflow_api import Access

OBEDIENT = "import time; time.sleep(60)"
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
PARENT_OF_A_GROUP_LEADER = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], process_group=0)
print(child.pid, flush=True)
time.sleep(60)
"""


@pytest.fixture
def started(monkeypatch, tmp_path):
    monkeypatch.setattr(components, "airflow", lambda name, *_: [sys.executable, "-c", PROGRAMS[name]])
    monkeypatch.setattr(components, "STOP_TIMEOUT_S", 1)
    made = components.Components(os.environ, tmp_path)
    yield made
    made.stop()


PROGRAMS = {
    "api-server": OBEDIENT,
    "scheduler": PARENT_OF_A_GROUP_LEADER,
    "triggerer": DEAF,
    "dag-processor": "raise SystemExit(3)",
}


def said(started, name):
    deadline = time.monotonic() + 60
    while not (text := started.log(name).read_text()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return text.strip()


def is_alive(pid):
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def test_stopping_ends_also_a_descendant_that_leads_a_process_group_of_its_own(started):
    started.start("scheduler")
    task = int(said(started, "scheduler"))
    started.stop()
    assert not is_alive(task)


def test_stopping_ends_what_does_not_listen_to_a_request(started):
    started.start("triggerer")
    assert said(started, "triggerer") == "deaf"
    started.stop()
    assert started._started["triggerer"].returncode == -signal.SIGKILL


def test_stopping_asks_before_it_forces(started):
    started.start("api-server")
    started.stop()
    assert started._started["api-server"].returncode == -signal.SIGTERM


def test_a_component_that_ends_by_itself_is_named(started):
    started.start("dag-processor")
    started.start("api-server")
    started._started["dag-processor"].wait(timeout=60)
    assert started.dead() == "dag-processor"


def test_the_way_in_is_kept_for_its_owner_alone(tmp_path):
    Access("http://127.0.0.1:8080", "admin", "a-password").save(tmp_path / "access.json")
    assert (tmp_path / "access.json").stat().st_mode & 0o077 == 0
    assert Access.load(tmp_path / "access.json").password == "a-password"


def test_the_password_is_in_no_representation():
    assert "a-password" not in repr(Access("http://127.0.0.1:8080", "admin", "a-password"))
