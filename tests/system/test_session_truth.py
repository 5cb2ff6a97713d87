"""Every night that can be: the right numbers under the right day, or none, and the reason said."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import date, datetime
from pathlib import Path

import pytest

from kiwoom_provider.datasets.raw import load_sweeps
from kiwoom_provider.krx import KST
from lab.nights.stage import SETS, Night, Outcome, Worker, environment
from lab.nights.verdicts import PUBLISHED, wrong_cells

TODAY, TOMORROW = "2026-11-17", "2026-11-18"
THREE_SIDES = {"sides": ["net", "buy", "sell"]}
UNPROVED = "UnprovedSessionError"
DISPROVED = "DisprovedSessionError"
OVER = "SessionOverError"


def file_of(day: str) -> str:
    return f"{PUBLISHED}/session_date={day}/part-0.parquet"


def days_published(night: Night) -> list[str]:
    return [key.split("session_date=")[1][:10] for key in night.store.list(PUBLISHED)]


def assert_evidence(night: Night, day: str, sets: int) -> None:
    """Every set's raw is complete and typed under the day that it was collected for."""
    sweeps = load_sweeps(night.store, date.fromisoformat(day))
    assert len(sweeps) == sets
    assert all(any(sweep.is_complete for sweep in found) for found in sweeps.values())
    assert len(night.store.list(f"ka10066/session_date={day}")) == sets


def evidence_time(control, calls: int):
    """Return what settles the session ``calls`` ka10066 answers after the clock has passed 05:20."""

    def watch(now: datetime) -> None:
        if now.astimezone(KST).hour == 5:  # the evidence is due at 05:20
            control.settle_after_calls(calls)

    return watch


def test_the_comparison_sees_another_days_numbers(monday):
    data = (monday / file_of("2026-11-16")).read_bytes()
    assert wrong_cells(data, date(2026, 11, 16), frozenset())[0] == 0
    assert wrong_cells(data, date(2026, 11, 17), frozenset())[0] > 20_000


# An ordinary night


def test_a_settled_session_is_published(night, published):
    published(night, night.run(TODAY, kind="scheduled"), TODAY)
    assert night.waits == []


def test_before_the_close_the_run_waits_for_the_settle_time(night, published):
    outcome = night.at("2026-11-17T14:00").run(session_date=TODAY)
    published(night, outcome, TODAY)
    assert f"{night.waits[0]:%d %H:%M}" == "17 21:10"


def test_after_the_close_but_unsettled_the_run_waits(night, published):
    night.control.settle("21:40")
    published(night, night.run(TODAY), TODAY)
    assert f"{night.waits[-1]:%d %H:%M}" == "17 23:10"


def test_unsettled_until_late_then_settled(night, published):
    night.control.settle("25:50")
    outcome = night.run(TODAY)
    published(night, outcome, TODAY)
    assert f"{night.waits[-1]:%d %H:%M}" == "18 03:10"
    assert "still equal the previous stored session's" in outcome.log


def test_the_summary_counts_every_call_that_waiting_and_fetching_took(night, published):
    night.control.settle("23:00")
    published(night, night.run(TODAY), TODAY)
    (key,) = [k for k in night.store.list(f"quality/session_date={TODAY}") if k.endswith("summary.json")]
    summary = json.loads(night.store.read(key))
    assert summary["calls"] == night.control.count("ka10066").served
    assert summary["reference_calls"] == night.control.count("ka10059").served


def test_all_36_sets(night, published):
    everything = {
        "markets": ["KOSPI", "KOSDAQ"],
        "venues": ["KRX", "NXT", "CONSOLIDATED"],
        "measures": ["amount", "quantity"],
        **THREE_SIDES,
    }
    published(night, night.run(TODAY, **everything), TODAY)


def test_only_one_set_of_buy_amounts(first_night, published):
    outcome = first_night.run(TODAY, measures=["amount"], sides=["buy"])
    published(first_night, outcome, TODAY)


# Nothing settles


def test_never_settled_and_nothing_to_compare_with(first_night, refused):
    first_night.control.settle("never")
    outcome = first_night.run(TODAY)
    refused(
        first_night,
        outcome,
        "quality_check",
        DISPROVED,
        "no settled row for the day yet",
        "no earlier session is stored",
        "is that of 2026-11-16",
    )
    assert_evidence(first_night, TODAY, sets=2)
    assert f"{first_night.waits[-1]:%d %H:%M}" == "18 05:20"
    assert days_published(first_night) == []


