from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiwoom_provider.api import numbers
from kiwoom_provider.api.errors import ProtocolError
from kiwoom_provider.api.numbers import SATURATED, NumberFormatError, parse_decimal, parse_int, parse_int64

INT64 = st.integers(-(2**63), 2**63 - 1).filter(lambda value: value not in SATURATED)
FORMS = {
    "one sign": str,
    "plus": lambda value: f"{value:+d}",
    "direction sign before a negative": lambda value: f"-{value}" if value < 0 else str(value),
    "zero padding": lambda value: f"{value:024d}",
    "thousands commas": lambda value: f"{value:,}",
    "commas after a direction sign": lambda value: f"-{value:,}" if value < 0 else f"+{value:,}",
}
GARBAGE = [
    "+-5", "-+5", "++5", "---5", "1 5", "- 5", "\t5", "5\n", "1,23", "12,34,567", ",123", "1,", "1,,234",
    "1234,567", "１", "٣", "1_0", "0x1", "0b1", "1e3", "5.0", "-", "--", "+", ",", "NaN", "inf", "N/A",
    "9223372036854775808", "-9223372036854775809", "--9223372036854775809", "1" * 60, "\u200b5", "５０", "−5",
    "\x00", "5\x00", "\u00a0", "null", "0-", "5-",
]  # fmt: skip


def read(*texts):
    return parse_int64(pa.array(texts, pa.string()), "ind_invsr").to_pylist()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("28837", 28837), ("--28837", -28837), ("+64891", 64891), ("-28837", -28837), ("-0", 0), ("--0", 0),
        ("+0", 0), ("00000542", 542), ("-0000542", -542), ("1,234", 1234), ("--1,234,567", -1234567),
        ("9223372036854775807", 9223372036854775807), ("-9223372036854775808", -9223372036854775808),
        ("--9223372036854775808", -9223372036854775808),
        (" 195 ", 195), ("      -195", -195), ("195     ", 195), (" --1,234 ", -1234), (" +0 ", 0),
    ],
)  # fmt: skip
def test_a_recorded_form_reads_as_its_value(text, value):
    assert read(text) == [value]
    assert parse_int(text) == value


@pytest.mark.parametrize("blank", ["", " ", "        "])
def test_a_blank_is_null_and_never_zero(blank):
    assert read("1", blank, "--2") == [1, None, -2]
    assert parse_int(blank) is None


@pytest.mark.parametrize("end", ["4294967295", "2147483647", "-2147483648", "--2147483", " 2147483647 "])
def test_an_overflowed_counter_is_no_figure_and_is_named_in_the_log(end, caplog):
    codes = pa.array(["005930", "252670"])
    assert parse_int64(pa.array(["12", end]), "trde_qty", codes).to_pylist() == [12, None]
    assert caplog.messages == ["trde_qty of 252670 is an overflowed counter and no figure: read as blank"]


def test_overflowed_counters_are_named_by_their_rows_where_there_are_no_codes_and_five_of_them_at_most(caplog):
    read = parse_int64(pa.array(["1", *["4294967295"] * 6]), "trde_qty")
    assert read.to_pylist() == [1] + [None] * 6
    assert "trde_qty of 1, 2, 3, 4, 5 is an overflowed counter" in caplog.text


def test_a_number_beside_an_overflow_is_a_number():
    assert read("4294967294", "2147483646", "-2147483647", "-2147484") == [
        4294967294,
        2147483646,
        -2147483647,
        -2147484,
    ]


@pytest.mark.parametrize("garbage", GARBAGE)
def test_garbage_is_refused(garbage):
    with pytest.raises(NumberFormatError):
        read("1", garbage)
    with pytest.raises(NumberFormatError):
        parse_int(garbage)


def test_an_absent_cell_is_refused_as_it_is_no_text_at_all():
    with pytest.raises(NumberFormatError, match="None"):
        read("1", None)


def test_a_refusal_names_element_row_stock_and_cell():
    codes = pa.array(["005930", "000660"])
    with pytest.raises(NumberFormatError, match=r"natn of row 1 \(stock 000660\) is '1e3'") as caught:
        parse_int64(pa.array(["1", "1e3"]), "natn", codes)
    error = caught.value
    assert (error.column, error.row, error.stock, error.cell) == ("natn", 1, "000660", "1e3")
    assert isinstance(error, ProtocolError)


def test_a_hostile_cell_is_cut_in_the_message():
    with pytest.raises(NumberFormatError) as caught:
        read("x" * 100_000)
    assert len(str(caught.value)) < 300


def test_an_empty_column_reads_as_empty():
    assert parse_int64(pa.array([], pa.string()), "bank").to_pylist() == []


@settings(deadline=None, max_examples=300)
@given(st.lists(st.tuples(INT64, st.sampled_from(sorted(FORMS))), min_size=1, max_size=20))
def test_any_64_bit_integer_in_any_form_reads_as_itself(cells):
    texts = [FORMS[form](value) for value, form in cells]
    assert read(*texts) == [value for value, _ in cells]


