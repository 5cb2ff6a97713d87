"""
Columns and single cells: are they there, of their types, and within what can be.

Codes are six characters, some alphanumeric (``0156T0``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kiwoom_provider.api.ka10059 import OTHER_FOREIGN_ELEMENT
from kiwoom_provider.datasets.arrow import int64_scalar, text_scalar
from kiwoom_provider.datasets.columns import INVESTORS
from kiwoom_provider.datasets.set_metadata import SetMetadata
from kiwoom_provider.locale import label, message
from kiwoom_provider.parameters import Side
from kiwoom_provider.quality.check import NotApplicable
from kiwoom_provider.quality.results import MOST_OFFENDERS, Severity
from kiwoom_provider.quality.rule import API_CHANGED, BLANK, LOOK, WATCH, rule
from kiwoom_provider.quality.table import ELEMENTS, INVESTOR_NAMES, TYPES, column_problems
from kiwoom_provider.quality.tolerances import LARGEST_FLOW, LARGEST_PRICE, LARGEST_VOLUME

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from kiwoom_provider.locale import Message
    from kiwoom_provider.quality.audit_input import AuditInput
    from kiwoom_provider.quality.check import CheckResult
    from kiwoom_provider.quality.table import SetTable

NO_TABLE = message("no table is there")
CODE_PATTERN = r"^[0-9A-Z]{6}$"
EACH_INVESTOR_FIELD = message("each investor field of each set")

_COUNTERS = ("cur_prc", "pred_pre", "trde_qty")
_NAMES = {investor.element: investor.name for investor in INVESTORS}


@rule(
    title=message("Every column is there and of its type"),
    looks_at=message("each column of each set"),
    reason=message("a missing element means that the API changed"),
    severity=Severity.BLOCK,
    remedy=API_CHANGED,
)
def schema(given: AuditInput, result: CheckResult) -> None:
    """Check that every table has every column of the partition, of its type."""
    if not given.tables:
        raise NotApplicable(NO_TABLE)
    for parameters, table in given.tables.items():
        result.checked += len(TYPES)
        for name, problem in column_problems(table).items():
            kind = str(TYPES[name]) if name in TYPES else message("once")
            result.fault(label(parameters), message("{name}: {kind}", name=name, kind=kind), problem)


@rule(
    title=message("The API sends no element that its sheet lacks"),
    looks_at=message("each set's elements"),
    reason=message("a new element is kept in raw and takes nothing away"),
    severity=Severity.WARN,
    remedy=WATCH,
)
def new_elements(given: AuditInput, result: CheckResult) -> None:
    """Check that the API sends no element that its sheet does not name."""
    if not given.tables:
        raise NotApplicable(NO_TABLE)
    for parameters, table in given.tables.items():
        result.checked += 1
        sent = given.extra_elements.get(parameters, ())
        for name in sorted({*sent, *table.column_names} - {*TYPES, *({OTHER_FOREIGN_ELEMENT} - {*sent})}):
            result.fault(label(parameters), message("no such element"), name)


@rule(
    title=message("No investor field is blank"),
    looks_at=EACH_INVESTOR_FIELD,
    tolerance=message("none; a stock that was not traded may be blank throughout, with a warning"),
    reason=message("a blank is not a zero"),
    severity=Severity.BLOCK,
    remedy=LOOK,
)
def investor_nulls(given: AuditInput, result: CheckResult) -> None:
    """Check that no investor field is null, but for stocks that were not traded and have none at all."""
    for table in given.each(result):
        rows, columns = np.nonzero(~table.known)
        idle = table.priced["trde_qty"] & (table.prices["trde_qty"] == 0) & ~table.known.any(axis=1)
        result.checked += table.known.size
        for row, column in zip(rows, columns, strict=True):
            name, stock = INVESTOR_NAMES[column], table.stock(row)
            size = float(table.turnover[row]) + (not idle[row])
            result.fault(table.label, None, BLANK, size=size, stock=stock, column=name, unusual=bool(idle[row]))


@rule(
    title=message("No name, price or volume is blank"),
    looks_at=message("each other cell of each set"),
    reason=message("a stock that did not trade may have no price"),
    severity=Severity.WARN,
    remedy=WATCH,
)
def other_nulls(given: AuditInput, result: CheckResult) -> None:
    """Check that no other cell is null, and no name is empty."""
    others = [name for name in TYPES if name not in (*ELEMENTS, "stk_cd", "stk_nm")]
    for table in given.each(result):
        _cells(given, result, table, others, pc.is_null)
        _cells(given, result, table, ["stk_nm"], _is_empty)


@rule(
    title=message("Stock codes are six digits or capital letters"),
    looks_at=message("each stock code"),
    reason=message("codes such as 005930 and 0156T0 were seen, and no others"),
    severity=Severity.BLOCK,
    remedy=API_CHANGED,
)
def stock_codes(given: AuditInput, result: CheckResult) -> None:
    """Check that codes are six digits or capital letters."""
    for table in given.each(result):
        _cells(given, result, table, ["stk_cd"], _no_code, expected=message("six digits or capital letters"))


def _is_empty(names: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.equal(pc.fill_null(names, text_scalar("")), text_scalar(""))


def _no_code(codes: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.invert(pc.match_substring_regex(pc.fill_null(codes, text_scalar("")), CODE_PATTERN))


@rule(
    title=message("Prices and volumes are within what can be"),
    looks_at=message("each cell of each set"),
    tolerance=message(
        "prices from 0 to {price} won, changes within that, volumes from 0 to {volume} shares",
        price=LARGEST_PRICE,
        volume=LARGEST_VOLUME,
    ),
    reason=message("orders of magnitude beyond any day's figures"),
    severity=Severity.BLOCK,
    remedy=LOOK,
)
def price_range(given: AuditInput, result: CheckResult) -> None:
    """Check that prices and volumes are within bounds that no day reaches."""
    bounds = {
        "cur_prc": (0, LARGEST_PRICE),
        "pred_pre": (-LARGEST_PRICE, LARGEST_PRICE),
        "trde_qty": (0, LARGEST_VOLUME),
    }
    for table in given.each(result):
        for name, (least, most) in bounds.items():
            within = message("{least} to {most}", least=least, most=most)
            _cells(given, result, table, [name], _outside(least, most), expected=within)


@rule(
    title=message("No counter is at its end"),
    looks_at=message("each number of each set"),
    tolerance=message("a volume with a warning"),
    reason=message("4294967295, 2147483647 and -2147483 are no numbers; the cell is stored as a blank"),
    severity=Severity.BLOCK,
    remedy=LOOK,
)
def no_saturated_counters(given: AuditInput, result: CheckResult) -> None:
    """Check that no cell came as a counter at the end of its range; which did, the typed set's metadata names."""
    for table in given.each(result):
        typed = given.tables[table.parameters]
        result.checked += typed.num_rows * (len(ELEMENTS) + len(_COUNTERS))
        for element, code, text in SetMetadata.of(typed, table.parameters.label).saturated:
            unusual = element == "trde_qty"
            name = _NAMES.get(element, element)
            stock = {"stock_code": code}
            result.fault(table.label, message("a number"), text, stock=stock, column=name, unusual=unusual)


