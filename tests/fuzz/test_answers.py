"""Whatever the server sends ends in a page, or in an error of ours."""

from datetime import UTC, datetime

import pyarrow as pa
from hypothesis import strategies as st

from fuzz.material import CELLS, CODES, JSON, TEXTS, answers, damaged, dumped, fuzzed
from kiwoom_provider.api import ka10051, ka10059, ka10099
from kiwoom_provider.api.auth import token_from
from kiwoom_provider.api.classification import raise_for_error
from kiwoom_provider.api.errors import KiwoomError, ProtocolError
from kiwoom_provider.api.ka10066 import LIST_ELEMENT
from kiwoom_provider.api.numbers import SATURATED, NumberFormatError, parse_decimal, parse_int, parse_int64
from kiwoom_provider.api.page import Page, clean_text
from kiwoom_provider.api.paginator import Paginator
from kiwoom_provider.datasets import ka10066
from kiwoom_provider.parameters import Market, ParameterSet
from kiwoom_provider.shared_state.quota import Latency, Quota

NOW = datetime(2026, 11, 20, 11, 40, tzinfo=UTC)
SETS = [ParameterSet.parse("KOSPI", venue, "amount", "net") for venue in ("KRX", "NXT", "CONSOLIDATED")]
STATUSES = st.sampled_from([200, 200, 200, 200, 204, 302, 400, 401, 403, 404, 408, 429, 500, 503, 999])
HEADER = st.one_of(st.sampled_from(["", "Y", "N", "y", "maybe"]), TEXTS)
DIGITS = set("0123456789")


def made(body, status=200, headers=None, api_id="ka10066"):
    headers = headers or {}
    return Page(
        api_id=api_id,
        number=1,
        request={},
        sent_next_key="",
        status=status,
        cont_yn=headers.get("cont-yn", "").strip().upper() == "Y",
        next_key=headers.get("next-key", "").strip(),
        body=body,
        fetched_at=NOW,
        headers=headers,
    )


def ends_well(work, *errors):
    """Return what the work returns, None after one of these errors; the error's text must be fit for a log."""
    try:
        return work()
    except errors as error:
        f"{error} {error!r}".encode()
        return None


def accepted(page, **options):
    raise_for_error(page, **options)
    return page


@fuzzed(body=answers(), status=STATUSES, cont_yn=HEADER, next_key=HEADER, parameters=st.sampled_from(SETS))
def test_page_decoding(body, status, cont_yn, next_key, parameters):
    page = made(body, status, {"cont-yn": cont_yn, "next-key": next_key})
    good = ends_well(lambda: accepted(page, secrets=("secret",)), KiwoomError)
    rows = good and ends_well(lambda: good.rows(LIST_ELEMENT), ProtocolError)
    if not rows:
        return
    ends_well(lambda: Paginator().advance(good), ProtocolError)
    table = ends_well(lambda: ka10066.parse([good], parameters), ProtocolError)
    if table is None:
        return
    table.validate(full=True)
    assert table.num_rows == len(rows)
    assert sorted(clean_text(row["stk_nm"]) for row in rows) == sorted(table["stk_nm"].to_pylist())
    assert all(name.isprintable() and len(name) <= 100 for name in table["stk_nm"].to_pylist())
    assert all(code.isascii() and code.isalnum() for code in table["stk_cd"].to_pylist())


TOKENS = st.fixed_dictionaries(
    {},
    optional={
        "token": st.one_of(st.text(max_size=40), JSON),
        "expires_dt": st.one_of(st.from_regex(r"[0-9]{14}", fullmatch=True), TEXTS, JSON),
        "return_code": st.one_of(st.just(0), JSON),
        "return_msg": TEXTS,
    },
)


@fuzzed(body=TOKENS.map(dumped).flatmap(damaged), status=STATUSES)
def test_token_answers(body, status):
    page = made(body, status, api_id="au10001")
    token = ends_well(lambda: token_from(accepted(page, is_secret=True), NOW), KiwoomError)
    if token is not None:
        assert token.expires_at.utcoffset().total_seconds() == 0
        assert token.value.isascii()
        f"Bearer {token.value}".encode("latin-1")
        token.is_fresh(NOW)


