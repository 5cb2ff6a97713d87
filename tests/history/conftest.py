"""A small market on the simulator, the real hook to it, and a store with the securities of a night."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest

from kiwoom_provider.datasets.store import Store
from kiwoom_provider.history.fetch_chunk import ChunkFetcher
from kiwoom_provider.krx import calendar
from kiwoom_provider.parameters import Market
from kiwoom_simulator.server import serve
from published import Listed, store_securities
from stages import hook_at

AFTER_SETTLEMENT = "2026-11-20T21:30:00+09:00"
NOW = datetime(2026, 11, 20, 12, 30, tzinfo=UTC)


@pytest.fixture
def store(tmp_path):
    return Store.open(tmp_path / "data")


@pytest.fixture
def krx():
    return calendar()


@pytest.fixture
def assumed():
    """What the API does otherwise than it is believed to; a test may say."""
    return ()


@pytest.fixture
def simulator(assumed):
    with serve(
        rate=0, now=AFTER_SETTLEMENT, speed=0, stocks="KOSPI=5,KOSDAQ=3", settle_at="18:10", assume=assumed
    ) as running:
        yield running.control, running.url


@pytest.fixture
def control(simulator):
    return simulator[0]


@pytest.fixture
def hook(simulator, tmp_path, monkeypatch):
    """The real hook, living by the session's clock."""
    made = hook_at(AFTER_SETTLEMENT, simulator[1], tmp_path, monkeypatch)
    yield made
    made.close()


@dataclass(frozen=True)
class Truths:
    """What the simulator's world holds, by session and set."""

    control: object

    def rows(self, day, market, venue, measure, side):
        from kiwoom_simulator import parameters as words

        simulator = self.control._simulator
        selection = words.Selection(
            words.Market[market], words.Venue[venue], words.Measure[measure.upper()], words.Side[side.upper()]
        )
        return {row["stk_cd"]: row for row in simulator.world.truth(selection, date.fromisoformat(day)).rows()}


@pytest.fixture
def truths(control):
    return Truths(control)


@pytest.fixture
def listed(store, truths):
    """The securities of the newest session, as the simulator lists them."""
    boards = {}
    for market in ("KOSPI", "KOSDAQ"):
        at_nxt = truths.rows("2026-11-20", market, "NXT", "amount", "net")
        boards[Market.parse(market)] = [
            Listed(code, row["stk_nm"], market_code="0" if market == "KOSPI" else "10", is_on_nxt=code in at_nxt)
            for code, row in truths.rows("2026-11-20", market, "KRX", "amount", "net").items()
        ]
    store_securities(store, "2026-11-20", boards)
    return boards


@pytest.fixture
def fetcher(store, hook):
    return ChunkFetcher(store, hook, "run-h", lambda: NOW, lambda: None, lambda: None)
