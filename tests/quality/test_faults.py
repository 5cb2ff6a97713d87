"""One fault at a time in an otherwise good session: which rule catches it. None may be published."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from kiwoom_provider.api.ka10051 import Total
from kiwoom_provider.locale import label, message
from kiwoom_provider.parameters import Market, Measure, ParameterSet, Side, Venue
from kiwoom_provider.proof.dated_evidence import DatedEvidence
from kiwoom_provider.proof.earlier import EarlierSessions, EarlierSet
from kiwoom_provider.proof.examination import examine
from kiwoom_provider.proof.session_proof import Outcome, ProofSetting
from kiwoom_provider.proof.tables import FlowTable
from kiwoom_provider.quality.audit import audit
from kiwoom_provider.quality.report_page import render_html
from kiwoom_provider.quality.results import Severity, Verdict
from kiwoom_provider.quality.rules import RULES
from kiwoom_provider.quality.table import SetTable
from scripts.tables import documents
from small_tables import ELEMENTS as INVESTORS
from small_tables import put
from witnesses import master_of

SESSION, BEFORE = dt.date(2026, 11, 20), dt.date(2026, 11, 19)
NET = ParameterSet(Market.KOSPI, Venue.KRX, Measure.AMOUNT, Side.NET)
BUY = replace(NET, side=Side.BUY)
SELL = replace(NET, side=Side.SELL)
SHARES = replace(NET, measure=Measure.QUANTITY)
OTHER_MARKET = replace(NET, market=Market.KOSDAQ)


# --- how to break things -------------------------------------------------------------------------


def on(given, keys, change):
    """Change the tables of some sets, and their page sizes with them."""
    tables = dict(given.tables)
    for key in [keys] if isinstance(keys, ParameterSet) else keys:
        tables[key] = change(tables[key])
    sizes = {key: pages(table.num_rows) for key, table in tables.items()}
    return replace(given, tables=tables, page_sizes=sizes)


def pages(rows):
    return (*(100,) * (rows // 100), *((rows % 100,) if rows % 100 else ()))


def sets(given, **wanted):
    return [key for key in given.asked if all(getattr(key, name) == value for name, value in wanted.items())]


def add(row, name, delta):
    def change(table):
        values = table[name].to_pylist()
        values[row] += delta
        return put(table, **{name: values})

    return change


def cell(row, name, value):
    def change(table):
        values = table[name].to_pylist()
        values[row] = value
        return put(table, **{name: values})

    return change


def scaled(factor):
    def change(table):
        return put(table, **{n: np.rint(table[n].to_numpy() * factor).astype(np.int64) for n in INVESTORS})

    return change


def without(start, stop=None):
    def change(table):
        keep = np.ones(table.num_rows, dtype=bool)
        keep[slice(start, stop)] = False
        return table.filter(pa.array(keep))

    return change


def renamed_like_the_next(table):
    return put(table, stk_nm=np.roll(table["stk_nm"].to_pylist(), 1).tolist())


def shifted(table):
    return put(table, **{name: table[before] for before, name in pairwise(INVESTORS)})


def zero_page(table):
    values = {name: table[name].to_numpy().copy() for name in INVESTORS}
    for column in values.values():
        column[:100] = 0
    return put(table, **values)


def flows_of(source, rows=slice(None)):
    """Take the investor fields of some rows from another table of the same stocks."""

    def change(table):
        values = {name: table[name].to_numpy().copy() for name in INVESTORS}
        for name, column in values.items():
            column[rows] = source[name].to_numpy()[rows]
        return put(table, **values)

    return change


def swapped(given, one, other):
    tables = {**given.tables, one: given.tables[other], other: given.tables[one]}
    return on(replace(given, tables=tables), [], None)


def served_as(given, source, target):
    return on(given, target, lambda _: given.tables[source])


def only(given, **wanted):
    asked = tuple(sets(given, **wanted))
    return replace(
        given,
        asked=asked,
        tables={key: given.tables[key] for key in asked},
        page_sizes={key: given.page_sizes[key] for key in asked},
    )


def every(given, change):
    return on(given, given.asked, change)


def markets_swapped(given):
    other = {Market.KOSPI: Market.KOSDAQ, Market.KOSDAQ: Market.KOSPI}
    tables = {key: given.tables[replace(key, market=other[key.market])] for key in given.asked}
    return on(replace(given, tables=tables), [], None)


def both_markets_as_kospi(given):
    def merged(key):
        table = pa.concat_tables([given.tables[key], given.tables[replace(key, market=Market.KOSDAQ)]])
        return table.sort_by("stk_cd")

    kospi = only(given, market=Market.KOSPI)
    return on(replace(kospi, tables={key: merged(key) for key in kospi.asked}), [], None)


def large(given):
    """Return the sets of more than one page."""
    return [key for key in given.asked if key.venue is not Venue.NXT]


def stale(given, keys, rows=slice(None)):
    """Put the previous session's figures into some sets, and have the proof examine what then lies there."""
    unsettled = {key: flows_of(given.published[key], rows)(given.tables[key]) for key in keys}
    earlier = {key: (EarlierSet(BEFORE, FlowTable.of(table)),) for key, table in given.published.items()}
    tables = {**given.tables, **unsettled}
    found = examine(tables, DatedEvidence(given.session_date), EarlierSessions(earlier), ProofSetting.BOTH)
    return replace(given, tables=tables, proof=found.model_copy(update={"rows": given.proof.rows}))


