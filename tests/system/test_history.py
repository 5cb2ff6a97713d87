"""The real DAG ka10059_history in real Airflow: lost nights are rebuilt and published."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from kiwoom_provider.datasets.reader import read_investor_trading
from kiwoom_provider.datasets.store import Store
from kiwoom_provider.parameters import Market
from kiwoom_simulator import parameters as words
from kiwoom_simulator.server import serve
from lab.nights.stage import Night, Worker
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


@pytest.fixture(scope="module")
def history_worker(new_home):
    made = Worker(new_home(), dag="ka10059_history")
    yield made
    made.close()


@pytest.fixture
def stage(history_worker, tmp_path):
    """The morning after Thursday's session, with the securities of the day and an empty table."""
    with serve(rate=0, stocks=STOCKS, settle_at="18:10") as simulator:
        night = Night(history_worker, Store.open(tmp_path / "data"), simulator.url, simulator.control, tmp_path)
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
