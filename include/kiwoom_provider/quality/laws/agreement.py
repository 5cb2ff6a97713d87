"""Do sets of the same session show the same stocks, names and prices, and different flows."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from kiwoom_provider.quality.sheet import PRICES
from kiwoom_provider.quality.subject import common
from kiwoom_provider.quality.tally import Cells, Tally

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kiwoom_provider.quality.sheet import Sheet
    from kiwoom_provider.quality.subject import Subject
    from kiwoom_provider.quality.tally import Finding

ONE_SET = "fewer than two sets of one market and venue were asked for"


def same_stocks(subject: Subject) -> Finding:
    """Check that all sets of a market and venue have the same stocks."""
    tally = Tally()
    for sheets in _several(subject, tally):
        every = sheets[0].codes
        for sheet in sheets[1:]:
            every = every if np.array_equal(every, sheet.codes) else np.union1d(every, sheet.codes)
        for sheet in sheets:
            tally.checked += len(every)
            for code in np.setdiff1d(every, sheet.codes, assume_unique=True):
                tally.fault(1, sheet.label, "as in the other sets", "no such stock", stock_code=str(code))
    return tally.finding(ONE_SET)


def same_names(subject: Subject) -> Finding:
    """Check that a stock has one name in all sets, whatever the venue."""
    tally = Tally()
    first: dict[str, str] = {}
    for sheet in subject.each(tally):
        pairs = dict(zip(sheet.codes.tolist(), sheet.names.tolist(), strict=True))
        tally.checked += len(pairs)
        for code, name in pairs.items():
            if first.setdefault(code, name) != name:
                tally.fault(1, sheet.label, first[code], name, stock_code=code, stock_name=name)
    return tally.finding("no set was asked for")


def same_prices(subject: Subject) -> Finding:
    """Check that a stock has one price, change, rate and volume in all sets of a market and venue."""
    tally = Tally()
    for first, *others in _several(subject, tally):
        for sheet in others:
            _, (here, there) = common(first, sheet)
            for name in PRICES:
                known = first.priced[name][here] == sheet.priced[name][there]
                seen = np.where(known, sheet.prices[name][there], np.iinfo(np.int32).min)
                expected = first.prices[name][here]
                tally.compare(Cells(sheet, there, [name], expected[:, None], seen[:, None]))
    return tally.finding(ONE_SET)


def sets_distinct(subject: Subject) -> Finding:
    """Check that no two sets of a market carry the same flows: the API did not ignore a parameter."""
    tally = Tally()
    for one, other in combinations(list(subject.each(tally)), 2):
        if one.parameters.market is not other.parameters.market:
            continue
        tally.checked += 1
        _, (here, there) = common(one, other)
        if one.flows[here].any() and np.array_equal(one.flows[here], other.flows[there]):
            tally.fault(len(here), f"{one.label} = {other.label}", "different flows", f"{len(here)} stocks equal")
    if not tally.checked and not tally.broken:
        return Tally().finding("fewer than two sets of one market were asked for")
    return tally.finding("no set was asked for")


def _several(subject: Subject, tally: Tally) -> Iterator[list[Sheet]]:
    """Yield the sheets of markets and venues of which at least two sets were asked for."""
    asked = [(parameters.market, parameters.venue) for parameters in subject.given.asked]
    unasked = Tally()
    for sheets in subject.places(unasked):
        if asked.count((sheets[0].parameters.market, sheets[0].parameters.venue)) > 1:
            tally.entered = True
            yield sheets
    tally.broken.update(unasked.broken)
    tally.entered = tally.entered or bool(unasked.broken)