def fetched(at):
    return lambda table: put(table, fetched_at=pa.array([at] * table.num_rows, pa.timestamp("us", tz="UTC")))


def kospi_quantities(change):
    return lambda given: on(given, sets(given, market=Market.KOSPI, measure=Measure.QUANTITY), change)


def with_proof(given, outcome, how):
    return replace(given, proof=given.proof.model_copy(update={"outcome": outcome, "how": (how,)}))


def with_reference(given, **changes):
    first, *others = given.proof.rows
    rows = (first.model_copy(update=changes), *others)
    return replace(given, proof=given.proof.model_copy(update={"rows": rows}))


def pages_said(*sizes):
    return lambda given: replace(given, page_sizes={**given.page_sizes, NET: sizes})


# --- the faults ----------------------------------------------------------------------------------

DOCUMENT = Path(__file__).parents[2] / "docs" / "evidence" / "faults.md"
HEAD = ("| fault | caught by | also failed | published |", "| --- | --- | --- | --- |")

FAULTS = {
    # the sweep
    "one set lacks its first page": ("same_stocks", lambda g: on(g, NET, without(0, 100))),
    "one set lacks a middle page": ("same_stocks", lambda g: on(g, NET, without(100, 200))),
    "one set lacks its last page": ("same_stocks", lambda g: on(g, NET, without(200))),
    "one set lacks one stock": ("same_stocks", lambda g: on(g, NET, without(7, 8))),
    "one set lacks its last stock": ("same_stocks", lambda g: on(g, NET, without(249))),
    "every set of a venue lacks its first page": (
        "stocks_stay",
        lambda g: on(g, sets(g, venue=Venue.KRX), without(0, 100)),
    ),
    "every set of a market lacks a middle page": (
        "no_gap",
        lambda g: on(g, sets(g, market=Market.KOSPI), without(100, 200)),
    ),
    "every set of a market lacks its last page": (
        "no_gap",
        lambda g: on(g, sets(g, market=Market.KOSPI, venue=Venue.KRX), without(200)),
    ),
    "every set of a market and venue lacks its last six stocks": (
        "no_gap",
        lambda g: on(g, sets(g, market=Market.KOSPI, venue=Venue.KRX), without(244)),
    ),
    "a single set asked for ends early": (
        "no_gap",
        lambda g: on(only(g, **vars_of(NET)), NET, without(200)),
    ),
    "half of the universe is gone": (
        "stocks_stay",
        lambda g: every(g, lambda t: t.take(list(range(0, t.num_rows, 2)))),
    ),
    "a page came twice": ("unique_stocks", lambda g: on(g, NET, lambda t: doubled(t, 100))),
    "a stock came twice": ("unique_stocks", lambda g: on(g, NET, lambda t: doubled(t, 1))),
    "a page inside the sweep is short": ("page_sizes", pages_said(100, 90, 60)),
    "the last page is larger than the others": ("page_sizes", pages_said(100, 150)),
    "a page inside a sweep of another size is short": ("page_sizes", pages_said(60, 60, 50, 60, 20)),
    "the last page is empty": ("page_sizes", pages_said(100, 150, 0)),
    "a row was lost between raw and typed": ("page_sizes", pages_said(100, 100, 51)),
    "a set is missing": (
        "sets_present",
        lambda g: replace(g, tables={k: t for k, t in g.tables.items() if k != NET}),
    ),
    "a set is empty": ("sets_present", lambda g: on(g, NET, lambda t: t.slice(0, 0))),
    "a set is there that was not asked for": ("sets_present", lambda g: replace(g, asked=g.asked[1:])),
    "rows are out of order": (
        "ordered_by_code",
        lambda g: on(g, NET, lambda t: t.take([1, 0, *range(2, t.num_rows)])),
    ),
    "a set was fetched before the settle time": (
        "fetched_in_window",
        lambda g: on(g, NET, fetched(dt.datetime(2026, 11, 20, 11, 29, tzinfo=dt.UTC))),
    ),
    "a set was fetched after the window": (
        "fetched_in_window",
        lambda g: on(g, NET, fetched(dt.datetime(2026, 11, 22, 22, 1, tzinfo=dt.UTC))),
    ),
    # columns and cells
    "an element was renamed": (
        "schema",
        lambda g: on(g, NET, lambda t: t.rename_columns({"natn": "nation"})),
    ),
    "an element is gone": ("schema", lambda g: on(g, NET, lambda t: t.drop_columns("bank"))),
    "a column is text": (
        "schema",
        lambda g: on(g, NET, lambda t: t.set_column(7, "ind_invsr", t["ind_invsr"].cast(pa.string()))),
    ),
    "a null stands for a zero": ("investor_nulls", lambda g: on(g, NET, cell(5, "natn", None))),
    "a whole column is null in every set": (
        "investor_nulls",
        lambda g: every(g, lambda t: put(t, bank=pa.nulls(t.num_rows, pa.int64()))),
    ),
    "a stock has no code": ("stock_codes", lambda g: on(g, NET, cell(0, "stk_cd", None))),
    "a code kept its venue suffix": ("stock_codes", lambda g: on(g, NET, cell(249, "stk_cd", "999999_AL"))),
    "every sign code is unknown": ("pre_sig_codes", lambda g: every(g, lambda t: put(t, pre_sig=[9] * t.num_rows))),
    "what was traded has a price of 0 in every set": (
        "traded_stocks_have_prices",
        lambda g: every(g, lambda t: put(t, cur_prc=[0] * t.num_rows)),
    ),
    "one traded stock has a price of 0 in every set": (
        "traded_stocks_have_prices",
        lambda g: on(g, sets(g, market=Market.KOSPI, venue=Venue.KRX), cell(5, "cur_prc", 0)),
    ),
    "an investor's counter is at its end": (
        "no_saturated_counters",
        lambda g: on(g, NET, saturated(5, "ind_invsr", "2147483647")),
    ),
    "some of a set's sells are negative": (
        "gross_not_negative",
        lambda g: on(
            g, SELL, lambda t: put(t, ind_invsr=[-v if i % 2 else v for i, v in enumerate(t["ind_invsr"].to_pylist())])
        ),
    ),
    "one investor field of a stock that was not traded is blank": (
        "investor_nulls",
        lambda g: every(g, lambda t: cell(untraded(t), "natn", None)(t) if untraded(t) is not None else t),
    ),
    "a price is negative": ("price_range", lambda g: on(g, NET, cell(5, "cur_prc", -7410))),
    "a volume is negative": ("price_range", lambda g: on(g, NET, cell(5, "trde_qty", -1))),
    "an investor field is absurd": ("investor_range", lambda g: on(g, NET, cell(5, "bank", 2**62))),
    "a buy is negative": ("gross_not_negative", lambda g: on(g, BUY, cell(5, "ind_invsr", -3))),
    "the changes lost their sign": (
        "change_has_its_sign",
        lambda g: every(g, lambda t: put(t, pred_pre=pc.abs(t["pred_pre"]))),
    ),
    "the rates are a hundred times too large": (
        "change_is_its_rate",
        lambda g: every(g, lambda t: put(t, flu_rt=[100 * rate for rate in t["flu_rt"].to_pylist()])),
    ),
    "the changes are larger than the prices": (
        "base_price_is_positive",
        lambda g: every(g, lambda t: put(t, pred_pre=pc.add(t["cur_prc"], 1))),
    ),
    # flows
    "one net amount is off by two": ("buy_minus_sell_is_net", lambda g: on(g, NET, off_beyond(g, 2))),
    "one net quantity is off by one share": (
        "buy_minus_sell_is_net",
        lambda g: on(g, SHARES, add(5, "etc_corp", 1)),
    ),
    "one buy quantity is off by one share": (
        "buy_minus_sell_is_net",
        lambda g: on(g, replace(SHARES, side=Side.BUY), add(9, "ind_invsr", 1)),
    ),
    "buy and sell are swapped": ("buy_minus_sell_is_net", lambda g: swapped(g, BUY, SELL)),
    "net lost its sign": (
        "buy_minus_sell_is_net",
        lambda g: on(g, NET, lambda t: put(t, **{n: pc.abs(t[n]) for n in INVESTORS})),
    ),
    "net is sell minus buy": ("buy_minus_sell_is_net", lambda g: on(g, NET, scaled(-1))),
    "two rows of one set are exchanged": (
        "buy_minus_sell_is_net",
        lambda g: on(g, NET, lambda t: put(t, **{n: t[n].take([1, 0, *range(2, 250)]) for n in INVESTORS})),
    ),
    "columns are shifted in one set": ("buy_minus_sell_is_net", lambda g: on(g, NET, shifted)),
    "columns are shifted in every set": ("institution_is_its_parts", lambda g: every(g, shifted)),
    "an institution's amount is off by twelve, alike in buy and net": (
        "institution_is_its_parts",
        lambda g: on(g, [BUY, NET], add(5, "bank", 12)),
    ),
    "an institution's quantity is off by one share, alike in buy and net": (
        "institution_is_its_parts",
        lambda g: on(g, [SHARES, replace(SHARES, side=Side.BUY)], add(5, "insrnc", 1)),
    ),
    "foreigners' figures stand under individuals, too": (
        "columns_distinct",
        lambda g: every(g, lambda t: put(t, ind_invsr=t["frgnr_invsr"])),
    ),
    "foreigners are all zero": (
        "main_investors_trade",
        lambda g: every(g, lambda t: put(t, frgnr_invsr=[0] * t.num_rows)),
    ),
    "nothing is settled: every field is zero": ("main_investors_trade", lambda g: every(g, scaled(0))),
    "the first page is not settled: its fields are zero in every large set": (
        "no_zero_stretch",
        lambda g: on(g, large(g), zero_page),
    ),
    "a page of stocks that were hardly traded is all zero in every large set": (
        "no_zero_page",
        lambda g: on(g, large(g), lambda t: zero_page(hardly_traded(t, 100))),
    ),
    "the flows lack a tenth of the volume, alike in buys and sells": (
        "flows_cover_volume",
        lambda g: every(g, scaled(0.9)),
    ),
    "names are shifted by a row in one set": ("same_names", lambda g: on(g, NET, renamed_like_the_next)),
    "names are shifted by a row in every set": ("names_stay", lambda g: every(g, renamed_like_the_next)),
    "a price differs in one set": ("same_prices", lambda g: on(g, NET, add(5, "cur_prc", 10))),
    "a volume differs in one set": ("same_prices", lambda g: on(g, NET, add(5, "trde_qty", 1))),
    "a price is blank in one set": ("same_prices", lambda g: on(g, NET, cell(5, "cur_prc", None))),
    # parameters that the API ignored, units
    "net was served for buy": ("sets_distinct", lambda g: served_as(g, NET, BUY)),
    "quantities were served for amounts": ("sets_distinct", lambda g: served_as(g, SHARES, NET)),
    "KRX was served for consolidated": (
        "sets_distinct",
        lambda g: served_as(g, NET, replace(NET, venue=Venue.CONSOLIDATED)),
    ),
    "quantities are in thousands of shares": ("units_of_sets", kospi_quantities(scaled(0.001))),
    "amounts are in won": (
        "units_of_sets",
        lambda g: on(g, sets(g, market=Market.KOSPI, measure=Measure.AMOUNT), scaled(1_000_000)),
    ),
    "amounts are in thousands of won": (
        "units_of_sets",
        lambda g: on(g, sets(g, market=Market.KOSPI, measure=Measure.AMOUNT), scaled(1000)),
    ),
    "only buy quantities were asked for, in thousands of shares": (
        "scale_of_sets",
        lambda g: every(only(g, measure=Measure.QUANTITY, side=Side.BUY), scaled(0.001)),
    ),
    "only net amounts were asked for, in won": (
        "scale_of_sets",
        lambda g: every(only(g, measure=Measure.AMOUNT, side=Side.NET), scaled(1_000_000)),
    ),
    # markets and venues
    "every set of KOSPI lacks its last six stocks on a first night, and the master has them": (
        "listed_stocks_swept",
        lambda g: on(first_night(with_master(g)), sets(g, market=Market.KOSPI), lambda t: t.slice(0, t.num_rows - 6)),
    ),
    "every set of KOSPI lacks a page on a first night, and the master, which has it, lacks a new stock": (
        "listed_stocks_swept",
        lambda g: on(first_night(with_older_master(g)), sets(g, market=Market.KOSPI), without(0, 30)),
    ),
    "NXT lacks a page that was traded": (
        "stocks_stay",
        lambda g: on(g, sets(g, venue=Venue.NXT, market=Market.KOSPI), without(0, 30)),
    ),
    "NXT lacks stocks that the master has and that were traded": (
        "listed_stocks_swept",
        lambda g: on(first_night(with_master(g)), sets(g, venue=Venue.NXT, market=Market.KOSPI), without(0, 30)),
    ),
    "the markets are swapped in every set": ("stocks_keep_their_market", markets_swapped),
    "the markets are swapped in one set": ("same_stocks", lambda g: swapped(g, NET, OTHER_MARKET)),
    "KOSPI was served for KOSDAQ, too": (
        "markets_disjoint",
        lambda g: on(replace(g, tables={k: g.tables[replace(k, market=Market.KOSPI)] for k in g.asked}), [], None),
    ),
    "both markets were served for KOSPI": ("few_are_new", both_markets_as_kospi),
    "NXT has a stock that KRX lacks": (
        "nxt_within_krx",
        lambda g: on(g, sets(g, market=Market.KOSPI, venue=Venue.NXT), cell(0, "stk_cd", "000001")),
    ),
    # the session
    "every set is the previous session's": (
        "not_previous_session",
        lambda g: stale(g, g.tables),
    ),
    "one set is the previous session's": (
        "not_previous_session",
        lambda g: stale(g, [NET]),
    ),
    "NXT is still the previous session's": (
        "not_previous_session",
        lambda g: stale(g, sets(g, venue=Venue.NXT)),
    ),
    "the first page of every large set is the previous session's": (
        "not_previous_session",
        lambda g: stale(g, large(g), slice(0, 100)),
    ),
    "the session is not proved": (
        "session_proof",
        lambda g: with_proof(
            g,
            Outcome.UNPROVED,
            message("the session before is not stored and published, so there is no change to tell"),
        ),
    ),
    "the session is disproved": (
        "session_proof",
        lambda g: with_proof(
            g,
            Outcome.DISPROVED,
            message("{count} of {all} sets are another session's, first {first}", count=1, all=36, first=label(NET)),
        ),
    ),
    "no evidence was given": ("session_proof", lambda g: replace(g, proof=None)),
    "a reference stock differs from its dated row": (
        "reference_rows",
        lambda g: with_reference(g, dated={**g.proof.rows[0].dated, "frgnr_invsr": -999_999}),
    ),
    "a reference stock was not fetched": ("reference_rows", lambda g: with_reference(g, stock_code="999999")),
}


