"""
The published table: one row a market, venue, stock and investor, sorted so.

Amounts are in KRW million, quantities and ``volume`` in shares, prices in 원, ``change_rate`` in %.
A parameter set that was not asked for leaves its column null. ``source`` says whether a row was swept that night
or rebuilt later, ``published_at`` (UTC) from when it could be known here.
"""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import product
from typing import TYPE_CHECKING

from kiwoom_provider.api.ka10059 import OTHER_FOREIGN_ELEMENT
from kiwoom_provider.datasets.columns import INVESTORS, UNITS
from kiwoom_provider.datasets.parquet import to_metadata
from kiwoom_provider.parameters import Measure, Side

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pyarrow as pa

    from kiwoom_provider.parameters import Market, ParameterSet, Venue

FLOWS = tuple(
    (f"{side}_{measure}", measure, side) for measure, side in product(Measure, (Side.BUY, Side.SELL, Side.NET))
)
"""Flow columns in order, with the measure and side that each comes from."""

_KOREAN_SIDE = {Side.NET: "순매수", Side.BUY: "매수", Side.SELL: "매도"}
_KOREAN_MEASURE = {Measure.AMOUNT: "금액", Measure.QUANTITY: "수량"}
PRICE_COLUMNS = (
    ("close_price", "cur_prc", "현재가", "KRW"),
    ("price_change", "pred_pre", "전일대비", "KRW"),
    ("change_rate", "flu_rt", "등락률", "%"),
    ("volume", "trde_qty", "거래량", "shares"),
)
"""Price columns in order: name, API element, Korean term and unit."""

SWEPT, REBUILT = "ka10066", "ka10059"
SOURCES = (SWEPT, REBUILT)
"""What a row was made of: the night's sweep, or the dated sibling later."""
WHENCE_COLUMNS = ("source", "published_at")
"""The last columns, which say where a row comes from and since when."""

ROWS_PER_GROUP = 2400
"""200 stocks: small enough that one stock of a year is read in a second, large enough to compress."""
REPEATED = ["market", "venue", "stock_code", "stock_name", "investor", *WHENCE_COLUMNS]
_SORTED = ["market", "venue", "stock_code"]
"""Columns by whose statistics a row group can be passed over."""


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@cache
def schema() -> pa.Schema:
    """Return the schema; field metadata names unit, Korean term and API element."""
    import pyarrow as pa

    def field(name: str, kind: pa.DataType, korean: str, unit: str, element: str) -> pa.Field:
        return pa.field(name, kind, metadata={"unit": unit, "korean": korean, "element": element})

    flows = [
        field(
            name,
            pa.int64(),
            f"{_KOREAN_SIDE[side]}{_KOREAN_MEASURE[measure]}",
            UNITS[measure],
            f"the investor's element with amt_qty_tp={measure.code}, trde_tp={side.code}",
        )
        for name, measure, side in FLOWS
    ]
    prices = [
        field(name, pa.decimal128(9, 2) if element == "flu_rt" else pa.int64(), korean, unit, element)
        for name, element, korean, unit in PRICE_COLUMNS
    ]
    return pa.schema(
        [
            field("market", pa.string(), "시장구분", "KOSPI, KOSDAQ or ALL", "mrkt_tp"),
            field("venue", pa.string(), "거래소구분", "KRX, NXT or CONSOLIDATED", "stex_tp"),
            field("stock_code", pa.string(), "종목코드", "code", "stk_cd"),
            field("stock_name", pa.string(), "종목명", "name", "stk_nm"),
            field("investor", pa.string(), "투자자", "name", ", ".join(i.element for i in INVESTORS)),
            *flows,
            *prices,
            field("source", pa.string(), "출처", "name", ""),
            field("published_at", pa.timestamp("us", tz="UTC"), "공개 시각", "UTC", ""),
        ]
    )


def build(tables: Mapping[ParameterSet, pa.Table]) -> pa.Table:
    """Join the typed sets of a session into the published table, whose ``published_at`` is null until it is."""
    import pyarrow as pa

    groups: dict[tuple[Market, Venue], dict[ParameterSet, pa.Table]] = {}
    for parameters, table in tables.items():
        groups.setdefault((parameters.market, parameters.venue), {})[parameters] = table
    blocks = [_block(market, venue, sets) for (market, venue), sets in sorted(groups.items())]
    return pa.concat_tables(blocks)


def with_published_at(table: pa.Table, instants: Mapping[str, datetime]) -> pa.Table:
    """
    Return the table with its instants of publication.

    :param instants: by market and venue, such as ``KOSPI/KRX``.
    """
    import pyarrow as pa

    from kiwoom_provider.datasets.arrow import int64_scalar

    field = schema().field("published_at")
    parts = []
    for place in _places(table):
        instant = instants[f"{place['market'][0].as_py()}/{place['venue'][0].as_py()}"]
        since_us = (instant - _EPOCH) // timedelta(microseconds=1)
        parts.append(pa.repeat(int64_scalar(since_us).cast(field.type), len(place)))
    column = pa.chunked_array(parts, field.type)
    return table.set_column(table.schema.get_field_index(field.name), field, column)