def read_by_hand(text):
    """Read an integer text the slow and obvious way; None is a blank, an error is no number."""
    text = text.strip(" ")
    if not text:
        return None
    rest = text[2:] if text.startswith("--") else text[1:] if text[:1] in ("+", "-") else text
    groups = rest.split(",")
    if len(groups) > 1 and not (0 < len(groups[0]) <= 3 and all(len(group) == 3 for group in groups[1:])):
        raise ValueError
    digits = "".join(groups)
    if not digits or set(digits) - DIGITS:
        raise ValueError
    value = int(digits) * (-1 if text.startswith("-") else 1)
    if not -(2**63) <= value < 2**63:
        raise ValueError
    return value


@fuzzed(texts=st.lists(st.one_of(CELLS, TEXTS, st.integers().map(str), st.integers().map("{:,}".format)), max_size=4))
def test_integers(texts):
    try:
        values = [read_by_hand(text) for text in texts]
        expected = [None if value in SATURATED else value for value in values]
    except ValueError:
        expected = None
    try:
        column = pa.array(texts, pa.string())
    except UnicodeEncodeError:
        return  # no column of texts can hold it: refused where columns are made
    assert ends_well(lambda: parse_int64(column, "ind_invsr").to_pylist(), NumberFormatError) == expected
    if len(texts) == 1 and expected:
        assert parse_int(texts[0]) == values[0]


@fuzzed(texts=st.lists(st.one_of(CELLS, st.decimals(allow_nan=False).map(str)), max_size=4))
def test_decimals(texts):
    read = ends_well(lambda: parse_decimal(pa.array(texts, pa.string()), "flu_rt").to_pylist(), NumberFormatError)
    for text, value in zip(texts, read or [], strict=False):
        bare = text.strip(" ")
        sign, digits = ("-", bare.lstrip("-")) if bare.startswith("-") else ("", bare.lstrip("+"))
        assert value is None if not bare else value == type(value)(sign + digits.replace(",", ""))


@fuzzed(code=st.one_of(TEXTS, st.sampled_from(["005930_AL", "_NX", "005930_NX_", "a/b", "..", "005930\n"])))
def test_stock_codes(code):
    body = dumped({"opaf_invsr_trde": [{**_row(), "stk_cd": code}], "return_code": 0})
    for parameters in SETS:
        table = ends_well(lambda p=parameters: ka10066.parse([made(body)], p), ProtocolError)
        if table is not None:
            (bare,) = table["stk_cd"].to_pylist()
            assert code.startswith(bare)
            assert bare.isascii()
            assert bare.isalnum()


READERS = {
    "ka10059": (ka10059.LIST_ELEMENT, ka10059.ROW_ELEMENTS, ka10059.read_rows),
    "ka10099": ("list", ("code", "name", "listCount", "regDay", "marketCode", "nxtEnable"),
                lambda page: ka10099.read_rows(page, Market.KOSDAQ)),
    "ka10051": ("inds_netprps", ("inds_cd", "ind_netprps", "frgnr_netprps", "native_trmt_frgnr_netprps"),
                lambda page: ka10051.read_total(page, Market.KOSPI)),
}  # fmt: skip
VALUES = st.one_of(CELLS, TEXTS, JSON, st.sampled_from(["20261120", "005930", "10", "001_AL", "4294967295", " 5 "]))


@fuzzed(api_id=st.sampled_from(sorted(READERS)), data=st.data())
def test_the_other_readers(api_id, data):
    element, names, read = READERS[api_id]
    rows = st.lists(st.fixed_dictionaries(dict.fromkeys(names, VALUES)), max_size=3)
    body = {element: data.draw(st.one_of(rows, JSON)), "return_code": 0}
    page = made(data.draw(damaged(dumped(body))), api_id=api_id)
    ends_well(lambda: read(page), ProtocolError)


@fuzzed(text=st.one_of(st.binary(max_size=80), JSON.map(dumped)))
def test_what_lies_in_the_shared_state(text):
    quota, latency = Quota.from_text(text, 1_800_000_000_000), Latency.from_text(text)
    assert quota is None or 0.1 <= quota.now_per_second(1_800_000_000_000) <= 1000
    assert 0 <= latency.quickest_ms <= 1000


def _row():
    from pages import row

    return row(CODES[0])