def test_never_settled_equals_the_previous_session(night, refused):
    night.control.settle("never")
    outcome = night.run(TODAY)
    refused(night, outcome, "quality_check", DISPROVED, "2 of 2 sets are another session's")
    assert_evidence(night, TODAY, sets=2)
    assert days_published(night) == ["2026-11-16"]


def test_settled_for_krx_but_not_for_nxt(night, published):
    night.control.settle("18:10,NXT=never,CONSOLIDATED=never")

    outcome = night.run(TODAY, venues=["KRX", "NXT"])

    published(night, outcome, TODAY)
    assert f"{night.waits[-1]:%d %H:%M}" == "18 05:20"
    assert "Not proved, and withheld: NXT" in outcome.log
    assert_evidence(night, TODAY, sets=4)


# The dated sibling


@pytest.mark.parametrize("proof", ["both", "dated"])
def test_the_sibling_is_unreachable_all_night(night, refused, proof):
    night.proof, night.poke_interval = proof, 12 * 3600
    night.control.fault("http=503@ka10059")
    outcome = night.run(TODAY)
    refused(night, outcome, "quality_check", UNPROVED, "ka10059 could not be asked")
    assert_evidence(night, TODAY, sets=2)
    assert days_published(night) == ["2026-11-16"]


def test_the_sibling_is_unreachable_all_night_and_change_is_enough_by_setting(night, published):
    night.proof = "changed"
    night.control.fault("http=503@ka10059")
    published(night, night.run(TODAY), TODAY)


def test_a_proof_setting_changed_during_the_night_counts_from_the_next_look(night, published):
    def give_in(_now):
        night.proof = "changed"

    night.control.fault("http=503@ka10059")
    night.on_wait = give_in
    published(night, night.run(TODAY), TODAY)
    assert f"{night.waits[-1]:%d %H:%M}" == "17 23:10"


def test_the_sibling_breaks_its_spec_all_night(night, refused):
    night.poke_interval = 12 * 3600
    night.control.fault("missing-element=natfor@ka10059")
    outcome = night.run(TODAY)
    refused(night, outcome, "quality_check", UNPROVED, "natfor")
    assert_evidence(night, TODAY, sets=2)


@pytest.mark.parametrize("fault", ["unsupported@ka10059", "error=0/20@ka10059"])
def test_a_host_without_the_sibling_is_proved_by_change(night, published, fault):
    night.control.fault(fault)
    outcome = night.run(TODAY)
    published(night, outcome, TODAY)
    assert "this host does not serve ka10059" in outcome.log


def test_a_host_without_the_sibling_on_the_first_night(first_night, refused):
    first_night.control.fault("unsupported@ka10059")
    outcome = first_night.run(TODAY)
    refused(
        first_night,
        outcome,
        "quality_check",
        UNPROVED,
        "this host does not serve ka10059",
        "no earlier session is stored",
    )
    assert_evidence(first_night, TODAY, sets=2)


def test_a_host_without_the_sibling_is_not_believed_by_the_dated_setting(night, refused):
    night.proof = "dated"
    night.control.fault("unsupported@ka10059")
    refused(night, night.run(TODAY), "quality_check", UNPROVED, "proof: dated")


def test_the_sibling_settles_and_the_sheet_does_not(night, refused):
    night.control.settle("never,ka10059=18:10")
    outcome = night.run(TODAY)
    refused(night, outcome, "quality_check", DISPROVED, "settled row for the day differs from ka10066's")
    assert_evidence(night, TODAY, sets=2)


def test_the_sheet_settles_and_the_sibling_does_not(night, refused):
    night.control.settle("18:10,ka10059=never")
    outcome = night.run(TODAY)
    refused(night, outcome, "quality_check", UNPROVED, "no settled row for the day yet")
    assert_evidence(night, TODAY, sets=2)


def test_a_sheet_that_breaks_its_spec_all_night_is_kept_as_it_came(night, refused):
    night.control.fault("renamed-element@ka10066")
    outcome = night.run(TODAY)
    refused(night, outcome, "fetch[0]", "ProtocolError", "ka10066 could not be asked", "a row lacks the element natn")
    sweeps = load_sweeps(night.store, date.fromisoformat(TODAY))
    assert [sweep.is_complete for found in sweeps.values() for sweep in found] == [True, True]
    assert days_published(night) == ["2026-11-16"]


# A switch in the middle of a sweep. The look takes one page, each of the two sets three.


SWITCHES = {"at the first page": 1, "at a middle page": 2, "at the last page": 3, "between sets": 4}


