"""
Airflow's settings in the cluster: who is where, and how soon a death is noticed.

Airflow's own time limits suit tasks of hours; a session's tasks take seconds. Each limit that is changed
stands here with Airflow's default beside it, so that a deployment can choose.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kiwoom_provider.clock import DEMO_CLOCK_VARIABLE
from lab.local.deployment import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from lab.cluster.services import Services

API_PORT, TASKS_PER_WORKER = 8080, 4
USER = "admin"

NOTICING = {
    "SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "30",  # default 300: a task of a dead or cut-off worker is lost
    "SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "5",  # default 10
    "SCHEDULER__TASK_QUEUED_TIMEOUT": "45",  # default 600: sent to a worker that died before it began
    "SCHEDULER__TASK_QUEUED_TIMEOUT_CHECK_INTERVAL": "10",  # default 120
    "SCHEDULER__NUM_STUCK_IN_QUEUED_RETRIES": "10",  # default 2
    "SCHEDULER__SCHEDULER_HEALTH_CHECK_THRESHOLD": "15",  # default 30: from then on a scheduler is dead
    "SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "15",  # default 300: the dead one's tasks are taken over
    "TRIGGERER__TRIGGERER_HEALTH_CHECK_THRESHOLD": "15",  # default 30: the dead one's waits are taken over
}
"""How soon a death is noticed; all in seconds but one, a count."""

POLICY = '''
"""The cluster's policy: retries and looks that take seconds, where the DAG says minutes."""
from datetime import timedelta


def task_policy(task):
    task.retry_delay = timedelta(seconds=5)
    if task.task_id == "await_settlement":
        task.poke_interval = 5
'''
"""Airflow's ``airflow_local_settings.py`` of every host. The DAG's file stays as it is."""


@dataclass(frozen=True)
class Cluster:
    """
    What all processes of one cluster agree on.

    :param task_logs: where all hosts write their tasks' logs, as a deployment does with a log volume.
    :param clock: the demonstration clock, as the provider's variable takes it.
    """

    services: Services
    task_logs: Path
    clock: str | None
    fernet_key: str = field(repr=False)
    secret: str = field(repr=False)

    @property
    def api_url(self) -> str:
        """Where the API server and the UI are."""
        return f"http://{self.services.host.address}:{API_PORT}"

    def environment(self, home: Path) -> dict[str, str]:
        """Return the environment of a process whose AIRFLOW_HOME is ``home``; make the policy file there."""
        (home / "config").mkdir(parents=True, exist_ok=True)
        (home / "config" / "airflow_local_settings.py").write_text(POLICY)
        settings = self._shared_settings() | NOTICING
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "KIWOOM_"))}
        clock = {DEMO_CLOCK_VARIABLE: self.clock} if self.clock else {}
        named = {f"AIRFLOW__{name}": value for name, value in settings.items()}
        return kept | {"AIRFLOW_HOME": str(home), "NO_PROXY": "*"} | clock | named

    def _shared_settings(self) -> dict[str, str]:
        from lab.cluster.services import BROKER_DATABASE

        services = self.services
        return {
            "API__HOST": services.host.address,
            "API__PORT": str(API_PORT),
            "API__BASE_URL": self.api_url,
            "API__SECRET_KEY": self.secret,
            "API__WORKERS": "1",
            "API_AUTH__JWT_SECRET": self.secret,
            "CELERY__BROKER_URL": services.redis(BROKER_DATABASE),
            "CELERY__RESULT_BACKEND": "db+" + services.database("postgresql+psycopg2"),
            "CELERY__WORKER_CONCURRENCY": str(TASKS_PER_WORKER),
            "CORE__DAGS_FOLDER": str(ROOT / "dags"),
            "CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
            "CORE__EXECUTOR": "CeleryExecutor",
            "CORE__EXECUTION_API_SERVER_URL": f"{self.api_url}/execution/",
            "CORE__FERNET_KEY": self.fernet_key,
            "CORE__LOAD_EXAMPLES": "False",
            "CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin",
            "LOGGING__BASE_LOG_FOLDER": str(self.task_logs),
            "DATABASE__SQL_ALCHEMY_CONN": services.database("postgresql+psycopg2"),
            "DATABASE__SQL_ALCHEMY_CONN_ASYNC": services.database("postgresql+asyncpg"),
            "USAGE_DATA_COLLECTION__ENABLED": "False",
        }


def passwords_file(folder: Path, password: str) -> Path:
    """Keep the UI's password where the simple auth manager looks for it; readable by this user alone."""
    path = folder / "passwords.json"
    path.touch(mode=0o600)
    path.write_text(json.dumps({USER: password}))
    return path
