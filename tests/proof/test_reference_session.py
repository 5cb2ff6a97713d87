"""The session that is compared with is chosen: set by set, and only as it was published."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kiwoom_provider.api.ka10066 import request_body
from kiwoom_provider.datasets import ka10066, layout, raw
from kiwoom_provider.parameters import ParameterSet
from kiwoom_provider.proof.earlier import EarlierSessions, newest_published_tables
from kiwoom_provider.proof.tables import FlowTable
from pages import FETCHED_AT, page, row

NET = ParameterSet.parse("KOSPI", "KRX", "amount", "net")
BUY = ParameterSet.parse("KOSPI", "KRX", "amount", "buy")
DAY = date(2026, 11, 20)
FRIDAY, MONDAY, TUESDAY, WEDNESDAY, THURSDAY = (DAY - timedelta(days=n) for n in (7, 4, 3, 2, 1))
CODES = [f"00000{n}" for n in range(1, 8)]


def rows(figure: int) -> list[dict[str, str]]:
    return [row(code, ind_invsr=str(figure + n), frgnr_invsr=str(-figure)) for n, code in enumerate(CODES)]


@pytest.fixture
def lay(store):
    """Lay down a set of a session as a run leaves it: raw, typed; return the raw sweep's folder."""

    def lay(day, figure, parameters=NET, hour=0, following=""):
        fetched_at = FETCHED_AT + timedelta(days=(day - DAY).days, hours=hour)
        arrived = replace(
            page(rows(figure), following=following), request=request_body(parameters), fetched_at=fetched_at
        )
        sweep = raw.Sweep(raw.sweep_prefix(day, parameters, fetched_at), parameters, "run", (arrived,))
        raw.write_page(store, sweep.prefix, arrived, "run")
        table = ka10066.parse(sweep.pages, parameters)
        store.write(layout.partition_key(day, parameters), ka10066.encode(table, sweep, day, "1"))
        return sweep.prefix

    return lay


@pytest.fixture
def publish(store):
    def publish(day, **folders):
        sweeps = {ParameterSet.parse("KOSPI", "KRX", "amount", side).path: folder for side, folder in folders.items()}
        table = pa.table({"stock_code": ["000001"]}).replace_schema_metadata({"kiwoom.sweeps": json.dumps(sweeps)})
        data = BytesIO()
        pq.write_table(table, data)
        store.write(layout.published_key(day), data.getvalue())

    return publish


@pytest.fixture
def earlier(store):
    return lambda: EarlierSessions.read(store, DAY, THURSDAY, [NET, BUY])


def days(found, parameters=NET):
    return [stored.session_date for stored in found.of(parameters)]


def now(figure):
    return FlowTable.of(ka10066.parse([page(rows(figure))], NET))


def test_after_a_night_of_one_set_and_an_empty_folder_each_set_has_its_own_newest_session(lay, earlier, store):
    lay(TUESDAY, 20, BUY)
    lay(WEDNESDAY, 30, NET)
    store.write(f"ka10066/session_date={THURSDAY}/market=KOSPI/note.txt", b"")
    assert {p: days(earlier(), p) for p in (NET, BUY)} == {NET: [WEDNESDAY], BUY: [TUESDAY]}


def test_a_set_is_compared_with_the_newest_three_of_its_sessions_and_never_with_its_own(lay, earlier, publish):
    for day, figure in ((FRIDAY, 10), (MONDAY, 20), (TUESDAY, 30), (WEDNESDAY, 30), (DAY, 50)):
        lay(day, figure)
    assert days(earlier()) == [WEDNESDAY, TUESDAY, MONDAY]
    assert earlier().unchanged_since(NET, now(30)) == (WEDNESDAY, 7)
    publish(THURSDAY, net=lay(THURSDAY, 40))
    assert days(earlier()) == [THURSDAY, THURSDAY, WEDNESDAY, TUESDAY]  # as published, and as stored


def test_only_the_newest_fifteen_sessions_are_looked_through_for_it(lay, earlier, store):
    lay(DAY - timedelta(days=16), 10)
    for n in range(2, 16):
        store.write(f"ka10066/session_date={DAY - timedelta(days=n)}/market=KOSPI/note.txt", b"")
    assert days(earlier()) == [DAY - timedelta(days=16)]
    store.write(f"ka10066/session_date={THURSDAY}/market=KOSPI/note.txt", b"")
    assert days(earlier()) == []


