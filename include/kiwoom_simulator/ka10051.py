"""ka10051: net trading by investor of a market and its sectors on a day, in one page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kiwoom_simulator import formats, request
from kiwoom_simulator.flows import INVESTORS, MILLION, to_units
from kiwoom_simulator.parameters import SUFFIXES, VENUE_CODES, Market, Measure, Query
from kiwoom_simulator.settlement import Step
from kiwoom_simulator.tables import single

if TYPE_CHECKING:
    from datetime import date

    from kiwoom_simulator.market import World
    from kiwoom_simulator.random_numbers import Ints
    from kiwoom_simulator.settlement import Moment
    from kiwoom_simulator.tables import Source, Table

API_ID = "ka10051"
PATH = "/api/dostk/sect"
ELEMENT = "inds_netprps"

MEASURES = {"0": Measure.AMOUNT, "1": Measure.QUANTITY}
MARKETS = {"0": Market.KOSPI, "1": Market.KOSDAQ}
_MISTAKEN = {"001": Market.KOSDAQ, "000": Market.KOSDAQ}  # other values are answered as if for KOSPI
UNITS = {Measure.AMOUNT: 100_000_000, Measure.QUANTITY: 1_000}
"""Won in 억원, shares in 천주."""

TOTALS = {Market.KOSPI: ("001", "종합(KOSPI)"), Market.KOSDAQ: ("101", "종합(KOSDAQ)")}
SECTORS = {
    Market.KOSPI: (
        "대형주", "중형주", "소형주", "음식료·담배", "섬유·의류", "종이·목재", "화학", "제약", "비금속",
        "금속", "기계·장비", "전기전자", "의료·정밀기기", "운송장비·부품", "유통", "전기·가스", "건설",
        "운송·창고", "통신", "금융", "증권", "보험", "일반서비스", "제조", "부동산", "IT 서비스", "오락·문화",
    ),
    Market.KOSDAQ: tuple(f"업종{number}" for number in range(1, 32)),
}  # fmt: skip
"""28 and 32 rows with the total (public measurements of 2026)."""

_ELEMENTS = {
    "sc_netprps": "fnnc_invt", "insrnc_netprps": "insrnc", "invtrt_netprps": "invtrt", "bank_netprps": "bank",
    "jnsinkm_netprps": "etc_fnnc", "endw_netprps": "penfnd_etc", "etc_corp_netprps": "etc_corp",
    "ind_netprps": "ind_invsr", "frgnr_netprps": "frgnr_invsr", "native_trmt_frgnr_netprps": "natfor",
    "natn_netprps": "natn", "samo_fund_netprps": "samo_fund", "orgn_netprps": "orgn",
}  # fmt: skip
"""Its investor elements, and ka10066's and ka10059's names for the same."""

_INTRADAY = 0.93


def read(body: bytes) -> Query:
    """
    Return what a body asks for; a wrong ``mrkt_tp`` is answered with the other market, without a word.

    :raises ApiError: 1511 or 1517 naming the field.
    """
    asked = request.fields(body)
    market = request.text(asked, "mrkt_tp")
    return Query(
        market=MARKETS.get(market, _MISTAKEN.get(market, Market.KOSPI)),
        venue=request.choice(asked, "stex_tp", VENUE_CODES),
        measure=request.choice(asked, "amt_qty_tp", MEASURES),
        until=request.day(asked, "base_dt") if asked.get("base_dt") else None,
    )


def table(world: World, source: Source) -> Table:
    """Return a market's totals as they are served."""
    query, live = source.query, source.moment.live
    day = world.sessions.latest(min(query.until or live, live))
    closed = query.until is not None and query.until != day
    if closed and world.assume.totals_closed_day == "empty":
        return single([])
    assume, style = world.assume, formats.Formats(world.assume.numbers)
    nets, volumes = _sums(world, query, world.sessions.previous(day) if source.stale else day, source.moment)
    unit = UNITS[query.measure] // (1000 if source.wrong_units else 1)
    if assume.totals == "million" and query.measure is Measure.AMOUNT:
        unit = MILLION
    values = to_units(nets + nets // 20 if assume.totals == "differ" else nets, unit)
    code, name = TOTALS[query.market]
    heads = [(code, name), *((f"{int(code) + n:03d}", sector) for n, sector in enumerate(SECTORS[query.market], 1))]
    return single(
        [
            _row(f"{head}{SUFFIXES[query.venue]}", title, int(volume) // 1000, row, style)
            for (head, title), volume, row in zip(heads, volumes, values.tolist(), strict=True)
        ]
    )


def _sums(world: World, query: Query, day: date, moment: Moment) -> tuple[Ints, Ints]:
    """Return net flows (won or shares) and volumes (shares) of the market and its sectors: rows × investors."""
    step = moment.step_of(day)
    trading = world.day(query.market, day)
    table = world.totals(query.market, query.venue, query.measure, day, step or Step.REGULAR)
    table = table if step else (table * _INTRADAY).astype(np.int64)
    volume = np.where(trading.listing.etn, 0, trading.volume(query.venue, *moment.volume_parts(day))[:, 0])
    sectors = sector_numbers(trading.listing.keys, query.market)
    masks = [np.ones_like(sectors, bool), *(sectors == number for number in range(len(SECTORS[query.market])))]
    return np.array([table[mask].sum(axis=0) for mask in masks]), np.array([volume[mask].sum() for mask in masks])


def sector_numbers(keys: Ints, market: Market) -> Ints:
    """Return which of :data:`SECTORS` each stock is in."""
    numbers: Ints = keys % len(SECTORS[market])
    return numbers


def _row(code: str, name: str, volume: int, values: list[int], style: formats.Formats) -> dict[str, str]:
    by_investor = dict(zip(INVESTORS, values, strict=True))
    head = {"inds_cd": code, "inds_nm": name, "cur_prc": "+265381", "pre_smbol": "2", "pred_pre": "+9030"}
    flows = {
        element: formats.count(style, by_investor[name], code + element)
        if style is formats.Formats.WILD
        else f"{by_investor[name]:+d}"
        for element, name in _ELEMENTS.items()
    }
    return {**head, "flu_rt": "352", "trde_qty": str(volume), **flows}
