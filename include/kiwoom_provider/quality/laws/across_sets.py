"""What ties sets of the same session together, cell by cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kiwoom_provider.parameters import Measure, Side, Venue
from kiwoom_provider.quality import tolerances
from kiwoom_provider.quality.subject import INVESTOR_NAMES, common
from kiwoom_provider.quality.tally import Cells, Tally

if TYPE_CHECKING:
    from kiwoom_provider.quality.sheet import Sheet
    from kiwoom_provider.quality.subject import Subject
    from kiwoom_provider.quality.tally import Finding


def buy_minus_sell_is_net(subject: Subject) -> Finding:
    """Check that 매수 - 매도 = 순매수, per stock, investor, venue and measure."""
    tally = Tally()
    for sheets in subject.along("side", tuple(Side), tally):
        buy, sell, net = sheets[Side.BUY], sheets[Side.SELL], sheets[Side.NET]
        _, (of_buy, of_sell, of_net) = common(buy, sell, net)
        expected, seen = buy.flows[of_buy] - sell.flows[of_sell], net.flows[of_net]
        known = buy.known[of_buy] & sell.known[of_sell] & net.known[of_net]
        tolerance = tolerances.ROUNDED_SUM[net.parameters.measure]
        tally.compare(Cells(net, of_net, INVESTOR_NAMES, expected, seen, known, tolerance))
    return tally.finding("buy, sell and net of one market, venue and measure were not asked for together")


def venues_add_up(subject: Subject) -> Finding:
    """Check that KRX + NXT = 통합; a stock that a venue does not trade counts zero there."""
    tally = Tally()
    for sheets in subject.along("venue", tuple(Venue), tally):
        whole = sheets[Venue.CONSOLIDATED]
        krx, krx_known = _spread(sheets[Venue.KRX], whole.codes)
        nxt, nxt_known = _spread(sheets[Venue.NXT], whole.codes)
        known = whole.known & krx_known & nxt_known
        rows, tolerance = np.arange(len(whole.codes)), tolerances.ROUNDED_SUM[whole.parameters.measure]
        tally.compare(Cells(whole, rows, INVESTOR_NAMES, krx + nxt, whole.flows, known, tolerance))
    return tally.finding("KRX, NXT and CONSOLIDATED of one market, measure and side were not asked for together")


def amount_and_quantity_meet(subject: Subject) -> Finding:
    """Check that each amount is what its quantity costs at the day's prices."""
    tally = Tally()
    for sheets in subject.along("measure", tuple(Measure), tally):
        amount, quantity = sheets[Measure.AMOUNT], sheets[Measure.QUANTITY]
        if amount.parameters.side is not Side.NET:
            _price_cells(tally, amount, quantity)
    if not tally.checked and not tally.broken:
        return Tally().finding("amount and quantity of buy or sell were not asked for together")
    return tally.finding("amount and quantity were not asked for together")


def _price_cells(tally: Tally, amount: Sheet, quantity: Sheet) -> None:
    """Compare amounts with the nearest ones that the price limits and rounding allow."""
    _, (rows, there) = common(amount, quantity)
    base, price = amount.base_price[rows], amount.prices["cur_prc"][rows]
    low, high = (base * share for share in tolerances.LIMIT_RANGE)
    valid = (base > 0) & (price >= low) & (price <= high)
    shares, seen = quantity.flows[there], amount.flows[rows]
    floor = np.floor(shares * low[:, None] / 1e6).astype(np.int64)
    ceiling = np.ceil(shares * high[:, None] / 1e6).astype(np.int64)
    slack = np.zeros(len(INVESTOR_NAMES), dtype=np.int64)
    slack[INVESTOR_NAMES.index("institution")] = tolerances.ROUNDED_PARTS[Measure.AMOUNT]
    known = valid[:, None] & quantity.known[there] & amount.known[rows]
    tally.compare(Cells(amount, rows, INVESTOR_NAMES, np.clip(seen, floor, ceiling), seen, known, slack))


def _spread(sheet: Sheet, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return flows and known for ``codes``; a stock that the sheet lacks is a known zero."""
    flows = np.zeros((len(codes), len(INVESTOR_NAMES)), dtype=np.int64)
    known = np.ones_like(flows, dtype=bool)
    where = np.searchsorted(codes, sheet.codes).clip(max=len(codes) - 1)
    here = codes[where] == sheet.codes
    flows[where[here]] = sheet.flows[here]
    known[where[here]] = sheet.known[here]
    return flows, known
