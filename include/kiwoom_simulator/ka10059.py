"""ka10059: one stock's trading by investor, a row per session, newest first."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from kiwoom_simulator import formats, request
from kiwoom_simulator.errors import ApiError
from kiwoom_simulator.flows import INVESTORS, MILLION, to_units
from kiwoom_simulator.parameters import MEASURE_CODES, SIDE_CODES, SUFFIXES, Market, Measure, Query, Side, Venue
from kiwoom_simulator.sessions import FIRST_SESSION
from kiwoom_simulator.settlement import Step
from kiwoom_simulator.stocks import Kind
from kiwoom_simulator.tables import Table, single

if TYPE_CHECKING:
    from kiwoom_simulator.market import World
    from kiwoom_simulator.prices import Quotes
    from kiwoom_simulator.random_numbers import Ints
    from kiwoom_simulator.tables import Rows, Source
    from kiwoom_simulator.trading import Trading

API_ID = "ka10059"
PATH = "/api/dostk/stkinfo"
ELEMENT = "stk_invsr_orgn"
PAGE_ROWS = 100
UNITS = {"1": 1, "1000": 1000}
_ELEMENTS = (
    "dt", "cur_prc", "pre_sig", "pred_pre", "flu_rt", "acc_trde_qty", "acc_trde_prica", *INVESTORS,
)  # fmt: skip


def read(body: bytes) -> Query:
    """
    Return what a body asks for.

    :raises ApiError: 1511 or 1517 naming the field.
    """
    asked = request.fields(body)
    stock, venue = _split(request.text(asked, "stk_cd"))
    until = request.day(asked, "dt")
    if until <= FIRST_SESSION:
        raise ApiError(1517, ", 필드명=dt")
    return Query(
        venue=venue,
        measure=request.choice(asked, "amt_qty_tp", MEASURE_CODES),
        side=request.choice(asked, "trde_tp", SIDE_CODES),
        stock=stock,
        until=until,
        unit=request.choice(asked, "unit_tp", UNITS),
    )


def table(world: World, source: Source) -> Table:
    """
    Return a stock's history as it is served.

    :raises ApiError: 1902, where that is the answer to a stock that is not listed, or not on the venue.
    """
    query, moment = source.query, source.moment
    newest = world.sessions.latest(min(query.until or moment.live, moment.live))
    if _market(world, query, world.sessions.latest(moment.live)) is None:
        return _unknown(world.assume.unknown_code)
    market = world.market_of(query.stock, newest)
    if market is None:
        return single([])
    listing = world.listing(market, newest)
    stock = listing.stocks[listing.index[query.stock]]
    if stock.kind is Kind.ETN and world.assume.dated_etn == "unknown":
        return _unknown(world.assume.unknown_code)
    oldest = max(FIRST_SESSION, date.fromordinal(max(1, stock.since)))
    if world.assume.dated_depth == "page":
        oldest = max(oldest, world.sessions.back_from(moment.live, PAGE_ROWS)[-1])

    def days(page: int) -> list[date]:
        wanted = world.sessions.back_from(newest, page * PAGE_ROWS + 1)[(page - 1) * PAGE_ROWS :]
        return [day for day in wanted if day >= oldest]

    def rows(page: int) -> Rows:
        shown = tuple(days(page)[:PAGE_ROWS][::-1])
        return _rows(world, world.stock(market, query.stock, shown), source) if shown else []

    pages_on = world.assume.dated_paging == "keys"
    return Table(rows, lambda page: pages_on and len(days(page)) > PAGE_ROWS, pages=0)


def _unknown(how: str) -> Table:
    """Return what is served for a code that is not known: no row, no list, a row of blanks, or the refusal."""
    if how == "1902":
        raise ApiError(1902)
    return single([dict.fromkeys(_ELEMENTS, "")] if how == "blank" else [], has_list=how != "no-list")


def _rows(world: World, trading: Trading, source: Source) -> Rows:
    moment = source.moment
    steps = {day: moment.step_of(day) for day in trading.days}
    tables = {step: _investors(world, trading, source, step or Step.REGULAR) for step in set(steps.values())}
    if None in tables:
        tables[None] = _unsettle(tables[None], world.assume.unsettled_row)
    quoted = {
        traded: trading.quotes(source.query.venue, *traded) for traded in set(map(moment.volume_parts, trading.days))
    }
    venue_days = trading.trades_on(source.query.venue)[0]
    rows = []
    for column, day in reversed(list(enumerate(trading.days))):
        if venue_days[column]:
            lies = source.stale and column == len(trading.days) - 1 > 0
            quote = _quote(world, trading, source, column, quoted[moment.volume_parts(day)])
            flows = _flows(world, source.query, tables[steps[day]][column - lies].tolist())
            rows.append({"dt": f"{day:%Y%m%d}", **quote, **flows})
    return rows


def _unsettle(regular: Ints, how: str) -> Ints:
    """Return a day's figures before they settle: all zero, or 개인 0 and whole thousands whose sum breaks."""
    if how == "zeros":
        return np.zeros_like(regular)
    return regular // 1000 * 1000 * (np.arange(len(INVESTORS)) > 0)


def _investors(world: World, trading: Trading, source: Source, step: Step) -> Ints:
    query = source.query
    values = trading.flows[query.venue, step].table(query.measure, query.side)[0]
    cut = world.assume.rounding == "cut"
    amounts = query.measure is Measure.AMOUNT
    if world.assume.dated_figures == "other":
        values = values - values // 50
    if source.wrong_units:
        values = values * 1000 if amounts else values // 1000
    return to_units(values, MILLION if amounts else query.unit, cut=cut)


def _quote(world: World, trading: Trading, source: Source, column: int, quotes: Quotes) -> dict[str, str]:
    query, assume = source.query, world.assume
    style, traded = formats.Formats(assume.numbers), source.moment.volume_parts(trading.days[column])
    price, sign, change, rate = (int(c[0, column]) for c in (quotes.price, quotes.sign, quotes.change, quotes.rate))
    volume = int(trading.volume(query.venue, *traded)[0, column])
    turnover = int(to_units(trading.turnover(query.venue, *traded)[0, column], MILLION))
    percent = assume.dated_rate == "percent"
    return {
        "cur_prc": formats.price(style, price, sign, f"{query.stock}p"),
        "pre_sig": str(sign),
        "pred_pre": formats.change(style, change, f"{query.stock}c"),
        "flu_rt": formats.rate(style, rate, f"{query.stock}r") if percent else f"{rate:+d}",
        "acc_trde_qty": str(volume),
        "acc_trde_prica": str(turnover),
    }


def _flows(world: World, query: Query, values: list[int]) -> dict[str, str]:
    turned = -1 if query.side is Side.SELL and world.assume.dated_sells == "negative" else 1
    style = formats.Formats(world.assume.numbers)
    return {
        element: formats.signed_count(style, turned * value, query.stock + element)
        for element, value in zip(INVESTORS, values, strict=True)
    }


def _market(world: World, query: Query, day: date) -> Market | None:
    """Return the market that lists the stock, if its venue trades it."""
    market = world.market_of(query.stock, day)
    if market is None or query.venue is not Venue.NXT:
        return market
    listing = world.listing(market, day)
    return market if listing.nxt[listing.index[query.stock]] else None


def _split(stk_cd: str) -> tuple[str, Venue]:
    code, _, suffix = stk_cd.partition("_")
    venues = {suffix: venue for venue, suffix in SUFFIXES.items()}
    written = f"_{suffix}" if suffix else ""
    if written not in venues:
        raise ApiError(1517, ", 필드명=stk_cd")
    return code, venues[written]
