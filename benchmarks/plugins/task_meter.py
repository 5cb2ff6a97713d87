"""Airflow plugin of the benchmarks: what each task's process has used, CPU and memory, when its work is done."""

from __future__ import annotations

import json
import os
import resource
import sys
from pathlib import Path
from typing import Any

from airflow.listeners import hookimpl
from airflow.plugins_manager import AirflowPlugin


class Meter:
    """Writes a line when a task's own code begins, and one when it has ended well."""

    @hookimpl
    def on_task_instance_running(self, previous_state: Any, task_instance: Any) -> None:  # noqa: ARG002
        """Note what starting took."""
        _note("running", task_instance)

    @hookimpl
    def on_task_instance_success(self, previous_state: Any, task_instance: Any) -> None:  # noqa: ARG002
        """Note what the whole task took."""
        _note("success", task_instance)


def _note(moment: str, task_instance: Any) -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    line = {
        "moment": moment,
        "dag_id": task_instance.dag_id,
        "task_id": task_instance.task_id,
        "map_index": task_instance.map_index,
        "cpu_s": used.ru_utime + used.ru_stime,
        "peak_mb": used.ru_maxrss / 1024,
        "private_mb": _private_mb(),
        "modules": len(sys.modules),
    }
    with Path(os.environ["BENCH_METER"]).open("a") as file:
        file.write(json.dumps(line) + "\n")


def _private_mb() -> float:
    """Return what the process holds beside mapped files, now: the kernel keeps no peak of it."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("RssAnon:")[2].split()[0]) / 1024


class TaskMeter(AirflowPlugin):
    """Registers the meter."""

    name = "kiwoom_task_meter"
    listeners = [Meter()]  # noqa: RUF012  as Airflow has it