def first_night(given):
    return replace(given, published={}, published_on=None)


def with_master(given):
    return replace(given, securities=master_of(given.tables, SESSION))


def with_older_master(given):
    """Return it with a master that lacks the last stock of every set of KOSPI."""
    return replace(given, securities=master_of(each_but_last(given.tables), SESSION))


def each_but_last(tables):
    return {
        key: table.slice(0, table.num_rows - 1) if key.market is Market.KOSPI else table
        for key, table in tables.items()
    }


def saturated(row, name, text):
    """Store a counter at its end as the typed sets do: blank, and named in the metadata."""

    def change(table):
        code = table["stk_cd"][row].as_py()
        facts = {"kiwoom.saturated": json.dumps([[name, code, text]])}
        return cell(row, name, None)(table).replace_schema_metadata(facts)

    return change


def untraded(table):
    idle = np.flatnonzero(table["trde_qty"].to_numpy() == 0)
    return int(idle[0]) if len(idle) else None


def hardly_traded(table, rows):
    """Let the first stocks trade a little more than 10 million won."""
    volume = table["trde_qty"].to_numpy().copy()
    price = table["cur_prc"].to_numpy()[:rows]
    volume[:rows] = np.minimum(volume[:rows], 20_000_000 // price)
    return put(table, trde_qty=volume)


def tiny(table, name):
    values = table[name].to_numpy().copy()
    busiest = np.argmax(table["trde_qty"].to_numpy() * table["cur_prc"].to_numpy() < 5 * 10**9)
    values[busiest] //= 100
    return values


def vars_of(key):
    return {"market": key.market, "venue": key.venue, "measure": key.measure, "side": key.side}


def doubled(table, rows):
    return pa.concat_tables([table, table.slice(0, rows)]).sort_by("stk_cd")


def off_beyond(given, delta):
    """Move one net amount away from buy − sell, in the direction in which rounding has it already."""
    row = 5
    exact = given.tables[BUY]["etc_corp"][row].as_py() - given.tables[SELL]["etc_corp"][row].as_py()
    now = given.tables[NET]["etc_corp"][row].as_py()
    return add(row, "etc_corp", delta if now >= exact else -delta)


@pytest.fixture(scope="module", autouse=True)
def _good_tables_are_read_once(good):
    """Of 72 tables a fault changes one or a few; all the others are read for the first audit alone."""
    read, kept = SetTable.of, {}
    unchanged = {id(table) for table in (*good.tables.values(), *good.published.values())}

    def of(parameters, table):
        if id(table) not in unchanged:
            return read(parameters, table)
        if (parameters, id(table)) not in kept:
            kept[parameters, id(table)] = read(parameters, table)
        return kept[parameters, id(table)]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SetTable, "of", of)
        yield


