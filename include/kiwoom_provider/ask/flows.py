"""What is assumed of ka10066's figures: signs, rounding, units, and what ties the sets together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiwoom_provider.api.identities import PARTS_WITHIN, net_of, parts_sum
from kiwoom_provider.api.ka10066 import INSTITUTION, INVESTOR_ELEMENTS
from kiwoom_provider.api.numbers import parse_int
from kiwoom_provider.ask.assumption import Seen, agrees, assumption, breaks, differs
from kiwoom_provider.ask.questions import BASE, Answers, NotAskedError
from kiwoom_provider.parameters import Market, Measure, ParameterSet, Side, Venue

if TYPE_CHECKING:
    from collections.abc import Mapping

Flows = tuple[int, ...]
ROUNDED = 4
"""By how much 기관계 misses the sum of its eight parts at most where amounts are rounded: nine halves."""
WON_PER_MILLION = 1_000_000
LEAST_RATIO, MOST_RATIO = 0.5, 2.0


@assumption("The package's own reader takes every set")
def readable(answers: Answers) -> Seen:
    """As the fetch task types them."""
    from kiwoom_provider.datasets import ka10066

    tables = [ka10066.parse(pages, one) for one, pages in answers.sets.items() if isinstance(pages, list)]
    if not tables:
        raise NotAskedError("no set was answered")
    return agrees(f"{len(tables)} sets, {sum(table.num_rows for table in tables):,} rows")


@assumption("Sells are positive")
def sells(answers: Answers) -> Seen:
    """Look for both signs in a set."""
    values = [value for one in _flows(answers, Measure.QUANTITY, Side.SELL).values() for value in one if value]
    positive, negative = sum(value > 0 for value in values), sum(value < 0 for value in values)
    seen = f"{positive} positive, {negative} negative, such as {values[0] if values else 'none'}"
    if positive and negative:
        return breaks(seen)
    return differs(seen, "stored without the sign; the report says so") if negative else agrees(seen)


@assumption("Bought less sold is net, to the share")
def buy_less_sell(answers: Answers) -> Seen:
    """On the first page of KOSPI, KRX."""
    buys, sold, nets = (_flows(answers, Measure.QUANTITY, side) for side in (Side.BUY, Side.SELL, Side.NET))
    common = sorted(buys.keys() & sold.keys() & nets.keys())
    off = [
        f"{code}: {b} - {abs(s)} is not {n}"
        for code in common
        for b, s, n in zip(buys[code], sold[code], nets[code], strict=True)
        if net_of(b, abs(s)) != n
    ]
    return breaks("; ".join(off[:3])) if off else agrees(f"{len(common)} stocks")


@assumption("기관계 is the sum of its eight parts, to the share")
def institutions_in_shares(answers: Answers) -> Seen:
    """On all pages of KOSPI, KRX."""
    off = {code: miss for code, one in _flows(answers, Measure.QUANTITY, Side.NET).items() if (miss := _miss(one))}
    seen = ", ".join(f"{code}: {miss:+d}" for code, miss in list(off.items())[:3])
    return breaks(seen) if off else agrees("no stock off")


@assumption("Amounts are rounded to 백만원")
def rounding(answers: Answers) -> Seen:
    """Where they are cut, 기관계 misses the sum of its parts by more, and to one side."""
    misses = [_miss(one) for one in _flows(answers, Measure.AMOUNT, Side.BUY).values()]
    if not misses:
        raise NotAskedError("no stock has a flow")
    average = sum(misses) / len(misses)
    seen = f"기관계 less its parts, of buys: {min(misses):+d} to {max(misses):+d}, on average {average:+.2f}"
    if max(map(abs, misses)) > PARTS_WITHIN[Measure.AMOUNT]:
        return breaks(seen)
    is_cut = max(misses) > ROUNDED or (min(misses) >= 0 and average > 1)
    return differs(seen, "amounts are cut: the bounds allow for it") if is_cut else agrees(seen)


@assumption("KRX and NXT together are 통합, to the share")
def venues_add_up(answers: Answers) -> Seen:
    """Compare what was bought of stocks that are on the first pages of all three."""
    krx, nxt, both = (_flows(answers, Measure.QUANTITY, Side.BUY, venue) for venue in Venue)
    common = sorted(krx.keys() & nxt.keys() & both.keys())
    if not common:
        raise NotAskedError("no stock stands on all three first pages")
    off = [code for code in common if any(k + n != b for k, n, b in zip(krx[code], nxt[code], both[code], strict=True))]
    if not off:
        return agrees(f"{len(common)} stocks")
    code = off[0]
    seen = f"{len(off)} of {len(common)} stocks; {code}: {krx[code][0]} + {nxt[code][0]} is not {both[code][0]}"
    return differs(seen, "the audit warns of it")


@assumption("Amounts are 백만원 and quantities shares")
def units(answers: Answers) -> Seen:
    """Divide amounts by quantities, and that by the price."""
    amounts, shares = (_flows(answers, measure, Side.BUY) for measure in (Measure.AMOUNT, Measure.QUANTITY))
    ratios = []
    for row in answers.rows(ParameterSet(Market.KOSPI, Venue.KRX, Measure.QUANTITY, Side.BUY)):
        code, price = _code(row), abs(_number(row, "cur_prc"))
        amount, count = sum(amounts.get(code, ())), sum(shares.get(code, ()))
        if price and amount > 1000 and count:  # noqa: PLR2004  KRW million: rounding is a thousandth of it
            ratios.append(amount * WON_PER_MILLION / count / price)
    if not ratios:
        raise NotAskedError("no stock has flows large enough")
    ratios.sort()
    middle = ratios[len(ratios) // 2]
    seen = (
        f"amount ÷ quantity ÷ price of {len(ratios)} stocks: {ratios[0]:.3g} to {ratios[-1]:.3g}, middle {middle:.3g}"
    )
    return agrees(seen) if LEAST_RATIO < middle < MOST_RATIO else breaks(seen)


@assumption("A stock that did not trade has zeros")
def untraded(answers: Answers) -> Seen:
    """Or blanks."""
    still = [row for row in answers.rows(BASE) if not _number(row, "trde_qty")]
    if not still:
        raise NotAskedError("every stock has traded")
    blank = [_code(row) for row in still if any(not str(row.get(name)).strip() for name in INVESTOR_ELEMENTS)]
    if blank:
        return differs(f"{len(blank)} of {len(still)} with blanks: {', '.join(blank[:3])}", "blanks stay blanks")
    return agrees(f"{len(still)} stocks")


def _flows(answers: Answers, measure: Measure, side: Side, venue: Venue = Venue.KRX) -> dict[str, Flows]:
    """Return the twelve figures by stock, of all pages of one of KOSPI's sets."""
    rows = answers.rows(ParameterSet(Market.KOSPI, venue, measure, side))
    return {_code(row): tuple(_number(row, name) for name in INVESTOR_ELEMENTS) for row in rows}


def _miss(flows: Flows) -> int:
    return flows[INSTITUTION] - parts_sum(flows)


def _code(row: Mapping[str, object]) -> str:
    return str(row.get("stk_cd")).partition("_")[0]


def _number(row: Mapping[str, object], name: str) -> int:
    return parse_int(str(row.get(name, ""))) or 0