@pytest.mark.parametrize("calls", SWITCHES.values(), ids=SWITCHES)
def test_a_switch_in_mid_sweep_is_caught_and_fetched_again(night, published, calls):
    night.control.settle("never")
    night.on_wait = evidence_time(night.control, calls=1 + calls)
    outcome = night.run(TODAY)
    published(night, outcome, TODAY)
    if calls > 1:
        assert "is another session's, wholly or in part: fetching it again" in outcome.log


@pytest.mark.parametrize("calls", SWITCHES.values(), ids=SWITCHES)
def test_a_switch_in_mid_sweep_on_the_first_night_is_caught_and_fetched_again(first_night, published, calls):
    first_night.control.settle("never")
    first_night.on_wait = evidence_time(first_night.control, calls=1 + calls)
    outcome = first_night.run(TODAY)
    published(first_night, outcome, TODAY)
    if calls > 1:
        assert "is another session's, wholly or in part: fetching it again" in outcome.log


@pytest.mark.parametrize("page", ["1", "2", "last"])
@pytest.mark.parametrize("stage", ["night", "first_night"])
def test_one_stale_page_of_one_set_is_fetched_again(request, published, stage, page):
    night = request.getfixturevalue(stage)
    night.control.fault(f"stale@ka10066:side=buy,page={page}*1")
    outcome = night.run(TODAY)
    published(night, outcome, TODAY)
    assert "KOSPI · KRX · quantity · buy is another session's, wholly or in part" in outcome.log


@pytest.mark.parametrize("page", ["1", "2", "last"])
@pytest.mark.parametrize("stage", ["night", "first_night"])
def test_a_page_that_stays_stale_keeps_the_session_back(request, refused, stage, page):
    night = request.getfixturevalue(stage)
    night.control.fault(f"stale@ka10066:side=buy,page={page}")
    outcome = night.run(TODAY)
    refused(night, outcome, "quality_check", DISPROVED, "1 of 2 sets are another session's")
    assert TODAY not in days_published(night)


# Days


def test_on_a_weekend_the_run_takes_fridays_session(first_night, published):
    published(first_night, first_night.at("2026-11-21T12:00").run(), "2026-11-20")


def test_a_weekend_day_is_refused_when_the_run_is_asked_for(first_night, case):
    message = first_night.at("2026-11-21T21:20").refusal(session_date="2026-11-21")
    assert message.startswith("2026-11-21 is not a KRX session")
    assert "2026-11-20 and 2026-11-23" in message
    case.refused.append(message)


def test_a_holiday_known_to_the_calendar_is_refused_when_the_run_is_asked_for(first_night, case):
    message = first_night.at("2026-10-09T21:20").refusal(session_date="2026-10-09")
    assert message.startswith("2026-10-09 is not a KRX session")
    case.refused.append(message)


def test_a_misspelt_param_is_refused_when_the_run_is_asked_for(first_night, case):
    message = first_night.refusal(sessiondate="2026-11-16")
    assert message.startswith("the run's conf names sessiondate; the params are: session_date, markets, venues")
    case.refused.append(message)


def test_on_a_known_holiday_the_run_takes_the_session_before(first_night, published):
    published(first_night, first_night.at("2026-10-09T21:20").run(), "2026-10-08")


def test_a_holiday_known_to_nobody(night, refused):
    night.control.close_day(TODAY)
    outcome = night.run(TODAY)
    refused(night, outcome, "quality_check", DISPROVED, "an unknown closed day is added with an override")
    assert_evidence(night, TODAY, sets=2)
    assert days_published(night) == ["2026-11-16"]


def test_a_holiday_known_to_nobody_on_the_first_night(first_night, refused):
    first_night.control.close_day(TODAY)
    refused(first_night, first_night.run(TODAY), "quality_check", DISPROVED, "is that of 2026-11-16")
    assert days_published(first_night) == []


def test_a_holiday_known_to_nobody_with_proof_by_change(night, refused):
    night.proof = "changed"
    night.control.close_day(TODAY)
    refused(night, night.run(TODAY), "quality_check", DISPROVED)


def test_the_session_after_a_holiday_known_to_nobody(night, refused, published):
    night.control.close_day(TODAY)
    refused(night, night.run(TODAY), "quality_check", DISPROVED)
    published(night, night.at("2026-11-18T21:11").run(TOMORROW), TOMORROW)
    assert days_published(night) == ["2026-11-16", TOMORROW]


def test_the_first_session_of_the_year(first_night, published):
    published(first_night, first_night.at("2026-01-02T21:11").run("2026-01-02"), "2026-01-02")


