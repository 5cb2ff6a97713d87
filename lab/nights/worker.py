"""
Runs the real DAG in real Airflow, on request, in a process of its own.

Requests and answers are JSON lines on the standard streams of the process; what Airflow and the tasks
print goes into the log file that a request names. A deferred task is resumed once the other side has
moved the clocks on, so a night of waiting takes no time. Retries are off unless a subclass wants them, and
come at once: a test has no minutes to wait.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import time
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from typing import TextIO

from kiwoom_provider.krx import Window


def main(runner_class: type[DagRunner] | None = None) -> None:
    """Serve requests until the standard input ends."""
    _spare_what_no_test_is_about()
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    _log_to(os.environ["WORKER_LOG"])
    gc.disable()
    runner = (runner_class or DagRunner)(answers)
    gc.freeze()  # what an Airflow is made of is no garbage, and takes half a second to look through
    gc.enable()
    answers.write('"ready"\n')
    for line in sys.stdin:
        request = json.loads(line)
        _log_to(request["log"])
        _live_in(request["environ"])
        try:
            answer = runner.perform(request)
        except Exception as error:  # noqa: BLE001 - the other side has to be told
            answer = {"error": repr(error)}
        sys.stdout.flush()
        answers.write(json.dumps(answer) + "\n")
    os._exit(0)  # as Airflow's own tasks do: taking a whole Airflow apart takes a second


def _spare_what_no_test_is_about() -> None:
    """Leave out checking the params' own schema, hundreds of times a run, and waiting for the disk."""
    from jsonschema import Draft202012Validator
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    Draft202012Validator.check_schema = classmethod(lambda *_, **__: None)
    os.fsync = lambda _: None  # type: ignore[assignment]
    event.listen(Engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous = OFF"))


def _log_to(path: str) -> None:
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(file, stream)
    os.close(file)


def _live_in(environ: dict[str, str]) -> None:
    for name in [name for name in os.environ if name.startswith(("AIRFLOW_VAR_", "AIRFLOW_CONN_", "KIWOOM_"))]:
        del os.environ[name]
    os.environ.update(environ)


class DagRunner:
    """The deployment's DAG, stored in its metadata database, ready to run."""

    retries = 0

    def __init__(self, answers: TextIO) -> None:
        from airflow import settings
        from airflow.dag_processing.bundles.manager import DagBundlesManager
        from airflow.dag_processing.dagbag import BundleDagBag, sync_bag_to_db
        from airflow.sdk.definitions import dag as dag_module

        from kiwoom_provider.api import retrying_transport as retry

        retry.FIRST_PAUSE_S = retry.LONGEST_PAUSE_S = 0.001
        dag_module._run_inline_trigger = self._wait
        self.answers, self.session, self.run_task = answers, cast("Any", settings.Session)(), dag_module._run_task
        bundles = cast("Any", DagBundlesManager)()
        bundles.sync_bundles_to_db(session=self.session)
        self.session.commit()
        (bundle,) = bundles.get_all_dag_bundles()
        bag = BundleDagBag(dag_folder=bundle.path, bundle_path=bundle.path, bundle_name=bundle.name)
        for task in [task for dag in bag.dags.values() for task in dag.tasks]:
            options = getattr(task, "partial_kwargs", None)
            if options is None:
                task.retries, task.retry_delay, task.retry_exponential_backoff = self.retries, timedelta(0), 0
            else:
                options |= {"retries": self.retries, "retry_delay": timedelta(0), "retry_exponential_backoff": 0}
        sync_bag_to_db(bag, bundle.name, bundle.version)
        self.bag = bag

    def _take(self, dag_id: str) -> None:
        """Work with a DAG of the deployment."""
        from airflow.models.serialized_dag import SerializedDagModel

        self.dag = self.bag.dags[dag_id]
        self.stored = cast("Any", SerializedDagModel.get_dag(dag_id, session=self.session))
        self.stored.has_on_failure_callback = False  # the DAG processor's to run, and there is none

    def miss_the_deadline(self, request: dict[str, Any]) -> dict[str, Any]:
        """Queue a run, let its deadline pass as the scheduler does, and call back as the triggerer does."""
        import asyncio

        from airflow.models.deadline import Deadline
        from airflow.triggers.callback import CallbackTrigger
        from sqlalchemy import select

        run = self._create(request | {"state": "queued"})
        self.session.commit()
        deadline = self.session.scalar(select(Deadline).where(Deadline.dagrun_id == run.id))
        deadline.handle_miss(self.session)
        data = deadline.callback.data

        async def call_back() -> list[Any]:
            trigger = CallbackTrigger(data["path"], data["kwargs"])
            return [event.payload async for event in trigger.run()]

        events = asyncio.run(call_back())
        return {
            "due": deadline.deadline_time.isoformat(),
            "events": json.loads(json.dumps(events, default=str)),
        }

    def perform(self, request: dict[str, Any]) -> dict[str, Any]:
        """Run, or clear and run again."""
        self._take(request["dag_id"])
        if request.get("deadline"):
            return self.miss_the_deadline(request)
        if "window" in request and "resolve_session" in self.dag.task_dict:
            window = Window.from_json(request["window"], "the window")
            setattr(self.dag.task_dict["resolve_session"], "window", window)  # noqa: B010 - the operator's own
        has_sensor = "await_settlement" in self.dag.task_dict
        for name, value in request.get("sensor", {}).items() if has_sensor else ():
            setattr(self.dag.task_dict["await_settlement"], name, value)
        try:
            run = self._clear(request) if "clear" in request else self._create(request)
        except ValueError as error:  # the API answers 400 with its words, and forgets the run
            self.session.rollback()
            return {"refused": str(error)}
        self._play(run)
        return {"run_id": run.run_id, "state": str(run.state), "tasks": self._states(run), "assets": self._events(run)}

    def _create(self, request: dict[str, Any]) -> Any:
        from airflow.utils.state import DagRunState
        from airflow.utils.types import DagRunTriggeredByType, DagRunType

        kind = DagRunType(request["kind"])
        key, now = request["partition_key"], datetime.fromisoformat(request["now"])
        run_id = self.stored.timetable.generate_run_id(
            run_type=kind, run_after=now, data_interval=None, partition_key=key
        )
        return self.stored.create_dagrun(
            run_id=run_id,
            run_after=now,
            run_type=kind,
            conf=request["conf"],
            partition_key=key,
            triggered_by=DagRunTriggeredByType.TEST,
            state=DagRunState(request.get("state", "running")),
            start_date=now,
            triggering_user_name=request.get("user"),
            session=self.session,
        )

    def _clear(self, request: dict[str, Any]) -> Any:
        from airflow.models.dagrun import DagRun
        from airflow.utils.state import DagRunState
        from sqlalchemy import select

        chosen = {"task_ids": request["tasks"]} if request.get("tasks") else {}
        self.stored.clear(run_id=request["clear"], dag_run_state=DagRunState.RUNNING, session=self.session, **chosen)
        self.session.commit()
        run = self.session.scalar(select(DagRun).where(DagRun.run_id == request["clear"]))
        run.dag, run.state = self.stored, DagRunState.RUNNING
        return run

    def _play(self, run: Any) -> None:
        """Do what the scheduler and its workers do, one task at a time."""
        from airflow.utils.state import DagRunState, TaskInstanceState

        self.session.commit()
        while run.state == DagRunState.RUNNING:
            self.session.expire_all()
            ready, _ = run.update_state(session=self.session)
            for task_instance in ready:
                task_instance.try_number += 1
                task_instance.state = TaskInstanceState.SCHEDULED
            self.session.commit()
            for task_instance in ready:
                self.run_task(ti=task_instance, task=self.dag.task_dict[task_instance.task_id], run_triggerer=True)
        self.session.commit()

    def _wait(self, trigger: Any, _task_instance: Any) -> Any:
        """Do what the triggerer does, and have the clocks moved on instead of sleeping."""
        import asyncio

        from airflow.providers.standard.triggers.temporal import DateTimeTrigger
        from airflow.triggers.base import TriggerEvent

        async def move_on(wait_s: float) -> None:
            self.answers.write(json.dumps({"deferred_s": wait_s}) + "\n")
            _live_in(json.loads(sys.stdin.readline())["environ"])

        async def first_event() -> Any:
            if isinstance(trigger, DateTimeTrigger):  # it sleeps by the machine's clock, whatever its ``sleep`` is
                await move_on(trigger.moment.timestamp() - time.time())
                return cast("Any", TriggerEvent)(trigger.moment)
            trigger.sleep = move_on
            return await anext(trigger.run())

        return asyncio.run(first_event())

    def _states(self, run: Any) -> dict[str, str]:
        self.session.expire_all()
        found = run.get_task_instances(session=self.session)
        return {f"{t.task_id}[{t.map_index}]" if t.map_index >= 0 else t.task_id: str(t.state) for t in found}

    def _events(self, run: Any) -> list[str]:
        from airflow.models.asset import AssetEvent
        from sqlalchemy import select

        events = self.session.scalars(select(AssetEvent).where(AssetEvent.source_run_id == run.run_id))
        return [str(event.partition_key) for event in events]


if __name__ == "__main__":
    main()