@pytest.fixture(scope="module")
def audited(good):
    """Return the report of a session with one fault, each audited once."""

    @cache
    def report(fault):
        _, inject = (FAULTS | WARNINGS)[fault]
        return audit(inject(good))

    return report


@pytest.mark.parametrize("fault", FAULTS, ids=lambda name: name.replace(" ", "_"))
def test_a_fault_is_caught_by_its_rule_and_keeps_the_session_from_publication(audited, fault):
    rule, _ = FAULTS[fault]
    report = audited(fault)
    assert rule in [result.id for result in report.blocking]
    assert report.status is Verdict.BLOCKED


@pytest.mark.parametrize(
    "fault",
    [
        "the session is disproved",
        "every set is the previous session's",
        "the first page of every large set is the previous session's",
        "a reference stock differs from its dated row",
    ],
)
def test_data_of_another_session_come_first_and_are_never_releasable(good, fault):
    rule, inject = FAULTS[fault]
    report = audit(inject(good))
    found = next(result for result in report.results if result.id == rule)
    assert not found.releasable
    assert not report.worst()[0].releasable


def test_a_session_that_is_not_proved_is_releasable(good):
    report = audit(with_proof(good, Outcome.UNPROVED, message("silent")))
    assert [(r.id, r.releasable) for r in report.blocking] == [("session_proof", True)]


