"""One parameter set: every page kept as it came, then typed; resumed, never shortened, never doubled."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from kiwoom_provider.api.errors import KiwoomError, ProtocolError
from kiwoom_provider.datasets import ka10066, layout, raw
from kiwoom_provider.datasets.store import StoreError
from kiwoom_provider.krx import calendar
from kiwoom_provider.parameters import ParameterSet
from kiwoom_provider.pipeline.errors import IncompleteSessionError, SessionOverError
from kiwoom_provider.pipeline.sweep import SweepRunner
from kiwoom_simulator.market import truth
from pages import page, row

SESSION = date(2026, 11, 20)
SET = ParameterSet.parse("KOSPI", "KRX", "quantity", "net")


def stored_sweeps(store):
    return raw.load_sweeps(store, SESSION, SET).get(SET, [])


def cut_after(store, pages):
    """Leave only the first pages of the stored sweep, as a killed worker does."""
    (sweep,) = stored_sweeps(store)
    store.remove([raw.page_key(sweep.prefix, page.number) for page in sweep.pages[pages:]])


def test_a_set_of_three_pages_is_typed_whole(collector, store):
    summary, _ = collector.collect(SET)

    table = ka10066.read_partition(store, SESSION, SET)
    expected = truth(1, SESSION, "KOSPI", "KRX", "quantity", "net", sizes={"KOSPI": 230, "KOSDAQ": 120})
    flows = dict(zip(expected.codes, (int(row[0]) for row in expected.investors), strict=True))
    assert (summary.rows, summary.pages, summary.calls) == (230, 3, 3)
    assert dict(zip(table["stk_cd"].to_pylist(), table["ind_invsr"].to_pylist(), strict=True)) == flows


def test_the_summary_counts_what_is_stored(collector, store):
    summary, _ = collector.collect(SET)

    sizes = [len(store.read(key)) for key in store.list(layout.raw_prefix(SESSION, SET))]
    assert summary.bytes == sum(sizes)
    assert summary.path.endswith(f"/ka10066/session_date=2026-11-20/{SET.path}/part-0.parquet")


def test_a_retry_of_a_finished_set_makes_no_call(collector, control):
    collector.collect(SET)
    before = control.count("ka10066").calls

    assert collector.collect(SET)[0].calls == 0
    assert control.count("ka10066").calls == before


def test_a_retry_goes_on_after_the_last_stored_page(collector, store, control):
    collector.collect(SET)
    whole = store.read(layout.partition_key(SESSION, SET))
    cut_after(store, 1)
    control.reset_counts()

    summary, _ = collector.collect(SET)

    assert (summary.pages, summary.calls, control.count("ka10066").calls) == (3, 2, 2)
    assert ka10066.read_partition(store, SESSION, SET).drop(["fetched_at"]).num_rows == 230
    assert len(store.read(layout.partition_key(SESSION, SET))) == pytest.approx(len(whole), rel=0.01)


def test_where_the_old_key_is_not_taken_the_set_starts_over(collector, store, control):
    collector.collect(SET)
    cut_after(store, 1)
    control.fault("error=1517@ka10066:page=2*1")

    summary, _ = collector.collect(SET)

    assert (summary.pages, summary.calls) == (3, 3)
    assert len(stored_sweeps(store)) == 1


def test_a_damaged_page_is_fetched_again(collector, store):
    collector.collect(SET)
    (sweep,) = stored_sweeps(store)
    store.write(raw.page_key(sweep.prefix, 2), b"damaged")

    assert collector.collect(SET)[0].calls == 2


def test_another_run_sweeps_anew_and_one_copy_of_equal_answers_remains(collector, store):
    collector.collect(SET)
    first = store.list("raw")

    summary, _ = replace(collector, run_id="run-b").collect(SET)

    assert summary.calls == 3
    assert store.list("raw") == first


def test_another_run_with_other_answers_keeps_both(collector, store, control):
    collector.collect(SET)
    control.fault("cell-off@ka10066:page=1*1")

    replace(collector, run_id="run-b").collect(SET)

    assert [sweep.run_id for sweep in stored_sweeps(store)] == ["run-a", "run-b"]


def test_pages_of_a_try_that_failed_are_kept(collector, store, control):
    control.fault("error=1511@ka10066:page=3*9")

    with pytest.raises(KiwoomError):
        collector.collect(SET)

    (sweep,) = stored_sweeps(store)
    assert [page.number for page in sweep.pages] == [1, 2]
    assert not store.exists(layout.partition_key(SESSION, SET))


@pytest.mark.parametrize("fault", ["no-key", "same-key", "cut-json", "missing-element", "page-again"])
def test_an_answer_that_breaks_the_spec_stores_no_partition(collector, store, control, fault):
    control.fault(f"{fault}@ka10066:page=2*9")

    with pytest.raises(KiwoomError):
        collector.collect(SET)

    assert not store.exists(layout.partition_key(SESSION, SET))


def test_the_page_that_broke_the_spec_is_kept_aside(collector, store, control):
    control.fault("no-key@ka10066:page=2*1")

    with pytest.raises(ProtocolError):
        collector.collect(SET)

    names = [key.rpartition("/")[2] for key in store.list("raw")]
    assert names[0] == "page-0001.json.gz"
    assert names[1].startswith("refused-0002-")


def test_after_a_page_that_broke_the_spec_a_retry_succeeds(collector, control):
    control.fault("no-key@ka10066:page=2*1")
    with pytest.raises(ProtocolError):
        collector.collect(SET)

    assert collector.collect(SET)[0].rows == 230


def test_a_repeated_page_is_refused_and_a_retry_sweeps_anew(collector, control):
    control.fault("page-again@ka10066:page=2*1")
    with pytest.raises(ProtocolError, match="came more than once"):
        collector.collect(SET)

    assert collector.collect(SET)[0].rows == 230


def test_an_empty_list_is_no_set(collector, control, store):
    control.fault("empty-list@ka10066*9")

    with pytest.raises(IncompleteSessionError, match="KOSPI · KRX · quantity · net: the API answered with an empty"):
        collector.collect(SET)

    assert not store.exists(layout.partition_key(SESSION, SET))


@pytest.mark.parametrize(
    "instant", [datetime(2026, 11, 20, 12, 9, 59, tzinfo=UTC), datetime(2026, 11, 22, 22, 0, tzinfo=UTC)]
)
def test_outside_the_sessions_window_nothing_is_called(collector, clock, control, instant):
    clock.instant = instant

    with pytest.raises(SessionOverError, match="2026-11-20 21:10 to 2026-11-23 07:00 KST"):
        collector.collect(SET)

    assert control.count("ka10066").calls == 0


def test_a_full_disk_stops_the_sweep_and_names_the_place(collector, hook, monkeypatch):
    hook.ensure_token()

    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(StoreError, match=r"cannot write raw/ka10066/.*No space left on device"):
        collector.collect(SET)


def test_an_old_partition_stands_until_the_new_one_is_whole(collector, store, control):
    collector.collect(SET)
    before = store.read(layout.partition_key(SESSION, SET))
    control.fault("error=1902@ka10066:page=2*9")

    with pytest.raises(KiwoomError):
        replace(collector, run_id="run-b").collect(SET)

    assert store.read(layout.partition_key(SESSION, SET)) == before


class Answers:
    """Three pages of two stocks, one every two seconds, of which one is spent waiting for the rate."""

    waited_s = 40.0

    def pages(self, _api_id, _path, body, *, start=None):
        for number in range(start.number + 1 if start else 1, 4):
            self.waited_s += 1
            key = "" if number == 1 else f"key-{number - 1}"
            told = {"cont_yn": number < 3, "next_key": f"key-{number}" if number < 3 else "", "sent_next_key": key}
            yield replace(
                page([row(f"00{number}010"), row(f"00{number}020")], number),
                request=dict(body),
                fetched_at=datetime(2026, 11, 20, 12, 20, 2 * number, tzinfo=UTC),
                **told,
            )


@pytest.fixture
def told(store, clock, caplog):
    """What the log says of a sweep."""

    def collect():
        session = calendar().session(SESSION)
        with caplog.at_level("INFO", logger="kiwoom_provider.pipeline"):
            summary, _ = SweepRunner(store, Answers(), session, "run-a", clock).collect(SET)
        return summary, [record.getMessage() for record in caplog.records]

    return collect


def test_the_summary_says_from_when_to_when_it_fetched_and_how_long_it_waited(told):
    summary, _ = told()

    assert (summary.to_json()["began"], summary.to_json()["ended"]) == ("2026-11-20T12:20:00Z", "2026-11-20T12:20:06Z")
    assert summary.waited_s == 3.0


def test_a_finished_set_says_that_nothing_was_fetched(told):
    told()
    summary, _ = told()

    assert (summary.began, summary.ended, summary.waited_s, summary.calls) == (None, None, 0.0, 0)


def test_the_log_has_a_line_a_page_with_its_rate_and_one_in_the_end(told):
    _, lines = told()

    assert lines == [
        "KOSPI · KRX · quantity · net: page 1, 0.5 pages/s, 2 rows so far",
        "KOSPI · KRX · quantity · net: page 2, 0.5 pages/s, 4 rows so far",
        "KOSPI · KRX · quantity · net: page 3, 0.5 pages/s, 6 rows so far",
        "KOSPI · KRX · quantity · net: 6 rows in 3 pages; 3 pages fetched, waiting 3.0 s for the rate",
    ]