def test_the_day_of_the_university_entrance_test(first_night, published):
    outcome = first_night.at("2026-11-19T16:00").run(session_date="2026-11-19")
    published(first_night, outcome, "2026-11-19")
    assert f"{first_night.waits[0]:%d %H:%M}" == "19 21:10"


def test_a_manual_run_at_noon_is_told_when_the_next_window_opens(night, refused):
    outcome = night.at("2026-11-17T12:00").run()
    refused(night, outcome, "resolve_session", "SessionNotDueError", "the next window opens at 2026-11-17 21:10 KST")


def test_a_session_in_the_future_is_refused(night, refused):
    refused(night, night.run(session_date=TOMORROW), "resolve_session", "session_date 2026-11-18 is in the future")


# A gap: what the API serves differs from the last stored session, and is not the day's either


def test_after_a_gap_a_change_shows_nothing_and_the_dated_rows_name_the_day(night, refused):
    night.proof = "changed"
    night.control.settle("never")
    outcome = night.at("2026-11-18T21:11").run(TOMORROW)
    refused(night, outcome, "quality_check", DISPROVED, "the session before is not stored", "is that of 2026-11-17")
    assert days_published(night) == ["2026-11-16"]


@pytest.mark.parametrize("proof", ["both", "changed"])
def test_after_a_gap_without_the_sibling_a_change_shows_nothing(night, refused, proof):
    night.proof = proof
    night.control.settle("never")
    night.control.fault("unsupported@ka10059")
    outcome = night.at("2026-11-18T21:11").run(TOMORROW)
    refused(night, outcome, "quality_check", UNPROVED, "the session before is not stored and published")
    assert days_published(night) == ["2026-11-16"]


def test_after_an_unproved_session_a_change_shows_nothing(night, refused):
    night.proof = "changed"
    night.control.settle("never")
    night.control.fault("unsupported@ka10059")
    refused(night, night.run(TODAY), "quality_check", DISPROVED)
    outcome = night.at("2026-11-18T21:11").run(TOMORROW)
    refused(night, outcome, "quality_check", UNPROVED, "the session before is not stored and published")
    assert days_published(night) == ["2026-11-16"]


# Past the window


def collected_today(night: Night, **params) -> tuple[str, bytes]:
    outcome = night.run(TODAY, **params)
    assert outcome.state == "success"
    return outcome.run_id, night.store.read(file_of(TODAY))


def test_past_the_window_a_complete_raw_is_replayed_without_a_call(night, published):
    _, first = collected_today(night)
    night.store.remove([*night.store.list(PUBLISHED), *night.store.list("ka10066")])
    night.control.reset_counts()
    published(night, night.at("2026-11-18T09:00").run(TODAY), TODAY)
    assert night.store.read(file_of(TODAY)) == first
    assert night.control.counts() == {}


def test_an_unproved_raw_stays_unproved_in_a_replay(night, refused):
    night.control.settle("18:10,ka10059=never")
    refused(night, night.run(TODAY), "quality_check", UNPROVED)
    night.control.settle("18:10")
    refused(night, night.at("2026-11-18T09:00").run(TODAY), "quality_check", UNPROVED)


def test_past_the_window_a_partial_raw_is_kept_and_not_published(night, refused):
    night.control.fault("http=500@ka10066:side=buy,page=2")
    refused(night, night.run(TODAY), "fetch[1]", "TransientError")
    before = night.store.list("raw")
    outcome = night.at("2026-11-18T09:00").run(TODAY)
    refused(night, outcome, "resolve_session", OVER, "its raw is partial: 1 of 2 sets are complete")
    assert night.store.list("raw") == before
    assert days_published(night) == ["2026-11-16"]


def test_past_the_window_without_raw(night, refused):
    outcome = night.at("2026-11-18T09:00").run(TODAY)
    refused(night, outcome, "resolve_session", OVER, "its raw is absent")


def test_a_run_that_wakes_after_the_window(night, refused):
    night.control.settle("never")
    night.on_wait = lambda _now: night.at("2026-11-18T21:11").control.settle("18:10")
    outcome = night.run(TODAY)
    refused(
        night, outcome, "await_settlement", OVER, "may be fetched from 2026-11-17 21:10 to 2026-11-18 07:00 KST only"
    )
    assert night.store.list(f"raw/ka10066/session_date={TODAY}") == []