@settings(deadline=None, max_examples=500)
@given(st.text(st.sampled_from("+-,. 0123456789eExX_１\t"), max_size=12))
def test_column_and_cell_reader_agree_on_every_text(text):
    try:
        expected = parse_int(text)
    except NumberFormatError:
        with pytest.raises(NumberFormatError):
            read(text)
    else:
        assert read(text) == [None if expected in SATURATED else expected]


@settings(deadline=None, max_examples=500)
@given(st.text(max_size=12))
def test_any_text_is_a_number_of_its_own_digits_or_refused(text):
    try:
        value = parse_int(text)
    except NumberFormatError:
        return
    digits = "".join(letter for letter in text if letter in "0123456789")
    assert (value is None and not text.strip(" ")) or abs(value) == int(digits)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("-0.67", "-0.67"), ("--29.98", "-29.98"), ("+29.98", "29.98"), ("0.00", "0.00"), ("5", "5.00"),
        ("0.6", "0.60"), ("0.670", "0.67"), ("-000.50", "-0.50"), ("1,234.50", "1234.50"),
        ("9999999.99", "9999999.99"), ("-9999999.99", "-9999999.99"),
    ],
)  # fmt: skip
def test_a_decimal_reads_exactly(text, value):
    assert parse_decimal(pa.array([text]), "flu_rt").to_pylist() == [Decimal(value)]


@pytest.mark.parametrize(
    "text",
    ["0.675", "1.", ".5", "1e3", "+-0.5", "10000000.00", "0.5.0", "1,23.0", "NaN", "0.6 7", "%", "1" * 60],
)
def test_a_decimal_that_would_lose_or_gain_is_refused(text):
    with pytest.raises(NumberFormatError, match="flu_rt of row 0"):
        parse_decimal(pa.array([text]), "flu_rt")


def test_a_blank_decimal_is_null():
    assert parse_decimal(pa.array(["", "1.00"]), "flu_rt").to_pylist() == [None, Decimal("1.00")]


@settings(deadline=None, max_examples=300)
@given(st.integers(-999_999_999, 999_999_999))
def test_any_decimal_with_two_digits_reads_as_itself(hundredths):
    value = Decimal(hundredths).scaleb(-2)
    assert parse_decimal(pa.array([f"{value:.2f}", f"{value:+,.2f}"]), "flu_rt").to_pylist() == [value, value]


CLOSE = ["+0.42", "--1,234.50", "", " 100.5", "9999999.99", "00000000000000000000000000001.250"]


def test_a_decimal_that_needs_a_closer_look_reads_exactly_and_so_do_those_beside_it(monkeypatch):
    values = [Decimal("0.42"), Decimal("-1234.50"), None, Decimal("100.50"), Decimal("9999999.99"), Decimal("1.25")]
    assert parse_decimal(pa.array(CLOSE), "flu_rt").to_pylist() == values
    monkeypatch.setattr(numbers, "_fast", lambda *_: None)
    read = parse_decimal(pa.array(CLOSE), "flu_rt")
    assert (read.to_pylist(), read.type) == (values, pa.decimal128(9, 2))
    assert parse_decimal(pa.array([""]), "flu_rt").type == pa.decimal128(9, 2)


def test_a_refused_decimal_names_its_stock_if_that_is_known():
    texts, codes = pa.array(["1.00", "10000000.00"]), pa.array(["000020", "005930"])
    with pytest.raises(NumberFormatError, match=r"flu_rt of row 1 \(stock 005930\) is '10000000\.00'"):
        parse_decimal(texts, "flu_rt", codes)
    with pytest.raises(NumberFormatError, match="flu_rt of row 1 is") as caught:
        parse_decimal(texts, "flu_rt")
    assert caught.value.stock == ""


def test_a_column_of_known_forms_is_never_gone_through_cell_by_cell(monkeypatch):
    monkeypatch.setattr(numbers, "_cell_by_cell", None)
    integers, decimals = ["54", "--54", " 1,234 ", "", "000054"], ["+0.42", "--1,234.50", "", " 9.99 "]
    assert parse_int64(pa.array(integers), "trde_qty").to_pylist() == [54, -54, 1234, None, 54]
    assert [str(value) for value in parse_decimal(pa.array(decimals), "flu_rt").to_pylist()] == [
        "0.42",
        "-1234.50",
        "None",
        "9.99",
    ]
    assert parse_int64(pa.array([], pa.string()), "trde_qty").to_pylist() == []


def test_a_refusal_of_one_text_and_of_an_absent_cell_says_what_it_knows():
    with pytest.raises(NumberFormatError, match=r"^the text is 'x', which is not a number.*Nothing was guessed: look"):
        parse_int("x")
    with pytest.raises(NumberFormatError, match="trde_qty of row 0 is None") as caught:
        parse_int64(pa.array([None], pa.string()), "trde_qty")
    assert (caught.value.column, caught.value.row, caught.value.cell) == ("trde_qty", 0, "")