def test_the_offender_names_set_stock_and_investor_with_both_values(good):
    wrong = good.tables[SHARES]["etc_corp"][5].as_py() + 7
    report = audit(on(good, SHARES, cell(5, "etc_corp", wrong)))
    found = next(result for result in report.results if result.id == "buy_minus_sell_is_net")
    assert found.failing == 1
    assert found.offenders[0].to_json() == {
        "where": {"id": "KOSPI · KRX · quantity · net", "arguments": {}},
        "stock_code": good.tables[SHARES]["stk_cd"][5].as_py(),
        "stock_name": good.tables[SHARES]["stk_nm"][5].as_py(),
        "investor": {"id": "other corporation", "arguments": {}},
        "expected": wrong - 7,
        "seen": wrong,
        "difference": 7,
    }


def test_a_blank_price_is_shown_as_blank_and_never_as_a_number(good):
    report = audit(on(good, NET, cell(5, "cur_prc", None)))
    found = next(result for result in report.results if result.id == "same_prices")
    price = good.tables[NET]["cur_prc"][5].as_py()
    shown = {(str(one.expected), str(one.seen)) for one in found.offenders}
    assert shown <= {(str(price), "blank"), ("blank", str(price))}
    assert found.failing


def test_equal_columns_have_a_bound_of_their_own(good):
    """Fewer than ten equal figures of two small investors are chance; ten are not."""

    def equal(count):
        def change(table):
            values = [7] * count + [0] * (table.num_rows - count)
            return put(table, natn=values, bank=values)

        found = audit(on(good, NET, change)).results
        return next(result.status for result in found if result.id == "columns_distinct")

    assert (equal(9), equal(10)) == ("pass", "fail")


