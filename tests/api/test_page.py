import json
import pickle
import tracemalloc
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiwoom_provider.api.errors import GarbledError, ProtocolError
from kiwoom_provider.api.page import Page, clean_text

AT = datetime(2026, 11, 20, tzinfo=UTC)


def page(body, status=200):
    return Page(
        "ka10066",
        3,
        {"mrkt_tp": "001"},
        "key",
        status,
        cont_yn=True,
        next_key="next",
        body=body,
        fetched_at=datetime(2026, 11, 20, tzinfo=UTC),
    )


def test_a_page_decodes_to_its_rows():
    rows = page('{"opaf_invsr_trde": [{"stk_nm": "삼성전자"}], "return_code": 0}'.encode()).rows("opaf_invsr_trde")
    assert rows == [{"stk_nm": "삼성전자"}]


@pytest.mark.parametrize(
    "body",
    [b"", b"null", b"[]", b'"text"', b"{", b'{"a": 1', b'{"a": NaN}', b"\xff\xfe{}", '{"a": "삼성"}'.encode("euc-kr"),
     b"[" * 100_000, b"<html></html>", b"{} {}", b"\xef\xbb\xbf{}"],
)  # fmt: skip
def test_what_is_not_one_json_object_in_utf8_is_a_protocol_error_that_keeps_the_page(body):
    broken = page(body)
    with pytest.raises(GarbledError, match="ka10066 page 3 is not a JSON object") as caught:
        _ = broken.payload
    assert caught.value.response_page is broken


@pytest.mark.parametrize("body", [b"{}", b'{"rows": null}', b'{"rows": {}}', b'{"rows": [1]}', b'{"rows": [null]}'])
def test_a_missing_or_malformed_list_is_a_protocol_error(body):
    with pytest.raises(ProtocolError, match="no list of rows called rows"):
        page(body).rows("rows")


def test_a_page_survives_pickling():
    one = page(b'{"a": 1}')
    assert pickle.loads(pickle.dumps(one)) == one  # noqa: S301


def test_neither_page_nor_error_shows_the_body():
    broken = page(b"{confidential")
    with pytest.raises(ProtocolError) as caught:
        _ = broken.payload
    assert "confidential" not in repr(broken) + str(caught.value) + repr(caught.value)


@given(st.binary(max_size=200))
def test_any_bytes_decode_to_an_object_or_a_protocol_error(body):
    try:
        payload = page(body).payload
    except ProtocolError:
        return
    assert payload == json.loads(body)


@pytest.mark.parametrize(
    "filling",
    [b"{}", b"[]", b'"ab"', b"1234", b"[{}]", b'{"a":{}}'],
    ids=["objects", "lists", "texts", "numbers", "nested", "deep"],
)
def test_a_page_of_more_than_a_page_can_hold_costs_little_memory(filling):
    count = 8 * 2**20 // (len(filling) + 1)
    full = page(b'{"a":[' + b",".join([filling] * count) + b"]}")
    tracemalloc.start()
    try:
        with pytest.raises(ProtocolError, match="more than 10,000 rows or 250,000 values"):
            full.rows("a")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2**20


def test_the_fullest_page_that_is_read_costs_little_memory():
    row = {f"element_{number}": f"value {number}" for number in range(24)}
    body = json.dumps({"a": [row] * 9_999}).encode()
    tracemalloc.start()
    try:
        assert len(page(body).rows("a")) == 9_999
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 64 * 2**20


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("삼성전자", "삼성전자"),
        ("KODEX 200(H)&-./%", "KODEX 200(H)&-./%"),
        ("a\nb\x1b[31m\x00", "a b [31m"),
        (" \u3000이름\u00a0", "이름"),
        ("x" * 500, "x" * 100),
        ("\u202egnp.exe", "gnp.exe"),
    ],
)
def test_a_name_is_one_printable_line_of_bounded_length(text, clean):
    assert clean_text(text) == clean
