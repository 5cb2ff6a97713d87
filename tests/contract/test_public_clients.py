"""Public Kiwoom clients from PyPI, unmodified but for the base URL, get on with the simulator."""

from __future__ import annotations

from datetime import date

import pytest

from kiwoom_simulator.market import truth
from kiwoom_simulator.server import serve

CLIENTS = ("kiwoom_client", "cluefin_openapi", "kiwoom_rest_api")
SIZES = {"KOSPI": 230, "KOSDAQ": 120}
TEN_YEARS_S = 10 * 365 * 24 * 3600  # they compare a token's end with the machine's clock
SUFFIXES = {"KRX": "", "NXT": "_NX", "CONSOLIDATED": "_AL"}
VENUES = {"KRX": "1", "NXT": "2", "CONSOLIDATED": "3"}
MARKETS = {"KOSPI": "001", "KOSDAQ": "101", "ALL": "000"}


@pytest.fixture
def running():
    options = {"now": "2026-11-20T21:20", "speed": 0, "rate": 0, "stocks": SIZES, "token_life_s": TEN_YEARS_S}
    with serve(**options) as simulator:
        yield simulator


def assert_is(rows, market, venue):
    expected = truth(1, date(2026, 11, 20), market, venue, "amount", "net", sizes=SIZES)
    assert [row["stk_cd"] for row in rows] == [code + SUFFIXES[venue] for code in expected.codes]
    for row, cells in zip(rows, expected.rows(), strict=True):
        assert [int(row[name]) for name in ("ind_invsr", "frgnr_invsr", "orgn", "natn", "etc_corp")] == [
            cells[name] for name in ("ind_invsr", "frgnr_invsr", "orgn", "natn", "etc_corp")
        ]


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize(("market", "venue"), [("KOSPI", "KRX"), ("KOSDAQ", "NXT"), ("ALL", "CONSOLIDATED")])
def test_a_public_client_logs_in_and_pages_a_set_to_its_end(running, drive, client, market, venue):
    assert_is(drive(client, running.url, MARKETS[market], VENUES[venue])["rows"], market, venue)
    assert running.control.tokens_issued() == 1
    assert running.control.count("ka10066").failed == 0


@pytest.mark.parametrize("client", ["kiwoom_client", "cluefin_openapi"])
def test_a_public_client_revokes_its_token(running, drive, client):
    assert drive(client, running.url)["revoked"] == 0
    assert running.control.count("au10002").served == 1


def test_a_client_that_knows_return_code_3_renews_a_token_that_died(running, drive):
    running.control.fault("dead-tokens@ka10066:call=2")
    assert_is(drive("kiwoom_client", running.url)["rows"], "KOSPI", "KRX")
    assert running.control.tokens_issued() == 2


def test_a_client_that_knows_429_waits_and_goes_on(running, drive):
    running.control.fault("limit=1@ka10066:call=2")
    assert_is(drive("kiwoom_client", running.url)["rows"], "KOSPI", "KRX")
    assert running.control.tokens_issued() == 1
