"""The securities master of the night: asked right after the sweep, kept as it came and as a dataset."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Protocol

from kiwoom_provider import __version__
from kiwoom_provider.api import ka10099
from kiwoom_provider.api.errors import KiwoomError
from kiwoom_provider.datasets import layout, raw, securities
from kiwoom_provider.parameters import DEFAULT_MARKETS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kiwoom_provider.api.page import Page
    from kiwoom_provider.datasets.store import Store
    from kiwoom_provider.pipeline.plan import Plan

RAW = "raw/ka10099"

log = logging.getLogger(__name__)


class CallSource(Protocol):
    """What asking for the master needs of the hook."""

    def call(self, api_id: str, path: str, body: Mapping[str, str]) -> Page:
        """Return one page."""


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
            key = f"{layout.session_prefix(RAW, day)}/market={market}/{layout.stamp(page.fetched_at)}.json.gz"
            store.write(key, raw.pack(page, run_id))
            boards[market] = ka10099.read_rows(page, market)
        table = securities.build(boards)
    except (KiwoomError, securities.SecuritiesError) as error:
        log.warning("The securities master is not kept: %s", error)
        return 0
    data = securities.encode(table, day, pages[-1].fetched_at, __version__)
    store.write(layout.securities_key(day), data)
    return int(table.num_rows)