@rule(
    title=message("Investor fields are within what can be"),
    looks_at=EACH_INVESTOR_FIELD,
    tolerance=message("±{most}", most=LARGEST_FLOW),
    reason=message("orders of magnitude beyond any day's figures, and safe to add up"),
    severity=Severity.BLOCK,
    remedy=LOOK,
)
def investor_range(given: AuditInput, result: CheckResult) -> None:
    """Check that investor fields are within bounds that no day reaches."""
    for table in given.each(result):
        within = message("±{most}", most=LARGEST_FLOW)
        _cells(given, result, table, ELEMENTS, _outside(-LARGEST_FLOW, LARGEST_FLOW), expected=within)


@rule(
    title=message("Buys and sells are not negative"),
    looks_at=message("each investor field of buy and sell sets"),
    reason=message("sells may all come with a minus and are stored without; a set with both signs is impossible"),
    severity=Severity.BLOCK,
    remedy=LOOK,
)
def gross_not_negative(given: AuditInput, result: CheckResult) -> None:
    """Check that buys and sells are not below zero."""
    for table in given.each(result):
        if table.parameters.side is not Side.NET:
            _cells(given, result, table, ELEMENTS, _is_negative, expected=message("not negative"))
    result.need(message("neither buy nor sell was asked for"))


def _is_negative(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.less(column, int64_scalar(0))


def _cells(
    given: AuditInput,
    result: CheckResult,
    table: SetTable,
    names: Iterable[str],
    is_bad: Callable[[pa.ChunkedArray], pa.ChunkedArray],
    *,
    expected: Message | None = None,
) -> None:
    """Count the cells of some columns, as they stand in the typed table, that are bad."""
    typed = given.tables[table.parameters]
    for name in names:
        bad = pc.indices_nonzero(is_bad(typed[name])).to_pylist()
        result.checked += typed.num_rows
        for row in bad[:MOST_OFFENDERS]:
            stock = {"stock_code": typed["stk_cd"][row].as_py(), "stock_name": typed["stk_nm"][row].as_py()}
            cell = typed[name][row].as_py()
            seen = BLANK if cell in {None, ""} else cell
            result.fault(table.label, expected, seen, stock=stock, column=_NAMES.get(name, name))
        result.failing += len(bad[MOST_OFFENDERS:])


def _outside(least: int, most: int) -> Callable[[pa.ChunkedArray], pa.ChunkedArray]:
    return lambda column: pc.or_(pc.less(column, int64_scalar(least)), pc.greater(column, int64_scalar(most)))
