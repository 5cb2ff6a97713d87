"""
What runs where.

=========  ==============================================================================
host       what runs there
=========  ==============================================================================
control    PostgreSQL, Redis, API server, scheduler, DAG processor, triggerer
worker-1   a Celery worker with an Airflow home and a state directory of its own
worker-2   another
api        the simulator
store      the object store, when the data root is there
=========  ==============================================================================

Else the data root is a directory that all hosts see, as a network file system would be: they are one machine.
"""

from __future__ import annotations

from lab.cluster.hosts import Host
from lab.local.deployment import RUN

PLACE = RUN / "cluster"
LOGS, TASK_LOGS, DATABASE, OBJECTS = (PLACE / name for name in ("logs", "task-logs", "database", "objects"))
CONTROL, API, STORE = Host("control", 10), Host("api", 40), Host("store", 50)
WORKERS = (Host("worker-1", 21), Host("worker-2", 22))
HOSTS = (CONTROL, *WORKERS, API, STORE)
SERVICES = ("postgres", "redis")
COMPONENTS = ("api-server", "scheduler", "dag-processor", "triggerer")
CELERY = ("celery", "worker", "--without-gossip", "--without-mingle")
DAG_ID = "ka10066_investor_trading"
SIMULATOR_PORT = 8900