def test_rows_of_any_session_in_reach_are_stale_and_the_day_is_named(lay, earlier):
    for day, figure in ((TUESDAY, 20), (WEDNESDAY, 30), (THURSDAY, 40)):
        lay(day, figure)
    assert earlier().unchanged_since(NET, now(20))[0] == TUESDAY
    assert earlier().unchanged_since(NET, now(50)) == (None, 0)


def test_a_difference_shows_something_only_against_the_published_session_before(lay, earlier, publish):
    folder = lay(THURSDAY, 40)
    assert earlier().change(NET, now(50)) is None
    publish(THURSDAY, net=folder)
    assert earlier().change(NET, now(50)).is_changed
    assert earlier().change(BUY, now(50)) is None


def test_a_later_run_that_replaced_the_partition_lets_no_old_rows_pass(lay, earlier, publish):
    publish(THURSDAY, net=lay(THURSDAY, 40))
    lay(THURSDAY, 30, hour=3)  # blocked: Wednesday's figures, filed under Thursday
    assert earlier().change(NET, now(40)).is_stale
    assert earlier().unchanged_since(NET, now(40))[0] == THURSDAY
    assert earlier().unchanged_since(NET, now(30))[0] == THURSDAY


def test_without_the_published_sweep_there_is_no_trust(lay, earlier, publish, store):
    folder = lay(THURSDAY, 40)
    publish(THURSDAY, net=folder)
    lay(THURSDAY, 30, hour=3)
    store.remove(store.list(folder))
    assert earlier().change(NET, now(50)) is None


def test_of_the_published_sweep_either_the_typed_set_or_the_whole_raw_one_is_enough(lay, earlier, publish, store):
    folder = lay(THURSDAY, 40)
    publish(THURSDAY, net=folder)
    typed = store.read(layout.partition_key(THURSDAY, NET))
    store.remove([layout.partition_key(THURSDAY, NET)])
    assert earlier().change(NET, now(40)).is_stale
    store.remove(store.list(folder))
    assert earlier().change(NET, now(40)) is None
    store.write(layout.partition_key(THURSDAY, NET), typed)
    assert earlier().change(NET, now(40)).is_stale


def test_a_published_sweep_of_which_a_page_is_lost_is_not_trusted(lay, earlier, publish, store):
    folder = lay(THURSDAY, 40, following="next")
    publish(THURSDAY, net=folder)
    store.remove([layout.partition_key(THURSDAY, NET)])
    assert earlier().change(NET, now(50)) is None


def test_an_unreadable_partition_costs_its_comparison_and_not_the_night(lay, earlier, store, caplog):
    lay(WEDNESDAY, 30)
    lay(THURSDAY, 40)
    store.write(layout.partition_key(THURSDAY, NET), b"PAR1 no more")
    assert [stored.session_date for stored in earlier().stored[NET]] == [WEDNESDAY]
    assert "cannot be read, so nothing is compared with it" in caplog.text


@pytest.mark.parametrize("damage", [b"", b"PAR1"], ids=["empty", "cut"])
def test_an_unreadable_published_file_costs_the_trust_and_not_the_night(lay, earlier, store, damage, caplog):
    lay(THURSDAY, 40)
    store.write(layout.published_key(THURSDAY), damage)
    assert earlier().change(NET, now(50)) is None
    assert earlier().unchanged_since(NET, now(40))[0] == THURSDAY
    assert "nothing is compared with it" in caplog.text


def test_the_universe_is_that_of_the_newest_published_session(lay, publish, store):
    publish(TUESDAY, net=lay(TUESDAY, 20))
    lay(WEDNESDAY, 30)  # quarantined
    for day in (MONDAY, DAY):
        publish(day, net=lay(day, 10))
    day, tables = newest_published_tables(store, DAY, [NET, BUY])
    assert (day, list(tables), tables[NET]["ind_invsr"][0].as_py()) == (TUESDAY, [NET], 20)


def test_where_nothing_is_published_there_is_no_universe(lay, store):
    lay(WEDNESDAY, 30)
    assert newest_published_tables(store, DAY, [NET]) == (None, {})


def test_only_the_newest_fifteen_publications_are_looked_through_for_the_universe(lay, publish, store):
    oldest = DAY - timedelta(days=16)
    publish(oldest, net=lay(oldest, 10))
    for n in range(2, 16):
        publish(DAY - timedelta(days=n))  # without this set
    assert newest_published_tables(store, DAY, [NET])[0] == oldest
    publish(THURSDAY)
    assert newest_published_tables(store, DAY, [NET]) == (None, {})


def test_sets_that_are_not_stored_are_left_out(lay, store):
    lay(DAY, 40, BUY)
    assert list(ka10066.read_partitions(store, DAY, [NET, BUY])) == [BUY]
