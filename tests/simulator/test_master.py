"""ka10099: the securities master of today."""

from __future__ import annotations

import re
from collections import Counter

import pytest


@pytest.fixture(scope="module")
def masters(wild_api):
    return {"KOSPI": wild_api.master("0"), "KOSDAQ": wild_api.master("10")}


def test_a_master_comes_in_one_page_with_the_fields_of_the_sheet(api):
    answer = api.call({"mrkt_tp": "0"}, api_id="ka10099")
    assert (answer.headers["cont-yn"], answer.headers["next-key"]) == ("N", "")
    assert list(answer.json()["list"][0]) == [
        "code", "name", "listCount", "auditInfo", "regDay", "lastPrice", "state", "marketCode", "marketName",
        "upName", "upSizeName", "companyClassName", "orderWarning", "nxtEnable", "kind",
    ]  # fmt: skip


def test_numbers_are_padded_with_zeros_to_their_width(masters):
    for row in (row for rows in masters.values() for row in rows):
        assert re.fullmatch(r"\d{16}", row["listCount"])
        assert re.fullmatch(r"\d{8}", row["lastPrice"])
        assert re.fullmatch(r"(19|20)\d{6}", row["regDay"])


def test_it_holds_the_whole_board_of_kospi_with_funds_and_notes(start):
    rows = start(stocks={}).master("0")
    kinds = Counter(row["marketCode"] for row in rows)
    assert len(rows) == len({row["code"] for row in rows}) == 1330 + 1155
    assert kinds["8"] == 1155
    assert 340 < kinds["60"] < 370
    assert set(kinds) == {"0", "8", "60", "6", "2", "4"}
    assert 15 < kinds["6"] < 40


@pytest.mark.parametrize(("market", "code"), [("KOSPI", "0"), ("KOSDAQ", "10")])
def test_ka10066_has_the_master_s_codes_and_names_without_the_funds(start, market, code):
    api = start()
    listed = {row["code"]: row["name"] for row in api.master(code) if row["marketCode"] != "8"}
    assert {row["stk_cd"]: row["stk_nm"] for row in api.rows(market=market)} == listed


def test_nxt_trades_what_the_master_says_and_no_preferred_stock_note_or_spac(start):
    api = start(stocks={})
    for market, code in (("KOSPI", "0"), ("KOSDAQ", "10")):
        rows = api.master(code)
        on_nxt = {row["code"] for row in rows if row["nxtEnable"] == "Y"}
        assert on_nxt == {row["stk_cd"][:6] for row in api.rows(market=market, venue="NXT")}
        assert all(code[-1] == "0" for code in on_nxt)
        other = [row for row in rows if row["marketCode"] == "60" or row["companyClassName"] == "스팩"]
        assert other
        assert {row["nxtEnable"] for row in other} == {"N"}


def test_suspended_stocks_are_marked_and_do_not_trade(start):
    api = start(stocks={})
    stopped = {row["code"] for row in api.master("10") if row["auditInfo"] == "거래정지"}
    still = {row["stk_cd"] for row in api.rows(market="KOSDAQ") if row["trde_qty"] == "0"}
    assert stopped == still
    assert 40 < len(stopped) < 90


def test_the_last_price_is_the_base_price_of_the_day(start):
    api = start()
    base = {row["stk_cd"]: abs(int(row["cur_prc"])) - int(row["pred_pre"]) for row in api.rows()}
    assert base == {row["code"]: int(row["lastPrice"]) for row in api.master() if row["marketCode"] != "8"}


@pytest.mark.parametrize(
    ("now", "day"),
    [
        ("2026-11-20T05:59", "2026-11-19"),
        ("2026-11-20T06:00", "2026-11-20"),
        ("2026-11-21T12:00", "2026-11-20"),
        ("2026-11-22T23:00", "2026-11-20"),
    ],
)
def test_at_six_it_holds_the_day_s_new_listings_and_weekends_repeat_friday(start, now, day):
    api = start(now=now, event="list@2026-11-20:market=KOSPI,stock=0999A0")
    assert ("0999A0" in {row["code"] for row in api.master()}) == (day == "2026-11-20")


@pytest.mark.parametrize(("kind", "codes"), [("8", {"8"}), ("60", {"60"}), ("30", set()), ("3", set())])
def test_a_part_can_be_asked_for_alone(api, kind, codes):
    assert {row["marketCode"] for row in api.master(kind)} == codes


@pytest.mark.parametrize(("market", "bracket"), [("001", "1517"), ("", "1511"), ("99", "1517")])
def test_a_wrong_market_is_refused(api, market, bracket):
    assert f"[{bracket}:" in api.call({"mrkt_tp": market}, api_id="ka10099").json()["return_msg"]


@pytest.mark.parametrize(
    ("fault", "change"),
    [
        ("half-list@ka10099", lambda good: good[: len(good) // 2]),
        ("missing-stock=005930@ka10099", lambda good: [row for row in good if row["code"] != "005930"]),
        ("twice@ka10099", lambda good: [*good, good[0]]),
    ],
)
def test_the_master_can_lie(start, fault, change):
    assert start(fault=fault).master() == change(start().master())


def test_the_master_can_be_another_day_s(start):
    told = {"event": "list@2026-11-20:market=KOSPI,stock=0999A0"}
    late = {row["code"] for row in start(fault="stale@ka10099", **told).master()}
    assert {row["code"] for row in start(**told).master()} - late == {"0999A0"}


def test_the_master_can_be_away(start):
    assert start(fault="http=503@ka10099").call({"mrkt_tp": "0"}, api_id="ka10099").status_code == 503
