"""Dated answers fetched and turned into typed sets, held against the simulator's truth."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import UTC, date, datetime
from types import SimpleNamespace

import pyarrow.parquet as pq
import pytest

from kiwoom_provider.api.errors import ProtocolError
from kiwoom_provider.api.ka10066 import INVESTOR_ELEMENTS
from kiwoom_provider.datasets import layout, raw
from kiwoom_provider.history.answers import AnswerFile
from kiwoom_provider.history.fetch_chunk import ChunkFetcher, FetchCounts
from kiwoom_provider.history.history_plan import make_plan
from kiwoom_provider.history.pivot import Pivot
from kiwoom_provider.parameters import ParameterSet
from kiwoom_simulator.flows import INVESTORS

NOW = datetime(2026, 11, 20, 12, 30, tzinfo=UTC)
DAYS = [date(2026, 11, 20), date(2026, 11, 19), date(2026, 11, 18)]


@pytest.fixture
def plan(store, krx, listed):  # noqa: ARG001 - they are stored
    return make_plan(store, krx, {"start": "2026-11-18", "end": "2026-11-20"}, NOW)


def pivot(store, plan):
    done = []
    for market in ("KOSPI", "KOSDAQ"):
        for venue in ("KRX", "NXT", "CONSOLIDATED"):
            kinds = sorted({(p.measure, p.side) for p in plan.sets})
            stocks = [s for s in plan.stocks if s.market == market and (venue != "NXT" or s.is_on_nxt)]
            parameters = ParameterSet.parse(market, venue, "amount", "net")
            listed = plan.listed[f"{market}/{venue}"]
            one = Pivot(store, parameters.market, parameters.venue, stocks, kinds, "run-h", listed, plan.stocks_of)
            done.extend(one.write(block) for block in plan.blocks)
    return done


def typed(store, day, *names):
    key = layout.partition_key(day, ParameterSet.parse(*names), "ka10059")
    return pq.ParquetFile(io.BytesIO(store.read(key))).read()


def test_every_call_of_the_plan_is_made_once_and_no_more(plan, fetcher, control):
    total = sum((fetcher.fetch(chunk) for chunk in plan.chunks), FetchCounts())

    assert total.calls == plan.calls == control.count("ka10059").calls
    assert sum((fetcher.fetch(chunk) for chunk in plan.chunks), FetchCounts()).calls == 0
    assert control.count("ka10059").calls == plan.calls


def test_every_cell_of_the_rebuilt_sets_is_the_truth(store, fetched, truths):
    plan = fetched("2026-11-18", "2026-11-20")

    done = pivot(store, plan)

    assert sum(one.sets for one in done) == 36 * 3
    assert not any(one.refused for one in done)
    for day in DAYS:
        for p in plan.sets:
            truth = truths.rows(str(day), p.market, p.venue, p.measure, p.side)
            rows = {row["stk_cd"]: row for row in typed(store, day, p.market, p.venue, p.measure, p.side).to_pylist()}
            assert rows.keys() == truth.keys()
            for code, row in rows.items():
                expected = truth[code]
                assert [row[name] for name in (*INVESTOR_ELEMENTS, "natfor")] == [expected[name] for name in INVESTORS]
                for name in ("cur_prc", "pred_pre", "flu_rt", "trde_qty"):
                    assert row[name] == expected[name]


@pytest.mark.parametrize(
    "assumed",
    [
        ("dated_sells=negative",),
        ("dated_rate=percent", "rounding=cut"),
        ("page_rows=60",),
        ("dated_paging=none",),
        ("numbers=wild",),
        ("numbers=padded",),
    ],
    ids="".join,
)
def test_however_the_api_answers_the_rebuilt_sets_are_the_truth(store, krx, listed, fetcher, truths):  # noqa: ARG001
    days = {"start": "2026-07-01", "end": "2026-07-02"}
    plan = make_plan(store, krx, {**days, "venues": ["KRX"], "markets": ["KOSDAQ"]}, NOW)
    for chunk in plan.chunks:
        fetcher.fetch(chunk)
    kinds = sorted({(p.measure, p.side) for p in plan.sets})
    one = Pivot(store, plan.sets[0].market, plan.sets[0].venue, plan.stocks, kinds, "run-h", 3, plan.stocks_of)
    done = one.write(plan.blocks[0])

    assert not done.refused
    for p in plan.sets:
        truth = truths.rows("2026-07-01", p.market, p.venue, p.measure, p.side)
        rows = typed(store, date(2026, 7, 1), p.market, p.venue, p.measure, p.side).to_pylist()
        assert {row["stk_cd"]: [row[name] for name in INVESTORS] for row in rows} == {
            code: [row[name] for name in INVESTORS]
            for code, row in truth.items()
            if code in {r["stk_cd"] for r in rows}
        }
        assert rows


def test_a_block_of_a_hundred_sessions_is_had_whole_from_short_pages(store, krx, listed, hook):  # noqa: ARG001
    """The API's pages hold a hundred rows; should they hold sixty one day, the walk goes on by date."""
    real = type(hook).call

    def short(source, *asked, **options):
        page = real(source, *asked, **options)
        body = json.loads(page.body)
        body["stk_invsr_orgn"] = body["stk_invsr_orgn"][:60]
        return replace(page, body=json.dumps(body).encode(), cont_yn=True)

    class Short:
        call = staticmethod(lambda *asked, **options: short(hook, *asked, **options))

    sets = {"venues": ["KRX"], "measures": ["amount"], "sides": ["net"], "stocks": ["005930"]}
    plan = make_plan(store, krx, {"start": "2026-07-01", "end": "2026-11-20"} | sets, NOW)
    fetcher = ChunkFetcher(store, Short(), "run-h", lambda: NOW, lambda: None, lambda: None)

    assert fetcher.fetch(plan.chunks[0]).calls == 2
    file = AnswerFile.read(store, plan.blocks[0].until, plan.chunks[0].venue, plan.stocks[0].code)
    assert set(plan.blocks[0].days) <= file.rows(*plan.chunks[0].sets[0]).keys()


