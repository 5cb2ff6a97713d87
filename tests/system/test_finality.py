"""Balanced is not final: what lacks the after-market is waited for, fetched again, and never published."""

from __future__ import annotations

from datetime import time

import pytest

from kiwoom_provider.krx import Window

TODAY = "2026-11-17"
LACKING = "the after-market is not in yet"
LATE = "16:00/22:50"
"""The regular session's flows at 16:00, which balance and agree; the after-market's at 22:50."""


@pytest.fixture
def waited_until_it_was_in(night, published):
    def check(**params):
        outcome = night.run(TODAY, **params)
        published(night, outcome, TODAY)
        assert f"{night.waits[-1]:%d %H}" == "17 23" or f"{night.waits[-1]:%d %H:%M}" >= "17 22:50"
        return outcome

    return check


def test_a_night_begun_before_the_after_market_is_in_publishes_the_final_figures(night, waited_until_it_was_in):
    night.control.settle(LATE)
    assert LACKING in waited_until_it_was_in().log


def test_a_night_begun_at_half_past_eight_publishes_what_holds_the_after_market_of_ten_to_nine(night, published):
    night.window, night.poke_interval = Window(settle_time=time(20, 30)), 300
    night.at("2026-11-17T20:30:01").control.settle("16:00/20:50")
    outcome = night.run(TODAY)
    assert LACKING in outcome.log
    assert [f"{moment:%H:%M}" for moment in night.waits] == ["20:35", "20:40", "20:45", "20:50"]
    published(night, outcome, TODAY)


def test_a_night_that_lacks_the_after_market_for_ever_is_never_published(night, refused):
    night.control.settle("16:00/never")
    refused(night, night.run(TODAY), "quality_check", "UnprovedSessionError", LACKING)
    assert night.store.list(f"investor_trading/session_date={TODAY}") == []


@pytest.mark.thorough
def test_a_dated_sibling_that_is_final_before_the_sheet_is_waited_for(night, waited_until_it_was_in):
    night.control.settle(f"{LATE},ka10059=16:00/20:20")
    waited_until_it_was_in()


@pytest.mark.thorough
def test_a_dated_sibling_that_is_final_after_the_sheet_is_waited_for(night, waited_until_it_was_in):
    night.control.settle(f"16:00/20:20,ka10059={LATE}")
    waited_until_it_was_in()


@pytest.mark.thorough
def test_a_venue_that_is_final_later_is_waited_for(night, waited_until_it_was_in):
    night.control.settle(f"16:00/20:20,NXT={LATE},CONSOLIDATED={LATE}")
    waited_until_it_was_in(venues=["KRX", "NXT"])


@pytest.mark.thorough
def test_the_after_market_that_comes_in_mid_sweep_is_fetched_again(night, published):
    def watch(now):
        if now.hour == 5 or f"{now:%H:%M}" == "05:00":
            night.control.settle("after=0/3")

    night.control.settle("16:00/never")
    night.on_wait = watch
    published(night, night.run(TODAY, measures=["quantity"], sides=["net", "buy", "sell"]), TODAY)


@pytest.mark.thorough
def test_on_the_first_night_too(first_night, refused):
    first_night.control.settle("16:00/never")
    refused(first_night, first_night.run(TODAY), "quality_check", "UnprovedSessionError", LACKING)
