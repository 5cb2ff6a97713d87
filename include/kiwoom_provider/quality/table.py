"""One parameter set's typed table as numpy arrays, by stock code, each stock once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kiwoom_provider.datasets import ka10066
from kiwoom_provider.datasets.arrow import column_values, int64_scalar
from kiwoom_provider.datasets.columns import INVESTORS
from kiwoom_provider.errors import KiwoomProviderError
from kiwoom_provider.locale import Message, label, message
from kiwoom_provider.parameters import Measure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kiwoom_provider.parameters import ParameterSet

ELEMENTS = tuple(investor.element for investor in INVESTORS)
INVESTOR_NAMES = tuple(investor.name for investor in INVESTORS)
PRICES = ("cur_prc", "pre_sig", "pred_pre", "flu_rt", "trde_qty")
TYPES: Mapping[str, pa.DataType] = {field.name: field.type for field in ka10066.schema(Measure.AMOUNT)}
"""Column names and types of a typed partition."""


class UnreadableTableError(KiwoomProviderError, ValueError):
    """A set's table is missing, empty or not of the partition's schema; ``reason`` says which."""

    is_final = True
    remedy = "restore the set from its raw: trigger the session again"

    def __init__(self, reason: Message) -> None:
        super().__init__(str(reason))
        self.reason = reason


@dataclass(frozen=True)
class SetTable:
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
    def of(cls, parameters: ParameterSet, table: pa.Table | None) -> SetTable:
        """
        Read a typed table.

        :raises UnreadableTableError: when it is missing or empty, or a column is missing or of another type.
        """
        if table is None:
            raise UnreadableTableError(message("{set}: was asked for and is not there", set=label(parameters)))
        if trouble := unreadable(table):
            raise UnreadableTableError(message("{set}: {trouble}", set=label(parameters), trouble=trouble))
        codes = text_values(table["stk_cd"])
        codes, rows = np.unique(codes, return_index=True)
        flows = [_dense(table[name], rows) for name in ELEMENTS]
        prices = {name: _dense(_whole(table[name]), rows) for name in PRICES}
        return cls(
            parameters=parameters,
            codes=codes,
            names=text_values(table["stk_nm"])[rows],
            flows=np.stack([values for values, _ in flows], axis=1),
            known=np.stack([there for _, there in flows], axis=1),
            prices={name: values for name, (values, _) in prices.items()},
            priced={name: there for name, (_, there) in prices.items()},
        )

    @property
    def label(self) -> Message:
        """What people read: ``KOSPI · KRX · amount · net``."""
        return label(self.parameters)

    @property
    def place(self) -> Message:
        """Market and venue: ``KOSPI · KRX``."""
        return Message(id=f"{self.parameters.market} · {self.parameters.venue}")

    @property
    def base_price(self) -> np.ndarray:
        """The day's base price in 원: the price less the change; 0 where either is not known."""
        known = self.priced["cur_prc"] & self.priced["pred_pre"] & (self.prices["cur_prc"] > 0)
        return np.where(known, self.prices["cur_prc"] - self.prices["pred_pre"], 0)

    @property
    def by_investor(self) -> tuple[np.ndarray, ...]:
        """The flows' columns, one an investor."""
        return tuple(self.flows.T)

    @property
    def turnover(self) -> np.ndarray:
        """Each stock's traded volume times its price, in KRW million; 0 where not known."""
        return np.asarray(self.prices["trde_qty"] * (self.prices["cur_prc"] / 1e6))

    @property
    def traded(self) -> np.ndarray:
        """Each stock's trading in the unit of the set's investor fields: shares, or KRW million."""
        in_shares = self.parameters.measure is Measure.QUANTITY
        return self.prices["trde_qty"].astype(float) if in_shares else self.turnover

    def stock(self, row: int | np.integer[Any]) -> dict[str, str]:
        """Return code and name of the stock at ``row``."""
        return {"stock_code": str(self.codes[row]), "stock_name": str(self.names[row])}

    def has(self, other: SetTable) -> np.ndarray:
        """Return which of this table's stocks the other one has."""
        return np.isin(self.codes, other.codes, assume_unique=True)

    def spread(self, values: np.ndarray, codes: np.ndarray, absent: object) -> np.ndarray:
        """Return ``values``, one row a stock, for ``codes``; a stock that this table lacks has ``absent``."""
        whole = np.full((len(codes), *values.shape[1:]), absent, dtype=values.dtype)
        where = np.searchsorted(codes, self.codes).clip(max=len(codes) - 1)
        here = codes[where] == self.codes
        whole[where[here]] = values[here]
        return whole


def common_rows(*tables: SetTable) -> tuple[np.ndarray, ...]:
    """Return for each table the rows of the stocks that all of them have."""
    codes = tables[0].codes
    for table in tables[1:]:
        if not np.array_equal(codes, table.codes):
            codes = np.intersect1d(codes, table.codes, assume_unique=True)
    return tuple(np.searchsorted(table.codes, codes) for table in tables)


def unreadable(table: pa.Table) -> Message | None:
    """Return why a table cannot be read as a set's, or None when it can."""
    if problems := column_problems(table):
        first, *others = problems.values()
        return message("{problem} and {count} more", problem=first, count=len(others)) if others else first
    return message("is empty") if table.num_rows == 0 else None


def column_problems(table: pa.Table) -> dict[str, Message]:
    """Return what is wrong with the presence or type of columns, by column."""
    names = table.column_names
    kinds = {field.name: field.type for field in table.schema}
    problems = {name: message("column {name} is missing", name=name) for name in TYPES if name not in kinds}
    for name, kind in kinds.items():
        if names.count(name) > 1:
            problems[name] = message("column {name} stands twice", name=name)
        elif name in TYPES and kind != TYPES[name]:
            wanted = str(TYPES[name])
            problems[name] = message("column {name} is {kind}, not {wanted}", name=name, kind=str(kind), wanted=wanted)
    return problems


def text_values(column: pa.ChunkedArray) -> np.ndarray:
    """Return a column's texts; a null is empty."""
    return np.array([text or "" for text in column.to_pylist()], dtype=np.str_)


def _whole(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Give ``flu_rt`` as hundredths; other columns are whole numbers already."""
    if not pa.types.is_decimal(column.type):
        return column
    return pc.cast(
        pc.round(pc.multiply(pc.cast(column, pa.float64()), int64_scalar(100).cast(pa.float64()))), pa.int64()
    )


def _dense(column: pa.ChunkedArray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    values, there = column_values(column.cast(pa.int64()))
    return values[rows], there[rows]
