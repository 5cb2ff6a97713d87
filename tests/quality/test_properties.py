"""Properties of the laws: consistent figures pass however rounding falls, any cell beyond tolerance fails."""

from __future__ import annotations

import datetime as dt

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from kiwoom_provider.parameters import Market, Measure, ParameterSet, Side, Venue
from kiwoom_provider.quality.audit_input import AuditInput
from kiwoom_provider.quality.rules.sums import buy_minus_sell_is_net, institution_is_its_parts, venues_add_up
from kiwoom_provider.quality.rules.units import amount_and_quantity_meet

SHAPE = (4, 12)
FEW = settings(max_examples=40, deadline=None)
won = hnp.arrays(np.int64, SHAPE, elements=st.integers(0, 10**13))
signed_won = hnp.arrays(np.int64, SHAPE, elements=st.integers(-(10**13), 10**13))
shares = hnp.arrays(np.int64, SHAPE, elements=st.integers(0, 10**9))
cells = st.tuples(st.integers(0, 3), st.integers(0, 11))
rounding = st.sampled_from([np.rint, np.trunc])
direction = st.sampled_from([-1, 1])


def millions(values, how=np.rint):
    return how(values / 1e6).astype(np.int64)


def input_of(tables):
    return AuditInput(dt.date(2026, 11, 20), tuple(tables), tables)


def key(venue=Venue.KRX, measure=Measure.AMOUNT, side=Side.NET):
    return ParameterSet(Market.KOSPI, venue, measure, side)


def sides(sheet_of, measure, *flows):
    pairs = zip((Side.BUY, Side.SELL, Side.NET), flows, strict=True)
    return input_of({key(measure=measure, side=side): sheet_of(flows) for side, flows in pairs})


@FEW
@given(buy=won, sell=won, how=rounding)
def test_buy_less_sell_is_net_however_amounts_are_rounded_or_cut(sheet_of, buy, sell, how):
    net = millions(buy - sell, how)
    found = buy_minus_sell_is_net.check(sides(sheet_of, Measure.AMOUNT, millions(buy, how), millions(sell, how), net))
    assert (found.checked, found.failing) == (48, 0)


@FEW
@given(buy=shares, sell=shares, cell=cells, off=st.integers(-(10**6), 10**6).filter(bool))
def test_any_shares_too_many_or_few_in_any_cell_break_buy_less_sell(sheet_of, buy, sell, cell, off):
    net = buy - sell
    net[cell] += off
    found = buy_minus_sell_is_net.check(sides(sheet_of, Measure.QUANTITY, buy, sell, net))
    assert found.failing == 1
    assert found.offenders[0].difference == off


@FEW
@given(buy=won, sell=won, cell=cells, sign=direction)
def test_three_million_won_too_many_anywhere_break_buy_less_sell(sheet_of, buy, sell, cell, sign):
    net = millions(buy - sell)
    net[cell] += sign * 3
    found = buy_minus_sell_is_net.check(sides(sheet_of, Measure.AMOUNT, millions(buy), millions(sell), net))
    assert found.failing == 1


@FEW
@given(flows=signed_won)
def test_the_institution_is_its_parts_however_rounding_falls(sheet_of, flows):
    flows[:, 2] = flows[:, 3:11].sum(axis=1)
    found = institution_is_its_parts.check(input_of({key(): sheet_of(millions(flows))}))
    assert (found.checked, found.failing) == (4, 0)


@FEW
@given(flows=signed_won, row=st.integers(0, 3), column=st.integers(2, 10), sign=direction)
def test_twelve_million_won_in_any_part_break_the_institution(sheet_of, flows, row, column, sign):
    flows[:, 2] = flows[:, 3:11].sum(axis=1)
    seen = millions(flows)
    seen[row, column] += sign * 12
    found = institution_is_its_parts.check(input_of({key(): sheet_of(seen)}))
    assert found.failing == 1


def venues(sheet_of, measure, krx, nxt, whole):
    flows = {Venue.KRX: krx, Venue.NXT: nxt, Venue.CONSOLIDATED: whole}
    return input_of({key(venue=venue, measure=measure): sheet_of(values) for venue, values in flows.items()})


@FEW
@given(krx=signed_won, nxt=signed_won, stocks=st.integers(1, 4))
def test_venues_add_up_however_rounding_falls_and_absent_stocks_count_zero(sheet_of, krx, nxt, stocks):
    nxt[stocks:] = 0
    found = venues_add_up.check(
        venues(sheet_of, Measure.AMOUNT, millions(krx), millions(nxt)[:stocks], millions(krx + nxt))
    )
    assert (found.checked, found.failing) == (48, 0)


@FEW
@given(krx=shares, nxt=shares, cell=cells, off=st.integers(1, 10**6))
def test_one_share_too_many_anywhere_breaks_the_sum_of_venues(sheet_of, krx, nxt, cell, off):
    whole = krx + nxt
    whole[cell] += off
    assert venues_add_up.check(venues(sheet_of, Measure.QUANTITY, krx, nxt, whole)).failing == 1


def measures(sheet_of, amount, quantity, price):
    tables = {
        key(measure=Measure.AMOUNT, side=Side.BUY): sheet_of(amount, price),
        key(measure=Measure.QUANTITY, side=Side.BUY): sheet_of(quantity, price),
    }
    return input_of(tables)


@FEW
@given(
    quantity=shares,
    price=st.integers(100, 10**6),
    paid=hnp.arrays(float, SHAPE, elements=st.floats(0.7, 1.3)),
)
def test_any_price_within_the_limits_is_taken_for_any_quantity(sheet_of, quantity, price, paid):
    amount = millions(quantity * paid * price)
    found = amount_and_quantity_meet.check(measures(sheet_of, amount, quantity, price))
    assert (found.checked, found.failing) == (48, 0)


@FEW
@given(quantity=hnp.arrays(np.int64, SHAPE, elements=st.integers(10**5, 10**9)), cell=cells)
def test_shares_counted_in_thousands_are_noticed_in_any_cell(sheet_of, quantity, cell):
    amount = millions(quantity * 10_000)
    quantity[cell] //= 1000
    found = amount_and_quantity_meet.check(measures(sheet_of, amount, quantity, 10_000))
    assert found.failing == 1
