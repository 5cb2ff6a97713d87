"""Only what no try can cure is final: a figure that cannot be ends the night when it came twice."""

from __future__ import annotations

import re

TODAY = "2026-11-17"
ALL_SIDES = ["net", "buy", "sell"]
WRONG_CELL = "cell-off=frgnr_invsr@ka10066:side=net"
AGAIN = "This run was kept from publication before: every set is fetched again"


def decisions(outcome):
    """Return what Airflow was told to do with each try that failed, and why."""
    return re.findall(r"Retry policy decision .*action=(\w+) .*reason='(\w+)", outcome.log)


def blocked(night):
    """Play the first try of a night with a figure that cannot be."""
    outcome = night.run(TODAY, sides=ALL_SIDES)
    assert (outcome.failed_task, decisions(outcome)) == ("quality_check", [("retry", "AuditFailedError")])
    assert AGAIN not in outcome.log
    return outcome.run_id


def test_a_figure_that_cannot_be_is_fetched_again_and_the_night_is_published(night, published):
    night.control.fault(f"{WRONG_CELL}*1")
    again = night.clear(blocked(night), "quality_check")
    assert AGAIN in again.log
    published(night, again, TODAY)


def test_a_figure_that_cannot_be_and_comes_again_ends_the_night(night, refused):
    night.control.fault(WRONG_CELL)
    again = night.clear(blocked(night), "quality_check")
    refused(night, again, "quality_check", "AuditFailedError", "buy_minus_sell_is_net", AGAIN)
    assert decisions(again) == [("fail", "AuditFailedError")]
    assert night.store.list(f"investor_trading/session_date={TODAY}") == []


def test_a_figure_that_could_not_be_fetched_again_does_not_end_it(night, published):
    night.control.fault(f"{WRONG_CELL}*1")
    run_id = blocked(night)
    night.control.fault("http=503@ka10066")
    assert decisions(night.clear(run_id, "quality_check")) == [("retry", "AuditFailedError")]
    night.control.clear_faults()
    published(night, night.clear(run_id, "quality_check"), TODAY)