def test_a_fetch_cleared_after_the_window_stores_nothing(night, refused):
    night.control.fault("http=500@ka10066:side=buy,page=2*5")
    failed = night.run(TODAY)
    refused(night, failed, "fetch[1]", "TransientError")
    before = night.store.list("raw")
    outcome = night.at("2026-11-18T21:11").clear(failed.run_id, "fetch", "assemble", "quality_check")
    refused(night, outcome, "fetch[1]", OVER)
    assert night.store.list("raw") == before


def test_waiting_cleared_on_the_next_night_files_nothing_under_the_old_day(night, refused):
    night.proof = "changed"
    run_id, first = collected_today(night)
    before = night.store.list("raw")
    everything_after = ("await_settlement", "fetch", "assemble", "quality_check")
    outcome = night.at("2026-11-18T21:11").clear(run_id, *everything_after)
    refused(night, outcome, "await_settlement", OVER)
    assert night.store.list("raw") == before
    assert night.store.read(file_of(TODAY)) == first


# Again


def test_yesterdays_run_cleared_today_is_a_replay(night, published):
    run_id, first = collected_today(night)
    night.control.reset_counts()
    published(night, night.at("2026-11-18T12:00").clear(run_id), TODAY)
    assert night.store.read(file_of(TODAY)) == first
    assert night.control.counts() == {}


def test_yesterdays_run_without_a_day_cleared_tonight_takes_tonights_session(night, published):
    manual = night.run()
    published(night, manual, TODAY)
    first = night.store.read(file_of(TODAY))
    outcome = night.at("2026-11-18T21:11").clear(manual.run_id)
    assert outcome.state == "success"
    assert night.store.read(file_of(TODAY)) == first
    assert days_published(night) == ["2026-11-16", TODAY, TOMORROW]


def test_a_backfill_of_last_week_with_raw_brings_the_same_bytes(first_night, published):
    night, week = first_night, ["2026-11-16", "2026-11-17", "2026-11-18", "2026-11-19", "2026-11-20"]
    for day in week:
        assert night.at(f"{day}T21:11").run(day, kind="scheduled").state == "success"
    first = {day: night.store.read(file_of(day)) for day in week}
    night.store.remove([*night.store.list(PUBLISHED), *night.store.list("ka10066")])
    night.at("2026-11-23T12:00").control.reset_counts()
    for day in reversed(week):
        published(night, night.run(day, kind="backfill"), day)
    assert {day: night.store.read(file_of(day)) for day in week} == first
    assert night.control.counts() == {}


def test_a_backfill_of_last_week_without_raw(first_night, refused):
    first_night.at("2026-11-23T12:00")
    for day in ("2026-11-19", "2026-11-20"):
        outcome = first_night.run(day, kind="backfill")
        refused(
            first_night,
            outcome,
            "resolve_session",
            OVER,
            f"session {day} can no longer be fetched",
            "its raw is absent",
        )


def test_two_runs_of_one_session_at_once(night, published, new_home):
    other = Night(Worker(new_home()), night.store, night.url, night.control, night.folder / "other")
    other.folder.mkdir()
    other.environ = night.environ
    both = [
        n.start(partition_key=TODAY, kind="manual", conf=SETS, now=f"{TODAY}T11:31:00+00:00") for n in (night, other)
    ]
    outcomes = [n.finish(log) for n, log in zip((night, other), both, strict=True)]
    other.worker.close()
    for outcome in outcomes:
        published(night, outcome, TODAY)
    first = night.store.read(file_of(TODAY))
    published(night, night.at("2026-11-18T09:00").run(TODAY), TODAY)
    assert night.store.read(file_of(TODAY)) == first


# The machine


def test_the_machines_zone_changes_nothing(night, published, new_home):
    """Through Airflow's own command, on a machine in New York; what became of the run is read from Airflow."""
    home = new_home()
    command = [str(Path(sys.executable).with_name("airflow")), "dags", "test", "ka10066_investor_trading"]
    done = subprocess.run(
        [*command, "--conf", json.dumps(SETS | {"session_date": TODAY})],
        env=environment(home, "America/New_York") | night.variables(),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    with closing(sqlite3.connect(home / "airflow.db")) as database:
        ((state,),) = database.execute("SELECT state FROM dag_run").fetchall()
    published(night, Outcome("", state, {}, [TODAY], done.stdout + done.stderr), TODAY)


def test_a_proof_setting_that_does_not_exist_is_named(night, refused):
    night.proof = "dtaed"
    refused(night, night.run(TODAY), "await_settlement", "proof 'dtaed' (Airflow Variable kiwoom_proof) is not one of")
