"""Each open assumption about the live API, taken the other way."""

from __future__ import annotations

import pytest

from kiwoom_simulator.assumptions import Assumptions, otherwise, texts, values_of

ELEMENT = "opaf_invsr_trde"
INVESTORS = ("ind_invsr", "frgnr_invsr", "orgn", "etc_corp")
PARTS = ("fnnc_invt", "insrnc", "invtrt", "etc_fnnc", "bank", "penfnd_etc", "samo_fund", "natn")


def number(text):
    return int(text.strip().replace("--", "-"))


def test_every_assumption_has_another_way_and_a_text():
    assert len(texts()) >= 22
    assert all(len(values_of(name)) >= 2 for name in texts())
    other = otherwise()
    assert all(getattr(other, name) == values_of(name)[1] for name in texts())
    assert Assumptions.parse(["otherwise", "sells=positive"]).sells == "positive"


@pytest.mark.parametrize("name", texts())
def test_a_set_is_served_whole_whatever_is_assumed(start, name):
    for value in values_of(name)[1:]:
        api = start(assume=f"{name}={value}")
        assert len({row["stk_cd"] for row in api.rows(venue="NXT", side="sell")}) == 66


def test_everything_can_be_otherwise_at_once(start):
    api = start(assume="otherwise")
    rows = api.rows(side="sell", measure="quantity")
    assert len(rows) == 230
    assert all(number(row["ind_invsr"]) <= 0 for row in rows if row["ind_invsr"].strip())


def test_numbers_can_be_padded_with_spaces_on_either_side(start):
    padded, plain = start(assume="numbers=padded").rows(), start().rows()
    assert padded[0]["cur_prc"] == f"{plain[0]['cur_prc']:^14}"
    assert [number(row["orgn"]) for row in padded] == [int(row["orgn"]) for row in plain]


def test_sells_can_come_with_a_minus_in_either_api(start):
    turned, plain = start(assume=("sells=negative", "dated_sells=negative")), start()
    assert [number(row["ind_invsr"]) for row in turned.rows(side="sell")] == [
        -number(row["ind_invsr"]) for row in plain.rows(side="sell")
    ]
    assert turned.rows(side="buy") == plain.rows(side="buy")
    one, other = (api.dated("005930", "20261120", side="sell")[0] for api in (turned, plain))
    assert number(one["orgn"]) == -number(other["orgn"]) < 0


def test_amounts_can_be_cut_so_that_parts_differ_from_their_sum_by_more(start):
    def off(api):
        return {sum(number(row[part]) for part in PARTS) - number(row["orgn"]) for row in api.rows(side="buy")}

    assert min(off(start(assume="rounding=cut"))) < -4
    assert max(off(start(assume="rounding=cut"))) <= 0
    assert min(off(start())) >= -4


def test_investors_of_a_stock_without_trade_can_be_blank(start):
    rows = start(assume="untraded=blank", stocks="KOSPI=230,KOSDAQ=500").rows(market="KOSDAQ")
    blank = [row for row in rows if row["ind_invsr"] == ""]
    assert blank
    assert {row["trde_qty"] for row in blank} == {"0"}
    assert all(row[name] == "" for row in blank for name in (*INVESTORS, *PARTS))


def test_volume_can_count_more_than_flows_cover(start):
    row = start(assume="coverage=short").dated("005930", "20261120", "quantity", "buy")[0]
    bought = sum(number(row[name]) for name in (*INVESTORS, "natfor"))
    assert bought / int(row["acc_trde_qty"]) == pytest.approx(1 / 1.02, abs=1e-4)


def test_the_consolidated_market_can_have_more_than_the_two_venues(start):
    api = start(assume="venues=more")
    krx, nxt, both = (
        {row["stk_cd"][:6]: number(row["ind_invsr"]) for row in api.rows(venue=v, measure="quantity", side="buy")}
        for v in ("KRX", "NXT", "CONSOLIDATED")
    )
    more = [both[code] - krx[code] - nxt.get(code, 0) for code in krx]
    assert min(more) >= 0 < max(more)


def test_pages_can_be_of_another_size_and_order(start, body):
    sizes = [len(page.json()[ELEMENT]) for page in start(assume="page_rows=60").pages(body())]
    assert sizes == [60, 60, 60, 50]
    rows = start(assume="page_order=volume").rows()
    volumes = [int(row["trde_qty"]) for row in rows]
    assert volumes == sorted(volumes, reverse=True)
    assert len(rows) == 230


def test_codes_of_nxt_can_come_without_a_suffix(start):
    assert "005930" in {row["stk_cd"] for row in start(assume="nxt_code=plain").rows(venue="NXT")}
    plain = start(assume="consolidated_code=plain").rows(venue="CONSOLIDATED")
    assert "005930" in {row["stk_cd"] for row in plain}


