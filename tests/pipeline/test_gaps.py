"""Sessions that were due and are not published."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from kiwoom_provider import gaps as command
from kiwoom_provider.krx import KST, calendar
from kiwoom_provider.pipeline.gap_list import gaps
from published import AUDITED, keep_summary

SET = "market=KOSPI/venue=KRX/measure=quantity/side=net"
SATURDAY_NOON = datetime(2026, 11, 21, 12, tzinfo=KST)


@pytest.fixture
def week(store):
    """Monday published; Tuesday in part; Wednesday whole and audited; Thursday nothing; Friday nothing, still open."""
    store.write("investor_trading/session_date=2026-11-16/part-0.parquet", b"")
    store.write(f"raw/ka10066/session_date=2026-11-17/{SET}/sweep=1/page-0001.json.gz", b"")
    store.write(f"raw/ka10066/session_date=2026-11-18/{SET}/sweep=1/page-0001.json.gz", b"")
    store.write(f"raw/ka10066/session_date=2026-11-18/{SET}/sweep=2/page-0001.json.gz", b"")
    store.write(f"ka10066/session_date=2026-11-18/{SET}/part-0.parquet", b"")
    store.write("quality/session_date=2026-11-18/20261118T120000.000000Z-abc.summary.json", b"{}")
    return store


def found(store, now=SATURDAY_NOON, since=None):
    return {gap.session.key: (gap.is_open, gap.has_raw, gap.audits) for gap in gaps(store, calendar(), now, since)}


def test_every_due_session_that_is_not_published_is_listed_with_what_is_stored(week):
    assert found(week) == {
        "2026-11-17": (False, True, 0),
        "2026-11-18": (False, True, 1),
        "2026-11-19": (False, False, 0),
        "2026-11-20": (True, False, 0),
    }


def test_a_session_is_due_from_its_settle_time(week):
    assert "2026-11-20" not in found(week, datetime(2026, 11, 20, 21, 9, tzinfo=KST))
    assert "2026-11-20" in found(week, datetime(2026, 11, 20, 21, 10, tzinfo=KST))


def test_earlier_sessions_are_listed_on_request(week):
    assert list(found(week, since=date(2026, 11, 12)))[:2] == ["2026-11-12", "2026-11-13"]


def test_later_sessions_only_are_listed_on_request(week):
    assert list(found(week, since=date(2026, 11, 20))) == ["2026-11-20"]
    assert found(week, since=date(2026, 11, 23)) == {}


def test_an_empty_root_has_no_gap(store):
    assert found(store) == {}


def test_nothing_stored_is_opened(week, monkeypatch):
    monkeypatch.setattr(type(week), "read", lambda *_: pytest.fail("an object was opened"))
    assert len(found(week)) == 4


class Saturday:
    def now(self):
        return SATURDAY_NOON.astimezone(UTC)


def run(store, capsys, *arguments):
    status = command.main(["--root", f"file://{store.root}", *arguments], Saturday())
    return status, capsys.readouterr().out.splitlines()


def test_the_command_says_since_when_what_is_there_and_what_to_do(week, capsys):
    status, lines = run(week, capsys)
    assert status == 1
    assert lines[0].startswith("2026-11-17  due since 2026-11-17 21:10 KST  raw stored, audits: 0")
    assert lines[0].endswith("it is replayed if its raw is whole; else rebuild it")
    assert lines[1].endswith(
        "raw stored, audits: 1  read its last audit report: correct the cause and replay it, or release it"
    )
    assert lines[2] == "2026-11-19  due since 2026-11-19 21:10 KST  raw absent  rebuild it from ka10059"
    assert lines[3].endswith("raw absent  can be fetched until 2026-11-23 07:00 KST: clear or trigger its run")


def test_the_command_says_what_it_takes_to_rebuild_what_can_no_longer_be_fetched(week, capsys):
    told = AUDITED | {
        "session_date": "2026-11-16",
        "sizes": [
            {"market": "KOSPI", "venue": "KRX", "rows": 7980, "stocks": 1330},
            {"market": "KOSDAQ", "venue": "KRX", "rows": 10944, "stocks": 1824},
        ],
    }
    keep_summary(week.root, told)
    _, lines = run(week, capsys)
    assert lines[4] == (
        "Sessions whose window is over can be rebuilt from ka10059: trigger ka10059_history with start 2026-11-17 and "
        "end 2026-11-19, about 18,924 calls, 1 h 19 min at 4.0 a second, on 1 day(s)."
    )


def test_gaps_are_found_by_three_kinds_of_listing(week, monkeypatch):
    listed = []
    for name in ("list", "children"):
        step = getattr(type(week), name)
        monkeypatch.setattr(type(week), name, lambda store, *at, step=step: listed.append(at) or step(store, *at))
    assert len(found(week, since=date(2026, 1, 2))) == 216
    assert listed == [("investor_trading",), ("raw/ka10066",), ("quality",)]


def test_the_command_says_when_there_is_no_gap(week, capsys):
    for day in ("17", "18", "19", "20"):
        week.write(f"investor_trading/session_date=2026-11-{day}/part-0.parquet", b"")
    assert run(week, capsys) == (0, ["Every session that was due is published."])


def test_the_command_takes_the_root_from_the_environment(week, capsys, monkeypatch):
    monkeypatch.setenv("AIRFLOW_VAR_KIWOOM_DATA_ROOT", f"file://{week.root}")
    assert command.main(["--since", "2026-11-20"], Saturday()) == 1
    assert capsys.readouterr().out.startswith("2026-11-20")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--root", "nowhere://x"], "nowhere"),
        (["--root", "file:///tmp", "--since", "20261120"], "is not a day written YYYY-MM-DD"),
        (["--root", "file:///tmp", "--since", "2009-11-20"], "outside the days that the KRX calendar knows"),
    ],
)
def test_the_command_names_what_is_wrong(arguments, message, capsys):
    assert command.main(arguments, Saturday()) == 2
    assert message in capsys.readouterr().err


def test_the_command_without_a_root_says_how_to_give_one(monkeypatch, capsys):
    monkeypatch.delenv("AIRFLOW_VAR_KIWOOM_DATA_ROOT", raising=False)
    assert command.main([], Saturday()) == 2
    assert "give --root, or set AIRFLOW_VAR_KIWOOM_DATA_ROOT" in capsys.readouterr().err
