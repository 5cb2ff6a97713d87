"""Runs that are cleared, filled back, or two at once bring the same bytes."""

from __future__ import annotations

from ground_truth import PUBLISHED
from lab.nights.stage import SETS, Night, Worker
from system.truth import OVER, TODAY, TOMORROW, collected_today, days_published, file_of


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
    night, week = first_night, ["2026-11-18", "2026-11-19", "2026-11-20"]
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
