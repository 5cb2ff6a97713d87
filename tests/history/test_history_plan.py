"""What is wanted and lacking, and the calls that it takes, before the first call."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from kiwoom_provider.datasets.store import Store
from kiwoom_provider.datasets.window import keep_window
from kiwoom_provider.history.history_plan import HistoryError, HistoryPlan, make_plan
from kiwoom_provider.krx import SessionDateError, Window, calendar
from kiwoom_provider.operators.history import PlanHistoryOperator
from kiwoom_provider.parameters import Market, ParameterError
from pages import row
from published import Listed, publish, store_securities

NOW = datetime(2026, 11, 20, 12, 30, tzinfo=UTC)
KRX_NET = {"venues": ["KRX"], "measures": ["amount"], "sides": ["net"]}


@pytest.fixture
def store(tmp_path):
    kospi = [Listed("005930"), Listed("000020", "동화약품", is_on_nxt=False)]
    kosdaq = [Listed("247540", "에코프로비엠", market_code="10")]
    store_securities(tmp_path, "2026-11-19", {Market.KOSPI: kospi, Market.KOSDAQ: kosdaq})
    return Store.open(tmp_path)


def plan(store, start="2026-11-16", end="2026-11-20", now=NOW, **asked):
    return make_plan(store, calendar(), {"start": start, "end": end} | asked, now)


def test_a_gap_takes_a_call_a_stock_and_set(store):
    made = plan(store, **KRX_NET)

    assert made.calls == 3
    assert made.sessions == tuple(date(2026, 11, day) for day in (16, 17, 18, 19, 20))
    assert [(s.code, s.market, s.name) for s in made.stocks] == [
        ("000020", "KOSPI", "동화약품"),
        ("005930", "KOSPI", "삼성전자"),
        ("247540", "KOSDAQ", "에코프로비엠"),
    ]
    assert made.stocks_of == date(2026, 11, 19)


def test_every_session_is_planned_with_the_window_and_the_day_before_it(store):
    krx = calendar(Window(settle_time=time(21, 30), window_end=time(6)))
    made = make_plan(store, krx, {"start": "2026-11-13", "end": "2026-11-16"} | KRX_NET, NOW)
    kept = HistoryPlan.from_bytes(made.to_bytes(), "the plan")

    monday = kept.plan_of(date(2026, 11, 16))
    assert (monday.session.key, monday.session_before) == ("2026-11-16", date(2026, 11, 13))
    assert monday.session.settles_at == datetime.fromisoformat("2026-11-16T21:30:00+09:00")
    assert monday.session.window_ends_at == datetime.fromisoformat("2026-11-17T06:00:00+09:00")
    assert (str(monday.mode), monday.sets) == ("rebuild", made.sets)
    assert kept.plan_of(date(2026, 11, 13)).session_before == date(2026, 11, 12)


def test_the_first_session_that_ka10059_has_can_be_planned(store):
    made = plan(store, "2010-01-04", "2010-01-05", **KRX_NET)

    assert made.plan_of(date(2010, 1, 4)).session.key == "2010-01-04"
    assert made.plan_of(date(2010, 1, 5)).session_before == date(2010, 1, 4)


def test_of_chosen_stocks_the_plan_still_knows_how_many_there_are(store):
    made = plan(store, stocks=["005930", "247540"])

    assert [stock.code for stock in made.stocks] == ["005930", "247540"]
    assert made.listed == {
        "KOSPI/KRX": 2, "KOSPI/NXT": 1, "KOSPI/CONSOLIDATED": 2,
        "KOSDAQ/KRX": 1, "KOSDAQ/NXT": 1, "KOSDAQ/CONSOLIDATED": 1,
    }  # fmt: skip


def test_a_market_of_which_no_stock_is_chosen_is_left_out(store):
    made = plan(store, stocks=["005930"], **KRX_NET)

    assert ([str(p.market) for p in made.sets], made.calls) == (["KOSPI"], 1)
    assert made.listed == {"KOSPI/KRX": 2}


def test_nxt_is_asked_for_the_stocks_that_it_trades(store):
    made = plan(store)

    by_venue = {chunk.venue: chunk.calls for chunk in made.chunks}
    assert by_venue == {"KRX": 3 * 6, "NXT": 2 * 6, "CONSOLIDATED": 3 * 6}


def test_it_says_what_it_takes_before_the_first_call(store):
    assert plan(store, **KRX_NET).sentence(5.0) == (
        "5 session(s) from 2026-11-16 to 2026-11-20, 3 stocks, 2 sets: 3 calls, about 1 min at 4 a second, "
        "on 1 day(s), 3 of today's 20,000"
    )


def test_published_sessions_are_not_asked_for_again_unless_they_are_to_be_replaced(store):
    publish(
        store.root,
        "2026-11-18",
        [("KOSPI", "KRX", "amount", "net", [row()]), ("KOSDAQ", "KRX", "amount", "net", [row("247540")])],
    )

    assert date(2026, 11, 18) not in plan(store, **KRX_NET).sessions
    assert date(2026, 11, 18) in plan(store, replace=True, **KRX_NET).sessions
    assert date(2026, 11, 18) in plan(store, **(KRX_NET | {"venues": ["KRX", "NXT"]})).sessions


def test_of_a_session_that_lacks_a_venue_that_venue_alone_is_asked_for(store):
    sets = [("KOSPI", "KRX", "amount", "net", [row()]), ("KOSDAQ", "KRX", "amount", "net", [row("247540")])]
    publish(store.root, "2026-11-18", sets)
    both = KRX_NET | {"venues": ["KRX", "NXT"]}

    made = plan(store, "2026-11-18", "2026-11-18", **both)

    assert [(chunk.venue, chunk.calls) for chunk in made.chunks] == [("NXT", 2)]
    assert [(*map(str, place[:2]), place[2]) for place in made.places] == [("KOSDAQ", "NXT", 0), ("KOSPI", "NXT", 0)]
    assert plan(store, "2026-11-18", "2026-11-18", replace=True, **both).calls == 5


def test_a_long_range_is_cut_into_blocks_of_a_hundred_sessions(store):
    made = plan(store, "2026-01-02", **KRX_NET)

    assert [len(block.sessions) for block in made.blocks] == [100, 100, 17]
    assert made.blocks[0].until == date(2026, 11, 20)
    assert made.calls == 9
    assert made.blocks[0].since > made.blocks[1].until


def test_it_says_on_how_many_days_and_what_of_today_is_made_already(store):
    made = make_plan(store, calendar(), {"start": "2026-01-02", "end": "2026-11-20"} | KRX_NET, NOW, calls_a_day=4)

    assert made.sentence(5.0, 3).endswith("on 3 day(s), 1 of today's 4, of which 3 are made")
    assert made.sentence(5.0, 4).endswith("on 3 day(s), 0 of today's 4, of which 4 are made")
    assert [made.calls_from(number) for number in range(4)] == [9, 6, 3, 0]


@pytest.mark.parametrize("calls_a_day", [0, 5])
def test_calls_that_would_never_end_are_refused(store, calls_a_day):
    with pytest.raises(HistoryError, match="calls a day never end: one stock takes 6"):
        make_plan(store, calendar(), {"start": "2026-11-16", "end": "2026-11-20"}, NOW, calls_a_day=calls_a_day)


def test_sessions_that_are_still_to_come_are_left_out_and_it_is_said(store):
    made = plan(store, "2026-11-20", "2026-11-27", **KRX_NET)

    assert made.sessions == (date(2026, 11, 20),)
    assert made.notes == ("sessions after 2026-11-20 are still to come: they are left out",)


def test_sessions_of_2010_are_rebuilt(store):
    made = plan(store, "2010-01-04", "2010-01-08", **KRX_NET)

    assert made.sessions == tuple(date(2010, 1, day) for day in (4, 5, 6, 7, 8))


def test_a_plan_travels_between_tasks(store):
    made = plan(store)

    assert HistoryPlan.from_json(made.to_json(), "the plan") == made


def test_chunks_are_named_by_what_they_fetch(store):
    assert plan(store, **KRX_NET).chunks[0].name == "KRX · 000020–247540 · 2026-11-16–2026-11-20"


def test_before_nxt_there_is_krx_only_and_it_is_said(store):
    made = plan(store, "2025-02-27", "2025-03-06", **(KRX_NET | {"venues": ["KRX", "NXT"]}))

    assert {p.venue for p in made.sets} == {"KRX"}
    assert made.notes == ("before 2025-03-04 there is KRX only: NXT and 통합 are left out of the whole range",)


def test_of_a_range_around_nxts_beginning_its_own_sessions_are_taken(store):
    made = plan(store, "2025-02-27", "2025-03-06", **(KRX_NET | {"venues": ["NXT"]}))

    assert made.sessions == (date(2025, 3, 4), date(2025, 3, 5), date(2025, 3, 6))
    assert made.notes == ("2 session(s) before 2025-03-04 are left out: NXT did not exist",)


@pytest.mark.parametrize(
    ("days", "asked", "error", "message"),
    [
        (
            ("2026-11-21", "2026-11-22"),
            {},
            HistoryError,
            "is still to come: the last session that has settled is 2026-11-20",
        ),
        (("2026-11-14", "2026-11-15"), {}, HistoryError, "KRX held no session from 2026-11-14 to 2026-11-15"),
        (("2009-12-30", "2010-01-05"), {}, HistoryError, "2009-12-30 is before 2010-01-01, from which on ka10059"),
        (("2024-01-02", "2024-06-28"), {"venues": ["NXT"]}, HistoryError, "NXT began on 2025-03-04"),
        (("2026-11-20", None), {}, HistoryError, "give start and end"),
        (("20261120", "2026-11-20"), {}, SessionDateError, "session_date '20261120'"),
        (
            ("2026-11-16", "2026-11-20"),
            {"stocks": ["999999"]},
            HistoryError,
            "1 stock.s. are not listed .* first 999999",
        ),
        (("2026-11-16", "2026-11-20"), {"venues": ["XRX"]}, ParameterError, "XRX"),
    ],
)
def test_what_cannot_be_rebuilt_is_refused_before_the_first_call(store, days, asked, error, message):
    with pytest.raises(error, match=message):
        plan(store, *days, **asked)


def test_a_root_without_a_master_is_refused_with_the_remedy(tmp_path):
    with pytest.raises(HistoryError, match=r"no securities are stored .* let one night run first"):
        plan(Store.open(tmp_path))


def test_a_range_that_is_published_whole_is_refused(store):
    sets = [("KOSPI", "KRX", "amount", "net", [row()]), ("KOSDAQ", "KRX", "amount", "net", [row("247540")])]
    publish(store.root, "2026-11-18", sets)

    with pytest.raises(
        HistoryError, match="are published with these sets; to rebuild them all the same, ask with replace"
    ):
        plan(store, "2026-11-18", "2026-11-18", **KRX_NET)


@pytest.mark.usefixtures("hook")
def test_the_window_of_the_dag_file_says_which_session_has_settled(store, tmp_path, monkeypatch):
    monkeypatch.setenv("AIRFLOW_VAR_KIWOOM_DATA_ROOT", tmp_path.as_uri())
    monkeypatch.setenv("AIRFLOW_VAR_KIWOOM_HISTORY_CALLS_A_DAY", "20000")
    keep_window(store, Window(settle_time=time(22)))  # the hook's clock shows 21:30 in Seoul
    task = PlanHistoryOperator(task_id="plan", start="2026-11-20", end="2026-11-20")
    with pytest.raises(HistoryError, match="the last session that has settled is 2026-11-19"):
        task.execute({"dag_run": None, "params": {}})
