"""ka10066: after-close trading by investor, every stock of a market, a page at a time."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from kiwoom_simulator import bodies, formats
from kiwoom_simulator.errors import ApiError
from kiwoom_simulator.flows import INVESTORS
from kiwoom_simulator.formats import Formats
from kiwoom_simulator.options import Kind
from kiwoom_simulator.paging import PAGE_ROWS
from kiwoom_simulator.words import (
    MARKET_CODES,
    MEASURE_CODES,
    SIDE_CODES,
    VENUE_CODES,
    Selection,
    Venue,
    served_code,
)

if TYPE_CHECKING:
    from kiwoom_simulator.market import World
    from kiwoom_simulator.settlement import Moment
    from kiwoom_simulator.truth import Truth

API_ID = "ka10066"
ELEMENT = "opaf_invsr_trde"
SERVED_INVESTORS = INVESTORS[:12]
"""All but ``natfor``."""


def read(body: bytes, kind: Kind = Kind.LIVE) -> Selection:
    """
    Return what a body asks for.

    :raises ApiError: 1511 or 1517 naming the field, or 8104 when the mock is asked for more than KRX.
    """
    asked = bodies.fields(body)
    selection = Selection(
        bodies.choice(asked, "mrkt_tp", MARKET_CODES),
        bodies.choice(asked, "stex_tp", VENUE_CODES),
        bodies.choice(asked, "amt_qty_tp", MEASURE_CODES),
        bodies.choice(asked, "trde_tp", SIDE_CODES),
    )
    if kind is Kind.MOCK and selection.venue is not Venue.KRX:
        raise ApiError(8104)
    return selection


@lru_cache(96)
def truth(world: World, selection: Selection, moment: Moment) -> Truth:
    """Return a set's numbers, remembered while its pages are served."""
    return world.served(selection, moment)


def page_count(truth: Truth) -> int:
    """Return how many pages a set has: at least one."""
    return max(1, -(-len(truth) // PAGE_ROWS))


def rows(truth: Truth, page: int, style: Formats) -> list[dict[str, str]]:
    """Return a page's rows (1-based) as they are served."""
    start, end = (page - 1) * PAGE_ROWS, page * PAGE_ROWS
    quotes, venue = truth.quotes, truth.selection.venue
    columns = (quotes.price, quotes.sign, quotes.change, quotes.rate, truth.volume, truth.suspended)
    numbers = zip(*(column[start:end].tolist() for column in columns), strict=True)
    investors = truth.investors[start:end, : len(SERVED_INVESTORS)].tolist()
    return [
        _row(served_code(code, venue), name, quote, flows, style)
        for code, name, quote, flows in zip(
            truth.codes[start:end], truth.names[start:end], numbers, investors, strict=True
        )
    ]


def _row(code: str, name: str, quote: tuple[int, ...], flows: list[int], style: Formats) -> dict[str, str]:
    price, sign, change, rate, volume, suspended = quote
    blank = style is Formats.WILD and suspended
    row = {
        "stk_cd": code,
        "stk_nm": name,
        "cur_prc": formats.price(style, price, sign, f"{code}p"),
        "pre_sig": str(sign),
        "pred_pre": "" if blank else formats.change(style, change, f"{code}c"),
        "flu_rt": "" if blank else formats.rate(style, rate, f"{code}r"),
        "trde_qty": formats.count(style, volume, f"{code}v"),
    }
    for element, value in zip(SERVED_INVESTORS, flows, strict=True):
        row[element] = formats.count(style, value, code + element)
    return row
