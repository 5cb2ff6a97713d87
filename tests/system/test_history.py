"""The real DAG ka10059_history in real Airflow: lost nights are rebuilt and published."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from kiwoom_provider.datasets.reader import read_investor_trading
from kiwoom_provider.datasets.store import Store
from kiwoom_provider.krx import KST
from kiwoom_provider.parameters import Market
from kiwoom_simulator import parameters as words
from kiwoom_simulator.server import serve
from lab.nights.stage import Night
from published import Listed, store_securities

STOCKS = "KOSPI=6,KOSDAQ=4"
ASKED = {
    "start": "2026-11-16",
    "end": "2026-11-18",
    "markets": ["KOSPI", "KOSDAQ"],
    "venues": ["KRX"],
    "measures": ["amount", "quantity"],
    "sides": ["net", "buy", "sell"],
    "stocks": None,
    "replace": False,
}


@pytest.fixture
def stage(worker, tmp_path):
    """The morning after Thursday's session, with the securities of the day and an empty table."""
    with serve(rate=0, stocks=STOCKS, settle_at="18:10") as simulator:
        store = Store.open(tmp_path / "data")
        night = Night(worker, store, simulator.url, simulator.control, tmp_path, dag_id="ka10059_history")
        night.at("2026-11-20T09:00")
        boards = {}
        for market in ("KOSPI", "KOSDAQ"):
            rows = truth(night, "2026-11-19", market, "amount", "net").values()
            code = "0" if market == "KOSPI" else "10"
            boards[Market.parse(market)] = [Listed(r["stk_cd"], r["stk_nm"], market_code=code) for r in rows]
        store_securities(night.store, "2026-11-19", boards)
        yield night


def truth(night, day, market, measure, side):
    asked = words.Selection(
        words.Market[market], words.Venue.KRX, words.Measure[measure.upper()], words.Side[side.upper()]
    )
    rows = night.control._simulator.world.truth(asked, date.fromisoformat(day)).rows()
    return {row["stk_cd"]: row for row in rows}


def run(night, **asked):
    now = datetime.now().astimezone().isoformat()
    return night._perform(partition_key=None, kind="manual", conf=ASKED | asked, now=now)


def test_lost_sessions_are_rebuilt_and_published_with_every_cell_right(stage):
    outcome = run(stage)

    assert outcome.state == "success", outcome.errors
    assert sorted(outcome.assets) == ["2026-11-16", "2026-11-17", "2026-11-18"]
    frame = read_investor_trading(stage.store, "2026-11-16", "2026-11-18", investors="foreigner")
    assert set(frame["source"]) == {"ka10059"}
    assert len(frame) == 3 * 10
    for row in frame.to_dict("records"):
        for measure in ("amount", "quantity"):
            for side in ("net", "buy", "sell"):
                day = str(row["session_date"].date())
                expected = truth(stage, day, row["market"], measure, side)[row["stock_code"]]["frgnr_invsr"]
                assert row[f"{side}_{measure}"] == expected
    assert "3 session(s) from 2026-11-16 to 2026-11-18, 10 stocks, 12 sets: 60 calls, no limit set" in outcome.log
    assert stage.control.count("ka10059").calls == 60


@pytest.mark.thorough
def test_a_range_that_is_published_is_not_asked_for_again(stage):
    assert run(stage).state == "success"

    again = run(stage)

    assert again.failed_task == "plan"
    assert "to rebuild them all the same, ask with replace" in again.log
    assert stage.control.count("ka10059").calls == 60


@pytest.mark.thorough
def test_replacing_makes_no_call_for_answers_that_are_stored_and_keeps_the_same_bytes(stage):
    run(stage)
    key = "investor_trading/session_date=2026-11-17/part-0.parquet"
    first = stage.store.read(key)

    assert run(stage, replace=True).state == "success"

    assert stage.control.count("ka10059").calls == 60
    assert read_investor_trading(stage.store, "2026-11-17", "2026-11-17").shape == (120, 18)
    assert len(stage.store.read(key)) == pytest.approx(len(first), abs=200)


def test_a_bad_range_is_refused_before_the_first_call(stage):
    outcome = run(stage, start="2026-12-01", end="2026-12-04")

    assert outcome.failed_task == "plan"
    assert "2026-12-01 is still to come" in outcome.log
    assert stage.control.count("ka10059").calls == 0


def test_while_a_session_is_collected_the_history_waits_without_a_worker_and_then_goes_on(stage):
    """The night of Friday is not published: no call is made before it is, and each wait is a deferral."""
    stage.at("2026-11-20T21:30")
    calls = []

    def publish_at_ten(now):
        calls.append(stage.control.count("ka10059").calls)
        if now >= datetime.fromisoformat("2026-11-20T22:00:00+09:00"):
            stage.store.write("investor_trading/session_date=2026-11-20/part-0.parquet", b"by its own night")

    stage.on_wait = publish_at_ten
    outcome = run(stage, venues=["KRX"], measures=["amount"], sides=["net"])

    assert outcome.state == "success", outcome.errors
    assert [f"{moment.astimezone(KST):%H:%M}" for moment in stage.waits] == [
        "21:35", "21:40", "21:45", "21:50", "21:55", "22:00",
    ]  # fmt: skip
    assert calls == [0] * 6
    assert stage.control.count("ka10059").calls == 10
    assert "Session 2026-11-20 is being collected: it goes first" in outcome.log


def test_when_the_days_calls_are_made_the_run_goes_on_the_next_day_by_itself(stage):
    """Thirty calls a day and sixty to make: from midnight on, after the three hours of Friday's own night."""
    stage.environ["AIRFLOW_VAR_KIWOOM_HISTORY_CALLS_A_DAY"] = "30"
    calls = []
    stage.on_wait = lambda _now: calls.append(stage.control.count("ka10059").calls)

    outcome = run(stage)

    assert outcome.state == "success", outcome.errors
    assert "60 calls, no limit set, on 2 day(s), 30 of today's 30" in outcome.log
    assert [f"{moment.astimezone(KST):%d %H:%M}" for moment in stage.waits] == ["21 00:00", "21 00:05", "21 00:10"]
    assert calls == [30, 30, 30]
    assert stage.control.count("ka10059").calls == 60


@pytest.mark.thorough
def test_a_number_of_calls_that_never_ends_is_refused_before_the_first_call(stage):
    stage.environ["AIRFLOW_VAR_KIWOOM_HISTORY_CALLS_A_DAY"] = "5"

    outcome = run(stage)

    assert outcome.failed_task == "plan"
    assert "5 calls a day never end: one stock takes 6" in outcome.log
    assert stage.control.count("ka10059").calls == 0