def test_at_most_ten_offenders_are_kept_the_worst_first(good):
    values = good.tables[SHARES]["etc_corp"].to_numpy().copy()
    values[:30] += np.arange(1, 31)
    report = audit(on(good, SHARES, lambda t: put(t, etc_corp=values)))
    found = next(result for result in report.results if result.id == "buy_minus_sell_is_net")
    assert found.failing == 30
    assert [one.difference for one in found.offenders] == [30, 29, 28, 27, 26, 25, 24, 23, 22, 21]


# --- what only warns by default, and blocks where a deployment says so -----------------------------

WARNINGS = {
    "the venues do not add up": (
        "venues_add_up",
        lambda g: on(g, [replace(k, venue=Venue.CONSOLIDATED) for k in (BUY, NET)], add(5, "ind_invsr", 30)),
    ),
    "the venues' volumes do not add up": (
        "volumes_add_up",
        lambda g: on(g, sets(g, venue=Venue.CONSOLIDATED), add(5, "trde_qty", 30)),
    ),
    "consolidated lacks a stock of KRX": (
        "consolidated_is_krx",
        lambda g: on(g, sets(g, venue=Venue.CONSOLIDATED), without(9, 10)),
    ),
    "one stock was bought at ten times its price": (
        "amount_and_quantity_meet",
        lambda g: on(g, [BUY, NET], add(5, "ind_invsr", 10 * g.tables[BUY]["ind_invsr"][5].as_py() + 100)),
    ),
    "more was bought than traded": (
        "within_volume",
        lambda g: on(g, [replace(SHARES, side=Side.BUY), SHARES], add(5, "ind_invsr", 10**7)),
    ),
    "one stock was hardly bought and sold by anybody": (
        "other_foreigners_are_few",
        lambda g: on(
            g, [replace(SHARES, side=side) for side in Side], lambda t: put(t, **{n: tiny(t, n) for n in INVESTORS})
        ),
    ),
    "the base prices of NXT are others than KRX's": (
        "same_base_price",
        lambda g: on(
            g, sets(g, venue=Venue.NXT, market=Market.KOSPI), lambda t: put(t, pred_pre=pc.add(t["pred_pre"], 1))
        ),
    ),
    "the master lacks a tenth of a market": (
        "swept_stocks_listed",
        lambda g: replace(g, securities=with_master(g).securities.slice(29)),
    ),
    "the master is a copy of the day before": (
        "swept_stocks_listed",
        lambda g: replace(g, securities=master_of(g.tables, BEFORE)),
    ),
    "the master calls a stock by another name": (
        "names_as_listed",
        lambda g: replace(g, securities=cell(5, "stock_name", "다른이름")(with_master(g).securities)),
    ),
    "a total is another": (
        "totals_agree",
        lambda g: replace(with_master(g), totals={NET: Total((99_999,) * 12, 0)}),
    ),
    "an active stock has no buyers": (
        "active_stocks_have_flows",
        lambda g: on(g, [BUY, SELL, NET], lambda t: put(t, **{n: silenced(t, n) for n in INVESTORS})),
    ),
    "banks fall silent": ("investors_trade", lambda g: every(g, without_banks)),
    "a new element came": (
        "new_elements",
        lambda g: replace(g, extra_elements={NET: ("natfor",)}),
    ),
    "a name is blank": ("other_nulls", lambda g: every(g, cell(3, "stk_nm", None))),
    "a name is empty": ("other_nulls", lambda g: every(g, cell(3, "stk_nm", ""))),
    "prices jump from the previous session": (
        "base_price_goes_on",
        lambda g: replace(
            g, published={k: put(t, cur_prc=pc.multiply(t["cur_prc"], 10)) for k, t in g.published.items()}
        ),
    ),
    "turnover is a tenth of the previous session's": (
        "turnover_is_usual",
        lambda g: replace(g, published={k: scaled(10)(t) for k, t in g.published.items()}),
    ),
    "ALL lacks a stock of KOSPI": ("all_is_both_markets", lambda g: with_all(g, without(0, 1))),
    "a first night's markets are small": ("usual_size", first_night),
    "a first night's sweep ends on a full page": (
        "full_last_page",
        lambda g: every(first_night(g), lambda t: t.slice(0, t.num_rows // 100 * 100)),
    ),
    "pages have another size than was measured": ("page_rows", pages_said(60, 60, 60, 60, 10)),
}


def with_all(given, change):
    key = replace(NET, market=Market.ALL)
    whole = pa.concat_tables([given.tables[NET], given.tables[OTHER_MARKET]]).sort_by("stk_cd")
    wider = replace(given, asked=(*given.asked, key), tables={**given.tables, key: whole})
    return on(wider, key, change)


def silenced(table, name):
    values = table[name].to_numpy().copy()
    active = np.argmax(table["trde_qty"].to_numpy() * table["cur_prc"].to_numpy())
    values[active] = 0
    return values


def without_banks(table):
    rest = pc.subtract(table["orgn"], table["bank"])
    return put(table, orgn=rest, bank=[0] * table.num_rows)


@pytest.mark.parametrize("fault", WARNINGS, ids=lambda name: name.replace(" ", "_"))
def test_a_doubtful_case_warns_by_default_and_blocks_where_a_deployment_says_so(good, audited, fault):
    rule, inject = WARNINGS[fault]
    assert rule in [r.id for r in audited(fault).results if r.status == "warn"]
    strict = audit(inject(good), {rule: Severity.BLOCK})
    assert rule in [r.id for r in strict.blocking]


@pytest.mark.parametrize("fault", FAULTS | WARNINGS, ids=lambda name: name.replace(" ", "_"))
def test_the_korean_page_tells_of_a_fault_without_an_english_phrase(audited, english_in, fault):
    assert english_in(render_html(audited(fault), "ko")) == []


def test_every_rule_has_a_fault_that_fires_it():
    fired = {rule for rule, _ in (*FAULTS.values(), *WARNINGS.values())}
    assert fired == {rule.id for rule in RULES}


def test_one_odd_price_change_among_hundreds_of_stocks_warns_and_does_not_withhold_the_session(session_of):
    given = session_of(seed=5, kospi=500, kosdaq=500)
    odd = on(given, sets(given, market=Market.KOSPI, venue=Venue.KRX), cell(5, "pre_sig", 3))
    found = [(r.status, r.failing) for r in audit(odd).results if r.id == "change_has_its_sign"]
    assert found == [("warn", 1)]


def test_the_document_has_every_fault_and_what_blocked_it(audited, request):
    rows = [
        f"| {fault} | `{rule}` | {others_that_fail(audited(fault), rule)} | no |" for fault, (rule, _) in FAULTS.items()
    ]
    counted = f"{len(FAULTS)} faults, each put alone into an otherwise good session of 36 sets: **0 were published**."
    made = "\n".join([counted, "", *HEAD, *rows])
    if request.config.getoption("write_documents"):
        documents.rewrite(DOCUMENT, faults=made)
    text = DOCUMENT.read_text("utf-8")
    assert text == documents.replace_part(text, "faults", made), "run make docs"


def others_that_fail(report, rule):
    others = [result.id for result in report.blocking if result.status == "fail" and result.id != rule]
    return ", ".join(f"`{other}`" for other in others) or "–"
