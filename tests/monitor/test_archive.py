"""The stored sessions as the page asks for them: November 2026, looked at on Saturday 21st at noon KST."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from threading import Barrier

import pytest

from kiwoom_provider.datasets.store import Store
from kiwoom_provider.krx import calendar
from kiwoom_provider.monitor.archive import Archive
from kiwoom_provider.monitor.errors import DamagedError, NotFoundError, RootError
from kiwoom_provider.monitor.state import MODES, State
from kiwoom_provider.pipeline.plan import Mode
from kiwoom_provider.pipeline.summary import PlaceSize
from kiwoom_provider.pipeline.top import TopTrade
from nights import BLOCKED, FULL, PLACES, Night
from published import AUDITED

MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = (date(2026, 11, day) for day in range(16, 21))
SATURDAY_NOON = datetime(2026, 11, 21, 3, tzinfo=UTC)


class Clock:
    def __init__(self, now=SATURDAY_NOON):
        self.instant = now

    def now(self):
        return self.instant


@pytest.fixture
def night(tmp_path):
    return Night(Store.open((tmp_path / "data").as_uri()))


@pytest.fixture
def archive(night):
    return Archive(night.store, calendar(), Clock())


def day_of(archive, day):
    (found,) = archive.overview(day, day).days
    return found


def states(archive, first=MONDAY, last=FRIDAY):
    return [day.state for day in archive.overview(first, last).days]


@pytest.mark.parametrize(
    ("verdict", "state"),
    [("passed", State.PUBLISHED), ("warned", State.WARNED), ("released", State.RELEASED)],
)
def test_a_published_session_stands_as_its_audit_said(night, archive, verdict, state):
    night.good("2026-11-20", audit=verdict)
    assert day_of(archive, FRIDAY).state is state


def test_an_audited_session_that_is_not_published_is_quarantined(night, archive):
    night.audit("2026-11-20", **BLOCKED)
    found = day_of(archive, FRIDAY)
    assert (found.state, str(found.run.summary.findings[0])) == (
        State.QUARANTINED,
        "buy_minus_sell_is_net (fail): 1 of 9 cells",
    )


def test_a_session_without_any_run_is_missing_once_its_window_is_over(night, archive):
    night.good("2026-11-16")
    assert states(archive)[1:4] == [State.MISSING] * 3


def test_a_session_is_due_as_long_as_its_window_is_open(night, archive):
    night.good("2026-11-16")
    assert day_of(archive, FRIDAY).state is State.DUE
    late = replace(archive, clock=Clock(datetime(2026, 11, 22, 22, 0, tzinfo=UTC)))
    assert day_of(late, FRIDAY).state is State.MISSING


def test_a_session_to_come_is_due(night, archive):
    night.good("2026-11-16")
    assert day_of(archive, date(2026, 11, 23)).state is State.DUE


def test_sessions_before_the_first_stored_one_are_not_missing(night, archive):
    night.collect("2026-11-18")
    assert states(archive) == [State.BEFORE, State.BEFORE, State.MISSING, State.MISSING, State.DUE]


def test_a_closed_day_says_why(archive, night):
    night.good("2026-11-20")
    found = day_of(archive, date(2026, 9, 25))
    assert (found.state, str(found.reason), found.settles_at) == (State.CLOSED, "Chuseok", None)


def test_a_session_released_after_a_refusal_is_told_from_the_release(night, archive):
    night.audit("2026-11-20", 12, **BLOCKED)
    night.publish("2026-11-20")
    night.audit("2026-11-20", 14, audit="released")
    found = day_of(archive, FRIDAY)
    assert (found.state, found.runs, found.reason) == (State.RELEASED, 2, None)


def test_what_is_published_stands_when_a_later_run_is_refused(night, archive):
    night.good("2026-11-20", audit="passed")
    night.audit("2026-11-20", 14, **BLOCKED)
    found = day_of(archive, FRIDAY)
    assert (found.state, found.run.summary.audit) == (State.PUBLISHED, "passed")
    assert str(found.reason) == "a later run was not published; what was published before it stands"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b'{"session_date": "2026-1', "Invalid JSON: EOF while parsing a string"),
        (b"", "Invalid JSON: EOF while parsing a value"),
        (b"{}", "session_date: Field required"),
        (b"[1]", ".summary.json cannot be read (the whole: Input should be an object"),
        (b"\xff\xfe\xfa", "Invalid JSON"),
    ],
    ids=["cut short", "empty", "without fields", "a list", "no text"],
)
def test_a_damaged_summary_is_a_state_with_its_reason(night, archive, data, why):
    night.publish("2026-11-20")
    night.put("2026-11-20", "20261120T120000.000000Z-0123456789ab", "summary.json", data)
    found = day_of(archive, FRIDAY)
    assert found.state is State.DAMAGED
    assert str(found.reason).startswith("20261120T120000.000000Z-0123456789ab.summary.json cannot be read (")
    assert why in str(found.reason)


def test_a_summary_that_the_store_does_not_give_is_asked_for_again(night, archive, monkeypatch):
    night.good("2026-11-20")
    with monkeypatch.context() as broken:
        broken.setattr(Store, "read", lambda *_, **__: (_ for _ in ()).throw(PermissionError(13, "Permission denied")))
        assert str(day_of(archive, FRIDAY).reason).endswith("(PermissionError)")
    assert day_of(archive, FRIDAY).state is State.WARNED


def test_a_published_file_that_has_gone_is_told(night, archive):
    night.audit("2026-11-20")
    found = day_of(archive, FRIDAY)
    assert (found.state, str(found.reason)) == (
        State.DAMAGED,
        "its newest run published it, and the published file is not there",
    )


def test_a_folder_that_was_emptied_holds_no_publication(night, archive):
    night.good("2026-11-16")
    night.publish("2026-11-17")
    night.store.remove(["investor_trading/session_date=2026-11-17/part-0.parquet"])
    assert day_of(archive, TUESDAY).state is State.MISSING


def test_a_session_published_without_a_summary_is_published(night, archive):
    night.publish("2026-11-20")
    assert (day_of(archive, FRIDAY).state, day_of(archive, FRIDAY).run) == (State.PUBLISHED, None)


def test_a_summary_of_an_older_release_is_read(night, archive):
    night.publish("2026-11-20")
    old = AUDITED | {"session_date": "2026-11-20"}
    lacking = dict.fromkeys(("sizes", "flows", "sweep", "calendar_warnings"))
    night.audit("2026-11-20", **(lacking | old))
    run = day_of(archive, FRIDAY).run.summary
    assert (run.calls, run.refused, run.sizes, run.flows.net, run.sweep) == (451, 1, (), {}, None)


def test_the_board_says_how_much_is_stored(night, archive):
    night.good("2026-11-16")
    night.good("2026-11-19")
    board = archive.overview(FRIDAY, FRIDAY)
    assert (board.stored, board.newest, board.count(State.DUE)) == (2, THURSDAY, 1)


def test_gaps_say_which_can_still_be_had(night, archive):
    night.good("2026-11-16")
    night.collect("2026-11-18")
    found = {gap.session.key: (gap.is_open, gap.has_raw) for gap in archive.overview(MONDAY, FRIDAY).gaps}
    assert found == {
        "2026-11-17": (False, False),
        "2026-11-18": (False, True),
        "2026-11-19": (False, False),
        "2026-11-20": (True, False),
    }


def test_what_has_not_settled_yet_is_no_gap(night, archive):
    night.good("2026-11-16")
    assert archive.overview(date(2026, 11, 23), date(2026, 11, 24)).gaps == ()


def test_the_calendar_warnings_are_those_of_the_newest_run(night, archive):
    night.good("2026-11-18", calendar_warnings=["2026-11-19: old"])
    night.good("2026-11-19", calendar_warnings=["2026-12-31: ours is closed"])
    assert [str(text) for text in archive.overview(MONDAY, FRIDAY).warnings] == ["2026-12-31: ours is closed"]


def test_a_closed_day_that_holds_data_is_a_warning(night, archive):
    night.collect("2026-11-21")
    (warning,) = archive.overview(MONDAY, FRIDAY).warnings
    assert str(warning).startswith("2026-11-21 holds data, but the calendar says closed (Saturday)")


def test_days_that_the_calendar_does_not_know_are_left_out(night, archive):
    night.good("2026-11-20")
    assert archive.overview(date(2027, 12, 30), date(2028, 1, 5)).days[-1].date == date(2027, 12, 31)


def place(venue, rows, stocks):
    return PlaceSize(market="KOSPI", venue=venue, rows=rows, stocks=stocks)


def test_a_session_is_shown_beside_the_one_before(night, archive):
    smaller = [{"market": "KOSPI", "venue": "KRX", "rows": 7900, "stocks": 1316}]
    night.good("2026-11-19", sizes=smaller)
    night.good("2026-11-20")
    view = archive.session(FRIDAY)
    assert (view.before, view.after, view.compared_with) == (THURSDAY, date(2026, 11, 23), THURSDAY)
    assert view.sizes[:2] == (
        (place("KRX", 7980, 1330), place("KRX", 7900, 1316)),
        (place("NXT", 7980, 1330), None),
    )
    assert len(view.sizes) == len(PLACES)


def test_the_runs_of_a_session_are_the_newest_first(night, archive):
    night.audit("2026-11-20", 12, **BLOCKED)
    night.put("2026-11-20", "20261120T130000.000000Z-0123456789ab", "summary.json", b"")
    night.audit("2026-11-20", 14, **BLOCKED)
    view = archive.session(FRIDAY)
    assert [run.summary.audited_at.hour for run in view.runs] == [14, 12]
    assert [run.name for run in view.damaged] == ["20261120T130000.000000Z-0123456789ab"]


def test_an_older_run_is_shown_with_its_own_rows_and_stocks(night, archive):
    night.good("2026-11-19")
    early = night.audit("2026-11-20", 12, sizes=[{"market": "KOSPI", "venue": "KRX", "rows": 7000, "stocks": 1200}])
    night.good("2026-11-20", hour=13)
    view = archive.session(FRIDAY, early)
    assert (view.run.name, view.day.run.summary.audited_at.hour) == (early, 13)
    assert view.sizes == ((place("KRX", 7000, 1200), place("KRX", 7980, 1330)),)


def test_a_closed_day_that_holds_data_is_shown_with_its_runs(night, archive):
    night.good("2026-11-21")
    view = archive.session(date(2026, 11, 21))
    assert (view.day.state, str(view.day.reason), view.gap) == (State.CLOSED, "Saturday", None)
    assert (view.run.summary.run_id, view.before) == ("run 2026-11-21 12", FRIDAY)


def test_a_closed_day_of_which_only_raw_is_stored_is_shown(night, archive):
    night.collect("2026-11-21")
    assert archive.session(date(2026, 11, 21)).run is None


@pytest.mark.parametrize(
    ("element", "value"),
    [
        ("mode", "dreamt"),
        ("audit", "perhaps"),
        ("proof", {"outcome": "likely", "how": ""}),
        ("rules", {"maybe": 3}),
        ("rows", 2**63),
        ("rows", -1),
        ("audited_at", "2026-11-20T11:45:00"),
        ("run_id", "x" * 2001),
        ("unheard_of", 1),
    ],
)
def test_a_run_with_a_value_that_is_not_known_is_damaged_and_the_session_is_shown(night, archive, element, value):
    night.good("2026-11-20", hour=11)
    changed = FULL | {"session_date": "2026-11-20", element: value}
    night.put("2026-11-20", "20261120T130000.000000Z-0123456789ab", "summary.json", json.dumps(changed).encode())
    view = archive.session(FRIDAY)
    assert (view.day.state, len(view.runs), len(view.damaged)) == (State.DAMAGED, 1, 1)
    assert element in str(view.damaged[0].reason)


def test_a_damaged_summary_that_is_put_right_is_read_again(night, archive):
    run = night.good("2026-11-20")
    stored = night.store.read(f"quality/session_date=2026-11-20/{run}.summary.json")
    night.put("2026-11-20", run, "summary.json", stored[:100])
    assert day_of(archive, FRIDAY).state is State.DAMAGED
    night.put("2026-11-20", run, "summary.json", stored)
    assert day_of(archive, FRIDAY).state is State.WARNED


def test_a_year_without_any_session_costs_three_listings(night, archive, monkeypatch):
    night.collect("2026-01-02")
    listed = []
    for name in ("list", "children"):
        step = getattr(Store, name)
        monkeypatch.setattr(Store, name, lambda store, *at, step=step: listed.append(at) or step(store, *at))
    board = archive.overview(date(2026, 1, 1), date(2026, 12, 31))
    assert len(board.gaps) == 217
    assert len(listed) == 3


def test_gaps_whose_window_is_over_can_be_rebuilt_by_the_sizes_of_the_newest_run(night, archive):
    night.good("2026-11-18")
    rebuild = archive.overview(MONDAY, FRIDAY).rebuild
    assert (rebuild.start, rebuild.end) == (THURSDAY, THURSDAY)
    assert (rebuild.calls, rebuild.rate, rebuild.days) == (6 * 1330 * 6, 4.0, 3)
    assert rebuild.seconds == 11_970.0


def test_a_gap_that_can_still_be_fetched_is_not_to_be_rebuilt(night, archive):
    night.good("2026-11-19")
    assert archive.overview(MONDAY, FRIDAY).rebuild is None
    assert archive.session(FRIDAY).rebuild is None


def test_every_mode_of_a_run_has_a_name():
    assert set(MODES) == set(Mode)


def test_a_session_says_where_its_data_lie(night, archive):
    night.good("2026-11-20")
    root = f"file://{night.store.root}"
    assert archive.session(FRIDAY).data == {
        "published": f"{root}/investor_trading/session_date=2026-11-20/part-0.parquet",
        "typed": f"{root}/ka10066/session_date=2026-11-20",
        "raw": f"{root}/raw/ka10066/session_date=2026-11-20",
        "reports": f"{root}/quality/session_date=2026-11-20",
    }


def test_a_quarantined_session_says_where_its_candidate_lies(night, archive):
    night.audit("2026-11-20", run_id="scheduled__2026-11-20", **BLOCKED)
    places = archive.session(FRIDAY).data
    assert "published" not in places
    assert places["candidate"].endswith("/quarantine/investor_trading/session_date=2026-11-20/4c74db1debbf.parquet")


def test_an_open_gap_is_told_with_its_session(night, archive):
    night.good("2026-11-19")
    assert archive.session(FRIDAY).gap.is_open
    assert archive.session(THURSDAY).gap is None


def test_the_time_of_a_sweep_stands_beside_its_floor(night, archive):
    night.good("2026-11-20")
    sweep = archive.session(FRIDAY).run.summary.sweep
    assert (sweep.seconds, sweep.floor_s, sweep.rate) == (95.0, 90.2, 5.0)


def test_a_closed_day_is_no_session(night, archive):
    night.good("2026-11-20")
    with pytest.raises(NotFoundError, match="2026-11-21 is not a session: Saturday") as caught:
        archive.session(date(2026, 11, 21))
    assert caught.value.nearest == (FRIDAY, date(2026, 11, 23))
    with pytest.raises(NotFoundError, match="2009-01-02 is outside the days that the KRX calendar knows"):
        archive.session(date(2009, 1, 2))


def test_the_first_session_that_the_calendar_knows_has_none_before(night, archive):
    night.good("2026-11-20")
    assert archive.session(date(2010, 1, 4)).before is None


def test_the_report_of_a_run_is_read_in_both_languages(night, archive):
    run = night.good("2026-11-20")
    night.put("2026-11-20", run, "html", b"in English")
    night.put("2026-11-20", run, "ko.html", b"in Korean")
    assert archive.report_html(FRIDAY, run, "en") == b"in English"
    assert archive.report_html(FRIDAY, run, "ko") == b"in Korean"


@pytest.mark.parametrize(
    "run",
    [
        "20261120T120000.000000Z-ffffffffffff",
        "",
        "../session_date=2026-11-19/x",
        "../../investor_trading/session_date=2026-11-20/part-0",
        "*",
        "%2e%2e/x",
    ],
)
def test_only_a_stored_run_of_that_session_is_shown(night, archive, run):
    night.good("2026-11-20")
    night.put("2026-11-19", "x", "html", b"another session's")
    with pytest.raises(NotFoundError):
        archive.report_html(FRIDAY, run, "en")


def test_a_damaged_report_is_told(night, archive):
    run = night.good("2026-11-20")
    night.put("2026-11-20", run, "json", b"{")
    with pytest.raises(DamagedError, match=r"json cannot be read \(the whole: Invalid JSON"):
        archive.report(FRIDAY, run)


def test_the_top_lists_of_a_run_are_read(night, archive):
    run = night.good("2026-11-20")
    assert archive.top(FRIDAY, run) is None
    lists = [
        {
            "market": "KOSPI",
            "venue": "CONSOLIDATED",
            "investor": "foreigner",
            "buys": [["005930", "삼성전자", 345]],
            "sells": [["000660", "SK하이닉스", -21]],
        }
    ]
    night.put("2026-11-20", run, "top.json", json.dumps({"unit": "KRW million", "lists": lists}).encode())
    (found,) = archive.top(FRIDAY, run).lists
    assert (found.buys, found.sells) == (
        (TopTrade("005930", "삼성전자", 345),),
        (TopTrade("000660", "SK하이닉스", -21),),
    )


def test_flows_over_time_are_those_of_the_runs_that_published(night, archive):
    night.good("2026-11-19", audit="passed")
    night.audit("2026-11-19", 15, **BLOCKED)
    night.good("2026-11-20")
    runs = archive.summaries(MONDAY, FRIDAY)
    assert [(run.session_date, run.audited_at.hour) for run in runs] == [(THURSDAY, 12), (FRIDAY, 12)]
    assert runs[0].flows.at("KOSPI", "KRX")["individual"] == 1000
    assert len(runs[0].flows.at("KOSDAQ", "CONSOLIDATED")) == 12


def test_a_root_that_is_not_there_is_an_error_that_can_be_shown(archive):
    with pytest.raises(RootError, match="is not there: nothing has been stored yet, or it is gone"):
        archive.overview(MONDAY, FRIDAY)


def test_an_empty_root_is_no_error(night, archive):
    night.store.check_writable()
    board = archive.overview(MONDAY, FRIDAY)
    assert (board.stored, board.newest, [gap.is_open for gap in board.gaps]) == (0, None, [True])
    assert [day.state for day in board.days][:4] == [State.BEFORE] * 4


class Refusing:
    """A file system whose client says more than a reader may know."""

    protocol = "memory"

    def invalidate_cache(self, _path):
        pass

    def __getattr__(self, _name):
        def refuse(*_, **__):
            raise RuntimeError("signature of key AKIA-SECRET does not match")

        return refuse


def test_what_a_client_of_a_store_says_stays_in_the_log(archive):
    broken = replace(archive, store=Store(Refusing(), "bucket/prefix"))
    for ask in (
        lambda: broken.overview(MONDAY, FRIDAY),
        lambda: broken.report_html(FRIDAY, "20261120T120000.000000Z-0123456789ab", "en"),
    ):
        with pytest.raises(RootError) as caught:
            ask()
        assert (
            str(caught.value)
            == "kiwoom_data_root memory://bucket/prefix cannot be read (RuntimeError: see the API server's log)"
        )


def test_a_summary_is_read_once(night, archive, monkeypatch):
    for day in range(16, 21):
        night.good(f"2026-11-{day}")
    read, seen = Store.read, []
    monkeypatch.setattr(Store, "read", lambda store, key, most: seen.append(key) or read(store, key, most))
    archive.overview(MONDAY, FRIDAY)
    archive.overview(MONDAY, FRIDAY)
    assert len(seen) == 5
    assert all(key.endswith(".summary.json") for key in seen)


def test_a_year_is_listed_in_three_steps_and_other_years_summaries_are_left_alone(night, archive, monkeypatch):
    night.good("2025-11-21")
    night.good("2026-11-20")
    for day in range(16, 20):
        night.good(f"2026-11-{day}")
    listed = []
    for name in ("list", "children"):
        step = getattr(Store, name)
        monkeypatch.setattr(Store, name, lambda store, *at, step=step: listed.append(at) or step(store, *at))
    archive.overview(MONDAY - timedelta(days=1), FRIDAY)
    assert sorted(listed) == [("investor_trading",), ("quality", "session_date=2026-"), ("raw/ka10066",)]


def test_twelve_months_show_the_sessions_of_both_their_years(night, archive):
    night.good("2025-12-30")
    night.good("2026-11-20")
    board = archive.overview(date(2025, 11, 24), FRIDAY)
    assert [str(day.date) for day in board.days if day.run] == ["2025-12-30", "2026-11-20"]


def test_summaries_are_read_side_by_side(night, archive, monkeypatch):
    for day in range(16, 20):
        night.good(f"2026-11-{day}")
    read, together = Store.read, Barrier(4)

    def wait_for_the_others(store, key, most):
        together.wait(timeout=30)
        return read(store, key, most)

    monkeypatch.setattr(Store, "read", wait_for_the_others)
    assert len(archive.summaries(MONDAY, FRIDAY)) == 4
