"""Every kind of fault, seen from the outside."""

from __future__ import annotations

import gzip
import json
import time

import pytest
import requests

from kiwoom_simulator.faults import KINDS, LAST, Fault, Stage
from kiwoom_simulator.faults.scenarios import SCENARIOS

ELEMENT = "opaf_invsr_trde"


def second(api, body):
    """Return the second page of a set."""
    return api.call(body(), key=api.call(body()).headers["next-key"])


def codes_of(answer):
    return [row["stk_cd"] for row in answer.json()[ELEMENT]]


def test_every_kind_is_declared_with_its_stage_and_a_text():
    assert len(KINDS) > 50
    assert {kind.stage for kind in KINDS.values()} == set(Stage)
    assert all(kind.text for kind in KINDS.values())


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("hang", Fault("hang")),
        ("http=503@ka10066:page=2*3", Fault("http", "503", "ka10066", (2, 2), times=3)),
        ("stale@ka10066:page=3-,market=KOSDAQ", Fault("stale", "", "ka10066", (3, 0), market="KOSDAQ")),
        ("stale@:page=last", Fault("stale", pages=(LAST, LAST))),
        ("error=1902/7/200@ka10059:stock=005930", Fault("error", "1902/7/200", "ka10059", stock="005930")),
        ("reset@ka10066:page=-2,call=7", Fault("reset", "", "ka10066", (0, 2), call=7)),
        ("http=503@:after=6*2", Fault("http", "503", after=6, times=2)),
    ],
)
def test_a_fault_reads_from_text_and_back(text, fault):
    assert Fault.parse(text) == fault
    assert Fault.parse(str(fault)) == fault


@pytest.mark.parametrize(
    "text", ["", "nonsense", "http@ka10066:page=x", "http@ka10066:colour=red", "hang@:market=NYSE"]
)
def test_a_fault_that_cannot_be_read_is_refused(text):
    with pytest.raises(ValueError, match="fault"):
        Fault.parse(text)


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_scenario_can_be_switched_on(start, name):
    assert set(start(scenario=name).control.faults().values()) <= {0}


def test_an_unknown_scenario_is_refused_with_those_that_there_are(api):
    with pytest.raises(ValueError, match="token-dies"):
        api.control.scenario("doomsday")


def test_a_fault_strikes_so_often_and_no_more(api, body):
    api.control.fault("http=503@ka10066*2")
    assert [api.call(body()).status_code for _ in range(4)] == [503, 503, 200, 200]
    assert api.control.faults() == {"http=503@ka10066*2": 2}


def test_a_fault_strikes_the_call_it_is_meant_for(api, body):
    api.control.fault("http=500@ka10066:call=3")
    assert [api.call(body()).status_code for _ in range(4)] == [200, 200, 500, 200]


def test_a_fault_strikes_once_so_many_calls_have_passed(api, body):
    api.control.fault("http=500@ka10066:after=2*1")
    assert [api.call(body()).status_code for _ in range(4)] == [200, 200, 500, 200]


def test_a_fault_strikes_the_page_and_set_it_is_meant_for(api, body):
    api.control.fault("http=500@ka10066:page=last,side=buy")
    assert [page.status_code for page in api.pages(body(side="buy"))] == [200, 200, 500]
    assert [page.status_code for page in api.pages(body(side="sell"))] == [200, 200, 200]


def test_faults_can_be_switched_off(api, body):
    api.control.scenario("maintenance")
    api.control.clear_faults()
    assert api.call(body()).json()["return_code"] == 0


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_server_error_comes_as_html(api, body, status):
    api.control.fault(f"http={status}@ka10066")
    answer = api.call(body())
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")


def test_maintenance_is_html_with_http_200(api, body):
    api.login()
    api.control.fault("html")
    answer = api.call(body())
    assert answer.status_code == 200
    assert answer.text.startswith("<!DOCTYPE html>")


def test_the_token_endpoint_can_redirect_to_a_page(api):
    api.control.fault("redirect@au10001")
    answer = api.http.post(api.url + "/oauth2/token", json={}, allow_redirects=False, timeout=60)
    assert (answer.status_code, answer.headers["location"]) == (302, "/maintenance.html")


@pytest.mark.parametrize(
    ("fault", "status", "text"),
    [
        ("limit=1", 429, "유량=1, API ID=ka10066"),
        ("limit-200=3", 200, "유량=3, API ID=ka10066"),
        ("limit-bare", 429, "[1700:"),
    ],
)
def test_refusals_come_in_all_recorded_shapes(api, body, fault, status, text):
    api.control.fault(f"{fault}@ka10066")
    answer = api.call(body())
    assert (answer.status_code, answer.json()["return_code"]) == (status, 5)
    assert text in answer.json()["return_msg"]
    assert ("유량" in answer.json()["return_msg"]) == (fault != "limit-bare")


