"""A rebuilt session goes through the same audit and the same step as a swept night."""

from __future__ import annotations

import io
import json
from datetime import UTC, date, datetime
from html import unescape
from itertools import product

import pyarrow.parquet as pq
import pytest

from kiwoom_provider.datasets import investor_trading, ka10066, layout
from kiwoom_provider.datasets.raw import Sweep
from kiwoom_provider.datasets.reader import read_investor_trading
from kiwoom_provider.history.coverage import sets_with_totals
from kiwoom_provider.history.history_plan import HistoryError, make_plan
from kiwoom_provider.history.pivot import Pivot
from kiwoom_provider.history.rebuilt_publisher import RebuiltPublisher, _limits, session_tables
from kiwoom_provider.parameters import Market, ParameterSet
from kiwoom_provider.pipeline.plan import Mode, Plan
from kiwoom_provider.pipeline.summary import summarise
from kiwoom_provider.quality.report_page import render_html
from pages import page, row

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
DAY = date(2026, 11, 19)
PUBLISHED = "investor_trading/session_date=2026-11-19/part-0.parquet"


@pytest.fixture
def rebuilt(store, fetched):
    history = fetched("2026-11-19", "2026-11-19", "KRX")
    for place in history.places:
        Pivot.of(store, history, place, "run-h").write(history.blocks[0])
    return history.plan_of(DAY)


def publish(store, plan, now=NOW, *, replace=False):
    publisher = RebuiltPublisher(store, plan, "run-h", replace=replace)
    examined = publisher.examine()
    report = publisher.audit(examined, now)
    publisher.write_report(report, now)
    return publisher.publish(examined, report, now)


def test_a_rebuilt_session_is_published_and_says_what_it_is(store, rebuilt):
    publish(store, rebuilt)

    frame = read_investor_trading(store, DAY, DAY)
    assert frame["source"].unique().tolist() == ["ka10059"]
    assert len(frame) == 8 * 12
    assert frame.attrs["rebuilt_sessions"] == {"2026-11-19": ["KOSDAQ/KRX", "KOSPI/KRX"]}
    covered = {"KOSDAQ/KRX": {"stocks": 3, "of": 3}, "KOSPI/KRX": {"stocks": 5, "of": 5}}
    assert frame.attrs["coverage"] == {"2026-11-19": covered}
    metadata = pq.read_schema(io.BytesIO(store.read(PUBLISHED))).metadata
    assert json.loads(metadata[b"kiwoom.proof"])["how"] == (
        "every row carries its date: rebuilt from ka10059; names, markets and stocks are those of 2026-11-20: "
        "what was delisted before it is not there; "
        "the close is the after-market's last trade, as ka10059 has it since 2026-09-14"
    )


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (date(2026, 9, 14), ["the close is the after-market's last trade, as ka10059 has it since 2026-09-14"]),
        (date(2026, 9, 11), []),
        (date(2025, 3, 4), []),
        (date(2025, 2, 28), ["NXT did not exist before 2025-03-04"]),
    ],
)
def test_what_a_day_is_not_is_said_of_that_day_alone(day, said):
    assert list(map(str, _limits(day, {}))) == said


def test_how_much_of_the_market_is_covered_stands_in_the_report_the_summary_and_the_frame(
    store, rebuilt, hook, control
):
    """ka10051 says the whole market's volume; a stock of KOSDAQ that is not there any more lacks in the rebuilt one."""
    publisher = RebuiltPublisher(store, rebuilt, "run-h")
    assert publisher.gather_totals(hook) == control.count("ka10051").calls == 4
    assert publisher.gather_totals(hook) == 0
    for p in (p for p in rebuilt.sets if p.market is Market.KOSDAQ):
        _drop_last_stock(store, p)

    examined = publisher.examine()
    report = publisher.audit(examined, NOW)
    publisher.publish(examined, report, NOW)

    kosdaq, kospi = report.coverage
    assert (kospi.stocks, kospi.of, kospi.volume) == (5, 5, 1.0)
    assert (kosdaq.stocks, kosdaq.of) == (3, 3)
    assert 0 < kosdaq.volume < 1
    assert str(kospi.sentence) == "KOSPI · KRX: 5 of 5 stocks, 100.0 % of the market's volume"
    assert str(kospi.sentence) in unescape(render_html(report))
    summary = summarise(rebuilt, report, [], {}, None)
    assert summary.coverage == report.coverage
    frame = read_investor_trading(store, DAY, DAY)
    assert frame.attrs["coverage"]["2026-11-19"]["KOSPI/KRX"] == {"stocks": 5, "of": 5, "volume": 1.0}
    assert frame.attrs["coverage"]["2026-11-19"]["KOSDAQ/KRX"]["volume"] == kosdaq.volume
    disagrees = next(result for result in report.results if result.id == "totals_agree")
    assert str(disagrees.status) == "warn"
    assert {str(offender.where).partition(" · ")[0] for offender in disagrees.offenders} == {"KOSDAQ"}


def _drop_last_stock(store, parameters):
    key = layout.partition_key(DAY, parameters, "ka10059")
    table = pq.ParquetFile(io.BytesIO(store.read(key))).read()
    buffer = io.BytesIO()
    pq.write_table(table.slice(0, len(table) - 1), buffer)
    store.write(key, buffer.getvalue())


