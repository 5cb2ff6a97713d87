"""The laws that tie the sets together, checked on answers decoded from the wire, in the wildest formats."""

from __future__ import annotations

from itertools import product

import pytest

PARTS = ("fnnc_invt", "insrnc", "invtrt", "etc_fnnc", "bank", "penfnd_etc", "samo_fund", "natn")
INVESTORS = ("ind_invsr", "frgnr_invsr", "orgn", *PARTS, "etc_corp")
MARKETS, VENUES = ("KOSPI", "KOSDAQ"), ("KRX", "NXT", "CONSOLIDATED")


def number(text):
    return int(text.replace(",", "").replace("--", "-") or 0)


@pytest.fixture(scope="module")
def sets(wild_api):
    """Every set of a session: {(market, venue, measure, side): {stock: row of ints}}."""
    names = ("market", "venue", "measure", "side")
    found = {}
    for chosen in product(MARKETS, VENUES, ("amount", "quantity"), ("net", "buy", "sell")):
        rows = wild_api.rows(**dict(zip(names, chosen, strict=True)))
        found[chosen] = {
            row["stk_cd"].partition("_")[0]: {
                name: number(cell) for name, cell in row.items() if name not in ("stk_cd", "stk_nm", "flu_rt")
            }
            for row in rows
        }
    return found


def each(sets, measure):
    for market, venue in product(MARKETS, VENUES):
        yield tuple(sets[market, venue, measure, side] for side in ("net", "buy", "sell"))


def test_thirty_six_sets_are_there_and_none_is_empty(sets):
    assert len(sets) == 36
    assert all(sets.values())


def test_bought_less_sold_is_net_exactly_in_shares(sets):
    for net, buy, sell in each(sets, "quantity"):
        for stock, name in product(net, INVESTORS):
            assert buy[stock][name] - sell[stock][name] == net[stock][name]


def test_bought_less_sold_is_net_within_rounding_in_million_won(sets):
    differences = {
        buy[stock][name] - sell[stock][name] - net[stock][name]
        for net, buy, sell in each(sets, "amount")
        for stock, name in product(net, INVESTORS)
    }
    assert differences == {-1, 0, 1}


def test_institutions_are_the_sum_of_their_eight_parts_exactly_in_shares(sets):
    for three in each(sets, "quantity"):
        for table in three:
            assert all(sum(row[part] for part in PARTS) == row["orgn"] for row in table.values())


def test_institutions_are_the_sum_of_their_eight_parts_within_rounding_in_million_won(sets):
    off = [
        abs(sum(row[part] for part in PARTS) - row["orgn"])
        for three in each(sets, "amount")
        for table in three
        for row in table.values()
    ]
    assert 0 < max(off) <= 4


@pytest.mark.parametrize(("measure", "rounding"), [("quantity", 0), ("amount", 1)])
def test_krx_and_nxt_together_are_the_consolidated_market(sets, measure, rounding):
    for market, side in product(MARKETS, ("net", "buy", "sell")):
        krx, nxt, both = (sets[market, venue, measure, side] for venue in VENUES)
        assert krx.keys() == both.keys()
        for stock, name in product(krx, INVESTORS):
            there = nxt.get(stock, {name: 0})[name]
            assert abs(krx[stock][name] + there - both[stock][name]) <= rounding


def test_volume_is_at_least_what_the_named_investors_bought(sets):
    for _, buy, sell in each(sets, "quantity"):
        for table in (buy, sell):
            for row in table.values():
                named = row["ind_invsr"] + row["frgnr_invsr"] + row["orgn"] + row["etc_corp"]
                assert 0 <= row["trde_qty"] - named <= 0.1 * row["trde_qty"]


def test_the_four_groups_alone_do_not_sum_to_zero(sets):
    rows = sets["KOSPI", "KRX", "quantity", "net"].values()
    assert any(row["ind_invsr"] + row["frgnr_invsr"] + row["orgn"] + row["etc_corp"] for row in rows)


def test_amount_over_quantity_is_near_the_price_of_the_day(sets):
    for market, venue, side in product(MARKETS, VENUES, ("buy", "sell")):
        amounts, quantities = (sets[market, venue, measure, side] for measure in ("amount", "quantity"))
        for stock, row in quantities.items():
            if row["ind_invsr"] and amounts[stock]["ind_invsr"] > 200:
                average = amounts[stock]["ind_invsr"] * 1_000_000 / row["ind_invsr"]
                assert average == pytest.approx(abs(row["cur_prc"]), rel=0.12)


def test_all_sets_of_a_market_and_venue_have_the_same_stocks_and_prices(sets):
    for market, venue in product(MARKETS, VENUES):
        quotes = [
            {stock: (row["cur_prc"], row["pred_pre"], row["trde_qty"]) for stock, row in table.items()}
            for (of, on, *_), table in sets.items()
            if (of, on) == (market, venue)
        ]
        assert len(quotes) == 6
        assert all(quote == quotes[0] for quote in quotes)


def test_the_sign_of_the_price_the_change_and_pre_sig_agree(sets):
    for row in sets["KOSPI", "KRX", "amount", "net"].values():
        direction = {1: 1, 2: 1, 3: 0, 4: -1, 5: -1}[row["pre_sig"]]
        assert (row["pred_pre"] > 0) - (row["pred_pre"] < 0) == direction
        assert (row["cur_prc"] < 0) == (direction < 0)


def test_well_known_stocks_have_flows_of_every_investor_on_every_venue(sets):
    for stock, market in {
        "005930": "KOSPI",
        "000660": "KOSPI",
        "247540": "KOSDAQ",
        "196170": "KOSDAQ",
    }.items():
        for venue in VENUES:
            assert all(sets[market, venue, "quantity", "buy"][stock][name] > 0 for name in INVESTORS)
            assert sets[market, venue, "amount", "net"][stock]["frgnr_invsr"] != 0