@pytest.mark.parametrize(
    ("fault", "expected", "bracket"),
    [
        ("error=1902", (200, 7), "[1902:"),
        ("error=1634/5/200", (200, 5), "[1634:"),
        ("error=0/20", (200, 20), ""),
        ("error=1999/7/500", (500, 7), "[1999:"),
        ("unsupported", (200, 20), "[8104:"),
    ],
)
def test_any_error_code_can_be_answered(api, body, fault, expected, bracket):
    api.control.fault(f"{fault}@ka10066")
    answer = api.call(body())
    assert (answer.status_code, answer.json()["return_code"]) == expected
    assert bracket in answer.json()["return_msg"]


def test_dead_tokens_are_dead_for_all_until_a_new_one_is_issued(api, body):
    api.control.fault("dead-tokens@ka10066:call=2")
    codes = [api.call(body()).json()["return_code"] for _ in range(3)]
    assert codes == [0, 3, 3]
    api.login()
    assert api.call(body()).json()["return_code"] == 0


def test_a_key_can_die_with_its_token(start, body):
    api = start(reissue="keep", scenario="key-refused")
    key = api.call(body()).headers["next-key"]
    assert api.call(body(), key=key).json()["return_code"] == 0
    api.login()
    assert "[1517:" in api.call(body(), key=key).json()["return_msg"]


def test_a_key_can_die_of_age(api, body, stopwatch):
    api.control.fault("key-refused=20@ka10066")
    key = api.call(body()).headers["next-key"]
    assert api.call(body(), key=key).json()["return_code"] == 0
    stopwatch.at_s += 20.1
    assert "[1517:" in api.call(body(), key=key).json()["return_msg"]


def test_a_stale_page_holds_the_session_before(start, body):
    settled, other = start(), start()
    stale = start(fault="stale@ka10066:page=2")
    other.control.settle("never")
    pages = [[page.json()[ELEMENT] for page in api.pages(body())] for api in (settled, other, stale)]
    assert pages[2] == [pages[0][0], pages[1][1], pages[0][2]]


def test_sides_can_be_swapped(start):
    assert start(fault="swapped-sides").rows(side="buy") == start().rows(side="sell")


def test_units_can_be_wrong(start):
    right, wrong = start().rows(side="buy"), start(fault="wrong-units").rows(side="buy")
    pairs = [(int(a["ind_invsr"]), int(b["ind_invsr"])) for a, b in zip(right, wrong, strict=True)]
    assert all(abs(b - 1000 * a) <= 500 for a, b in pairs)
    assert any(b for _, b in pairs)


def test_an_empty_page_in_the_middle_goes_on(api, body):
    api.control.fault("empty-page@ka10066:page=2")
    assert [len(page.json()[ELEMENT]) for page in api.pages(body())] == [100, 0, 30]


def test_a_page_can_come_twice_overlap_or_be_out_of_order(start, body):
    good = [row["stk_cd"] for row in start().rows()]
    assert codes_of(second(start(fault="page-again@ka10066:page=2"), body)) == good[:100]
    assert codes_of(second(start(fault="overlap@ka10066:page=2"), body)) == good[90:190]
    assert codes_of(second(start(fault="disorder@ka10066:page=2"), body)) == good[100:200][::-1]
    assert codes_of(second(start(fault="twice@ka10066:page=2"), body)) == [*good[100:200], good[100]]
    assert codes_of(second(start(fault="missing-stock@ka10066:page=2"), body)) == good[101:200]


def test_a_named_stock_can_be_missing(start):
    assert "005930" not in [row["stk_cd"] for row in start(fault="missing-stock=005930").rows()]


def first_row(start, body, fault):
    return start(fault=fault).call(body()).json()[ELEMENT][0]


def test_elements_can_be_new_gone_or_renamed(start, body):
    assert first_row(start, body, "extra-element")["new_elmt"] == "1"
    assert "natn" not in first_row(start, body, "missing-element")
    renamed = first_row(start, body, "renamed-element=bank")
    assert "bank_new" in renamed
    assert "bank" not in renamed


def test_a_cell_can_be_off_blank_null_garbage_or_a_number(start, body):
    good = first_row(start, body, "delay=0")
    assert int(first_row(start, body, "cell-off")["frgnr_invsr"]) == int(good["frgnr_invsr"]) + 1000
    assert first_row(start, body, "blank-cell")["natn"] == ""
    assert first_row(start, body, "null-cell")["natn"] is None
    assert first_row(start, body, "garbage-cell")["natn"] == "1,23x"
    assert first_row(start, body, "number-cell=orgn")["orgn"] == 17


def keys_of(api, body):
    return [(page.headers["cont-yn"], page.headers["next-key"]) for page in api.pages(body(), most=9)]


