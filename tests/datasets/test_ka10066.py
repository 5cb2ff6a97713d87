"""Typed partitions: the API's own names, exact types, blank stays null."""

from __future__ import annotations

import io
import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kiwoom_provider.api.errors import ProtocolError
from kiwoom_provider.api.ka10066 import INVESTOR_ELEMENTS
from kiwoom_provider.api.numbers import NumberFormatError
from kiwoom_provider.datasets import ka10066
from kiwoom_provider.datasets.raw import Sweep
from kiwoom_provider.datasets.set_metadata import SetMetadata
from kiwoom_provider.parameters import ParameterSet
from pages import SHEET_EXAMPLE, page, row

KRX = ParameterSet.parse("KOSPI", "KRX", "amount", "net")
NXT = ParameterSet.parse("KOSPI", "NXT", "amount", "net")
ALL = ParameterSet.parse("KOSPI", "CONSOLIDATED", "amount", "net")


def parse(*rows, parameters=KRX):
    return ka10066.parse([page(list(rows))], parameters)


def test_columns_and_types_are_those_of_the_contract():
    assert {field.name: str(field.type) for field in ka10066.schema("amount")} == {
        "stk_cd": "string",
        "stk_nm": "string",
        "cur_prc": "int64",
        "pre_sig": "int8",
        "pred_pre": "int64",
        "flu_rt": "decimal128(9, 2)",
        "trde_qty": "int64",
        "ind_invsr": "int64",
        "frgnr_invsr": "int64",
        "orgn": "int64",
        "fnnc_invt": "int64",
        "insrnc": "int64",
        "invtrt": "int64",
        "etc_fnnc": "int64",
        "bank": "int64",
        "penfnd_etc": "int64",
        "samo_fund": "int64",
        "natn": "int64",
        "etc_corp": "int64",
        "fetched_at": "timestamp[us, tz=UTC]",
    }


def test_field_metadata_names_unit_korean_term_and_element():
    field = ka10066.schema("quantity").field("penfnd_etc")

    assert field.metadata == {b"unit": b"shares", b"korean": "연기금등".encode(), b"element": b"penfnd_etc"}


def test_the_sheets_own_example_parses_cell_by_cell():
    sheet = page([])
    object.__setattr__(sheet, "body", json.dumps(SHEET_EXAMPLE).encode())

    rows = ka10066.parse([sheet], KRX).to_pylist()

    assert [(r["cur_prc"], r["pre_sig"], r["pred_pre"], r["flu_rt"], r["trde_qty"]) for r in rows] == [
        (7410, 5, -50, Decimal("-0.67"), 8),
        (542, 3, 0, Decimal("0.00"), 0),
    ]
    assert ka10066.repeated_codes(ka10066.parse([sheet], KRX)) == ["005930"]


def test_the_price_loses_its_direction_and_the_change_keeps_its_sign():
    parsed = parse(row(cur_prc="-71300", pred_pre="--300", flu_rt="-0.42")).to_pylist()[0]

    assert (parsed["cur_prc"], parsed["pred_pre"], parsed["flu_rt"]) == (71300, -300, Decimal("-0.42"))


def test_a_blank_stays_null_and_is_never_zero():
    parsed = parse(row(bank="", trde_qty="   ")).to_pylist()[0]

    assert (parsed["bank"], parsed["trde_qty"]) == (None, None)


def test_rows_are_sorted_by_stock_code():
    assert parse(row("005930"), row("0156T0"), row("000020"))["stk_cd"].to_pylist() == ["000020", "005930", "0156T0"]


def test_every_row_carries_the_arrival_of_its_page():
    table = ka10066.parse([page([row("000020")], 1, following="K"), page([row("005930")], 2, sent="K")], KRX)

    assert table["fetched_at"].to_pylist() == [
        datetime(2026, 11, 20, 11, 40, 1, tzinfo=UTC),
        datetime(2026, 11, 20, 11, 40, 2, tzinfo=UTC),
    ]


@pytest.mark.parametrize(
    ("parameters", "code"), [(KRX, "005930"), (NXT, "005930_NX"), (NXT, "005930"), (ALL, "005930_AL")]
)
def test_the_venue_suffix_is_stripped(parameters, code):
    assert parse(row(code), parameters=parameters)["stk_cd"].to_pylist() == ["005930"]


@pytest.mark.parametrize(
    ("parameters", "code"), [(KRX, "005930_AL"), (NXT, "005930_AL"), (ALL, "005930_XX"), (KRX, "")]
)
def test_a_suffix_of_another_venue_is_refused(parameters, code):
    with pytest.raises(ProtocolError, match=f"'{code}' is not a stock of venue {parameters.venue}"):
        parse(row(code), parameters=parameters)


def test_a_cell_that_is_no_number_is_named():
    with pytest.raises(NumberFormatError) as raised:
        parse(row("005930", bank="12x4"))

    assert "bank" in str(raised.value)
    assert "005930" in str(raised.value)
    assert "12x4" in str(raised.value)


def test_a_missing_element_is_named_and_never_null():
    broken = row()
    del broken["natn"]

    with pytest.raises(ProtocolError, match="lacks the element natn"):
        parse(row("000020"), broken)


def test_an_element_that_is_no_text_is_refused():
    with pytest.raises(ProtocolError, match="element bank holds something else than text"):
        parse(row(bank=12))


def test_new_elements_are_named():
    assert ka10066.extra_elements([page([row(natfor="1")])]) == ("natfor",)


