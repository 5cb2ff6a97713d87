"""ka10059: dated rows, newest first, equal to ka10066 once settled."""

from __future__ import annotations

import pytest

GROUPS = ("ind_invsr", "frgnr_invsr", "orgn", "etc_corp", "natfor")
PARTS = ("fnnc_invt", "insrnc", "invtrt", "etc_fnnc", "bank", "penfnd_etc", "samo_fund", "natn")
SERVED = ("ind_invsr", "frgnr_invsr", "orgn", *PARTS, "etc_corp")


def numbers(row, names):
    return [int(row[name].replace("--", "-")) for name in names]


def asked(stock="005930", dt="20261120", **changed):
    return {"dt": dt, "stk_cd": stock, "amt_qty_tp": "1", "trde_tp": "0", "unit_tp": "1", **changed}


def test_rows_are_dated_and_newest_first_without_closed_days(api):
    days = [row["dt"] for row in api.dated("005930", "20261120")]
    assert len(days) == 100
    assert days[:6] == ["20261120", "20261119", "20261118", "20261117", "20261116", "20261113"]
    assert "20261009" not in days


def test_rows_have_the_elements_of_the_facts_and_natfor(api):
    assert list(api.dated("005930", "20261120")[0]) == [
        "dt", "cur_prc", "pre_sig", "pred_pre", "flu_rt", "acc_trde_qty", "acc_trde_prica",
        "ind_invsr", "frgnr_invsr",
        "orgn", "fnnc_invt", "insrnc", "invtrt", "etc_fnnc", "bank", "penfnd_etc", "samo_fund", "natn",
        "etc_corp", "natfor",
    ]  # fmt: skip


@pytest.mark.parametrize("measure", ["amount", "quantity"])
@pytest.mark.parametrize("side", ["net", "buy", "sell"])
@pytest.mark.parametrize(("venue", "suffix"), [("KRX", ""), ("NXT", "_NX"), ("CONSOLIDATED", "_AL")])
def test_a_settled_row_equals_the_undated_one(api, measure, side, venue, suffix):
    rows = {row["stk_cd"]: row for row in api.rows(venue=venue, measure=measure, side=side)}
    dated = api.dated(f"005930{suffix}", "20261120", measure, side)[0]
    assert numbers(dated, SERVED) == numbers(rows[f"005930{suffix}"], SERVED)
    assert dated["cur_prc"] == rows[f"005930{suffix}"]["cur_prc"]
    assert dated["acc_trde_qty"] == rows[f"005930{suffix}"]["trde_qty"]


def test_the_five_groups_of_a_settled_row_sum_to_zero(api):
    for row in api.dated("000660", "20261120", "quantity"):
        assert sum(numbers(row, GROUPS)) == 0
    for row in api.dated("000660", "20261120", "amount"):
        assert abs(sum(numbers(row, GROUPS))) <= 3


def test_before_settlement_the_row_of_the_day_can_hold_zeros_and_the_others_do_not(start):
    today, before, *_ = start(now="2026-11-20T15:00", assume="unsettled_row=zeros").dated("005930", "20261120")
    assert today["dt"] == "20261120"
    assert set(numbers(today, (*SERVED, "natfor"))) == {0}
    assert 0 not in numbers(before, GROUPS)


def test_the_dated_sibling_may_settle_by_itself(start):
    api = start(settle_at="18:10,ka10059=never")
    assert numbers(api.dated("005930", "20261120")[0], GROUPS)[0] == 0
    assert any(int(row["orgn"]) for row in api.rows())


def test_history_pages_a_hundred_rows_at_a_time_without_a_gap(api):
    pages = list(api.pages(asked(), api_id="ka10059", most=3))
    days = [row["dt"] for page in pages for row in page.json()["stk_invsr_orgn"]]
    assert len(days) == len(set(days)) == 300
    assert days == sorted(days, reverse=True)
    assert pages[-1].headers["cont-yn"] == "Y"


def test_history_ends_where_it_begins(api):
    page = api.call(asked(dt="20160120"), api_id="ka10059")
    assert page.json()["stk_invsr_orgn"][-1]["dt"] == "20160104"
    assert (page.headers["cont-yn"], page.headers["next-key"]) == ("N", "")


def test_a_closed_day_asks_for_the_sessions_before_it(api):
    assert api.dated("005930", "20261009")[0]["dt"] == "20261008"


def test_a_day_to_come_is_answered_with_what_there_is(api):
    assert api.dated("005930", "20261231")[0]["dt"] == "20261120"


def test_quantities_can_be_had_in_thousands(api):
    ones = api.dated("005930", "20261120", "quantity", "buy")[0]
    thousands = api.dated("005930", "20261120", "quantity", "buy", "1000")[0]
    assert int(thousands["frgnr_invsr"]) == (int(ones["frgnr_invsr"]) + 500) // 1000


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"stock": "005930_XX"}, (2, "1517")),
        ({"dt": "2026-11-20"}, (2, "1517")),
        ({"dt": "20261332"}, (2, "1517")),
        ({"dt": ""}, (2, "1511")),
        ({"unit_tp": "10"}, (2, "1517")),
    ],
)
def test_a_wrong_question_is_answered_with_its_code(api, changed, code):
    answer = api.call(asked(**changed), api_id="ka10059").json()
    assert (answer["return_code"], answer["return_msg"].partition("[")[2][:4]) == code