def encode(table: pa.Table, metadata: Mapping[str, object]) -> bytes:
    """
    Return the file's bytes: the same table and metadata give the same bytes.

    A row group holds up to 200 stocks of one market and venue, so that its statistics tell a reader
    whether a stock can be in it. ``kiwoom.rebuilt`` names the markets and venues that are no sweep's.
    """
    import pyarrow.parquet as pq

    buffer = io.BytesIO()
    rebuilt = _rebuilt_places(table)
    said = dict(metadata) | ({"rebuilt": rebuilt} if rebuilt else {})
    described = table.replace_schema_metadata(to_metadata(said))
    with pq.ParquetWriter(
        buffer,
        described.schema,
        compression="zstd",
        compression_level=9,
        use_dictionary=REPEATED,
        write_statistics=_SORTED,
    ) as writer:
        for place in _places(described):
            writer.write_table(place, row_group_size=ROWS_PER_GROUP)
    return buffer.getvalue()


def _rebuilt_places(table: pa.Table) -> list[str]:
    """Return the markets and venues whose rows were rebuilt, such as ``KOSPI/KRX``."""
    first = (place.slice(0, 1).to_pylist()[0] for place in _places(table.select(["market", "venue", "source"])))
    return [f"{row['market']}/{row['venue']}" for row in first if row["source"] == REBUILT]


def _places(table: pa.Table) -> Iterator[pa.Table]:
    """Cut the table where the market or the venue changes."""
    import pyarrow.compute as pc

    from kiwoom_provider.datasets.arrow import text_scalar

    table = table.combine_chunks()
    places = pc.binary_join_element_wise(table["market"], table["venue"], text_scalar("/")).combine_chunks()
    start = 0
    for end in pc.run_end_encode(places).run_ends.to_pylist():
        yield table.slice(start, end - start)
        start = end


def _block(market: Market, venue: Venue, sets: Mapping[ParameterSet, pa.Table]) -> pa.Table:
    """One market and venue: stocks down, investors in name order within each stock."""
    import numpy as np
    import pyarrow as pa

    from kiwoom_provider.datasets.arrow import int64_array, text_array, text_scalar

    investors = sorted(INVESTORS, key=lambda investor: investor.name)
    described = _describe(sets)
    codes = described["stk_cd"].to_pylist()
    stock = int64_array(np.repeat(np.arange(len(codes)), len(investors)))
    names = text_array([investor.name for investor in investors])
    by_side = {(p.measure, p.side): table for p, table in sets.items()}
    columns = {
        "market": pa.repeat(text_scalar(str(market)), len(stock)),
        "venue": pa.repeat(text_scalar(str(venue)), len(stock)),
        "stock_code": described["stk_cd"].combine_chunks().take(stock),
        "stock_name": described["stk_nm"].combine_chunks().take(stock),
        "investor": names.take(int64_array(np.tile(np.arange(len(investors)), len(codes)))),
    }
    for name, measure, side in FLOWS:
        columns[name] = _flow(by_side.get((measure, side)), codes, [i.element for i in investors])
    for name, element, _, _ in PRICE_COLUMNS:
        columns[name] = described[element].combine_chunks().take(stock)
    is_rebuilt = any(OTHER_FOREIGN_ELEMENT in table.column_names for table in sets.values())
    columns["source"] = pa.repeat(text_scalar(REBUILT if is_rebuilt else SWEPT), len(stock))
    columns["published_at"] = pa.nulls(len(stock), pa.timestamp("us", tz="UTC"))
    shape = schema()
    return pa.Table.from_arrays([columns[name] for name in shape.names], schema=shape)


def _describe(sets: Mapping[ParameterSet, pa.Table]) -> pa.Table:
    """Name and price of every stock in any of the sets, from the first set that has it, by code."""
    import pyarrow as pa
    import pyarrow.compute as pc

    wanted = ["stk_cd", "stk_nm", *(element for _, element, _, _ in PRICE_COLUMNS)]
    first, *others = (sets[parameters].select(wanted) for parameters in sorted(sets))
    seen = first
    for table in others:
        new = table.filter(pc.invert(pc.is_in(table["stk_cd"], seen["stk_cd"])))
        seen = pa.concat_tables([seen, new])
    return seen.sort_by("stk_cd")


def _flow(table: pa.Table | None, codes: list[str], elements: list[str]) -> pa.Array:
    """One set's investor fields, stock by stock; null where the set or the stock is absent."""
    import numpy as np
    import pyarrow as pa

    from kiwoom_provider.datasets.arrow import column_values, int64_array

    if table is None or not table.num_rows:
        return pa.nulls(len(codes) * len(elements), pa.int64())
    row_of = {code: row for row, code in enumerate(table["stk_cd"].to_pylist())}
    rows = np.array([row_of.get(code, -1) for code in codes], dtype=np.int64)
    fields = [column_values(table[element]) for element in elements]
    values = np.stack([field[rows] for field, _ in fields], axis=1).ravel()
    there = np.stack([known[rows] & (rows >= 0) for _, known in fields], axis=1).ravel()
    return int64_array(values, there)
