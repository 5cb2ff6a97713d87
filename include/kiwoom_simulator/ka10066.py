"""ka10066: after-close trading by investor, every stock of a market, a page at a time."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from kiwoom_simulator import formats, random_numbers, request, year
from kiwoom_simulator.flows import INVESTORS
from kiwoom_simulator.parameters import (
    MARKET_CODES,
    MEASURE_CODES,
    SIDE_CODES,
    SUFFIXES,
    VENUE_CODES,
    Measure,
    Query,
    Side,
    Venue,
)
from kiwoom_simulator.prices import UNCHANGED
from kiwoom_simulator.tables import Table

if TYPE_CHECKING:
    from datetime import date

    from kiwoom_simulator.assumptions import Assumptions
    from kiwoom_simulator.market import World
    from kiwoom_simulator.random_numbers import Flags
    from kiwoom_simulator.tables import Rows, Source
    from kiwoom_simulator.truth import Truth

API_ID = "ka10066"
PATH = "/api/dostk/mrkcond"
ELEMENT = "opaf_invsr_trde"
SERVED_INVESTORS = INVESTORS[:12]
"""All but ``natfor``."""


def read(body: bytes) -> Query:
    """
    Return what a body asks for.

    :raises ApiError: 1511 or 1517 naming the field.
    """
    asked = request.fields(body)
    return Query(
        request.choice(asked, "mrkt_tp", MARKET_CODES),
        request.choice(asked, "stex_tp", VENUE_CODES),
        request.choice(asked, "amt_qty_tp", MEASURE_CODES),
        request.choice(asked, "trde_tp", SIDE_CODES),
    )


def table(world: World, source: Source) -> Table:
    """Return a parameter set as it is served."""
    (truth, blank), size = _truth(world, source), int(world.assume.page_rows)
    count = max(1, -(-len(truth) // size))

    def rows(page: int) -> Rows:
        begin = ((page - 1) % count) * size  # beyond the end only where a fault says that there is more
        return _rows(world, truth, blank, slice(begin, begin + size))

    return Table(rows, lambda page: page < count, count, len(truth), size)


@lru_cache(96)
def _truth(world: World, source: Source) -> tuple[Truth, Flags]:
    """Return a set's numbers, remembered while its pages are served, and which rows have blank investor fields."""
    selection, moment = source.query.selection, source.moment
    before = replace(moment, settled=world.sessions.previous(moment.settled), step=moment.past)
    truth = world.truth_at(selection, before if source.stale else moment)
    part, looks = source.unsettled
    if part:
        waiting = random_numbers.uniform(world.seed, "settles", [random_numbers.key(c) for c in truth.codes]) < part
        if looks == "missing":
            truth = truth.of(np.flatnonzero(~waiting))
        else:
            old = world.truth_at(selection, before).unrounded if looks == "before" else 0
            truth = replace(truth, unrounded=np.where(waiting[:, None], old, truth.unrounded))
    if source.wrong_units:
        amounts = selection.measure is Measure.AMOUNT
        truth = replace(truth, unrounded=truth.unrounded * 1000 if amounts else truth.unrounded // 1000)
    if world.assume.page_order == "volume":
        truth = truth.of(np.argsort(-truth.volume, kind="stable"))
    blank = truth.volume == 0 if world.assume.untraded == "blank" else np.zeros(len(truth), bool)
    return (truth, blank) if world.given else _with_oddities(world.seed, moment.live, truth, blank)


def _with_oddities(seed: int, day: date, truth: Truth, blank: Flags) -> tuple[Truth, Flags]:
    """Return a set as the vendor writes it down on ``day``: with codes and counters that are no figures."""
    keys = np.array([random_numbers.key(code) for code in truth.codes], np.int64)
    quotes, volume = truth.quotes, truth.volume
    sign = np.where((quotes.sign == UNCHANGED) & year.has_no_sign(seed, day, keys), 0, quotes.sign)
    ran_over = (volume > 0) & year.is_saturated(seed, day, keys)
    volume = np.where(ran_over, year.SATURATED, volume)
    blank = blank | (truth.suspended & year.is_blank(seed, day, keys))
    return replace(truth, quotes=replace(quotes, sign=sign), volume=volume), blank


def _rows(world: World, truth: Truth, blank: Flags, place: slice) -> Rows:
    assume, quotes = world.assume, truth.quotes
    suffix = _suffix(truth.selection.venue, assume)
    signs = np.where(quotes.sign == UNCHANGED, 0, quotes.sign) if assume.pre_sig == "zero" else quotes.sign
    columns = (quotes.price, signs, quotes.change, quotes.rate, truth.volume, truth.suspended)
    numbers = zip(*(column[place].tolist() for column in columns), strict=True)
    turned = -1 if truth.selection.side is Side.SELL and assume.sells == "negative" else 1
    investors = (turned * truth.investors[place, : len(SERVED_INVESTORS)]).tolist()
    style = formats.Formats(assume.numbers)
    flows = ([] if empty else row for empty, row in zip(blank[place].tolist(), investors, strict=True))
    return [
        _row(code + suffix, name, quote, row, style)
        for code, name, quote, row in zip(truth.codes[place], truth.names[place], numbers, flows, strict=True)
    ]


def _row(code: str, name: str, quote: tuple[int, ...], flows: list[int], style: formats.Formats) -> dict[str, str]:
    price, sign, change, rate, volume, suspended = quote
    blank = style is formats.Formats.WILD and suspended
    row = {
        "stk_cd": code,
        "stk_nm": name,
        "cur_prc": formats.price(style, price, sign, f"{code}p"),
        "pre_sig": str(sign),
        "pred_pre": "" if blank else formats.change(style, change, f"{code}c"),
        "flu_rt": "" if blank else formats.rate(style, rate, f"{code}r"),
        "trde_qty": formats.count(style, volume, f"{code}v"),
    }
    if not flows:
        return row | dict.fromkeys(SERVED_INVESTORS, "")
    if style in formats.BARE_COUNTS:
        row.update(zip(SERVED_INVESTORS, map(str, flows), strict=True))
    else:
        row.update(
            (name, formats.count(style, n, code + name)) for name, n in zip(SERVED_INVESTORS, flows, strict=True)
        )
    return row


def _suffix(venue: Venue, assume: Assumptions) -> str:
    written = {Venue.NXT: assume.nxt_code, Venue.CONSOLIDATED: assume.consolidated_code}.get(venue, "suffix")
    return "" if written == "plain" else SUFFIXES[venue]
