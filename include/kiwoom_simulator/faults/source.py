"""Faults of where an answer's figures come from."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kiwoom_simulator.faults.kinds import Stage, kind
from kiwoom_simulator.parameters import Market, Side

if TYPE_CHECKING:
    from datetime import datetime

    from kiwoom_simulator.tables import Source

_OTHER_SIDE = {Side.BUY: Side.SELL, Side.SELL: Side.BUY, Side.NET: Side.NET}
_OTHER_MARKET = {Market.KOSPI: Market.KOSDAQ, Market.KOSDAQ: Market.KOSPI, Market.ALL: Market.ALL}


@kind(Stage.SOURCE, "stale", "figures of the session before the settled one; of the master, its list")
def _stale(_value: str, source: Source, _now: datetime) -> Source:
    return replace(source, stale=True)


@kind(Stage.SOURCE, "swapped-sides", "buys where sells were asked for, and the reverse")
def _swapped_sides(_value: str, source: Source, _now: datetime) -> Source:
    return replace(source, query=replace(source.query, side=_OTHER_SIDE[source.query.side]))


@kind(Stage.SOURCE, "other-market", "KOSDAQ where KOSPI was asked for, and the reverse")
def _other_market(_value: str, source: Source, _now: datetime) -> Source:
    return replace(source, query=replace(source.query, market=_OTHER_MARKET[source.query.market]))


@kind(Stage.SOURCE, "wrong-units", "amounts in thousand won, quantities in thousand shares")
def _wrong_units(_value: str, source: Source, _now: datetime) -> Source:
    return replace(source, wrong_units=True)


@kind(
    Stage.SOURCE,
    "unsettled-stocks",
    "VALUE = part/zero, missing or before (0.88/missing): stocks of ka10066 that have not settled; as "
    "20:30-22:30/missing they settle one by one between these times",
)
def _unsettled_stocks(value: str, source: Source, now: datetime) -> Source:
    when, _, looks = (value or "0.88/missing").partition("/")
    if "-" not in when:
        return replace(source, unsettled=(float(when), looks or "missing"))
    begin, end = (60 * int(text[:-3]) + int(text[-2:]) for text in when.split("-"))
    minute = 60 * now.hour + now.minute + (0 if now.date() == source.moment.live else 24 * 60)
    part = min(1.0, max(0.0, (end - minute) / (end - begin)))
    return replace(source, unsettled=(part, looks or "missing"))
