"""The published table: one row a market, venue, stock and investor."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kiwoom_provider.datasets import investor_trading, ka10066
from kiwoom_provider.parameters import ParameterSet
from pages import page, row

NAMES = [
    "bank",
    "financial_investment",
    "foreigner",
    "individual",
    "institution",
    "insurance",
    "investment_trust",
    "other_corporation",
    "other_financial",
    "pension_fund",
    "private_fund",
    "state",
]


def tables(*described):
    """Typed tables from (market, venue, measure, side, rows)."""
    made = {}
    for market, venue, measure, side, rows in described:
        parameters = ParameterSet.parse(market, venue, measure, side)
        made[parameters] = ka10066.parse([page(rows)], parameters)
    return made


def test_columns_stand_in_the_order_of_the_contract():
    assert investor_trading.schema().names == [
        "market",
        "venue",
        "stock_code",
        "stock_name",
        "investor",
        "buy_amount",
        "sell_amount",
        "net_amount",
        "buy_quantity",
        "sell_quantity",
        "net_quantity",
        "close_price",
        "price_change",
        "change_rate",
        "volume",
        "source",
        "published_at",
    ]


def test_types_are_those_of_the_contract():
    schema = investor_trading.schema()

    assert {str(schema.field(name).type) for name in schema.names[5:13]} == {"int64"}
    assert str(schema.field("change_rate").type) == "decimal128(9, 2)"
    assert [str(field.type) for field in schema][-2:] == ["string", "timestamp[us, tz=UTC]"]
    assert {str(schema.field(name).type) for name in schema.names[:5]} == {"string"}


def test_field_metadata_names_unit_korean_term_and_element():
    field = investor_trading.schema().field("buy_amount")

    assert field.metadata[b"unit"] == b"KRW million"
    assert field.metadata[b"korean"].decode() == "매수금액"
    assert field.metadata[b"element"] == b"the investor's element with amt_qty_tp=1, trde_tp=1"


def test_every_stock_has_one_row_an_investor_sorted_by_name():
    table = investor_trading.build(tables(("KOSPI", "KRX", "amount", "net", [row("000020"), row("005930")])))

    assert table["stock_code"].to_pylist() == ["000020"] * 12 + ["005930"] * 12
    assert table["investor"].to_pylist() == NAMES + NAMES


def test_each_cell_comes_from_its_set_and_element():
    table = investor_trading.build(
        tables(
            ("KOSPI", "KRX", "amount", "buy", [row(frgnr_invsr="500")]),
            ("KOSPI", "KRX", "amount", "sell", [row(frgnr_invsr="200")]),
            ("KOSPI", "KRX", "amount", "net", [row(frgnr_invsr="300")]),
            ("KOSPI", "KRX", "quantity", "buy", [row(frgnr_invsr="5000")]),
            ("KOSPI", "KRX", "quantity", "sell", [row(frgnr_invsr="2000")]),
            ("KOSPI", "KRX", "quantity", "net", [row(frgnr_invsr="3000")]),
        )
    )

    foreigner = next(r for r in table.to_pylist() if r["investor"] == "foreigner")

    assert foreigner == {
        "market": "KOSPI",
        "venue": "KRX",
        "stock_code": "005930",
        "stock_name": "삼성전자",
        "investor": "foreigner",
        "buy_amount": 500,
        "sell_amount": 200,
        "net_amount": 300,
        "buy_quantity": 5000,
        "sell_quantity": 2000,
        "net_quantity": 3000,
        "close_price": 71300,
        "price_change": 300,
        "change_rate": Decimal("0.42"),
        "volume": 12345,
        "source": "ka10066",
        "published_at": None,
    }


def test_a_set_that_was_not_asked_for_leaves_its_column_null():
    table = investor_trading.build(tables(("KOSPI", "KRX", "amount", "net", [row()])))

    assert table["net_amount"].null_count == 0
    assert table["buy_amount"].null_count == 12
    assert table["net_quantity"].null_count == 12


def test_a_blank_cell_stays_null_beside_a_zero():
    table = investor_trading.build(tables(("KOSPI", "KRX", "amount", "net", [row(bank="", state="0", natn="0")])))

    cells = {r["investor"]: r["net_amount"] for r in table.to_pylist()}

    assert (cells["bank"], cells["state"]) == (None, 0)


def test_markets_and_venues_are_sorted_blocks():
    table = investor_trading.build(
        tables(
            ("KOSPI", "NXT", "amount", "net", [row()]),
            ("KOSDAQ", "KRX", "amount", "net", [row("247540")]),
            ("KOSPI", "KRX", "amount", "net", [row()]),
        )
    )

    blocks = list(dict.fromkeys(zip(table["market"].to_pylist(), table["venue"].to_pylist(), strict=True)))

    assert blocks == [("KOSDAQ", "KRX"), ("KOSPI", "KRX"), ("KOSPI", "NXT")]


@pytest.mark.parametrize("order", [1, -1])
def test_the_order_in_which_sets_arrive_does_not_matter(order):
    described = [
        ("KOSPI", "KRX", "amount", "net", [row(), row("000020")]),
        ("KOSPI", "KRX", "amount", "buy", [row()]),
    ][::order]

    table = investor_trading.build(tables(*described))

    assert table["stock_code"].to_pylist()[0] == "000020"
    assert table["buy_amount"].to_pylist() == [None] * 12 + [1] * 12


def test_the_same_table_gives_the_same_bytes():
    table = investor_trading.build(tables(("KOSPI", "KRX", "amount", "net", [row()])))

    assert investor_trading.encode(table, {"a": "1"}) == investor_trading.encode(table, {"a": "1"})


def test_a_row_group_holds_stocks_of_one_market_and_venue():
    table = investor_trading.build(
        tables(
            ("KOSPI", "NXT", "amount", "net", [row()]),
            ("KOSDAQ", "KRX", "amount", "net", [row("247540")]),
            ("KOSPI", "KRX", "amount", "net", [row(f"{code:06d}") for code in range(201)]),
        )
    )

    file = pq.ParquetFile(io.BytesIO(investor_trading.encode(table, {})))

    groups = [file.metadata.row_group(number) for number in range(file.num_row_groups)]
    assert [group.num_rows for group in groups] == [12, 2400, 12, 12]
    assert [group.column(2).statistics.min for group in groups] == ["247540", "000000", "000200", "005930"]
    assert file.read().equals(table)


def test_the_bytes_do_not_depend_on_how_the_table_is_chunked():
    table = investor_trading.build(tables(("KOSPI", "KRX", "amount", "net", [row(), row("000020")])))
    chunked = pa.concat_tables([table.slice(0, 5), table.slice(5)])

    assert investor_trading.encode(chunked, {}) == investor_trading.encode(table, {})


def test_a_table_that_is_not_published_yet_has_no_instant_and_says_what_it_was_made_of():
    table = investor_trading.build(tables(("KOSPI", "KRX", "amount", "net", [row()])))

    assert table["published_at"].to_pylist() == [None] * 12
    assert table["source"].to_pylist() == ["ka10066"] * 12


def test_each_market_and_venue_has_its_own_instant_of_publication():
    table = investor_trading.build(
        tables(
            ("KOSPI", "KRX", "amount", "net", [row()]),
            ("KOSPI", "NXT", "amount", "net", [row("005930_NX")]),
        )
    )
    night, later = datetime(2026, 11, 20, 12, 30, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)

    stamped = investor_trading.with_published_at(table, {"KOSPI/KRX": night, "KOSPI/NXT": later})

    assert stamped["published_at"].to_pylist() == [night] * 12 + [later] * 12
    assert stamped.schema == investor_trading.schema()