def cut(hook, rows, **changed):
    """Return a source of answers of so many rows, asked with a changed request."""
    real = type(hook).call

    def call(api_id, path, body, **options):
        page = real(hook, api_id, path, body | changed, **options)
        told = {"return_code": 0, "stk_invsr_orgn": json.loads(page.body)["stk_invsr_orgn"][:rows]}
        return replace(page, request=body, body=json.dumps(told).encode(), cont_yn=True)

    return SimpleNamespace(call=call)


@pytest.fixture
def long_plan(store, krx, listed):  # noqa: ARG001 - they are stored
    sets = {"venues": ["KRX"], "measures": ["amount"], "sides": ["net"], "stocks": ["005930"]}
    return make_plan(store, krx, {"start": "2026-07-01", "end": "2026-11-20"} | sets, NOW)


def test_a_walk_in_steps_too_small_to_get_to_the_beginning_ends_and_says_so(long_plan, fetcher, hook, control):
    with pytest.raises(ProtocolError, match="is the last of 5 and does not reach 2026-07-01"):
        replace(fetcher, source=cut(hook, 10)).fetch(long_plan.chunks[0])

    assert control.count("ka10059").calls == 5


def test_a_host_that_does_not_heed_the_day_is_asked_no_further_and_once_more_by_the_next_try(
    long_plan, fetcher, hook, control
):
    for calls in (2, 3):
        with pytest.raises(ProtocolError, match=r"has a row of 2026-11-20, after 202608\d\d that was asked for"):
            replace(fetcher, source=cut(hook, 60, dt="20261120")).fetch(long_plan.chunks[0])

        assert control.count("ka10059").calls == calls


def test_a_stock_whose_rows_overlap_and_differ_is_left_out(store, fetched):
    plan = fetched("2026-11-18", "2026-11-20")
    chunk, code = plan.chunks[0], plan.chunks[0].stocks[0]
    file = AnswerFile.read(store, chunk.until, chunk.venue, code)
    body = json.loads(file.pages[0].body)
    body["stk_invsr_orgn"][0]["ind_invsr"] = "1"
    earlier = dict(file.pages[0].request) | {"dt": "20261119"}
    file.add(replace(file.pages[0], request=earlier, body=json.dumps(body).encode()), "run-h")

    with pytest.raises(ProtocolError, match="has another row of 2026-11-20 than the page before it"):
        file.rows(*chunk.sets[0])
    pivot(store, plan)
    market = next(stock.market for stock in plan.stocks if stock.code == code)
    codes = typed(store, DAYS[0], market, chunk.venue, "amount", "net")["stk_cd"].to_pylist()
    assert codes
    assert code not in codes


