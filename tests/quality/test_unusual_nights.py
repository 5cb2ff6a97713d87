"""What the exchange, a venue, an issuer or the vendor may do on some day of the year is published, with a warning."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from kiwoom_provider.parameters import Market, Measure, Side, Venue
from kiwoom_provider.proof.session_proof import FinalityLaw, SetProof
from kiwoom_provider.quality.audit import audit
from kiwoom_provider.quality.results import Verdict
from small_tables import ELEMENTS as INVESTORS
from small_tables import put
from witnesses import master_of, totals_of

SESSION, BEFORE = dt.date(2026, 11, 20), dt.date(2026, 11, 19)


def each(tables, change):
    return {key: change(key, table) for key, table in tables.items()}


def repaged(given, tables):
    sizes = {key: (*(100,) * (t.num_rows // 100), *filter(None, [t.num_rows % 100])) for key, t in tables.items()}
    return replace(given, tables=tables, page_sizes=sizes)


def before(given, tables):
    return replace(given, published=tables)


def warned(report):
    assert report.blocking == ()
    return {result.id for result in report.results if result.status == "warn"}


def on_nxt(given):
    return [key for key in given.tables if key.venue is Venue.NXT]


def stopped(given, codes):
    """Take stocks from NXT: consolidated trades what KRX trades."""

    def change(key, table):
        gone = np.isin(table["stk_cd"].to_pylist(), codes)
        if key.venue is Venue.NXT:
            return table.filter(pa.array(~gone))
        if key.venue is Venue.CONSOLIDATED:
            krx = given.tables[replace(key, venue=Venue.KRX)]
            rows = {n: np.where(gone, krx[n].to_numpy(), table[n].to_numpy()) for n in (*INVESTORS, "trde_qty")}
            return put(table, **rows)
        return table

    tables = each(given.tables, change)
    return repaged(replace(given, proof=given.proof.model_copy(update={"rows": ()})), tables)


@pytest.mark.parametrize("with_master", [True, False], ids=["with the master", "without it"])
def test_a_reselection_that_takes_a_fifth_of_nxt_away_is_published(good, with_master):
    codes = good.tables[on_nxt(good)[0]]["stk_cd"].to_pylist()[::5]
    given = stopped(good, codes)
    if with_master:
        given = replace(given, securities=master_of(given.tables, SESSION))
    assert warned(audit(given)) == {"stocks_stay"}


@pytest.mark.parametrize("with_master", [True, False], ids=["with the master", "without it"])
def test_a_reselection_that_takes_up_as_many_is_published(good, with_master):
    def fewer(key, table):
        keep = [i for i in range(table.num_rows) if i % 4]
        return table.take(keep) if key.venue is Venue.NXT else table

    given = before(good, each(good.published, fewer))
    if with_master:
        given = replace(given, securities=master_of(good.tables, SESSION))
    assert warned(audit(given)) == {"few_are_new"}


def test_a_reselection_is_published_where_only_nxt_is_collected(good):
    sets = on_nxt(good)
    narrow = replace(good, asked=tuple(sets), tables={key: good.tables[key] for key in sets}, proof=good.proof)
    rows = [i for i in range(good.tables[sets[0]].num_rows) if i % 5]
    given = repaged(narrow, each(narrow.tables, lambda _, t: t.take([i for i in range(t.num_rows) if i % 5])))
    assert len(rows) < 0.85 * good.tables[sets[0]].num_rows
    given = replace(given, proof=given.proof.model_copy(update={"rows": ()}))
    assert warned(audit(given)) == {"stocks_stay"}


def first_codes(given, count):
    """The first stocks of KOSPI on KRX."""
    key = next(key for key in given.tables if (key.market, key.venue) == (Market.KOSPI, Venue.KRX))
    return given.tables[key]["stk_cd"].to_pylist()[:count]


def test_a_series_of_sixty_nine_with_new_names_is_published(good):
    series = first_codes(good, 69)

    def renamed(_, table):
        pairs = zip(table["stk_cd"].to_pylist(), table["stk_nm"].to_pylist(), strict=True)
        return put(table, stk_nm=[f"새이름{name}" if code in series else name for code, name in pairs])

    assert warned(audit(repaged(good, each(good.tables, renamed)))) == {"names_stay"}


@pytest.mark.parametrize(("gone", "blocks"), [(5, False), (6, True)])
def test_the_tail_of_a_market_may_lose_five_stocks_and_not_six(good, gone, blocks):
    codes = set(first_codes(good, 250)[-gone:])

    def without(_, table):
        return table.filter(pa.array([code not in codes for code in table["stk_cd"].to_pylist()]))

    report = audit(repaged(good, each(good.tables, without)))
    assert [result.id for result in report.blocking] == (["no_gap"] if blocks else [])


@pytest.mark.parametrize(("gone", "blocks"), [(10, False), (11, True)])
def test_ten_stocks_of_a_small_market_may_be_gone_and_not_eleven(good, gone, blocks):
    codes = set(first_codes(good, 250)[5 : 5 + 15 * gone : 15])

    def without(_, table):
        return table.filter(pa.array([code not in codes for code in table["stk_cd"].to_pylist()]))

    assert len(codes) == gone
    report = audit(repaged(good, each(good.tables, without)))
    assert [result.id for result in report.blocking] == (["stocks_stay"] if blocks else [])


def test_names_that_change_where_base_prices_shift_too_are_withheld(good):
    def renamed(_, table):
        names = table["stk_nm"].to_pylist()
        return put(table, stk_nm=[f"새이름{name}" for name in names])

    tables = each(good.tables, renamed)
    shifted = each(good.published, lambda _, t: put(t, cur_prc=[3 * price for price in t["cur_prc"].to_pylist()]))
    assert "names_stay" in [r.id for r in audit(before(repaged(good, tables), shifted)).blocking]


@pytest.mark.parametrize("sign", [0, 6, 9])
def test_a_few_odd_sign_codes_are_published(good, sign):
    def odd(_, table):
        signs = table["pre_sig"].to_pylist()
        return put(table, pre_sig=[sign if i < 4 else value for i, value in enumerate(signs)])

    assert warned(audit(repaged(good, each(good.tables, odd)))) == {"pre_sig_codes"}


def test_blank_fields_of_a_stock_that_was_not_traded_are_published_and_stay_blank(good):
    def blank(_, table):
        idle = table["trde_qty"].to_numpy() == 0
        return put(table, **{n: pa.array(table[n].to_numpy(), mask=idle) for n in INVESTORS})

    assert warned(audit(repaged(good, each(good.tables, blank)))) == {"investor_nulls"}


def test_amounts_that_are_cut_instead_of_rounded_are_published(session_of):
    def cut(key, table):
        if key.measure is Measure.QUANTITY:
            return table
        parts = {n: table[n].to_numpy() for n in INVESTORS[3:11]}
        return put(table, orgn=sum(parts.values()) + 7 * np.sign(sum(parts.values())))

    given = session_of(seed=3)
    tables = {key: cut(key, t) if key.side is Side.NET else t for key, t in given.tables.items()}
    given = replace(given, tables=tables)
    found = next(r for r in audit(given).results if r.id == "institution_is_its_parts")
    assert found.status == "pass"


def test_sells_that_came_with_a_minus_are_told_in_the_report(good):
    def told(key, table):
        facts = {"kiwoom.sell_sign": "negative"} if key.side is Side.SELL else {}
        return table.replace_schema_metadata(facts)

    report = audit(replace(good, tables=each(good.tables, told)))
    assert report.status is Verdict.PASSED
    assert {entry.sells for entry in report.sets if entry.parameters.side is Side.SELL} == {"negative"}
    assert {entry.sells for entry in report.sets if entry.parameters.side is not Side.SELL} == {None}


def test_a_volume_whose_counter_is_at_its_end_is_published_as_a_blank(good):
    def saturated(key, table):
        if key.venue is not Venue.KRX:
            return table
        volume = table["trde_qty"].to_pylist()
        code, volume[7] = table["stk_cd"][7].as_py(), None
        facts = {"kiwoom.saturated": f'[["trde_qty", "{code}", "4294967295"]]'}
        return put(table, trde_qty=volume).replace_schema_metadata(facts)

    assert warned(audit(replace(good, tables=each(good.tables, saturated)))) == {"no_saturated_counters", "other_nulls"}


def test_after_a_long_outage_half_of_the_base_prices_have_moved_and_more_stocks_are_gone(good):
    def changed(_, table):
        prices = table["cur_prc"].to_pylist()
        moved = [2 * price if i % 2 else price for i, price in enumerate(prices)]
        return put(table.slice(3), cur_prc=moved[3:])

    given = replace(before(good, each(good.published, changed)), published_on=dt.date(2026, 10, 10))
    assert warned(audit(given)) == {"base_price_goes_on"}


@pytest.mark.parametrize(("days", "verdict"), [(1, Verdict.BLOCKED), (60, Verdict.WARNED)])
def test_the_longer_ago_the_session_published_before_the_more_stocks_may_have_come(good, days, verdict):
    def fewer(key, table):
        return table.take([i for i in range(table.num_rows) if i % 20]) if key.market == "KOSPI" else table

    given = replace(before(good, each(good.published, fewer)), published_on=SESSION - dt.timedelta(days=days))
    blocking = {result.id for result in audit(given).blocking}
    assert blocking == ({"few_are_new"} if verdict is Verdict.BLOCKED else set())


def flowless(given, share):
    def change(key, table):
        if key.measure is Measure.AMOUNT or key.side is Side.NET:
            return table
        return put(table, **{n: np.floor(table[n].to_numpy() * share).astype(np.int64) for n in INVESTORS})

    return replace(given, tables=each(given.tables, change))


def coverage(report):
    return next(result for result in report.results if result.id == "flows_cover_volume")


def test_flows_that_lack_the_after_market_are_withheld_and_said_in_per_cent(good):
    found = coverage(audit(flowless(good, 0.97)))
    assert found.status == "fail"
    assert str(found.offenders[0].seen).startswith("the flows cover 96.")
    assert str(found.offenders[0].seen).endswith(" % of the volume: the after-market is not in yet")
    assert str(found.offenders[0].expected).startswith("at least 99.")


def test_one_stock_whose_foreigners_are_not_in_the_answer_is_published(good):
    """A cheap stock can be a third of a market's shares."""

    def foreign(key, table):
        volume = table["trde_qty"].to_numpy().copy()
        first = int(np.argmax(volume))
        volume[first] *= 20
        flows = {n: table[n].to_numpy().copy() for n in INVESTORS}
        if key.measure is Measure.QUANTITY and key.side is not Side.NET:
            flows["ind_invsr"][first] += int(0.9 * (volume[first] - volume[first] // 20))
        return put(table, trde_qty=volume, **flows)

    given = replace(good, tables=each(good.tables, lambda k, t: foreign(k, t) if k.venue is Venue.KRX else t))
    assert coverage(audit(given)).status == "warn"


def test_where_flows_never_covered_the_volume_the_law_only_warns_when_they_cover_less(good):
    given = flowless(good, 0.9)
    published = flowless(replace(good, tables=good.published), 0.97).tables
    assert coverage(audit(before(given, published))).status == "warn"


def test_on_a_first_night_the_dated_rows_say_whether_the_law_holds(good):
    first = replace(flowless(good, 0.97), published={}, published_on=None)
    assert coverage(audit(first)).status == "warn"
    sets = tuple(
        SetProof(**SetProof.of(key), outcome=first.proof.outcome, finality=FinalityLaw.VOLUME) for key in first.tables
    )
    known = replace(first, proof=first.proof.model_copy(update={"sets": sets}))
    assert coverage(audit(known)).status == "fail"


def test_a_first_night_with_the_master_and_the_totals_passes(witnessed):
    report = audit(replace(witnessed, published={}, published_on=None))
    assert warned(report) == {"usual_size"}
    ids = ("listed_stocks_swept", "swept_stocks_listed", "names_as_listed", "totals_agree")
    assert {r.status for r in report.results if r.id in ids} == {"pass"}


@pytest.mark.parametrize(
    ("master", "found"),
    [
        (lambda g: master_of(g.tables, SESSION).slice(250), "swept_stocks_listed"),
        (lambda g: master_of(g.tables, BEFORE), "swept_stocks_listed"),
        (
            lambda g: master_of(g.published, SESSION).filter(pa.array([i % 9 > 0 for i in range(540)])),
            "swept_stocks_listed",
        ),
    ],
    ids=["half a market", "another day's", "a ninth is missing"],
)
def test_a_bad_master_is_named_and_costs_no_night(good, master, found):
    assert warned(audit(replace(good, securities=master(good)))) == {found}


def test_a_few_stocks_that_the_master_has_and_no_set_are_published(good):
    codes = first_codes(good, 3)

    def without(_, table):
        return table.filter(pa.array([code not in codes for code in table["stk_cd"].to_pylist()]))

    given = replace(repaged(good, each(good.tables, without)), securities=master_of(good.tables, SESSION))
    assert warned(audit(given)) == {"listed_stocks_swept"}


def test_a_master_that_lacks_a_swept_stock_does_not_say_which_are_missing(good):
    codes = first_codes(good, 5)  # four of them are listed no more, and the last is new: the master is another day's

    def without(_, table):
        return table.filter(pa.array([code not in codes[:4] for code in table["stk_cd"].to_pylist()]))

    master = master_of(good.tables, SESSION)
    master = master.filter(pa.array([code != codes[4] for code in master["stock_code"].to_pylist()]))
    given = replace(repaged(good, each(good.tables, without)), securities=master)
    given = replace(given, proof=given.proof.model_copy(update={"rows": ()}))
    assert warned(audit(given)) == {"listed_stocks_swept", "swept_stocks_listed"}


def test_listings_that_the_master_has_are_published_however_many(good):
    def fewer(key, table):
        return table.take([i for i in range(table.num_rows) if i % 10]) if key.market == "KOSPI" else table

    given = replace(before(good, each(good.published, fewer)), securities=master_of(good.tables, SESSION))
    assert warned(audit(given)) == {"few_are_new"}


def test_delistings_that_the_master_does_not_have_any_more_are_published_however_many(good):
    rows = [i for i in range(250) if not 40 <= i < 100]
    codes = good.tables[next(k for k in good.tables if k.market == "KOSPI" and k.venue is Venue.KRX)]["stk_cd"]
    kept = {codes[i].as_py() for i in rows}

    def delisted(key, table):
        return (
            table.filter(pa.array([c in kept for c in table["stk_cd"].to_pylist()])) if key.market == "KOSPI" else table
        )

    tables = each(good.tables, delisted)
    given = replace(repaged(good, tables), securities=master_of(tables, SESSION))
    given = replace(given, proof=given.proof.model_copy(update={"rows": ()}))
    assert warned(audit(given)) == {"stocks_stay"}


@pytest.mark.parametrize(
    ("unit", "said"),
    [(100, "100 times too large: another unit"), (1000, "1,000 times too large: another unit")],
)
def test_totals_in_another_unit_are_named_and_cost_no_night(witnessed, unit, said):
    totals = {key: replace(t, flows=tuple(unit * value for value in t.flows)) for key, t in witnessed.totals.items()}
    report = audit(replace(witnessed, totals=totals))
    assert warned(report) == {"totals_agree"}
    found = next(r for r in report.results if r.id == "totals_agree")
    assert said in str(found.offenders[0].seen)


def test_totals_of_the_session_before_are_named_and_cost_no_night(witnessed):
    report = audit(replace(witnessed, totals=totals_of(witnessed.published)))
    assert warned(report) == {"totals_agree"}
    found = next(r for r in report.results if r.id == "totals_agree")
    assert str(found.offenders[0].seen).endswith(": as on 2026-11-19")


@pytest.mark.parametrize("rows", [60, 99, 150, 500])
def test_pages_of_another_size_are_published_as_long_as_they_are_all_alike(good, rows):
    """A sweep whose stocks fill one page only shows a size when that page has more than a hundred rows."""
    sizes = {k: (*(rows,) * (t.num_rows // rows), *filter(None, [t.num_rows % rows])) for k, t in good.tables.items()}
    report = audit(replace(good, page_sizes=sizes))
    assert warned(report) == {"page_rows"}
    shown = next(result for result in report.results if result.id == "page_rows")
    assert shown.failing == sum(len(pages) > 1 or pages[0] > 100 for pages in sizes.values()) > 0
