"""Looks in the triggerer, and what a worker does in its place."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import pytest
from airflow.sdk.exceptions import AirflowSensorTimeout, AirflowSkipException, TaskDeferred
from airflow.serialization.serialized_objects import BaseSerialization

from kiwoom_provider.krx import KST, calendar
from kiwoom_provider.parameters import ParameterSet
from kiwoom_provider.pipeline.errors import SessionOverError
from kiwoom_provider.pipeline.plan import Mode, Plan
from kiwoom_provider.sensors.settlement import SettlementSensor
from kiwoom_provider.triggers.settlement import PokeResult, SettlementPoke, SettlementTrigger

YES, NO = True, False
NET = ParameterSet.parse("KOSPI", "KRX", "quantity", "net")
PLAN = Plan.of(calendar(), date(2026, 11, 20), Mode.LIVE, (NET,)).to_json()
ARGUMENTS = {
    "plan": PLAN,
    "run_id": "run-a",
    "kiwoom_conn_id": "kiwoom_default",
    "poke_interval": 300,
    "pause_s": 7.0,
}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=KST)


@dataclass
class Looks:
    """What is seen at each look, every five minutes from ``now`` on."""

    settled: list[bool | Exception]
    now: datetime
    taken: int = 0

    def poke(self) -> PokeResult:
        seen = self.settled[self.taken] if self.taken < len(self.settled) else False
        moment = self.now + timedelta(minutes=5 * self.taken)
        self.taken += 1
        if isinstance(seen, Exception):
            raise seen
        return PokeResult(settled=seen, looked_at=moment, pause_s=300.0, calls={"calls": 2, "reference_calls": 1})


@pytest.fixture
def looks(monkeypatch):
    def see(*settled, now="2026-11-20T21:40"):
        made = Looks(list(settled), at(now))
        monkeypatch.setattr(SettlementPoke, "poke", lambda _poke: made.poke())
        return made

    return see


def event_of(trigger) -> tuple[dict, list[float]]:
    """Return the trigger's event, and the seconds that it waited before each look."""
    waited = []

    async def sleep(wait_s):
        waited.append(wait_s)

    async def first_event():
        return await anext(trigger.run())

    trigger.sleep = sleep
    return asyncio.run(first_event()).payload, waited


def test_the_triggerer_looks_until_the_session_has_settled(looks):
    looks(NO, NO, YES)

    payload, waited = event_of(SettlementTrigger(**ARGUMENTS))

    assert payload == {"settled": True, "calls": {"calls": 6, "reference_calls": 3}}
    assert waited == [7.0, 300.0, 300.0]


def test_after_an_hour_of_looks_it_is_a_workers_turn(looks):
    seen = looks()

    payload, _ = event_of(SettlementTrigger(**ARGUMENTS))

    assert payload["settled"] is False
    assert seen.taken == 13


def test_at_the_evidence_time_it_is_a_workers_turn(looks):
    seen = looks(now="2026-11-23T05:12")

    event_of(SettlementTrigger(**ARGUMENTS))

    assert seen.taken == 3


def test_a_look_that_goes_wrong_in_the_triggerer_is_a_workers_to_take(looks):
    looks(OSError("the store is away"))

    payload, _ = event_of(SettlementTrigger(**ARGUMENTS))

    assert payload == {"settled": False, "calls": {}}


def test_a_trigger_comes_back_from_the_database_as_it_was_and_holds_no_secret():
    path, arguments = SettlementTrigger(**ARGUMENTS).serialize()

    assert path == "kiwoom_provider.triggers.settlement.SettlementTrigger"
    assert arguments == ARGUMENTS
    again = BaseSerialization.deserialize(BaseSerialization.serialize(arguments))
    assert SettlementTrigger(**again).serialize() == (path, ARGUMENTS)


@dataclass
class Run:
    dag_id: str = "ka10066_investor_trading"
    run_id: str = "run-a"
    partition_key: str = "2026-11-20"
    conf: dict = field(default_factory=dict)


STARTED = at("2026-11-20T21:40")


@dataclass
class TaskInstance:
    """Keeps XComs as a run does."""

    pushed: dict = field(default_factory=dict)
    start_date: datetime = STARTED

    def xcom_pull(self, *, task_ids, key):
        assert task_ids == "await_settlement"
        return self.pushed.get(key)

    def xcom_push(self, key, value):
        self.pushed[key] = value


@pytest.fixture
def started(monkeypatch):
    """Set how long ago, in real time, the task was first started."""

    def ago(**since):
        now = STARTED + timedelta(**since)
        monkeypatch.setattr("kiwoom_provider.clock.SystemClock.now", lambda _clock: now)

    ago()
    return ago


