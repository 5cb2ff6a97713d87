"""Each witness right, silent, late and contradicting, alone and in pairs: no wrong cell, and no healthy night lost."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.thorough

TODAY = "2026-11-17"
NET_AND_GROSS = {"sides": ["net", "buy", "sell"]}
UNPROVED, DISPROVED = "UnprovedSessionError", "DisprovedSessionError"


def perform(night, settle="18:10", *faults):
    night.poke_interval = 12 * 3600
    night.control.settle(settle)
    for fault in faults:
        night.control.fault(fault)
    return night.run(TODAY, **NET_AND_GROSS)


# The dated totals (ka10051): a witness that helps and never stands in the way


TOTALS = {
    "right": ("18:10", ""),
    "away": ("18:10", "http=503@ka10051"),
    "late": ("18:10,ka10051=never", ""),
    "of the day before": ("18:10", "stale@ka10051"),
    "in the wrong unit": ("18:10", "wrong-units@ka10051"),
    "of the other market": ("18:10", "other-market@ka10051"),
    "off in one figure": ("18:10", "cell-off=ind_netprps@ka10051"),
}


@pytest.mark.parametrize("totals", TOTALS.values(), ids=TOTALS)
def test_totals_of_any_kind_cost_no_first_night(first_night, published, totals):
    settle, fault = totals
    published(first_night, perform(first_night, settle, *filter(None, [fault])), TODAY)


def test_totals_that_are_right_spare_a_first_night_the_row_a_page(first_night, published):
    published(first_night, perform(first_night), TODAY)
    with_totals = first_night.control.count("ka10059").served
    assert first_night.control.count("ka10051").served == 1
    assert with_totals == 7  # two stocks of each set, and one of the page of ETNs, which the total leaves out


@pytest.mark.parametrize("totals", ["right", "of the day before"])
def test_without_the_dated_sibling_totals_prove_nothing_on_a_first_night(first_night, refused, totals):
    settle, fault = TOTALS[totals]
    outcome = perform(first_night, settle, "unsupported@ka10059", *filter(None, [fault]))
    refused(first_night, outcome, "quality_check", UNPROVED, "does not serve ka10059")


def test_on_a_day_closed_to_nobodys_knowledge_the_last_sessions_totals_prove_nothing(first_night, refused):
    first_night.control.close_day(TODAY)
    refused(first_night, perform(first_night), "quality_check", DISPROVED, "is that of 2026-11-16")


# The dated rows (ka10059)


@pytest.mark.parametrize("totals", ["right", "away"])
def test_dated_rows_that_are_late_keep_the_night_unproved(night, refused, totals):
    outcome = perform(night, "18:10,ka10059=never", *filter(None, [TOTALS[totals][1]]))
    refused(night, outcome, "quality_check", UNPROVED, "no settled row for the day yet")


@pytest.mark.parametrize("totals", ["right", "away"])
def test_dated_rows_that_contradict_keep_the_night_unproved_and_releasable(night, refused, totals):
    outcome = perform(night, "18:10", "stale@ka10059", *filter(None, [TOTALS[totals][1]]))
    refused(night, outcome, "quality_check", UNPROVED, "equal none of ka10059's dated rows")


def test_dated_rows_that_are_not_served_leave_it_to_the_session_before(night, published):
    published(night, perform(night, "18:10", "unsupported@ka10059"), TODAY)


def test_without_dated_rows_the_volume_tells_that_the_after_market_is_awaited(night, refused, published):
    night.control.settle("16:00/20:50,ka10066=16:00/22:50")
    night.control.fault("unsupported@ka10059")
    first = night.run(TODAY, **NET_AND_GROSS)
    refused(night, first, "quality_check", "AuditFailedError", "the after-market is not in yet")
    night.at(f"{TODAY}T23:00")
    published(night, night.clear(first.run_id, "quality_check"), TODAY)  # as its next try does


# Stock by stock


@pytest.mark.parametrize("how", ["missing", "zero", "before"])
def test_stocks_that_settle_one_by_one_are_looked_at_and_fetched_again(night, published, how):
    night.control.fault(f"unsettled-stocks=21:10-23:00/{how}@ka10066")
    published(night, night.run(TODAY, **NET_AND_GROSS), TODAY)


REFUSED = {"zero": UNPROVED, "before": DISPROVED}


@pytest.mark.parametrize("how", REFUSED)
def test_stocks_that_never_settle_are_never_published(night, refused, how):
    night.poke_interval = 12 * 3600
    night.control.fault(f"unsettled-stocks=0.88/{how}@ka10066")
    refused(night, night.run(TODAY, **NET_AND_GROSS), "quality_check", REFUSED[how])


# Whatever is open of the API


@pytest.mark.parametrize(
    "otherwise",
    [
        "dated_sells=negative",
        "dated_etn=unknown unknown_code=empty",
        "dated_etn=unknown unknown_code=blank",
        "dated_etn=unknown unknown_code=no-list",
        "unsettled_row=broken",
        "rounding=cut",
        "coverage=short",
        "totals_closed_day=empty",
    ],
    indirect=True,
)
def test_either_answer_to_an_open_question_lets_a_first_night_pass(otherwise, published):
    published(otherwise, otherwise.run(TODAY, **NET_AND_GROSS), TODAY)
