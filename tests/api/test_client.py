"""The wire layer over real HTTP, against the simulator."""

import time
from datetime import date

import pytest

from kiwoom_provider.api import ka10059, ka10066
from kiwoom_provider.api.errors import (
    AuthenticationError,
    GarbledError,
    ProtocolError,
    RateLimitedError,
    RejectedError,
    TransientError,
    UnsupportedError,
)
from kiwoom_provider.api.paginator import iter_pages
from kiwoom_provider.parameters import Measure, ParameterSet, Side
from kiwoom_simulator.server import serve

SET = ParameterSet.parse("KOSPI", "KRX", "amount", "net")
BODY = ka10066.request_body(SET)


def first_page(client):
    return client.call(ka10066.API_ID, ka10066.PATH, BODY)


def sweep(client, start=None):
    def send(*, next_key, number):
        return client.call(ka10066.API_ID, ka10066.PATH, BODY, next_key=next_key, number=number)

    return list(iter_pages(send, start))


def test_a_sweep_brings_every_row_in_pages_of_a_hundred(simulator, make_client):
    client = make_client(simulator.url)
    pages = sweep(client)
    assert [len(page.rows(ka10066.LIST_ELEMENT)) for page in pages] == [100, 100, 50]
    assert [page.number for page in pages] == [1, 2, 3]
    assert pages[0].sent_next_key == ""
    assert pages[1].sent_next_key == pages[0].next_key
    assert pages[0].request == {"mrkt_tp": "001", "amt_qty_tp": "1", "trde_tp": "0", "stex_tp": "1"}
    assert client.calls == 4  # one for the token


def test_a_row_has_the_elements_of_the_sheet_in_its_order(simulator, make_client):
    row = first_page(make_client(simulator.url)).rows(ka10066.LIST_ELEMENT)[0]
    assert tuple(row) == ka10066.ROW_ELEMENTS
    assert len(ka10066.ROW_ELEMENTS) == 19


def test_a_sweep_goes_on_after_a_stored_page_without_asking_for_it_again(simulator, make_client):
    client = make_client(simulator.url)
    whole = sweep(client)
    simulator.control.reset_counts()
    rest = sweep(client, whole[0])
    assert [page.body for page in rest] == [page.body for page in whole[1:]]
    assert simulator.control.count("ka10066").calls == 2


@pytest.mark.parametrize("case", ["lower", "title", "upper"])
def test_paging_headers_count_in_any_case(case, make_client):
    with serve(rate=0, stocks="KOSPI=120,KOSDAQ=1", header_case=case) as running:
        assert len(sweep(make_client(running.url))) == 2


def test_the_dated_sibling_answers_with_its_elements(simulator, make_client):
    body = ka10059.request_body(date(2026, 11, 20), "005930", Measure.QUANTITY, Side.NET)
    assert body == {"dt": "20261120", "stk_cd": "005930", "amt_qty_tp": "2", "trde_tp": "0", "unit_tp": "1"}
    row = make_client(simulator.url).call(ka10059.API_ID, ka10059.PATH, body).rows(ka10059.LIST_ELEMENT)[0]
    assert set(ka10059.ROW_ELEMENTS) <= set(row)


@pytest.mark.parametrize(
    "fault", ["http=500", "http=502", "http=503", "html", "redirect", "reset", "half-body", "cut-json"]
)
def test_a_passing_fault_is_outlived_within_the_call(fault, simulator, make_client):
    simulator.control.fault(f"{fault}@ka10066*2")
    client = make_client(simulator.url)
    assert len(first_page(client).rows(ka10066.LIST_ELEMENT)) == 100
    assert simulator.control.count("ka10066").calls == 3


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("http=503", TransientError),
        ("html", TransientError),
        ("redirect", TransientError),
        ("reset", TransientError),
        ("half-body", TransientError),
        ("cut-json", GarbledError),
        ("bare-list", GarbledError),
        ("no-code", ProtocolError),
        ("limit-bare", RateLimitedError),
        ("error=1902/7", RejectedError),
        ("error=1517/2", RejectedError),
        ("error=1634/5", RejectedError),
        ("error=1902", RejectedError),
        ("unsupported", UnsupportedError),
        ("error=8050/3", AuthenticationError),
        ("error=8030/2", AuthenticationError),
    ],
)
def test_a_lasting_fault_ends_in_the_error_it_means(fault, kind, simulator, make_client, monkeypatch):
    monkeypatch.setattr("kiwoom_provider.api.retrying_transport.MAX_REFUSALS", 2)
    simulator.control.fault(f"{fault}@ka10066")
    with pytest.raises(kind) as caught:
        first_page(make_client(simulator.url))
    assert type(caught.value) is kind
    assert (caught.value.api_id, caught.value.page) == ("ka10066", 1)


def test_an_answer_that_breaks_the_spec_is_kept_as_it_came(simulator, make_client):
    simulator.control.fault("cut-json@ka10066")
    with pytest.raises(ProtocolError) as caught:
        first_page(make_client(simulator.url))
    page = caught.value.response_page
    assert page.body.startswith(b"{")
    assert page.status == 200


def test_a_rejected_request_is_sent_once(simulator, make_client):
    with pytest.raises(RejectedError, match=r"\[15\d\d\]"):
        make_client(simulator.url).call(ka10066.API_ID, ka10066.PATH, BODY | {"mrkt_tp": "999"})
    assert simulator.control.count("ka10066").calls == 1


def test_a_return_code_as_text_counts_as_the_number(simulator, make_client):
    simulator.control.fault("string-code@ka10066")
    assert len(first_page(make_client(simulator.url)).rows(ka10066.LIST_ELEMENT)) == 100


def test_a_refusal_is_waited_out_and_its_quota_kept_from_then_on(make_client):
    slept = []
    with serve(rate="0,ka10066=2", stocks="KOSPI=400,KOSDAQ=1") as running:

        def sleep(wait_s):
            slept.append(wait_s)
            time.sleep(wait_s)

        client = make_client(running.url, sleep=sleep, requests_per_second=5.0)
        assert len(sweep(client)) == 4
        assert 1 <= client.refused <= 2
        assert running.control.count("ka10066").refused == client.refused
        again = make_client(running.url, sleep=sleep, requests_per_second=5.0)
        assert len(sweep(again)) == 4
        assert again.refused == 0
