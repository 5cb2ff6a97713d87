"""Paging of ka10066: a hundred rows a page, ordered, to the end and no further."""

from __future__ import annotations

import pytest

EMPTY_END = ("N", "")


def ends(answer):
    return answer.headers["cont-yn"], answer.headers["next-key"]


def test_a_set_comes_in_pages_of_a_hundred_ordered_by_stock_code(api, body):
    pages = list(api.pages(body(market="KOSPI")))
    assert [len(page.json()["opaf_invsr_trde"]) for page in pages] == [100, 100, 30]
    codes = [row["stk_cd"] for page in pages for row in page.json()["opaf_invsr_trde"]]
    assert codes == sorted(codes)
    assert len(set(codes)) == 230


def test_the_last_page_says_n_with_an_empty_key_and_the_others_say_y_with_one(api, body):
    *others, last = api.pages(body(market="KOSPI"))
    assert ends(last) == EMPTY_END
    assert [ends(page)[0] for page in others] == ["Y", "Y"]
    assert all(0 < len(ends(page)[1]) <= 50 for page in others)


def test_every_answer_names_its_api_id(api, body):
    assert [page.headers["api-id"] for page in api.pages(body())] == ["ka10066"] * 3


def test_a_first_call_may_leave_the_paging_headers_out_or_send_n_and_an_empty_key(api, body):
    plain, explicit = api.call(body()), api.call(body(), cont_yn="N", next_key="")
    assert plain.content == explicit.content


def test_a_key_without_cont_yn_is_the_first_page(api, body):
    first = api.call(body())
    again = api.call(body(), cont_yn="N", next_key=first.headers["next-key"])
    assert again.content == first.content


@pytest.mark.parametrize("key", ["nonsense", "000002ffffffffffffffff", "-00001", "x" * 60])
def test_a_key_that_was_never_given_is_refused_as_input(api, body, key):
    answer = api.call(body(), key=key)
    assert answer.status_code == 200
    assert answer.json()["return_code"] == 2
    assert "[1517:" in answer.json()["return_msg"]


def test_a_key_of_another_set_is_refused(api, body):
    key = api.call(body(side="net")).headers["next-key"]
    assert "[1517:" in api.call(body(side="buy"), key=key).json()["return_msg"]


def test_a_key_serves_the_same_page_as_often_as_it_is_used(api, body):
    key = api.call(body()).headers["next-key"]
    assert api.call(body(), key=key).content == api.call(body(), key=key).content


def test_paging_headers_are_read_in_any_case(api, body):
    key = api.call(body()).headers["next-key"]
    second = api.call(body(), key=key)
    shouted = api.call(body(), **{"CONT-YN": "Y", "Next-Key": key})
    assert shouted.content == second.content


@pytest.mark.parametrize(("case", "name"), [("lower", b"cont-yn"), ("title", b"Cont-Yn"), ("upper", b"CONT-YN")])
def test_answered_header_names_come_in_the_case_asked_for(start, body, case, name):
    api = start(header_case=case)
    assert name in [header.encode() for header in api.call(body()).raw.headers]


@pytest.mark.parametrize(("venue", "suffix"), [("KRX", ""), ("NXT", "_NX"), ("CONSOLIDATED", "_AL")])
def test_stock_codes_carry_the_suffix_of_their_venue(api, venue, suffix):
    assert f"005930{suffix}" in [row["stk_cd"] for row in api.rows(venue=venue)]


def test_all_markets_together_are_the_union_of_the_two(api):
    kospi, kosdaq, union = (api.rows(market=market) for market in ("KOSPI", "KOSDAQ", "ALL"))
    assert union == sorted(kospi + kosdaq, key=lambda row: row["stk_cd"])


def test_nxt_lists_fewer_stocks_than_krx_and_only_those(api):
    krx, nxt = ({row["stk_cd"][:6] for row in api.rows(venue=venue)} for venue in ("KRX", "NXT"))
    assert nxt < krx
    assert len(nxt) == 66


def test_rows_have_the_elements_of_the_spec_sheet_in_its_order(api, body):
    assert list(api.call(body()).json()["opaf_invsr_trde"][0]) == [
        "stk_cd", "stk_nm", "cur_prc", "pre_sig", "pred_pre", "flu_rt", "trde_qty",
        "ind_invsr", "frgnr_invsr",
        "orgn", "fnnc_invt", "insrnc", "invtrt", "etc_fnnc", "bank", "penfnd_etc",
        "samo_fund", "natn", "etc_corp",
    ]  # fmt: skip


def test_a_full_session_is_450_pages_of_the_real_size(start, body):
    api = start(stocks={})
    sizes = {}
    for market in ("KOSPI", "KOSDAQ", "ALL"):
        for venue in ("KRX", "NXT", "CONSOLIDATED"):
            sizes[market, venue] = [len(p.json()["opaf_invsr_trde"]) for p in api.pages(body(market, venue))]
    rows = {key: sum(size) for key, size in sizes.items()}
    assert rows["KOSPI", "KRX"] == rows["KOSPI", "CONSOLIDATED"] == 1330
    assert rows["KOSDAQ", "KRX"] == rows["KOSDAQ", "CONSOLIDATED"] == 1824
    assert (rows["KOSPI", "NXT"], rows["KOSDAQ", "NXT"]) == (380, 420)
    assert rows["ALL", "KRX"] == 3154
    assert 6 * sum(len(size) for (market, _), size in sizes.items() if market != "ALL") == 450


def test_odd_codes_and_names_are_among_the_stocks(start, body):
    api = start(stocks={})
    rows = [row for page in api.pages(body("ALL")) for row in page.json()["opaf_invsr_trde"]]
    names = {row["stk_cd"]: row["stk_nm"] for row in rows}
    assert names["005930"] == "삼성전자"
    assert names["383220"] == "F&F"
    assert names["33626K"] == "두산퓨얼셀1우"
    assert "<" in names["0156T0"]
    assert sum("ETN" in name for name in names.values()) > 300
    assert max(map(len, names.values())) <= 40
