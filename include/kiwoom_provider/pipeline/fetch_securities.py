"""The securities master of the night: asked right after the sweep, kept as it came and as a dataset."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from kiwoom_provider import __version__
from kiwoom_provider.api import ka10099
from kiwoom_provider.api.errors import KiwoomError
from kiwoom_provider.datasets import ka10066, layout, raw, securities
from kiwoom_provider.parameters import DEFAULT_MARKETS, Venue
from kiwoom_provider.proof.earlier import read_published

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    import pyarrow as pa

    from kiwoom_provider.api.call_source import CallSource
    from kiwoom_provider.api.ka10099 import Security
    from kiwoom_provider.datasets.store import Store
    from kiwoom_provider.parameters import Market, ParameterSet
    from kiwoom_provider.pipeline.plan import Plan

MOST = 0.5
"""Part of the prices that must be a session's: about one in ten stocks closes where it did the day before."""
_PRICES = ("stk_cd", "cur_prc", "pred_pre")

log = logging.getLogger(__name__)


def keep_securities(source: CallSource, store: Store, plan: Plan, run_id: str) -> int:
    """
    Ask ka10099 for the boards of the day, two calls; return the stocks that are kept, 0 where they cannot be had.

    A master that is away, late or wrong is a witness less and costs no night: it is said in the log. What came is
    kept in raw in any case.
    """
    day, boards, pages = plan.session.session_date, {}, []
    try:
        for market in DEFAULT_MARKETS:
            page = source.call(ka10099.API_ID, ka10099.PATH, ka10099.request_body(market))
            pages.append(page)
            folder = f"{layout.session_prefix(layout.RAW_SECURITIES, day)}/market={market}"
            store.write(f"{folder}/{layout.stamp(page.fetched_at)}.json.gz", raw.pack(page, run_id))
            boards[market] = ka10099.read_rows(page, market)
        table = securities.build(boards)
    except (KiwoomError, securities.SecuritiesError) as error:
        log.warning("The securities master is not kept: %s", error)
        return 0
    as_of = _as_of(store, plan, boards)
    if as_of != day:
        log.warning("The securities master of %s is that of %s: it blocks nothing", day, as_of)
    data = securities.encode(table, day, pages[-1].fetched_at, __version__, as_of)
    store.write(layout.securities_key(day), data)
    return int(table.num_rows)


def _as_of(store: Store, plan: Plan, boards: Mapping[Market, Iterable[Security]]) -> date:
    """
    Return the session that a master is of: the one before, where its prices say so.

    It carries no date. Its prices are the closes before its day (by the sheet; not seen live), from which ka10066's
    changes are counted. Prices that are neither session's say nothing.
    """
    last = {row.code: row.last_price for board in boards.values() for row in board if row.last_price}
    day, before = plan.session.session_date, plan.session_before
    sets = list({p.market: p for p in plan.sets if p.venue is Venue.KRX}.values())
    tonight, earlier = ka10066.read_partitions(store, day, sets), read_published(store, before, sets, _PRICES)
    return before if _share(last, tonight) < MOST < _share(last, earlier) else day


def _share(last: Mapping[str, int], tables: Mapping[ParameterSet, pa.Table]) -> float:
    """Return the share of prices that are the base prices in some sets."""
    agree = []
    for table in tables.values():
        for code, price, change in zip(*(table[name].to_pylist() for name in _PRICES), strict=True):
            if code in last and price is not None and change is not None:
                agree.append(last[code] == price - change)
    return sum(agree) / len(agree) if agree else 0.0
