"""ka10059: one stock's trading by investor, a row per session, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from kiwoom_simulator import bodies, formats
from kiwoom_simulator.errors import ApiError
from kiwoom_simulator.flows import INVESTORS, rounded, to_million
from kiwoom_simulator.options import Kind
from kiwoom_simulator.paging import PAGE_ROWS
from kiwoom_simulator.sessions import FIRST_SESSION
from kiwoom_simulator.settlement import Step
from kiwoom_simulator.words import MEASURE_CODES, SIDE_CODES, SUFFIXES, Market, Measure, Side, Venue

if TYPE_CHECKING:
    from kiwoom_simulator.assumptions import Assumptions
    from kiwoom_simulator.formats import Formats
    from kiwoom_simulator.market import World
    from kiwoom_simulator.noise import Ints
    from kiwoom_simulator.settlement import Moment
    from kiwoom_simulator.slab import Slab

    Style: TypeAlias = tuple[Formats, Assumptions]

API_ID = "ka10059"
ELEMENT = "stk_invsr_orgn"
UNITS = {"1": 1, "1000": 1000}


@dataclass(frozen=True, slots=True)
class Query:
    """What a body asks for; ``until`` is the newest day, ``unit`` counts shares in ones or thousands."""

    until: date
    code: str
    venue: Venue
    measure: Measure
    side: Side
    unit: int


def read(body: bytes, kind: Kind = Kind.LIVE) -> Query:
    """
    Return what a body asks for.

    :raises ApiError: 1511 or 1517 naming the field, or 8104 when the mock is asked for more than KRX.
    """
    asked = bodies.fields(body)
    code, venue = _split(bodies.text(asked, "stk_cd"))
    query = Query(
        _day(bodies.text(asked, "dt")),
        code,
        venue,
        bodies.choice(asked, "amt_qty_tp", MEASURE_CODES),
        bodies.choice(asked, "trde_tp", SIDE_CODES),
        bodies.choice(asked, "unit_tp", UNITS),
    )
    if kind is Kind.MOCK and venue is not Venue.KRX:
        raise ApiError(8104)
    return query


def rows(world: World, query: Query, page: int, moment: Moment, style: Style) -> tuple[list[dict[str, str]], bool]:
    """
    Return a page's rows (1-based), and whether there are more.

    :raises ApiError: 1902, when the stock is not listed, or not on the venue asked for.
    """
    newest = world.sessions.latest(min(query.until, moment.live))
    market = _market(world, query, newest)
    stock = world.listing(market, newest).stocks[world.listing(market, newest).index[query.code]]
    oldest = max(FIRST_SESSION, date.fromordinal(max(1, stock.since)))
    wanted = world.sessions.back_from(newest, page * PAGE_ROWS + 1)[(page - 1) * PAGE_ROWS :]
    days = [day for day in wanted if day >= oldest]
    shown = tuple(days[:PAGE_ROWS][::-1])
    if not shown:
        return [], False
    return _written(world.stock(market, query.code, shown), query, moment, style), len(days) > PAGE_ROWS


def _written(slab: Slab, query: Query, moment: Moment, style: Style) -> list[dict[str, str]]:
    steps = {day: moment.step_of(day) for day in slab.days}
    tables = {step: _investors(slab, query, step or Step.REGULAR) for step in set(steps.values())}
    if None in tables:
        tables[None] = _unsettled(tables[None], style[1])
    rows = []
    for column, day in reversed(list(enumerate(slab.days))):
        quote = _quote(slab, query, column, moment.traded(day), style)
        rows.append({"dt": f"{day:%Y%m%d}"} | quote | _flows(tables[steps[day]][column], query, style[0]))
    return rows


def _unsettled(regular: Ints, assume: Assumptions) -> Ints:
    """Return a day's figures before they settle: all zero, or 개인 0 and whole thousands whose sum breaks."""
    if assume.unsettled_row == "zeros":
        return np.zeros_like(regular)
    return regular // 1000 * 1000 * (np.arange(len(INVESTORS)) > 0)


def _investors(slab: Slab, query: Query, step: Step) -> Ints:
    values = slab.flows[query.venue, step].table(query.measure, query.side)[0]
    if query.measure is Measure.AMOUNT:
        return to_million(values)
    return rounded(values, query.unit)


def _quote(slab: Slab, query: Query, column: int, traded: tuple[float, float], style: Style) -> dict[str, str]:
    formatted, assume = style
    quotes = slab.quotes(query.venue, *traded)
    price, sign, change, rate = (int(c[0, column]) for c in (quotes.price, quotes.sign, quotes.change, quotes.rate))
    volume = int(slab.volume(query.venue, *traded)[0, column])
    turnover = int(to_million(slab.turnover(query.venue, *traded)[0, column]))
    percent = assume.dated_rate == "percent"
    return {
        "cur_prc": formats.price(formatted, price, sign, f"{query.code}p"),
        "pre_sig": str(sign),
        "pred_pre": formats.change(formatted, change, f"{query.code}c"),
        "flu_rt": formats.rate(formatted, rate, f"{query.code}r") if percent else f"{rate:+d}",
        "acc_trde_qty": str(volume),
        "acc_trde_prica": str(turnover),
    }


def _flows(values: Ints, query: Query, style: Formats) -> dict[str, str]:
    return {
        element: formats.signed(style, int(value), query.code + element)
        for element, value in zip(INVESTORS, values, strict=True)
    }


def _market(world: World, query: Query, day: date) -> Market:
    market = world.market_of(query.code, day)
    if market is None:
        raise ApiError(1902)
    listing = world.listing(market, day)
    if query.venue is Venue.NXT and not listing.nxt[listing.index[query.code]]:
        raise ApiError(1902)
    return market


def _split(stk_cd: str) -> tuple[str, Venue]:
    code, _, suffix = stk_cd.partition("_")
    venues = {f"{suffix}": venue for venue, suffix in SUFFIXES.items()}
    if f"_{suffix}" not in venues and suffix:
        raise ApiError(1517, ", 필드명=stk_cd")
    return code, venues[f"_{suffix}" if suffix else ""]


def _day(text: str) -> date:
    try:
        day = datetime.strptime(text, "%Y%m%d").date()  # noqa: DTZ007
    except ValueError:
        raise ApiError(1517, ", 필드명=dt") from None
    if len(text) != 8 or day < FIRST_SESSION + timedelta(days=1):  # noqa: PLR2004
        raise ApiError(1517, ", 필드명=dt")
    return day