@pytest.fixture
def context(started):  # noqa: ARG001 - no time has passed unless a test says so
    return {"run_id": "run-a", "ti": TaskInstance(), "dag_run": Run()}


def sensor(**arguments):
    return SettlementSensor(task_id="await_settlement", plan=PLAN, **arguments)


def test_a_settled_session_defers_nothing(looks, context):
    looks(YES)

    assert sensor().execute(context) == [NET.names()]
    assert context["ti"].pushed["looked"] == {"calls": 2, "reference_calls": 1}


def test_an_unsettled_one_is_the_triggerers_to_watch_and_a_worker_waits_for_it_no_longer_than_it_may_take(
    looks, context
):
    looks(NO)

    with pytest.raises(TaskDeferred) as deferred:
        sensor().execute(context)

    assert deferred.value.trigger.serialize()[1]["pause_s"] == 300.0
    assert deferred.value.method_name == "look_again"
    assert deferred.value.timeout == timedelta(hours=1, minutes=20)


def test_the_triggerer_has_no_longer_than_is_left_of_the_sensors_timeout(looks, context, started):
    looks(NO)
    started(minutes=50)

    with pytest.raises(TaskDeferred) as deferred:
        sensor(timeout=3600).execute(context)

    assert deferred.value.timeout == timedelta(minutes=10)


@pytest.mark.parametrize(("soft", "raised"), [(False, AirflowSensorTimeout), (True, AirflowSkipException)])
def test_after_its_timeout_the_sensor_gives_up_however_often_it_was_deferred(looks, context, started, soft, raised):
    looks(NO)
    started(minutes=60)

    with pytest.raises(raised, match="not settled within 3600 s"):
        sensor(timeout=3600, soft_fail=soft).execute(context)


def test_what_has_settled_at_the_last_look_is_taken_after_the_timeout_too(looks, context, started):
    looks(YES)
    started(minutes=61)

    assert sensor(timeout=3600).resume_execution("__fail__", {"error": "Trigger timeout"}, context) == [NET.names()]


def test_looks_in_the_triggerer_are_counted_with_the_workers(looks, context):
    looks(NO)
    task = sensor()
    with pytest.raises(TaskDeferred):
        task.execute(context)

    sets = task.look_again(context, {"settled": True, "calls": {"calls": 10, "reference_calls": 5}})

    assert sets == [NET.names()]
    assert context["ti"].pushed["looked"] == {"calls": 12, "reference_calls": 6}


def test_at_the_evidence_time_the_sweep_is_taken_without_a_proof(looks, context):
    looks(NO, now="2026-11-23T05:20")

    assert sensor().execute(context) == [NET.names()]


@pytest.mark.parametrize(("now", "alerts"), [("2026-11-23T03:59", 0), ("2026-11-23T04:00", 1)], ids=["in time", "late"])
def test_without_a_triggerer_a_worker_looks_and_alerts_when_it_is_late(looks, context, monkeypatch, now, alerts):
    looks(NO, now=now)
    told = []

    async def tell(about):
        told.append(about["dag_run"])

    monkeypatch.setattr("kiwoom_provider.alerts.session_is_late", tell)
    with pytest.raises(TaskDeferred):
        sensor().resume_execution("__fail__", {"error": "Trigger timeout"}, context)

    assert len(told) == alerts
    assert all(run["state"] == "waiting for settlement, without a triggerer" for run in told)


def test_without_a_triggerer_a_settled_session_goes_on(looks, context):
    looks(YES)

    assert sensor().resume_execution("__fail__", {"error": "Trigger timeout"}, context) == [NET.names()]


def test_a_worker_fails_with_what_no_later_look_can_cure(looks, context):
    looks(SessionOverError("over"))

    with pytest.raises(SessionOverError):
        sensor().execute(context)


def test_a_sensor_that_is_not_deferrable_looks_from_its_worker(looks, context, monkeypatch):
    seen = looks(NO, YES)
    monkeypatch.setattr("airflow.sdk.bases.sensor.time.sleep", lambda _s: None)

    assert sensor(deferrable=False).execute(context) == [NET.names()]
    assert seen.taken == 2


def test_a_replay_waits_for_nothing(context):
    plan = PLAN | {"mode": "replay"}

    assert SettlementSensor(task_id="await_settlement", plan=plan).execute(context) == [NET.names()]
    assert context["ti"].pushed["looked"] == {}
