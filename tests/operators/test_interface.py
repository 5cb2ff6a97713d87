"""What every operator and sensor offers to a DAG of somebody else."""

from __future__ import annotations

import inspect
import signal
import subprocess
import sys
from importlib import import_module

import pytest
from airflow.sdk import BaseOperator

from kiwoom_provider.operators.session import ResolveSessionOperator
from kiwoom_provider.provider_info import get_provider_info
from kiwoom_provider.sensors.settlement import SettlementSensor

MODULES = [
    name for kind in ("operators", "sensors") for group in get_provider_info()[kind] for name in group["python-modules"]
]
CLASSES = [
    member
    for name in MODULES
    for member in vars(import_module(name)).values()
    if inspect.isclass(member) and issubclass(member, BaseOperator) and member.__module__ == name
]
FIXED = {
    "part": "names a part of the code's own plan",
    "number": "of a mapped task",
    "what": "of a mapped task, for the UI",
    "market": "of a mapped task",
    "venue": "of a mapped task",
    "block": "of a mapped task",
    "window": "the timetable's, which has no template either",
    "conf_names": "the DAG's own params",
    "deferrable": "Airflow's",
    "poke_interval": "Airflow's",
    "timeout": "Airflow's",
}
"""Arguments without a template, each with its reason."""


def arguments(kind):
    return [name for name, one in inspect.signature(kind.__init__).parameters.items() if one.kind is one.KEYWORD_ONLY]


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_what_is_of_a_run_is_templated(kind):
    assert "kiwoom_conn_id" in kind.template_fields
    assert {*arguments(kind)} - {*kind.template_fields} <= {*FIXED}


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_nothing_is_read_of_a_dags_params_or_of_another_tasks_id(kind):
    source = inspect.getsource(import_module(kind.__module__))
    assert 'context["params"]' not in source
    assert "task_ids=" not in source.replace("task_ids=self.task_id", "")


STOPPED = """
import signal, sys
from importlib import import_module

sys.argv[:] = ["airflow", *sys.argv[3:]]
kind = getattr(import_module({module!r}), {name!r})
task = kind.__new__(kind)
signal.signal(signal.SIGTERM, lambda *_: kind.on_kill(task))  # as Airflow's task runner has it
signal.raise_signal(signal.SIGTERM)
print("still there")
"""


@pytest.mark.parametrize("kind", [ResolveSessionOperator, SettlementSensor], ids=lambda kind: kind.__name__)
@pytest.mark.parametrize(("command", "ended"), [("test", -signal.SIGTERM), ("trigger", 0)])
def test_a_run_of_airflow_dags_test_that_waits_for_its_next_try_ends_with_sigterm(kind, command, ended):
    program = STOPPED.format(module=kind.__module__, name=kind.__name__)
    run = [sys.executable, "-c", program, "", "", "dags", command]
    done = subprocess.run(run, check=False, capture_output=True, text=True)

    assert done.returncode == ended, done.stderr
    assert done.stdout.endswith("still there\n") == (not ended)


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_every_operator_ends_it(kind):
    assert "end_dags_test" in inspect.getsource(kind.on_kill)
