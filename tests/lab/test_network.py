"""The way over a network: bytes pass as they are, a round trip late, and are counted."""

from __future__ import annotations

import time

import requests

from kiwoom_simulator.server import serve
from lab.stores.network import Network


def test_a_request_arrives_a_round_trip_late_and_is_counted():
    with serve(rate=0) as simulator, Network(simulator.url, 0.05) as network, requests.Session() as client:
        began = time.monotonic()
        answers = [client.get(f"{network.url}/_simulator/log", timeout=10) for _ in range(2)]
        took_s = time.monotonic() - began

    assert [answer.json() for answer in answers] == [[], []]
    assert network.requests == 2
    assert network.bytes > 2 * len(answers[0].content)
    assert took_s >= 3 * 0.05  # the connection's own, and one for each


def test_a_body_of_many_pieces_comes_whole():
    with serve(rate=0) as simulator, Network(simulator.url, 0.0) as network:
        keys = {"appkey": "simulator-app-key", "secretkey": "simulator-secret-key"}
        answer = requests.post(
            f"{network.url}/oauth2/token",
            json={"grant_type": "client_credentials", "padding": "x" * 6_000, **keys},
            timeout=10,
        )

    assert answer.json()["return_code"] == 0
    assert network.requests == 1
