"""A switch in the middle of a sweep, and stale pages. The look takes one page, each of the two sets three."""

from __future__ import annotations

import pytest

from kiwoom_provider.krx import KST
from system.truth import DISPROVED, TODAY, days_published


def evidence_time(control, calls: int):
    """Return what settles the session ``calls`` ka10066 answers after the clock has passed 05:20."""

    def watch(now):
        if now.astimezone(KST).hour == 5:  # the evidence is due at 05:20
            control.settle_after_calls(calls)

    return watch


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
