"""A run in a few figures: what the page reads instead of the datasets."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from kiwoom_provider.datasets.store import Store
from kiwoom_provider.krx import calendar
from kiwoom_provider.parameters import ParameterSet
from kiwoom_provider.pipeline.plan import Mode, Plan
from kiwoom_provider.pipeline.summary import read_summaries, summarise, write_summary
from kiwoom_provider.quality.results import AuditReport, NetFlow, SetSize

NET = ParameterSet.parse("KOSPI", "KRX", "amount", "net")
PLAN = Plan.of(calendar(), date(2026, 11, 20), Mode.LIVE, (NET,))
COUNTED = {"rows": 1330, "pages": 14, "bytes": 90000, "calls": 14, "reference_calls": 2, "refused": 0}
FIRST = COUNTED | {
    "began": "2026-11-20T11:35:00+00:00",
    "ended": "2026-11-20T11:35:20+00:00",
    "waited_s": 12.5,
    "rate": 5.0,
}
SECOND = COUNTED | {
    "began": "2026-11-20T11:35:01+00:00",
    "ended": "2026-11-20T11:35:31.500000+00:00",
    "waited_s": 20.25,
    "rate": 4.0,
}
REPLAYED = COUNTED | {"calls": 0, "began": None, "ended": None, "waited_s": 0.0, "rate": None}


def report(**parts):
    at = datetime(2026, 11, 20, 11, 45, tzinfo=UTC)
    return AuditReport(run_id="run", session_date=PLAN.session.session_date, results=(), audited_at=at, **parts)


def summary(*fetched, **parts):
    return summarise(PLAN, report(**parts), fetched, {}, None)


def test_the_sweep_is_timed_from_the_first_begin_to_the_last_end_at_the_lowest_rate():
    assert summary(FIRST, SECOND).to_json()["sweep"] == {
        "began": "2026-11-20T11:35:00Z",
        "ended": "2026-11-20T11:35:31.500000Z",
        "calls": 28,
        "rate": 4.0,
        "floor_s": 7.0,
        "waited_s": 32.75,
    }


@pytest.mark.parametrize(
    "fetched",
    [(), (REPLAYED,), (COUNTED,)],
    ids=["nothing fetched", "replayed", "fetched by an older release"],
)
def test_without_a_timed_call_there_is_no_time(fetched):
    assert summary(*fetched).sweep is None


def test_a_rate_without_limit_has_no_floor():
    sweep = summary(FIRST | {"rate": None}).sweep
    assert (sweep.rate, sweep.floor_s) == (None, None)


def test_what_another_release_returned_is_read_as_far_as_it_is_known():
    told = summary(SECOND, {"calls": 2, "rows": 5, "a_later_figure": {}})
    assert (told.calls, told.rows, told.pages, told.total_calls, told.sweep.calls) == (16, 1335, 14, 0, 14)


@pytest.mark.parametrize(
    ("damaged", "said"),
    [
        (None, "the whole: "),
        (FIRST | {"rows": -1}, "rows: "),
        (FIRST | {"calls": 2**63}, "calls: "),
        (FIRST | {"began": "2026-11-20T11:35:00"}, "began: Input should have timezone info"),
        (FIRST | {"path": "x" * 2001}, "path: String should have at most 2000 characters"),
    ],
)
def test_a_damaged_result_of_a_fetch_costs_its_figures_and_not_the_night(damaged, said, caplog):
    assert (summary(damaged, SECOND).calls, summary(damaged, SECOND).sweep.rate) == (14, 4.0)
    assert f"what fetch 0 returned cannot be read: {said}" in caplog.text


def test_sizes_are_rows_of_all_sets_and_stocks_of_the_largest_by_market_and_venue():
    sets = (
        SetSize(parameters=ParameterSet.parse("KOSPI", "KRX", "amount", "net"), rows=1330, pages=14),
        SetSize(parameters=ParameterSet.parse("KOSPI", "KRX", "amount", "buy"), rows=1329, pages=14),
        SetSize(parameters=ParameterSet.parse("KOSPI", "NXT", "amount", "net"), rows=600, pages=6),
        SetSize(parameters=ParameterSet.parse("KOSDAQ", "KRX", "amount", "net"), rows=None, pages=None),
    )
    assert summary(sets=sets).to_json()["sizes"] == [
        {"market": "KOSPI", "venue": "KRX", "rows": 2659, "stocks": 1330},
        {"market": "KOSPI", "venue": "NXT", "rows": 600, "stocks": 600},
        {"market": "KOSDAQ", "venue": "KRX", "rows": 0, "stocks": 0},
    ]


def test_flows_are_kept_by_market_venue_and_investor_with_their_unit_once():
    flows = (
        NetFlow(market="KOSPI", venue="KRX", investor="individual", net=-5, unit="KRW million"),
        NetFlow(market="KOSPI", venue="KRX", investor="foreigner", net=7, unit="KRW million"),
        NetFlow(market="KOSDAQ", venue="NXT", investor="foreigner", net=1, unit="KRW million"),
    )
    assert summary(flows=flows).to_json()["flows"] == {
        "unit": "KRW million",
        "net": {
            "KOSPI": {"KRX": {"individual": -5, "foreigner": 7}},
            "KOSDAQ": {"NXT": {"foreigner": 1}},
        },
    }


def test_a_run_without_net_sets_has_no_flows():
    assert summary().flows.net == {}


def test_what_the_calendar_says_is_kept():
    told = summarise(PLAN, report(), [], {}, None, calendar_warnings=["2026-12-31: closed"])
    assert [str(text) for text in told.calendar_warnings] == ["2026-12-31: closed"]


def test_the_floor_is_that_of_the_fetched_calls_and_says_so():
    told = summarise(PLAN, report(), [FIRST], {"calls": 3, "reference_calls": 70, "refused": 0}, None)
    assert (told.calls, told.sweep.calls, told.sweep.floor_s) == (17, 14, 2.8)


def test_one_damaged_summary_does_not_hide_the_others(tmp_path):
    store = Store.open(tmp_path.as_uri())
    write_summary(store, summary(FIRST))
    store.write("quality/session_date=2026-11-20/20261120T100000.000000Z-0123456789ab.summary.json", b"{")
    assert read_summaries(store) == [summary(FIRST)]