def test_a_new_element_s_name_and_a_saturated_cell_are_cut_so_that_the_file_can_be_read():
    pages = (page([row(trde_qty=" " * 3000 + "4294967295", **{"n" * 3000: "1"})]),)
    table = ka10066.parse(pages, KRX)
    data = ka10066.encode(table, Sweep("raw/place", KRX, "run-a", pages), date(2026, 11, 20), "1.0")

    said = SetMetadata.of(pq.read_table(io.BytesIO(data)), "the set")

    assert said.extra_elements == ("n" * 100,)
    assert said.saturated == (("trde_qty", "005930", "4294967295"),)


def test_the_file_is_zstd_and_the_same_sweep_gives_the_same_bytes():
    pages = (page([row()]),)
    sweep = Sweep("raw/place", KRX, "run-a", pages)
    table = ka10066.parse(pages, KRX)

    first = ka10066.encode(table, sweep, date(2026, 11, 20), "1.0")
    second = ka10066.encode(table, sweep, date(2026, 11, 20), "1.0")

    assert first == second
    assert pq.ParquetFile(io.BytesIO(first)).metadata.row_group(0).column(0).compression == "ZSTD"
    assert pq.read_table(io.BytesIO(first)).equals(table)


def test_the_file_says_where_it_comes_from():
    pages = (page([row(natfor="1")]),)
    data = ka10066.encode(ka10066.parse(pages, KRX), Sweep("raw/place", KRX, "run-a", pages), date(2026, 11, 20), "1.0")

    metadata = pq.read_schema(io.BytesIO(data)).metadata

    assert metadata[b"kiwoom.session_date"] == b"2026-11-20"
    assert metadata[b"kiwoom.sweep"] == b"raw/place"
    assert metadata[b"kiwoom.collected_by_run"] == b"run-a"
    assert metadata[b"kiwoom.page_sizes"] == b"[1]"
    assert metadata[b"kiwoom.extra_elements"] == b'["natfor"]'


def test_a_market_without_rows_gives_an_empty_table_of_the_same_schema():
    table = ka10066.parse([page([])], KRX)

    assert table.num_rows == 0
    assert table.schema.equals(ka10066.schema("amount"))
    assert isinstance(table, pa.Table)


@pytest.mark.parametrize(("element", "cell"), [("pre_sig", "300"), ("cur_prc", "-9223372036854775808")])
def test_a_number_beyond_its_columns_range_is_refused(element, cell):
    with pytest.raises(ProtocolError, match=f"element {element} holds a number beyond its range"):
        parse(row(**{element: cell}))


AMOUNT_SELL = ParameterSet.parse("KOSPI", "KRX", "amount", "sell")
LAST = INVESTOR_ELEMENTS[-1]


def sells(value, code="005930", **fields):
    return row(code, **dict.fromkeys(INVESTOR_ELEMENTS, value), **fields)


@pytest.mark.parametrize(
    ("values", "stored", "sign"),
    [
        (("5290376", "0"), [0, 5290376], "positive"),
        (("-5290376", "-0"), [0, 5290376], "negative"),
        (("--5290376", ""), [None, 5290376], "negative"),
        (("0", ""), [None, 0], "none"),
        (("-5290376", "7"), [7, -5290376], "mixed"),
    ],
)
def test_sells_are_stored_as_magnitudes_whichever_way_the_set_came(values, stored, sign):
    table = parse(sells(values[0]), sells(values[1], "000020"), parameters=AMOUNT_SELL)

    assert [table[name].to_pylist() for name in INVESTOR_ELEMENTS] == [stored] * 12
    assert table.schema.metadata[b"kiwoom.sell_sign"] == sign.encode()


def test_one_positive_cell_makes_a_set_of_negative_sells_mixed():
    table = parse(sells("-1"), sells("-1", "000020") | {LAST: "1"}, parameters=AMOUNT_SELL)

    assert table.schema.metadata[b"kiwoom.sell_sign"] == b"mixed"
    assert table[LAST].to_pylist() == [1, -1]


@pytest.mark.parametrize("side", ["net", "buy"])
def test_only_sells_have_a_convention(side):
    table = parse(sells("-1"), parameters=ParameterSet.parse("KOSPI", "KRX", "amount", side))

    assert table["orgn"].to_pylist() == [-1]
    assert table.schema.metadata is None or b"kiwoom.sell_sign" not in table.schema.metadata


def test_the_convention_stands_in_the_files_metadata():
    sweep = Sweep("raw/x", AMOUNT_SELL, "run-a", (page([sells("-5")]),))
    data = ka10066.encode(ka10066.parse(sweep.pages, AMOUNT_SELL), sweep, date(2026, 11, 20), "1.0.0")

    assert pq.read_schema(io.BytesIO(data)).metadata[b"kiwoom.sell_sign"] == b"negative"


@pytest.mark.parametrize(
    ("element", "text"),
    [
        ("trde_qty", "4294967295"),
        ("trde_qty", "2147483647"),
        ("frgnr_invsr", "-2147483"),
        ("orgn", "-2147483648"),
        ("cur_prc", "2147483647"),
    ],
)
def test_a_counter_at_its_end_is_null_and_named(element, text):
    table = parse(row("000020"), row("005930", **{element: text}))

    assert table[element].to_pylist()[1] is None
    assert table[element].to_pylist()[0] is not None
    assert json.loads(table.schema.metadata[b"kiwoom.saturated"]) == [[element, "005930", text]]


def test_a_number_beside_a_counters_end_stays():
    assert parse(row(trde_qty="4294967294"))["trde_qty"].to_pylist() == [4294967294]
