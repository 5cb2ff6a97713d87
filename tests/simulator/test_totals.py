"""ka10051: net trading by investor of a market, dated."""

from __future__ import annotations

import pytest

INVESTORS = {
    "ind_netprps": "ind_invsr", "frgnr_netprps": "frgnr_invsr", "orgn_netprps": "orgn",
    "etc_corp_netprps": "etc_corp", "sc_netprps": "fnnc_invt", "insrnc_netprps": "insrnc",
    "invtrt_netprps": "invtrt", "bank_netprps": "bank", "jnsinkm_netprps": "etc_fnnc",
    "endw_netprps": "penfnd_etc", "samo_fund_netprps": "samo_fund", "natn_netprps": "natn",
}  # fmt: skip
VENUES = {"KRX": "1", "NXT": "2", "CONSOLIDATED": "3"}


def total(rows, code="001"):
    return next(row for row in rows if row["inds_cd"].partition("_")[0] == code)


def etns(api):
    return {row["code"] for row in api.master() if row["marketCode"] == "60"}


@pytest.mark.parametrize("venue", VENUES)
@pytest.mark.parametrize(("measure", "code", "unit"), [("amount", "0", 100), ("quantity", "1", 1000)])
def test_the_total_is_the_sum_of_ka10066_without_etns_within_rounding(start, venue, measure, code, unit):
    api = start()
    notes = etns(api)
    rows = [row for row in api.rows(venue=venue, measure=measure) if row["stk_cd"][:6] not in notes]
    answered = total(api.totals(venue=VENUES[venue], measure=code))
    for element, name in INVESTORS.items():
        summed = sum(int(row[name]) for row in rows)
        assert abs(int(answered[element]) - summed / unit) <= 1.2
    assert int(answered["trde_qty"]) == sum(int(row["trde_qty"]) for row in rows) // 1000


def test_etns_are_what_the_total_lacks(start):
    api = start(stocks="KOSPI=1330,KOSDAQ=120")
    summed = sum(int(row["ind_invsr"]) for row in api.rows(measure="quantity"))
    assert abs(int(total(api.totals(measure="1"))["ind_netprps"]) - summed / 1000) > 2


def test_thirteen_investors_sum_to_zero_within_rounding(api):
    row = total(api.totals())
    groups = ("ind_netprps", "frgnr_netprps", "orgn_netprps", "etc_corp_netprps", "native_trmt_frgnr_netprps")
    assert abs(sum(int(row[name]) for name in groups)) <= 2


def test_there_are_28_and_32_rows_and_sectors_add_up_to_the_total(api):
    kospi, kosdaq = api.totals("0"), api.totals("1")
    assert (len(kospi), len(kosdaq)) == (28, 32)
    for rows, code in ((kospi, "001"), (kosdaq, "101")):
        sectors = [int(row["ind_netprps"]) for row in rows if row["inds_cd"] != code]
        assert abs(sum(sectors) - int(total(rows, code)["ind_netprps"])) <= len(sectors)


@pytest.mark.parametrize(("venue", "suffix"), [("1", ""), ("2", "_NX"), ("3", "_AL")])
def test_codes_carry_the_venue_s_suffix(api, venue, suffix):
    assert api.totals(venue=venue)[0]["inds_cd"] == f"001{suffix}"


@pytest.mark.parametrize(
    ("market", "first"), [("0", "001"), ("1", "101"), ("10", "001"), ("101", "001"), ("001", "101")]
)
def test_a_wrong_market_is_answered_with_the_other_without_a_word(api, market, first):
    assert api.totals(market)[0]["inds_cd"] == first


@pytest.mark.parametrize(
    ("changed", "bracket"),
    [({"amt_qty_tp": "2"}, "1517"), ({"stex_tp": ""}, "1511"), ({"base_dt": "2026-11-20"}, "1517")],
)
def test_other_wrong_fields_are_refused(api, changed, bracket):
    body = {"mrkt_tp": "0", "amt_qty_tp": "0", "base_dt": "20261120", "stex_tp": "1", **changed}
    assert f"[{bracket}:" in api.call(body, api_id="ka10051").json()["return_msg"]


def test_it_is_dated_and_blank_means_the_latest(start):
    friday, later = start(), start(now="2026-11-24T21:00")
    assert friday.totals(day="") == friday.totals()
    assert later.totals() == friday.totals()
    assert later.totals(day="20261119") != friday.totals()


def test_a_closed_day_is_answered_with_the_last_session_or_with_nothing(start):
    assert start(now="2026-11-22T12:00").totals(day="20261122") == start().totals()
    assert start(now="2026-11-22T12:00", assume="totals_closed_day=empty").totals(day="20261122") == []


def test_it_moves_during_the_day_and_settles_in_the_same_two_steps(start):
    api = start(now="2026-11-20T15:00", settle_at="16:00/20:50")
    seen = []
    for now in ("2026-11-20T15:00", "2026-11-20T16:30", "2026-11-20T20:55"):
        api.control.set_clock(now)
        seen.append(total(api.totals())["ind_netprps"])
    assert len(set(seen)) == 3
    assert seen[2] == total(start().totals())["ind_netprps"]


@pytest.mark.parametrize(
    "fault", ["stale@ka10051", "wrong-units@ka10051", "other-market@ka10051", "cell-off=ind_netprps@ka10051"]
)
def test_the_totals_can_lie(start, fault):
    lying, right = start(fault=fault), start()
    assert lying.totals()[0]["ind_netprps"] != right.totals()[0]["ind_netprps"]
    assert lying.rows() == right.rows()


def test_the_totals_can_be_late_or_away(start):
    late = start(settle_at="18:10,ka10051=never")
    assert late.totals()[0]["ind_netprps"] != start().totals()[0]["ind_netprps"]
    assert late.totals(day="20261119") == start().totals(day="20261119")
    assert start(fault="empty-list@ka10051").totals() == []
