"""A handful of the nights of `python -m lab witnesses`, through every stage; and what becomes of bad witnesses."""

from __future__ import annotations

import shutil

import pytest

from kiwoom_provider.datasets import layout, securities
from kiwoom_provider.parameters import parameter_sets
from lab.year import stage as stages
from lab.year import witnesses
from lab.year.stage import DAY, NIGHT, Stage, Stored, outcome_of
from lab.year.witnesses import MARKET, State, play

SETS = tuple(parameter_sets({"markets": ["KOSPI"], "venues": ["KRX"]}))
SWEPT = {state.text: state for state in witnesses.SWEPT}
NOT_SERVED = State("ka10059", "not served", ("unsupported@ka10059",), proves=False)
ON_BOTH_NIGHTS = pytest.mark.parametrize(
    "stored", [Stored.BEFORE, pytest.param(Stored.NOTHING, marks=pytest.mark.thorough)], ids=["ordinary", "first"]
)
NOTHING_STORED = State("session before", "none", stored=Stored.NOTHING)


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    return Stage(tmp_path_factory.mktemp("witnesses"), 60, SETS, (Stored.BEFORE, Stored.NOTHING))


@pytest.fixture
def played(stage):
    """Return what plays a night and returns its outcome and its store."""

    def run(*brings, stored=Stored.BEFORE):
        night = stage.begin([*MARKET, *brings], stored)
        return outcome_of(night), night.store

    yield run
    shutil.rmtree(stage.folder / NIGHT, ignore_errors=True)


def test_a_night_with_every_witness_right_is_published(stage):
    night = play(stage, SWEPT["right"], ())
    assert (night.is_as_due, night.outcome.cells, night.outcome.wrong, night.outcome.warned) == (
        True,
        5040,
        0,
        (),
    )  # 56 stocks, six sets, 12 investors and 3 prices


def test_where_ka10059_is_not_served_every_set_amounts_too_is_proved_by_its_change(stage):
    night = play(stage, SWEPT["right"], (NOT_SERVED,))
    assert (night.outcome.is_whole, night.outcome.wrong) == (True, 0)


def test_without_any_dated_row_the_volume_tells_that_the_after_market_is_awaited(stage):
    night = play(stage, SWEPT["the regular session's until 22:50, then all"], (NOT_SERVED,))
    assert night.outcome.published_at > "22:50"
    assert night.outcome.wrong == 0


@pytest.mark.parametrize(
    "witness",
    [NOT_SERVED, pytest.param(NOTHING_STORED, marks=pytest.mark.thorough)],
    ids=lambda state: f"{state.of} {state.text}",
)
def test_flows_that_lack_the_after_market_for_ever_are_never_published(stage, witness):
    both = State("ka10066", "", ("settle ka10066=16:00/never,ka10059=16:00/never,ka10051=16:00/never",), proves=False)
    night = play(stage, both, (witness,))
    assert (night.outcome.published_at, night.outcome.cells) == ("", 0)


@ON_BOTH_NIGHTS
def test_flows_that_cover_the_volume_on_no_day_are_published_by_the_clock(tmp_path, stored):
    stage = Stage(tmp_path, 60, SETS, (stored,), assume=("coverage=short",))
    outcome = stage.play(MARKET, stored)
    assert (outcome.is_whole, outcome.wrong) == (True, 0)
    assert outcome.published_at >= "21:20"  # two looks ten minutes apart, the first at 21:10


BAD_MASTERS = {
    "half of a market": ("half-list@ka10099", "swept_stocks_listed", ""),
    "a stock twice": ("twice@ka10099", "", "code(s) twice"),
    "another day's": ("stale@ka10099", "swept_stocks_listed", "is that of 2026-11-18: it blocks nothing"),
    "the other market's": ("other-market@ka10099", "", "it is another market's"),
}


@ON_BOTH_NIGHTS
@pytest.mark.parametrize("bad", BAD_MASTERS.values(), ids=BAD_MASTERS)
def test_a_bad_master_is_named_kept_and_costs_no_night(played, caplog, bad, stored):
    fault, rule, said = bad
    outcome, store = played(fault, stored=stored)
    assert (outcome.is_whole, outcome.wrong) == (True, 0)
    assert not rule or rule in outcome.warned
    assert said in caplog.text or (stored is Stored.NOTHING and "2026-11-18" in said)  # nothing to compare prices with
    assert store.list(f"raw/ka10099/session_date={DAY}/market=KOSPI")


def test_a_master_of_another_day_says_of_which_it_is(played):
    _, store = played("stale@ka10099")
    assert securities.read(store, DAY).schema.metadata[b"kiwoom.as_of"] == b"2026-11-18"


def test_a_master_of_the_day_is_found_to_be_it_on_a_first_night_too(played):
    _, store = played(stored=Stored.NOTHING)
    assert securities.read(store, DAY).schema.metadata[b"kiwoom.as_of"] == b"2026-11-19"


BAD_TOTALS = {
    "the other market's": ("other-market@ka10051", "", "it is another market's"),
    "in the wrong unit": ("wrong-units@ka10051", "totals_agree", ""),
    "the day before's": ("stale@ka10051", "totals_agree", ""),
    "of a closed day": ("empty-list@ka10051", "", ""),
}


@ON_BOTH_NIGHTS
@pytest.mark.parametrize("bad", BAD_TOTALS.values(), ids=BAD_TOTALS)
def test_bad_totals_are_named_kept_and_cost_no_night(played, caplog, bad, stored):
    fault, rule, said = bad
    outcome, store = played(fault, stored=stored)
    assert (outcome.is_whole, outcome.wrong) == (True, 0)
    assert (rule in outcome.warned, said in caplog.text) == (bool(rule), True)
    assert store.list(layout.session_prefix(layout.RAW_TOTALS, DAY))


def test_what_lies_and_what_is_silent_together_cost_no_night(stage):
    pair = (State("ka10051", "", ("stale@ka10051",)), State("ka10099", "", ("http=503@ka10099",)))
    assert play(stage, SWEPT["right"], pair).is_as_due


def test_a_night_tells_in_its_cell_what_became_of_it():
    def cell(swept, outcome, *others):
        return str(witnesses.Night(swept, others, outcome))

    published, error = stages.Outcome("21:11", 0, 10), stages.Outcome(error="UnprovedSessionError")
    assert cell(SWEPT["right"], published) == "21:11"
    assert cell(SWEPT["right"], error) == "**unproved**"  # a healthy night that is withheld stands out
    assert cell(SWEPT["right"], error, State("ka10059", "away", proves=False)) == "unproved"
    assert cell(SWEPT["right"], stages.Outcome("21:11", 2, 10)) == "**21:11, 2 WRONG**"
    assert cell(SWEPT["the day before's, for ever"], published) == "**21:11**"
