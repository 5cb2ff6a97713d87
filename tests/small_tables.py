"""Small typed tables of ka10066, made of literals, and what a rule says of them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import numpy as np
import pyarrow as pa

from kiwoom_provider.datasets import securities
from kiwoom_provider.parameters import ParameterSet
from kiwoom_provider.quality.audit_input import AuditInput

NET, BUY, SELL = (f"KOSPI KRX amount {side}" for side in ("net", "buy", "sell"))
OF_NET, OF_BUY, OF_SELL = (f"KOSPI · KRX · amount · {side}" for side in ("net", "buy", "sell"))
"""Three sets, as tests name them to ``input_of`` and as a rule's offender does."""
DAY, DAY_BEFORE = dt.date(2026, 11, 20), dt.date(2026, 11, 19)
FETCHED = dt.datetime(2026, 11, 20, 11, 40, tzinfo=dt.UTC)
ELEMENTS = ["ind_invsr", "frgnr_invsr", "orgn", "fnnc_invt", "insrnc", "invtrt", "etc_fnnc", "bank"]
ELEMENTS += ["penfnd_etc", "samo_fund", "natn", "etc_corp"]
PRICE_TYPES = {"cur_prc": pa.int64(), "pre_sig": pa.int8(), "pred_pre": pa.int64(), "trde_qty": pa.int64()}


def typed(codes, names, quotes, flows, fetched_at=FETCHED) -> pa.Table:
    """Return a typed table; ``flu_rt`` in hundredths of a %."""
    columns = {"stk_cd": pa.array(codes, pa.string()), "stk_nm": pa.array(names, pa.string())}
    for name in ("cur_prc", "pre_sig", "pred_pre"):
        columns[name] = pa.array(quotes[name], PRICE_TYPES[name])
    columns["flu_rt"] = pa.array([Decimal(int(r)).scaleb(-2) for r in quotes["flu_rt"]], pa.decimal128(9, 2))
    columns["trde_qty"] = pa.array(quotes["trde_qty"], pa.int64())
    columns |= {name: pa.array(flows[:, i], pa.int64()) for i, name in enumerate(ELEMENTS)}
    columns["fetched_at"] = pa.array([fetched_at] * len(codes), pa.timestamp("us", tz="UTC"))
    return pa.table(columns)


def table_of(flows, price=10_000, **columns) -> pa.Table:
    """
    Return a table of stocks 000000, 000001 and so on, of which each was traded 10**9 times, at one unchanged price.

    :param flows: shape (stocks, 12), or (stocks,) of the individuals alone.
    :param columns: whole columns in place of these.
    """
    flows = np.asarray(flows, dtype=np.int64)
    flows = flows if flows.ndim == 2 else np.pad(flows[:, None], ((0, 0), (0, 11)))
    ones = np.ones(len(flows), dtype=np.int64)
    quotes = {"cur_prc": price * ones, "pre_sig": 3 * ones, "pred_pre": 0 * ones, "flu_rt": 0 * ones}
    codes = [f"{i:06d}" for i in range(len(flows))]
    return put(typed(codes, codes, quotes | {"trde_qty": 10**9 * ones}, flows), **columns)


def market(numbers, **columns) -> pa.Table:
    """Return a table of the stocks with these numbers, which are their names too."""
    codes = [f"{number:06d}" for number in numbers]
    return table_of([0] * len(codes), **{"stk_cd": codes, "stk_nm": codes} | columns)


def board(numbers, on_nxt=(), of="KOSPI", day=DAY, kept=None) -> pa.Table:
    """
    Return the securities master of a market with these stocks.

    :param day: the session that it is filed under.
    :param kept: the session that it is a copy of, where that is said.
    """
    rows = [
        {"market": of, "stock_code": f"{n:06d}", "stock_name": f"{n:06d}", "kind": "common", "is_on_nxt": n in on_nxt}
        for n in numbers
    ]
    told = {"kiwoom.session_date": day and day.isoformat(), "kiwoom.as_of": kept}
    table = pa.Table.from_pylist(rows, schema=securities.schema())
    return table.replace_schema_metadata({name: text for name, text in told.items() if text})


def put(table, **columns) -> pa.Table:
    """Return the table with other columns in place of its own."""
    for name, values in columns.items():
        kind = table.schema.field(name).type
        column = values if isinstance(values, pa.Array | pa.ChunkedArray) else pa.array(values)
        table = table.set_column(table.column_names.index(name), name, column.cast(kind))
    return table


def set_of(text: str) -> ParameterSet:
    """Return a set by its names: ``KOSPI KRX amount net``."""
    return ParameterSet.parse(*text.split())


def input_of(tables, **more) -> AuditInput:
    """Return what an audit reads: tables by the sets' names, which are those that were asked for."""
    tables = {set_of(text): table for text, table in tables.items()}
    published = {set_of(text): table for text, table in more.pop("published", {}).items()}
    return AuditInput(DAY, more.pop("asked", tuple(tables)), tables, published=published, **more)


def counts(result) -> tuple[int, int, int]:
    """Return how many things were checked, failed, and of these only warn."""
    return result.checked, result.failing, result.unusual


def told(result) -> list[tuple[str, str | None, str, str]]:
    """Return of each offender where it stands, its stock, and what was expected and seen."""
    return [(str(one.where), one.stock_code, str(one.expected), str(one.seen)) for one in result.offenders]