def test_a_killed_worker_costs_the_call_that_it_was_in(plan, fetcher, control):
    calls = []

    def killed():
        calls.append(1)
        if len(calls) == 8:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        replace(fetcher, pause=killed).fetch(plan.chunks[0])
    fetcher.fetch(plan.chunks[0])

    assert control.count("ka10059").calls == plan.chunks[0].calls


def test_a_damaged_answer_is_asked_for_again_and_those_before_it_are_not(store, plan, fetcher):
    chunk = plan.chunks[0]
    fetcher.fetch(chunk)
    key = layout.history_key(chunk.until, chunk.venue, chunk.stocks[0])
    data = bytearray(store.read(key))
    data[-40] ^= 0xFF
    store.write(key, bytes(data))

    assert fetcher.fetch(chunk).calls == 1


def test_an_empty_answer_is_asked_for_again_by_a_later_run_and_by_the_same_one_not(store, plan, fetcher, control):
    """Nothing of a listed stock may be a passing fault; what came then counts."""
    chunk = plan.chunks[0]
    control.fault("empty-list@ka10059:call=2*1")
    counts = fetcher.fetch(chunk)
    assert (counts.empty, fetcher.fetch(chunk).calls) == (1, 0)

    assert replace(fetcher, run_id="run-i").fetch(chunk) == FetchCounts(calls=1, stored=chunk.calls - 1)

    file = AnswerFile.read(store, chunk.until, chunk.venue, chunk.stocks[0])
    assert len(file.pages) == 7
    assert all(DAYS[0] in file.rows(*kind) for kind in chunk.sets)
    assert replace(fetcher, run_id="run-j").fetch(chunk).calls == 0


def test_an_answer_that_breaks_the_spec_is_kept_and_asked_for_again(store, plan, fetcher, monkeypatch):
    chunk = plan.chunks[0]
    real = type(fetcher.source).call

    def without_a_date(hook, *asked, **options):
        page = real(hook, *asked, **options)
        body = json.loads(page.body)
        body["stk_invsr_orgn"][0]["dt"] = "2026"
        object.__setattr__(page, "body", json.dumps(body).encode())
        object.__setattr__(page, "_decoded", None)
        return page

    with monkeypatch.context() as broken:
        broken.setattr(type(fetcher.source), "call", without_a_date)
        with pytest.raises(ProtocolError, match="no date"):
            fetcher.fetch(chunk)

    kept = store.list("raw/ka10059_history")
    assert [".refused-" in key for key in kept] == [True]
    assert fetcher.fetch(chunk).calls == chunk.calls


def test_a_row_that_breaks_a_law_is_named_and_not_taken(store, fetched):
    plan = fetched("2026-11-18", "2026-11-20")
    chunk, code = plan.chunks[0], plan.chunks[0].stocks[0]
    file = AnswerFile.read(store, chunk.until, chunk.venue, code)
    page = file.pages[0]
    body = json.loads(page.body)
    body["stk_invsr_orgn"][0]["ind_invsr"] = "1"
    changed = replace(page, body=json.dumps(body, ensure_ascii=False).encode())
    packed = b"".join(raw.pack(one, "run-h") for one in [changed, *file.pages[1:]])
    store.write(file.key, packed)

    done = pivot(store, plan)

    refused = [one.refused for one in done if one.refused]
    assert len(refused) == 1
    assert sum(refused[0].values()) == 1
    market = next(stock.market for stock in plan.stocks if stock.code == code)
    table = typed(store, DAYS[0], market, chunk.venue, "amount", "net")
    assert code not in table["stk_cd"].to_pylist()
    assert json.loads(table.schema.metadata[b"kiwoom.refused"])[0][0] == code
    assert code in typed(store, DAYS[1], market, chunk.venue, "amount", "net")["stk_cd"].to_pylist()


def test_the_same_answers_give_the_same_sets(store, fetched):
    plan = fetched("2026-11-18", "2026-11-20")
    pivot(store, plan)
    first = {key: store.read(key) for key in store.list("ka10059")}

    pivot(store, plan)

    assert {key: store.read(key) for key in store.list("ka10059")} == first
