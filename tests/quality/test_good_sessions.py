"""The other way round: good sessions, with rounding as it really falls, are not held back."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pyarrow as pa
import pytest

from kiwoom_provider.parameters import Market, Measure, ParameterSet, Side, Venue
from kiwoom_provider.quality.audit import audit
from kiwoom_provider.quality.results import Verdict

BEFORE = dt.date(2026, 11, 19)
NEVER_HERE = {"all_is_both_markets", "full_last_page", "usual_size"}
"""What does not apply to both markets without ALL, with an earlier session published."""


@pytest.mark.parametrize("seed", range(1, 21))
def test_a_good_session_is_not_held_back_and_every_rule_that_applies_has_passed(session_of, seed):
    report = audit(session_of(seed=seed, kospi=150 + seed, kosdaq=180 + seed, witnessed=True))
    assert report.status is Verdict.PASSED
    assert {r.id for r in report.results if r.status == "not_applicable"} == NEVER_HERE


def test_a_first_night_passes_and_says_that_nothing_is_stored_to_compare_with(good):
    sets = tuple(entry.model_copy(update={"compared_with": ()}) for entry in good.proof.sets)
    proof = good.proof.model_copy(update={"sets": sets})
    report = audit(replace(good, published={}, published_on=None, proof=proof))
    assert not report.blocking
    told = {r.id: str(r.found) for r in report.results if r.status == "not_applicable"}
    assert told["not_previous_session"] == "none of these sets is stored for an earlier session"
    assert told["stocks_stay"] == "no set of these markets and venues is published for an earlier session"


def one_set(given, key):
    return replace(given, asked=(key,), tables={key: given.tables[key]}, page_sizes={key: given.page_sizes[key]})


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("measure", Measure)
@pytest.mark.parametrize("venue", Venue)
def test_any_single_set_can_be_audited(good, venue, measure, side):
    report = audit(one_set(good, ParameterSet(Market.KOSPI, venue, measure, side)))
    assert report.status is Verdict.PASSED


def test_a_law_that_needs_sets_which_were_not_asked_for_does_not_apply_and_says_which(good):
    report = audit(one_set(good, ParameterSet(Market.KOSPI, Venue.KRX, Measure.AMOUNT, Side.NET)))
    told = {r.id: str(r.found) for r in report.results if r.status == "not_applicable"}
    assert told["buy_minus_sell_is_net"] == (
        "buy, sell and net of one market, venue and measure were not asked for together"
    )
    assert told["same_prices"] == "fewer than two sets of one market and venue were asked for"
    assert told["gross_not_negative"] == "neither buy nor sell was asked for"


def test_a_delisting_a_listing_a_new_name_and_a_move_of_market_hold_nothing_back(good):
    def other_universe(table):
        names = table["stk_nm"].to_pylist()
        codes = table["stk_cd"].to_pylist()
        names[9], codes[12] = "새이름", codes[12][:5] + "Z"
        position = table.column_names.index
        table = table.set_column(position("stk_nm"), "stk_nm", [names])
        return table.set_column(position("stk_cd"), "stk_cd", [codes]).slice(1)

    before = {key: other_universe(t) for key, t in good.published.items()}
    report = audit(replace(good, published=before))
    assert report.status is Verdict.PASSED


def test_all_of_both_markets_agrees_with_its_markets(good):
    whole = {}
    for key, table in good.tables.items():
        if key.market is Market.KOSPI:
            other = good.tables[replace(key, market=Market.KOSDAQ)]
            whole[replace(key, market=Market.ALL)] = pa.concat_tables([table, other]).sort_by("stk_cd")
    sizes = {key: (100,) * (t.num_rows // 100) + (t.num_rows % 100,) for key, t in whole.items()}
    given = replace(
        good,
        asked=(*good.asked, *whole),
        tables={**good.tables, **whole},
        page_sizes={**good.page_sizes, **sizes},
    )
    found = [r.status for r in audit(given).results if r.id == "all_is_both_markets"]
    assert found == ["pass"]