def test_y_can_come_without_a_key(start, body):
    assert keys_of(start(fault="no-key@ka10066"), body)[0] == ("Y", "")


def test_a_key_can_repeat(start, body):
    answered = keys_of(start(fault="same-key@ka10066"), body)
    assert len(answered) == 9
    assert len(set(answered)) == 1


def test_keys_can_go_round_in_a_loop_of_three(start, body):
    answered = keys_of(start(fault="key-loop@ka10066"), body)
    assert answered[:3] == answered[3:6] == answered[6:9]
    assert len(set(answered)) == 3


def test_pages_can_go_on_for_ever_with_new_keys(start, body):
    answered = keys_of(start(fault="endless@ka10066"), body)
    assert len(set(answered)) == 9
    assert {cont_yn for cont_yn, _ in answered} == {"Y"}


def test_a_sweep_can_end_early(start, body):
    assert keys_of(start(fault="cut-short@ka10066:page=2"), body)[-1] == ("N", "")
    assert len(keys_of(start(fault="cut-short@ka10066:page=2"), body)) == 2


def payload(start, body, fault):
    answer = start(fault=f"{fault}@ka10066").call(body())
    return answer.json(), answer.headers["cont-yn"]


def test_the_envelope_can_be_odd(start, body):
    assert payload(start, body, "empty-list") == (
        {ELEMENT: [], "return_code": 0, "return_msg": "정상적으로 처리되었습니다"},
        "N",
    )
    assert ELEMENT not in payload(start, body, "no-list")[0]
    assert payload(start, body, "null-list")[0][ELEMENT] is None
    assert payload(start, body, "string-code")[0]["return_code"] == "0"
    assert list(payload(start, body, "no-code")[0]) == [ELEMENT]
    assert len(payload(start, body, "bare-list")[0]) == 100


def test_a_hanging_call_times_out_and_the_server_goes_on(api, body):
    api.control.fault("hang@ka10066*1")
    api.login()
    with pytest.raises(requests.exceptions.ReadTimeout):
        api.call(body(), timeout=0.2)
    assert api.call(body()).json()["return_code"] == 0


def test_a_dripping_body_takes_its_time_and_is_whole(api, body):
    expected = api.call(body()).content
    api.control.fault("drip=0.4@ka10066")
    begin = time.monotonic()
    assert api.call(body()).content == expected
    assert time.monotonic() - begin > 0.35


def test_an_answer_can_be_late(api, body):
    api.control.fault("delay=0.3@ka10066")
    begin = time.monotonic()
    api.call(body())
    assert time.monotonic() - begin > 0.28


def test_a_connection_can_be_reset(api, body):
    api.control.fault("reset@ka10066")
    api.login()
    with pytest.raises(requests.exceptions.ConnectionError):
        api.call(body())


def test_a_body_can_break_off_with_the_connection(api, body):
    api.control.fault("half-body@ka10066")
    with pytest.raises((requests.exceptions.ChunkedEncodingError, requests.exceptions.ConnectionError)):
        api.call(body())


def test_json_can_be_cut_in_a_whole_answer(api, body):
    api.control.fault("cut-json@ka10066")
    with pytest.raises(json.JSONDecodeError):
        json.loads(api.call(body()).content)


def test_content_type_and_charset_can_be_wrong(start, body):
    assert start(fault="content-type@ka10066").call(body()).headers["content-type"].startswith("text/html")
    spoiled = start(fault="charset@ka10066").call(body()).content
    with pytest.raises(UnicodeDecodeError):
        spoiled.decode()
    assert "정상" in spoiled.decode("euc-kr")


def test_a_body_can_be_compressed_unasked_or_be_a_bomb(start, body):
    answer = start(fault="gzip@ka10066").call(body())
    assert answer.headers["content-encoding"] == "gzip"
    assert len(answer.json()[ELEMENT]) == 100
    api = start(fault="bomb=1@ka10066")
    api.login()
    raw = api.http.post(
        api.url + "/api/dostk/mrkcond", json=body(), stream=True, timeout=60,
        headers={"api-id": "ka10066", "authorization": f"Bearer {api.token}"},
    )  # fmt: skip
    packed = raw.raw.read(decode_content=False)
    assert len(packed) < 10_000
    assert len(gzip.decompress(packed)) == 1024 * 1024


def test_the_api_s_headers_can_be_missing(start, body):
    answer = start(fault="no-headers@ka10066").call(body())
    assert not {"api-id", "cont-yn", "next-key"} & {name.lower() for name in answer.headers}


