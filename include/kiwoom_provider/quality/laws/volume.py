"""Investor fields against the volume and the prices of the day: units, totals, and what is left over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kiwoom_provider.parameters import Measure, Side
from kiwoom_provider.quality import tolerances
from kiwoom_provider.quality.laws.within_set import MAIN, traded, turnover
from kiwoom_provider.quality.subject import INVESTOR_NAMES, common
from kiwoom_provider.quality.tally import Cells, Tally, named

if TYPE_CHECKING:
    from kiwoom_provider.quality.sheet import Sheet
    from kiwoom_provider.quality.subject import Subject
    from kiwoom_provider.quality.tally import Finding

NOTHING = "no set was asked for"
_ROUNDING = {Measure.AMOUNT: len(MAIN) / 2, Measure.QUANTITY: 0}


def scale_of_sets(subject: Subject) -> Finding:
    """Check that a set's total is of the order of its trading: shares, not thousands; not won."""
    tally = Tally()
    for sheet in subject.each(tally):
        tally.checked += 1
        total, whole = int(np.abs(sheet.flows[:, MAIN]).sum()), float(traded(sheet).sum())
        low, high = tolerances.SCALE_RANGE[sheet.parameters.side]
        slack = len(sheet.codes) * _ROUNDING[sheet.parameters.measure]
        halves = 2 if sheet.parameters.side is Side.NET else 1
        if not low * whole - slack <= total / halves <= high * whole + slack:
            tally.fault(1, sheet.label, f"{low:g} to {high:g} times {whole:,.0f}", f"{total / halves:,.0f}")
    return tally.finding(NOTHING)


def units_of_sets(subject: Subject) -> Finding:
    """Check that each investor's amounts ÷ quantities, over a whole set, are prices of the day."""
    tally = Tally()
    for sheets in subject.along("measure", tuple(Measure), tally):
        if sheets[Measure.AMOUNT].parameters.side is not Side.NET:
            _units(tally, sheets[Measure.AMOUNT], sheets[Measure.QUANTITY])
    if not tally.checked and not tally.broken:
        return Tally().finding("amount and quantity of buy or sell were not asked for together")
    return tally.finding("amount and quantity were not asked for together")


def _units(tally: Tally, amount: Sheet, quantity: Sheet) -> None:
    _, (rows, there) = common(amount, quantity)
    base, price = amount.base_price[rows], amount.prices["cur_prc"][rows]
    known = amount.known[rows] & quantity.known[there] & (base > 0)[:, None]
    paid = np.where(known, amount.flows[rows], 0)
    shares = np.where(known, quantity.flows[there], 0)
    low, high = (base * share for share in tolerances.PRICE_RANGE)
    least = (shares * np.minimum(low, price)[:, None]).sum(axis=0) / 1e6
    most = (shares * np.maximum(high, price)[:, None]).sum(axis=0) / 1e6
    slack = ((paid != 0) | (shares != 0)).sum(axis=0) * float(tolerances.ROUNDED_SUM[Measure.AMOUNT])
    totals = paid.sum(axis=0)
    tally.checked += len(INVESTOR_NAMES)
    for column in np.flatnonzero((totals + slack < least) | (totals - slack > most)):
        expected = f"{least[column]:,.0f} to {most[column]:,.0f} million"
        seen = f"{totals[column]:,} million"
        tally.fault(float(totals[column]), amount.label, expected, seen, investor=INVESTOR_NAMES[column])


def within_volume(subject: Subject) -> Finding:
    """Check that all investors' buys, and all their sells, are at most the stock's volume."""
    tally = Tally()
    for sheet in subject.each(tally):
        if sheet.parameters.side is Side.NET or sheet.parameters.measure is Measure.AMOUNT:
            continue
        total, volume = sheet.flows[:, MAIN].sum(axis=1), sheet.prices["trde_qty"]
        valid = sheet.known[:, MAIN].all(axis=1) & sheet.priced["trde_qty"]
        rows = np.arange(len(sheet.codes))
        expected = np.minimum(total, volume)[:, None]
        tally.compare(Cells(sheet, rows, ["all four"], expected, total[:, None], valid[:, None]))
    if not tally.checked and not tally.broken:
        return Tally().finding("neither buy nor sell quantities were asked for")
    return tally.finding(NOTHING)


def other_foreigners_are_few(subject: Subject) -> Finding:
    """Check that what the four main investors leave over, the flow of 기타외국인, is small."""
    tally = Tally()
    for sheet in subject.each(tally):
        rest, whole = sheet.flows[:, MAIN].sum(axis=1), traded(sheet)
        if sheet.parameters.side is Side.NET:
            _residual(tally, sheet, np.abs(rest), whole)
        elif sheet.parameters.measure is Measure.QUANTITY:
            _residual(tally, sheet, np.abs(whole - rest), whole)
    if not tally.checked and not tally.broken:
        return Tally().finding("buy or sell amounts alone do not show it: they are paid at many prices")
    return tally.finding(NOTHING)


def _residual(tally: Tally, sheet: Sheet, rest: np.ndarray, whole: np.ndarray) -> None:
    """Compare one set's leftover with its trading, by active stock and in all."""
    rows = np.flatnonzero(turnover(sheet) >= tolerances.ACTIVE_TURNOVER)
    bound = tolerances.RESIDUAL_STOCK * whole[rows]
    tally.checked += len(rows) + 1
    for row, most in zip(rows[rest[rows] > bound], bound[rest[rows] > bound], strict=True):
        stock = named(sheet, row)
        tally.fault(float(rest[row] - most), sheet.label, f"at most {most:,.0f}", f"{rest[row]:,.0f}", **stock)
    total, most_all = float(rest.sum()), tolerances.RESIDUAL_MARKET * float(whole.sum())
    if total > most_all + len(rest) * _ROUNDING[sheet.parameters.measure]:
        tally.fault(total, sheet.label, f"at most {most_all:,.0f} in all", f"{total:,.0f}")
