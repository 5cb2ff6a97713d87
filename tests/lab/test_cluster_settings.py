from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

from kiwoom_provider.address import is_loopback
from lab.cluster.airflow_settings import POLICY, Cluster
from lab.cluster.hosts import API_LOOPBACK, Host
from lab.cluster.packages import REQUIREMENTS, S3_REQUIREMENTS
from lab.cluster.services import Services

ROOT = Path(__file__).parents[2]
SERVICES = Services(Host("control", 10), "pass-word")


def pins(path):
    found = re.findall(r"^([\w.-]+)==([\w.]+)", path.read_text(), re.MULTILINE)
    return {name.lower(): version for name, version in found}


def test_the_layer_changes_no_pin_of_the_main_environment():
    layer, main = pins(REQUIREMENTS), pins(ROOT / "requirements.lock")
    assert layer["apache-airflow-providers-celery"] == "3.26.0"
    assert {name: version for name, version in layer.items() if main.get(name, version) != version} == {}


def test_the_layer_with_the_object_store_adds_only_what_the_storage_suite_has_too():
    more, others = pins(S3_REQUIREMENTS), pins(ROOT / "tests/storage/requirements.txt")
    assert "apache-airflow-providers-amazon" in more
    assert {name for name in more if others[name] != more[name]} == set()
    assert not set(more) & (set(pins(REQUIREMENTS)) | set(pins(ROOT / "requirements.lock")))


def test_the_simulators_address_is_one_that_a_demonstration_clock_is_honoured_towards():
    assert is_loopback(f"http://{API_LOOPBACK}:8900")


def test_a_command_runs_in_the_hosts_namespace_under_its_name():
    assert Host("worker-1", 21).enter("date") == [
        *("ip", "netns", "exec", "kiwoom-worker-1"),
        *("unshare", "--uts", "--", "sh", "-c", 'hostname "$0" && exec "$@"', "worker-1", "date"),
    ]


def test_each_host_has_a_home_of_its_own_with_the_policy(tmp_path):
    shared = Cluster(SERVICES, tmp_path / "logs", None, "fernet", "secret")
    environment = shared.environment(tmp_path / "worker-1")
    assert environment["AIRFLOW_HOME"] == str(tmp_path / "worker-1")
    assert (tmp_path / "worker-1/config/airflow_local_settings.py").read_text() == POLICY


def test_no_password_shows_where_settings_are_printed(tmp_path):
    assert "pass-word" not in repr(Cluster(SERVICES, tmp_path, None, "fernet", "secret"))


def test_the_policy_shortens_retries_of_all_tasks_and_the_sensors_looks():
    policy = {}
    exec(POLICY, policy)  # noqa: S102 - it is what Airflow does with it
    names = ("await_settlement", "fetch")
    tasks = [SimpleNamespace(task_id=name, retry_delay=None, poke_interval=300) for name in names]
    for task in tasks:
        policy["task_policy"](task)
    assert [task.retry_delay for task in tasks] == [timedelta(seconds=5)] * 2
    assert [task.poke_interval for task in tasks] == [5, 300]
