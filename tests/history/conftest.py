"""A small market on the simulator, the real hook to it, and a store with the securities of a night."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache

import pytest

from kiwoom_provider.datasets.store import Store
from kiwoom_provider.history.fetch_chunk import ChunkFetcher
from kiwoom_provider.history.history_plan import make_plan
from kiwoom_provider.krx import calendar
from kiwoom_provider.parameters import Market
from kiwoom_simulator.server import serve
from published import Listed, store_securities
from stages import hook_at

STOCKS = "KOSPI=5,KOSDAQ=3"
AFTER_SETTLEMENT = "2026-11-20T21:30:00+09:00"
NOW = datetime(2026, 11, 20, 12, 30, tzinfo=UTC)


@pytest.fixture
def store(tmp_path):
    return Store.open(tmp_path / "data")


@pytest.fixture(scope="session")
def krx():
    return calendar()


@pytest.fixture
def assumed():
    """What the API does otherwise than it is believed to; a test may say."""
    return ()


@pytest.fixture
def simulator(assumed):
    with serve(rate=0, now=AFTER_SETTLEMENT, speed=0, stocks=STOCKS, settle_at="18:10", assume=assumed) as running:
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
    return list_securities(store, truths)


def list_securities(store, truths):
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
    return fetch_into(store, hook)


def fetch_into(store, hook):
    return ChunkFetcher(store, hook, "run-h", lambda: NOW, lambda: None, lambda: None)


@pytest.fixture(scope="session")
def fetched_once(krx, tmp_path_factory):
    """Return a maker of data roots, to be copied, with the securities and all answers of what is asked for: once."""

    @cache
    def make(start, end, *venues):
        folder = tmp_path_factory.mktemp("fetched")
        store = Store.open(folder / "data")
        with (
            serve(rate=0, now=AFTER_SETTLEMENT, speed=0, stocks=STOCKS, settle_at="18:10") as running,
            pytest.MonkeyPatch.context() as patch,
        ):
            list_securities(store, Truths(running.control))
            hook = hook_at(AFTER_SETTLEMENT, running.url, folder, patch)
            plan = make_plan(
                store, krx, {"start": start, "end": end} | ({"venues": list(venues)} if venues else {}), NOW
            )
            for chunk in plan.chunks:
                fetch_into(store, hook).fetch(chunk)
            hook.close()
        return folder / "data", plan

    return make


@pytest.fixture
def fetched(fetched_once, tmp_path):
    """Return a maker of the plan of what was fetched into this test's store."""

    def copy(*asked):
        folder, plan = fetched_once(*asked)
        shutil.copytree(folder, tmp_path / "data", dirs_exist_ok=True)
        return plan

    return copy
