"""A small published table on disk, made of literals: three sessions, two markets, two venues."""

from __future__ import annotations

from datetime import date

import pytest

from kiwoom_provider.datasets import investor_trading, ka10066, layout
from kiwoom_provider.datasets.store import Store
from kiwoom_provider.parameters import ParameterSet
from pages import page, row

STORED = ("2026-11-18", "2026-11-19", "2026-11-20")


def published(sets) -> bytes:
    """Return the file of (market, venue, measure, side, rows)."""
    tables = {}
    for market, venue, measure, side, rows in sets:
        parameters = ParameterSet.parse(market, venue, measure, side)
        tables[parameters] = ka10066.parse([page(rows)], parameters)
    return investor_trading.encode(investor_trading.build(tables), {"session_date": "2026-11-20"})


def publish(root, day: str, sets) -> None:
    Store.open(root.as_uri()).write(layout.published_key(date.fromisoformat(day)), published(sets))


def sets_of(flow: int):
    """Return the net amounts of a session in which foreigners bought ``flow`` of 삼성전자 at KRX."""
    samsung = row(frgnr_invsr=str(flow), flu_rt="+0.57")
    ecopro = row("247540", stk_nm="에코프로비엠", frgnr_invsr="-40")
    return [
        ("KOSPI", "KRX", "amount", "net", [samsung, row("000020", stk_nm="동화약품")]),
        ("KOSPI", "NXT", "amount", "net", [row("005930_NX", frgnr_invsr="7")]),
        ("KOSDAQ", "KRX", "amount", "net", [ecopro]),
    ]


@pytest.fixture
def root(tmp_path):
    """Sessions of Wednesday to Friday; foreigners bought 100, 200 and 300."""
    for day, flow in zip(STORED, (100, 200, 300), strict=True):
        publish(tmp_path, day, sets_of(flow))
    return tmp_path
