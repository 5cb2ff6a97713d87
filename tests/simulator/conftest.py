from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
import requests

from kiwoom_simulator.server import serve

if TYPE_CHECKING:
    from collections.abc import Iterator

FRIDAY_EVENING = "2026-11-20T21:00"

PATHS = {
    "ka10066": "/api/dostk/mrkcond",
    "ka10059": "/api/dostk/stkinfo",
    "ka10099": "/api/dostk/stkinfo",
    "ka10051": "/api/dostk/sect",
}
CODES = {
    "KOSPI": "001", "KOSDAQ": "101", "ALL": "000", "KRX": "1", "NXT": "2", "CONSOLIDATED": "3",
    "amount": "1", "quantity": "2", "net": "0", "buy": "1", "sell": "2",
}  # fmt: skip


def body_of(market="KOSPI", venue="KRX", measure="amount", side="net"):
    codes = [CODES[word] for word in (market, venue, measure, side)]
    return dict(zip(("mrkt_tp", "stex_tp", "amt_qty_tp", "trde_tp"), codes, strict=True))


@dataclass
class Api:
    """A bare client: what a test sends is what goes out."""

    url: str
    control: Any
    http: requests.Session = field(default_factory=requests.Session)
    token: str = ""

    def login(self, **changed: str) -> requests.Response:
        secrets = {"appkey": "simulator-app-key", "secretkey": "simulator-secret-key"}
        body = {"grant_type": "client_credentials", **secrets, **changed}
        answer = self.http.post(self.url + "/oauth2/token", json=body, timeout=60)
        self.token = answer.json().get("token", "")
        return answer

    def call(self, body: Any, *, api_id: str = "ka10066", key: str = "", timeout: float = 60, **headers: str):
        if not self.token:
            self.login()
        named = {"api-id": api_id, "authorization": f"Bearer {self.token}"}
        if key:
            named |= {"cont-yn": "Y", "next-key": key}
        named |= {name.replace("_", "-"): value for name, value in headers.items()}
        return self.http.post(self.url + PATHS[api_id], json=body, headers=named, timeout=timeout)

    def pages(self, body: Any, *, api_id: str = "ka10066", most: int = 40) -> Iterator[requests.Response]:
        key = ""
        for _ in range(most):
            answer = self.call(body, api_id=api_id, key=key)
            yield answer
            key = answer.headers.get("next-key", "")
            if answer.headers.get("cont-yn") != "Y":
                return

    def rows(self, **words: str) -> list[dict[str, str]]:
        return [row for page in self.pages(body_of(**words)) for row in page.json()["opaf_invsr_trde"]]

    def dated(self, stock: str, day: str, measure="amount", side="net", unit="1") -> list[dict[str, str]]:
        body = {
            "dt": day, "stk_cd": stock, "amt_qty_tp": CODES[measure], "trde_tp": CODES[side], "unit_tp": unit,
        }  # fmt: skip
        return self.call(body, api_id="ka10059").json()["stk_invsr_orgn"]

    def master(self, market: str = "0") -> list[dict[str, str]]:
        return self.call({"mrkt_tp": market}, api_id="ka10099").json()["list"]

    def totals(self, market="0", venue="1", measure="0", day="20261120") -> list[dict[str, str]]:
        body = {"mrkt_tp": market, "amt_qty_tp": measure, "base_dt": day, "stex_tp": venue}
        return self.call(body, api_id="ka10051").json()["inds_netprps"]


@pytest.fixture
def start():
    """Start simulators with options; all are stopped after the test."""
    with ExitStack() as stack:

        def started(**options: Any) -> Api:
            chosen = {
                "now": FRIDAY_EVENING,
                "speed": 0,
                "rate": 0,
                "stocks": "KOSPI=230,KOSDAQ=120",
                **options,
            }
            running = stack.enter_context(serve(**chosen))
            api = Api(running.url, running.control)
            stack.callback(api.http.close)
            return api

        yield started


@dataclass
class Stopwatch:
    """The clock by which the simulator counts calls and ages keys: it stands still until a test moves it."""

    at_s: float = 1000.0

    def monotonic(self) -> float:
        return self.at_s


@pytest.fixture
def stopwatch(monkeypatch):
    watch = Stopwatch()
    monkeypatch.setattr("kiwoom_simulator.application.time", watch)
    return watch


@pytest.fixture
def api(start):
    """One simulator on a settled Friday evening, small and without a limit."""
    return start()


@pytest.fixture(scope="session")
def body():
    return body_of


@pytest.fixture(scope="module")
def wild_api():
    """A settled Friday evening in the wildest number formats, shared by a module's tests."""
    options = {
        "now": FRIDAY_EVENING,
        "speed": 0,
        "rate": 0,
        "stocks": "KOSPI=260,KOSDAQ=240",
        "formats": "wild",
    }
    with serve(**options) as running:
        api = Api(running.url, running.control)
        yield api
        api.http.close()