def test_a_next_key_can_die_with_its_token(start, body):
    api = start(assume=("next_key=token", "tokens=keep"))
    key = api.call(body()).headers["next-key"]
    assert api.call(body(), key=key).json()["return_code"] == 0
    api.login()
    assert "[1517:" in api.call(body(), key=key).json()["return_msg"]


def test_a_next_key_can_die_in_a_pause(start, body, stopwatch):
    api = start(assume="next_key=pause")
    key = api.call(body()).headers["next-key"]
    stopwatch.at_s += 61
    assert "[1517:" in api.call(body(), key=key).json()["return_msg"]


def test_time_that_the_clock_is_moved_on_by_ages_a_key(start, body):
    api = start(assume="next_key=pause")
    key = api.call(body()).headers["next-key"]
    api.control.advance(61)
    assert "[1517:" in api.call(body(), key=key).json()["return_msg"]


@pytest.mark.usefixtures("stopwatch")
@pytest.mark.parametrize(
    ("assume", "status", "named"), [("limit_text=bare", 429, False), ("limit_status=200", 200, True)]
)
def test_an_over_limit_answer_can_look_otherwise(start, body, assume, status, named):
    api = start(assume=assume, rate=1)
    answers = [api.call(body()) for _ in range(3)]
    assert answers[-1].status_code == status
    assert ("유량=1" in answers[-1].json()["return_msg"]) == named


def test_return_codes_can_be_text(start, body):
    assert start(assume="return_code=text").call(body()).json()["return_code"] == "0"


@pytest.mark.parametrize("stock", ["999999", "33626K_NX"])
def test_a_code_that_is_not_known_can_be_refused(start, stock):
    api = start(assume="unknown_code=1902")
    body = {"dt": "20261120", "stk_cd": stock, "amt_qty_tp": "1", "trde_tp": "0", "unit_tp": "1"}
    answer = api.call(body, api_id="ka10059").json()
    assert (answer["return_code"], answer["return_msg"].partition("[")[2][:4]) == (7, "1902")


@pytest.mark.parametrize(("value", "rows"), [("empty", []), ("blank", [""]), ("no-list", None)])
@pytest.mark.parametrize("stock", ["999999", "33626K_NX"])
def test_a_code_that_is_not_known_can_be_answered_in_three_other_ways(start, value, rows, stock):
    api = start(assume=f"unknown_code={value}")
    body = {"dt": "20261120", "stk_cd": stock, "amt_qty_tp": "1", "trde_tp": "0", "unit_tp": "1"}
    answer = api.call(body, api_id="ka10059").json()
    assert answer["return_code"] == 0
    assert (None if rows is None else [row["dt"] for row in answer["stk_invsr_orgn"]]) == rows
    assert rows is not None or "stk_invsr_orgn" not in answer


def test_notes_can_be_unknown_to_the_dated_sibling(start):
    note = next(row["code"] for row in start().master("60"))
    assert len(start().dated(note, "20261120")) == 100
    assert start(assume="dated_etn=unknown").dated(note, "20261120") == []


def test_dated_flows_can_differ_from_the_undated_throughout(start):
    other, same = (start(assume=f"dated_figures={way}").dated("005930", "20261120") for way in ("other", "same"))
    assert all(abs(number(a["ind_invsr"])) < abs(number(b["ind_invsr"])) for a, b in zip(other, same, strict=True))


def test_history_can_be_a_hundred_sessions_deep(start):
    api = start(assume="dated_depth=page")
    oldest = api.dated("005930", "20261120")[-1]["dt"]
    assert api.dated("005930", oldest) == api.dated("005930", "20261120")[-1:]
    assert api.dated("005930", "20251120") == []


def test_an_unchanged_price_can_have_no_sign(start):
    rows = start(assume="pre_sig=zero").rows()
    assert {row["pre_sig"] for row in rows if row["pred_pre"] == "0"} == {"0"}
    assert {row["pre_sig"] for row in rows if row["pred_pre"] != "0"} == {"2", "5"}


@pytest.mark.parametrize(("assume", "factor"), [("totals=differ", 1.05), ("totals=million", 100)])
def test_totals_can_be_others_or_in_another_unit(start, assume, factor):
    other, right = (int(api.totals()[0]["ind_netprps"]) for api in (start(assume=assume), start()))
    assert other == pytest.approx(factor * right, rel=0.01)


def test_history_can_end_after_a_hundred_rows(start):
    body = {"dt": "20261120", "stk_cd": "005930", "amt_qty_tp": "1", "trde_tp": "0", "unit_tp": "1"}
    answer = start(assume="dated_paging=none").call(body, api_id="ka10059")
    assert len(answer.json()["stk_invsr_orgn"]) == 100
    assert answer.headers["cont-yn"] == "N"


def test_the_mock_can_serve_every_venue(start, body):
    assert start(kind="mock").call(body(venue="NXT")).json()["return_code"] == 20
    assert start(kind="mock", assume="mock_venues=all").call(body(venue="NXT")).json()["return_code"] == 0
