"""An ordinary night: the right numbers under the right day."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date

from ground_truth import Truths, wrong_cells
from system.truth import TODAY, file_of


def test_the_comparison_sees_another_days_numbers(monday):
    data = (monday / file_of("2026-11-16")).read_bytes()
    assert wrong_cells(data, date(2026, 11, 16), Truths())[0] == 0
    assert wrong_cells(data, date(2026, 11, 17), Truths())[0] > 20_000


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
        "sides": ["net", "buy", "sell"],
    }
    published(night, night.run(TODAY, **everything), TODAY)
    asked = Counter(entry.asked for entry in night.control.log("ka10059"))
    stocks = ("005930", "000660", "247540", "196170")  # the two busiest of each market: once for each of its 18 sets
    assert [asked[f"{stock} {TODAY}"] for stock in stocks] == [18] * 4


def test_only_one_set_of_buy_amounts(first_night, published):
    outcome = first_night.run(TODAY, measures=["amount"], sides=["buy"])
    published(first_night, outcome, TODAY)
