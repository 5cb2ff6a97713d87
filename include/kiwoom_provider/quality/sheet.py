"""One parameter set's table as numpy arrays, by stock code, each stock once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kiwoom_provider.datasets.columns import INVESTORS
from kiwoom_provider.errors import KiwoomProviderError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kiwoom_provider.parameters import ParameterSet

ELEMENTS = tuple(investor.element for investor in INVESTORS)
PRICES = ("cur_prc", "pre_sig", "pred_pre", "flu_rt", "trde_qty")
TYPES: Mapping[str, pa.DataType] = {
    "stk_cd": pa.string(),
    "stk_nm": pa.string(),
    "cur_prc": pa.int64(),
    "pre_sig": pa.int8(),
    "pred_pre": pa.int64(),
    "flu_rt": pa.decimal128(9, 2),
    "trde_qty": pa.int64(),
    **dict.fromkeys(ELEMENTS, pa.int64()),
    "fetched_at": pa.timestamp("us", tz="UTC"),
}
"""Column names and types of a typed partition."""

_SCHEMA = pa.schema(list(TYPES.items()))


class SheetError(KiwoomProviderError, ValueError):
    """A set's table is missing, empty or not of the partition's schema; the message says which."""


@dataclass(frozen=True)
class Sheet:
    """
    One set's values; every array has one row a stock, sorted by code, the first row of a duplicate.

    :param flows: investor fields in the API's order, shape (stocks, 12), KRW million or shares.
    :param known: where ``flows`` is not null; a null stands as 0.
    :param prices: ``cur_prc`` and ``pred_pre`` (원), ``pre_sig``, ``trde_qty`` (shares) and
        ``flu_rt`` (hundredths of a %).
    :param priced: where the element of that name is not null; a null stands as 0.
    """

    parameters: ParameterSet
    codes: np.ndarray
    names: np.ndarray
    flows: np.ndarray
    known: np.ndarray
    prices: Mapping[str, np.ndarray]
    priced: Mapping[str, np.ndarray]

    @classmethod
    def of(cls, parameters: ParameterSet, table: pa.Table | None) -> Sheet:
        """
        Read a typed table.

        :raises SheetError: when it is missing or empty, or a column is missing or of another type.
        """
        if table is None:
            raise SheetError(f"{parameters.label}: was asked for and is not there")
        if trouble := unreadable(table):
            raise SheetError(f"{parameters.label}: {trouble}")
        codes = np.array([code or "" for code in table["stk_cd"].to_pylist()], dtype=np.str_)
        codes, rows = np.unique(codes, return_index=True)
        flows = [_dense(table[name], rows) for name in ELEMENTS]
        prices = {name: _dense(_whole(table[name]), rows) for name in PRICES}
        return cls(
            parameters=parameters,
            codes=codes,
            names=np.array([name or "" for name in table["stk_nm"].to_pylist()], dtype=np.str_)[rows],
            flows=np.stack([values for values, _ in flows], axis=1),
            known=np.stack([there for _, there in flows], axis=1),
            prices={name: values for name, (values, _) in prices.items()},
            priced={name: there for name, (_, there) in prices.items()},
        )

    @property
    def label(self) -> str:
        """What people read: ``KOSPI · KRX · amount · net``."""
        return self.parameters.label

    @property
    def place(self) -> str:
        """Market and venue: ``KOSPI · KRX``."""
        return f"{self.parameters.market} · {self.parameters.venue}"

    @property
    def base_price(self) -> np.ndarray:
        """The day's base price in 원: the price less the change; 0 where either is not known."""
        known = self.priced["cur_prc"] & self.priced["pred_pre"] & (self.prices["cur_prc"] > 0)
        return np.where(known, self.prices["cur_prc"] - self.prices["pred_pre"], 0)


def unreadable(table: pa.Table) -> str:
    """Return why a table cannot be read as a sheet, or an empty text."""
    return "; ".join(column_problems(table).values()) or ("is empty" if table.num_rows == 0 else "")


def column_problems(table: pa.Table) -> dict[str, str]:
    """Return what is wrong with the presence or type of columns, by column."""
    if table.schema.equals(_SCHEMA):
        return {}
    kinds = {field.name: field.type for field in table.schema}
    problems = {name: f"column {name} is missing" for name in TYPES if name not in kinds}
    for name, kind in kinds.items():
        if table.column_names.count(name) > 1:
            problems[name] = f"column {name} stands twice"
        elif name in TYPES and kind != TYPES[name]:
            problems[name] = f"column {name} is {kind}, not {TYPES[name]}"
    return problems


def _whole(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Give ``flu_rt`` as hundredths; other columns are whole numbers already."""
    if not pa.types.is_decimal(column.type):
        return column
    return pc.cast(pc.round(pc.multiply(pc.cast(column, pa.float64()), 100.0)), pa.int64())


def _dense(column: pa.ChunkedArray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    there = column.is_valid().to_numpy()
    values = pc.fill_null(column, 0).to_numpy().astype(np.int64)
    return values[rows], there[rows]