def test_faults_are_in_the_log_beside_the_calls_they_met(api, body):
    api.control.fault("string-code@ka10066:page=1")
    list(api.pages(body()))
    log = api.control.log("ka10066")
    assert [(entry.page, entry.rows, entry.faults) for entry in log] == [
        (1, 100, ("string-code",)), (2, 100, ()), (3, 30, ()),
    ]  # fmt: skip
    assert log[0].asked == "KOSPI KRX amount net"


@pytest.mark.parametrize(
    "fault",
    [
        "cell-off*1",  # the token endpoint has no rows
        "overlap@ka10066*1",  # the first page has none before it
        "missing-stock=999990@ka10066*1",
        "same-key@ka10066*1",  # no key was sent
        "swapped-sides@ka10066*1",  # net has no other side
        "key-refused@ka10066*1",
        "cell-off@ka10066:call=1,stock=000000",
    ],
)
def test_a_fault_is_not_used_up_by_a_call_that_it_cannot_touch(start, body, fault):
    api = start(fault=fault)
    api.login()
    untouched = start()
    if fault == "cell-off*1":
        assert api.control.faults() == {fault: 0}
        assert api.call(body()).json() != untouched.call(body()).json()
        return
    assert api.call(body()).json() == untouched.call(body()).json()
    assert api.control.faults() == {str(Fault.parse(fault)): 0}


@pytest.mark.usefixtures("stopwatch")
def test_a_fault_of_rows_outlasts_a_refused_call_and_one_that_failed(start, body):
    api = start(fault=("cell-off@ka10066*1", "http=503@ka10066*1"), rate=1)
    assert api.call(body()).status_code == 503
    assert api.call(body()).status_code == 200
    assert api.call(body()).status_code == 429
    assert api.control.faults() == {"cell-off@ka10066*1": 1, "http=503@ka10066*1": 1}


def test_the_second_of_two_answers_in_the_api_s_place_is_not_used_up(start, body):
    api = start(fault=("http=503@ka10066*1", "html@ka10066*1"))
    assert [api.call(body()).status_code for _ in range(3)] == [503, 200, 200]
    assert api.control.faults() == {"http=503@ka10066*1": 1, "html@ka10066*1": 1}


@pytest.mark.parametrize(
    ("now", "is_down"),
    [
        ("2026-11-20T05:04", False),
        ("2026-11-20T05:07", True),
        ("2026-11-20T06:52", True),
        ("2026-11-20T06:55", False),
        ("2026-11-22T05:07", True),
        ("2026-11-22T04:10", True),
        ("2026-11-22T06:52", False),
    ],
)
def test_the_hosts_have_their_maintenance_hours(start, now, is_down):
    api = start(now=now)
    answer = api.http.post(api.url + "/oauth2/token", json={}, timeout=60)
    assert answer.headers["content-type"].startswith("text/html") == is_down


@pytest.mark.parametrize("looks", ["zero", "missing", "before"])
def test_stocks_can_settle_one_by_one(start, looks):
    api = start(fault=f"unsettled-stocks=20:30-22:30/{looks}@ka10066:venue=NXT", now="2026-11-20T20:30")
    complete = {row["stk_cd"]: row["ind_invsr"] for row in start().rows(venue="NXT")}
    seen = []
    for now in ("20:30", "21:30", "22:30"):
        api.control.set_clock(f"2026-11-20T{now}")
        rows = {row["stk_cd"]: row["ind_invsr"] for row in api.rows(venue="NXT")}
        seen.append(sum(rows.get(code) == value for code, value in complete.items()))
        assert looks == "missing" or len(rows) == 66
    assert seen[0] < 10
    assert 20 < seen[1] < 46
    assert seen[2] == 66


def test_a_row_can_have_odd_signs_counters_that_ran_over_or_nothing(start, body):
    assert [row["pre_sig"] for row in start(fault="pre-sig").call(body()).json()[ELEMENT][:3]] == ["0"] * 3
    assert first_row(start, body, "saturated")["trde_qty"] == "4294967295"
    assert first_row(start, body, "saturated=ind_invsr/-2147483")["ind_invsr"] == "-2147483"
    assert {row["cur_prc"] for row in start(fault="zero-prices").rows()} == {"0"}
    assert {row["orgn"] for row in start(fault="zero-flows").rows()} == {"0"}
    mixed = [int(row["ind_invsr"]) for row in start(fault="mixed-signs").rows(side="sell")]
    assert min(mixed) < 0 < max(mixed)


def test_a_dated_row_can_hold_the_flows_of_the_session_before(start):
    lying, right = start(fault="stale@ka10059"), start()
    today, before = right.dated("005930", "20261120")[:2]
    told = lying.dated("005930", "20261120")[:2]
    assert (told[0]["dt"], told[0]["ind_invsr"]) == ("20261120", before["ind_invsr"])
    assert told[0]["acc_trde_qty"] == today["acc_trde_qty"]
    assert told[1] == before
