"""What a slow or hanging store, and many people at once, do to the server that shows the page: nothing."""

from __future__ import annotations

import asyncio
import contextlib
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import anyio.to_thread
import httpx
import pytest

from kiwoom_provider.datasets.store import Store
from kiwoom_provider.krx import calendar
from kiwoom_provider.monitor import access, deployment
from kiwoom_provider.monitor.app import make_app
from kiwoom_provider.monitor.archive import Archive
from kiwoom_provider.monitor.deployment import ViewStore
from kiwoom_provider.monitor.errors import BusyError
from kiwoom_provider.monitor.workers import VIEWS_AT_ONCE, Workers


@pytest.fixture(autouse=True)
def nothing_listed():
    deployment.LISTINGS.clear()


@pytest.fixture
def client(monkeypatch):
    """Return what asks the application as somebody who may read it."""

    async def admitted(_request):
        return None

    monkeypatch.setattr(access, "_refusal", admitted)
    return httpx.AsyncClient(transport=httpx.ASGITransport(make_app()), base_url="http://kiwoom.test")


def test_while_every_view_waits_one_more_is_told_at_once_and_the_servers_own_threads_are_free(client, monkeypatch):
    hanging, waiting = Event(), []

    def hang():
        waiting.append(None)
        hanging.wait()
        raise ZeroDivisionError

    monkeypatch.setattr(deployment, "archive", hang)

    async def ask():
        async with client:
            views = [asyncio.create_task(client.get("/")) for _ in range(VIEWS_AT_ONCE)]
            while len(waiting) < VIEWS_AT_ONCE:  # noqa: ASYNC110 - threads set it
                await asyncio.sleep(0)
            refused = await client.get("/sessions/2026-11-20?lang=ko")
            plot = await client.get("/data/flows")
            own = anyio.to_thread.current_default_thread_limiter().borrowed_tokens
            style = await client.get("/static/page.css")
            hanging.set()
            return refused, plot, own, style, [await view for view in views]

    refused, plot, own, style, views = asyncio.run(ask())
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
    assert "이미 12개 화면을 만들고 있습니다" in refused.text
    assert refused.headers["content-security-policy"].startswith("default-src 'none'; ")
    assert plot.json() == {"error": "12 views are being made already. Try again in some seconds."}
    assert (own, style.status_code) == (0, 200)
    assert {view.status_code for view in views} == {500}


def test_a_view_that_takes_too_long_is_answered_and_counts_until_its_thread_has_ended():
    workers, hanging = Workers(at_once=1, limit_s=0.0), Event()

    async def ask():
        with pytest.raises(BusyError, match="The page took longer than 0 seconds"):
            await workers.run(lambda event: event.wait(), hanging)
        with pytest.raises(BusyError, match="1 views are being made already"):
            await workers.run(lambda _: None, None)
        hanging.set()
        while workers.busy:  # noqa: ASYNC110 - a thread ends
            await asyncio.sleep(0)
        with contextlib.suppress(BusyError):
            await workers.run(lambda _: None, None)

    asyncio.run(ask())


class Timer:
    now = 100.0

    def __call__(self):
        return self.now


def test_a_view_whose_time_is_over_does_not_look_at_the_store_again(tmp_path):
    timer = Timer()
    store = ViewStore.of(Store.open(tmp_path.as_uri()), timer)
    store.write("quality/window.json", b"{}")
    timer.now += 20.0
    assert store.read("quality/window.json") == b"{}"
    timer.now += 0.001
    for look in (lambda: store.read("quality/window.json"), lambda: store.list("quality"), lambda: store.children("")):
        with pytest.raises(BusyError, match="The data root answers too slowly"):
            look()


def test_a_look_at_a_store_in_the_network_is_limited(tmp_path):
    assert ViewStore.of(Store.open(tmp_path.as_uri())).timeout_s == 10.0


def listings(monkeypatch, wait=lambda: None):
    listed = []
    for name in ("list", "children"):
        step = getattr(Store, name)

        def look(store, *at, name=name, step=step):
            listed.append((name, *at))
            wait()
            return step(store, *at)

        look.__name__ = name
        monkeypatch.setattr(Store, name, look)
    return listed


class Clock:
    def now(self):
        from datetime import UTC, datetime

        return datetime(2026, 11, 21, 3, tzinfo=UTC)


def test_views_within_some_seconds_share_their_listings(tmp_path, monkeypatch):
    from datetime import date

    root = Store.open(tmp_path.as_uri())
    root.write("raw/ka10066/session_date=2026-11-20/x", b"")
    listed = listings(monkeypatch)
    for _ in range(4):
        Archive(ViewStore.of(root), calendar(), Clock()).overview(date(2026, 1, 1), date(2026, 11, 20))
    assert len(listed) == 3
    deployment.LISTINGS.expire(deployment.LISTINGS.timer() + deployment.LISTING_KEPT_S)
    Archive(ViewStore.of(root), calendar(), Clock()).overview(date(2026, 1, 1), date(2026, 11, 20))
    assert len(listed) == 6


def test_who_asks_for_a_listing_that_is_under_way_waits_for_that_one(tmp_path, monkeypatch):
    begun, go_on = Event(), Event()

    def wait():
        begun.set()
        go_on.wait()

    root = Store.open(tmp_path.as_uri())
    root.write("quality/window.json", b"{}")
    listed = listings(monkeypatch, wait)
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(ViewStore.of(root).list, "quality") for _ in range(8)]
        begun.wait()
        go_on.set()
        assert [each.result() for each in asked] == [["quality/window.json"]] * 8
    assert listed == [("list", "quality", "")]


def test_a_listing_that_fails_is_not_kept(tmp_path, monkeypatch):
    store = ViewStore.of(Store.open(tmp_path.as_uri()))
    with monkeypatch.context() as broken:
        broken.setattr(Store, "list", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            store.list("quality")
    assert store.list("quality") == []
