"""
What runs where.

=========  ==============================================================================
host       what runs there
=========  ==============================================================================
control    PostgreSQL, Redis, API server, scheduler, DAG processor, triggerer
worker-1   a Celery worker with an Airflow home and a state directory of its own
worker-2   another
api        the simulator
=========  ==============================================================================

The data root is a directory that all hosts see, as a network file system would be: they are one machine.
"""

from __future__ import annotations

from deployment import RUN

from cluster.hosts import Host

PLACE = RUN / "cluster"
LOGS, TASK_LOGS, DATABASE = PLACE / "logs", PLACE / "task-logs", PLACE / "database"
CONTROL, API = Host("control", 10), Host("api", 40)
WORKERS = (Host("worker-1", 21), Host("worker-2", 22))
HOSTS = (CONTROL, *WORKERS, API)
COMPONENTS = ("api-server", "scheduler", "dag-processor", "triggerer")
CELERY = ("celery", "worker", "--without-gossip", "--without-mingle")
DAG_ID = "ka10066_investor_trading"
SIMULATOR_PORT = 8900
