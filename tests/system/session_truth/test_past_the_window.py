"""The window is over: a complete raw is replayed, and nothing else is published."""

from __future__ import annotations

from ground_truth import PUBLISHED
from system.truth import OVER, TODAY, UNPROVED, collected_today, days_published, file_of


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


def test_a_replay_needs_no_connection(night, published):
    _, first = collected_today(night)
    night.store.remove([*night.store.list(PUBLISHED), *night.store.list("ka10066")])
    variables = night.variables
    night.variables = lambda: {name: value for name, value in variables().items() if "_CONN_" not in name}
    published(night, night.at("2026-11-18T09:00").run(TODAY), TODAY)
    assert night.store.read(file_of(TODAY)) == first
