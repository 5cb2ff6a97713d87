"""The proxy itself: what it passes on, whom it strikes, and what a client sees."""

from __future__ import annotations

import time

import pytest
import requests

from kiwoom_simulator.server import serve
from lab.faults.proxy import KINDS, Aim, Proxy

BUY = {"mrkt_tp": "001", "amt_qty_tp": "2", "trde_tp": "1", "stex_tp": "1"}


class Client:
    def __init__(self, url):
        self.url, self.http, self.timeout_s = url, requests.Session(), 10.0
        secrets = {"appkey": "simulator-app-key", "secretkey": "simulator-secret-key"}
        self.token = self.post("/oauth2/token", {"grant_type": "client_credentials", **secrets}).json()["token"]

    def post(self, path, body, **headers):
        return self.http.post(self.url + path, json=body, headers=headers, timeout=self.timeout_s)

    def page(self, key="", **changed):
        more = {"cont-yn": "Y", "next-key": key} if key else {}
        headers = {"api-id": "ka10066", "authorization": f"Bearer {self.token}", **more}
        return self.post("/api/dostk/mrkcond", BUY | changed, **headers)


@pytest.fixture
def proxy():
    options = {"rate": 0, "now": "2026-11-20T21:00", "stocks": "KOSPI=230,KOSDAQ=120"}
    with serve(**options) as simulator, Proxy(simulator.url) as made:
        yield made


@pytest.fixture
def client(proxy):
    made = Client(proxy.url)
    yield made
    made.http.close()


def test_what_is_not_aimed_at_passes(proxy, client):
    proxy.strike("connect-reset", Aim("ka10066", side="sell", page=2))
    assert len(client.page(client.page().headers["next-key"]).json()["opaf_invsr_trde"]) == 100


def test_the_side_and_the_page_are_aimed_at(proxy, client):
    proxy.strike("connect-reset", Aim("ka10066", side="buy", page=2))
    key = client.page().headers["next-key"]
    with pytest.raises(requests.ConnectionError):
        client.page(key)


def test_so_many_calls_as_asked_are_struck_after_so_many_have_passed(proxy, client):
    proxy.strike("connect-reset", Aim(after=1), times=2)
    assert client.page().status_code == 200
    for _ in range(2):
        with pytest.raises(requests.ConnectionError):
            client.page()
    assert client.page().status_code == 200


@pytest.mark.parametrize("kind", ["pass", "latency", "pieces"])
def test_a_harmless_kind_passes_the_whole_answer(proxy, client, kind):
    proxy.strike(kind, Aim())
    assert len(client.page().json()["opaf_invsr_trde"]) == 100


@pytest.mark.parametrize("kind", ["connect-reset", "answer-lost", "reset-midway", "garbage"])
def test_a_broken_connection_is_an_error_for_the_client(proxy, client, kind):
    proxy.strike(kind, Aim())
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        client.page()


def test_a_stalled_answer_never_ends(proxy, client):
    proxy.strike("stall", Aim())
    client.timeout_s = 0.5
    with pytest.raises((requests.Timeout, requests.ConnectionError)):
        client.page()


def test_a_slow_answer_takes_longer_than_the_wait_for_one_piece(proxy, client, monkeypatch):
    monkeypatch.setattr("lab.faults.proxy._SLOW_BYTES", 1000)  # some 35 pieces
    proxy.strike("slow-rate", Aim())
    started = time.monotonic()
    assert len(client.page().json()["opaf_invsr_trde"]) == 100
    assert time.monotonic() - started > 1


def test_an_answer_without_its_length_looks_whole_and_is_half(proxy, client):
    proxy.strike("no-length", Aim())
    answer = client.page()
    assert answer.status_code == 200
    assert not answer.text.endswith("}")


def test_an_answer_that_ends_in_its_head_looks_whole_and_is_empty(proxy, client):
    proxy.strike("cut-head", Aim())
    answer = client.page()
    assert answer.status_code == 200
    assert answer.content == b""


def test_every_kind_is_named_here():
    assert set(KINDS) == {
        *("pass", "latency", "pieces", "connect-reset", "answer-lost", "reset-midway", "stall", "slow-rate"),
        *("cut-head", "no-length", "garbage", "answered-twice"),
    }