def test_a_session_of_a_list_of_stocks_is_still_lacking_where_every_stock_is_asked_for(store, krx, listed, fetcher):
    asked = {"start": "2026-11-19", "end": "2026-11-19", "venues": ["KRX"]}
    codes = sorted(stock.code for board in listed.values() for stock in board)
    history = make_plan(store, krx, asked | {"stocks": codes[:2]}, NOW)
    for chunk in history.chunks:
        fetcher.fetch(chunk)
    for place in history.places:
        Pivot.of(store, history, place, "run-h").write(history.blocks[0])
    publish(store, history.plan_of(DAY))

    with pytest.raises(HistoryError, match="are published with these sets"):
        make_plan(store, krx, asked | {"stocks": codes[:2]}, NOW)
    whole = make_plan(store, krx, asked, NOW)
    assert (len(whole.stocks), whole.sessions) == (8, (DAY,))
    for chunk in whole.chunks:
        fetcher.fetch(chunk)
    for place in whole.places:
        Pivot.of(store, whole, place, "run-h").write(whole.blocks[0])
    publish(store, whole.plan_of(DAY))

    assert len(read_investor_trading(store, DAY, DAY)) == 8 * 12
    with pytest.raises(HistoryError, match="are published with these sets"):
        make_plan(store, krx, asked, NOW)
    with pytest.raises(HistoryError, match="would be left with these alone: replace them without a list"):
        make_plan(store, krx, asked | {"stocks": codes[:2], "replace": True}, NOW)


def test_before_2014_no_total_is_asked_for():
    named = product(("amount", "quantity"), ("net", "buy"))
    sets = [ParameterSet.parse("KOSPI", "KRX", measure, side) for measure, side in named]

    assert sets_with_totals(date(2013, 12, 30), sets, []) == []
    assert sets_with_totals(date(2014, 1, 2), sets, [sets[0]]) == [sets[2]]


def test_every_published_cell_is_the_truth(store, rebuilt, truths):
    publish(store, rebuilt)

    frame = read_investor_trading(store, DAY, DAY, investors="foreigner")
    for p in rebuilt.sets:
        truth = truths.rows(str(DAY), p.market, p.venue, p.measure, p.side)
        rows = frame[frame["market"] == str(p.market)]
        cells = dict(zip(rows["stock_code"], rows[f"{p.side}_{p.measure}"], strict=True))
        assert cells == {code: row["frgnr_invsr"] for code, row in truth.items()}


def test_no_rule_blocks_or_warns_for_want_of_a_sweep(store, rebuilt):
    publisher = RebuiltPublisher(store, rebuilt, "run-h")
    report = publisher.audit(publisher.examine(), NOW)

    told = [str(result.id) for result in report.results if str(result.status) not in ("pass", "not_applicable")]
    assert told == ["usual_size"]  # of a market of eight


def test_what_was_published_stays_and_is_added_to(store, rebuilt, krx):
    publish(store, rebuilt)
    first = store.read(PUBLISHED)
    narrower = Plan.of(krx, DAY, Mode.REBUILD, rebuilt.sets[:3])

    publish(store, narrower, datetime(2026, 12, 1, tzinfo=UTC))

    assert store.read(PUBLISHED) == first


def test_what_was_swept_and_published_is_not_lost_when_another_venue_is_rebuilt(store, rebuilt):
    nxt = ParameterSet.parse("KOSPI", "NXT", "amount", "net")
    store.write(PUBLISHED, _swept(nxt, store))

    publish(store, rebuilt)

    frame = read_investor_trading(store, DAY, DAY, markets="KOSPI", investors="bank")
    by_venue = frame.groupby("venue", observed=True)["source"].unique().map(list).to_dict()
    assert by_venue == {"KRX": ["ka10059"], "NXT": ["ka10066"]}
    known = frame.groupby("venue", observed=True)["published_at"].max()
    assert known["KRX"].to_pydatetime() == NOW


def test_a_set_that_was_swept_and_published_stays_unless_it_is_to_be_replaced(store, rebuilt):
    """Of 삼성전자's market and venue one set is swept: the five others are added to it."""
    swept = rebuilt.sets[0]
    store.write(PUBLISHED, _swept(swept, store))

    tables = session_tables(store, rebuilt)

    assert tables[swept].num_rows == 1
    assert "natfor" not in tables[swept].column_names
    assert all("natfor" in tables[other].column_names for other in rebuilt.sets if other != swept)
    assert "natfor" in session_tables(store, rebuilt, replace=True)[swept].column_names


def test_a_file_that_is_replaced_is_kept(store, rebuilt):
    store.write(PUBLISHED, _swept(rebuilt.sets[0], store))
    old = store.read(PUBLISHED)

    publish(store, rebuilt, replace=True)

    (kept,) = [key for key in store.list("raw/published") if "replaced-" in key]
    assert store.read(kept) == old


def test_a_published_set_whose_typed_set_is_another_runs_is_refused(store, rebuilt):
    nxt = ParameterSet.parse("KOSPI", "NXT", "amount", "net")
    store.write(PUBLISHED, _swept(nxt, store, said="another sweep"))

    with pytest.raises(HistoryError, match=r"NXT .* is published and its typed set is not the one"):
        publish(store, rebuilt)


def _swept(parameters, store, said="a sweep"):
    """Store a typed set as a night does, and return the published file that was made of it."""
    code = "005930_NX" if parameters.venue == "NXT" else "005930"
    sweep = Sweep("a sweep", parameters, "run-n", (page([row(code, orgn="8", trde_qty="900000")]),))
    table = ka10066.parse(sweep.pages, parameters)
    store.write(layout.partition_key(DAY, parameters), ka10066.encode(table, sweep, DAY, "1"))
    described = {"sweeps": json.dumps({parameters.path: said})}
    return investor_trading.encode(investor_trading.build({parameters: table}), described)


def test_a_session_of_which_nothing_was_rebuilt_is_refused(store, krx):
    with pytest.raises(HistoryError, match="of session 2026-11-19 nothing was rebuilt"):
        RebuiltPublisher(
            store, Plan.of(krx, DAY, Mode.REBUILD, [ParameterSet.parse("KOSPI", "KRX", "amount", "net")]), "r"
        ).examine()
