"""
Exact readers for the number texts that the API sends.

An optional sign, then digits, with or without thousands commas: ``54``, ``+54``, ``-54``, ``--54``
(also -54: a direction sign before a negative number), ``000054``, ``1,234``, ``-0``; spaces on either
side, as fixed-width back ends pad. An empty or all-space text is a value that is not listed: null,
never zero. So is a counter that has overflowed and stands at its end. Anything else is an error that
names the cell. The forms were seen on ka10066 and its siblings on real accounts (2026-07 to 2026-10).

Columns are read by Arrow kernels; only a column with a bad cell is gone through cell by cell.
"""

from __future__ import annotations

import logging
import re
from array import array
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from kiwoom_provider.api.errors import ProtocolError

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa

log = logging.getLogger(__name__)

INT64_MIN = -(2**63)
INT64_MAX = 2**63 - 1
DECIMAL_PRECISION, DECIMAL_SCALE = 9, 2

_SIGN = r"(?:--|[+-])?"
_DIGITS = r"(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)"
_INTEGERS = rf"^ *(?:{_SIGN}{_DIGITS})? *$"
_DECIMALS = rf"^ *(?:{_SIGN}{_DIGITS}(?:\.[0-9]+)?)? *$"
_INTEGER = re.compile(rf"(?P<sign>{_SIGN})(?P<magnitude>{_DIGITS})")
_PLAIN = re.compile(r"[+-]?[0-9]{1,18}")
"""What nearly every cell is: it needs no closer look, and fits 64 bits."""
_DECIMAL = re.compile(rf"(?P<sign>{_SIGN})(?P<magnitude>{_DIGITS}(?:\.[0-9]+)?)")
SATURATED = (4294967295, 2147483647, -2147483648, -2147483)
"""Where counters of the vendor's back ends stop (the last in thousands), as seen in siblings: no figures."""

_LONGEST = 40  # the spec gives 20 characters; bounds work and messages on a hostile cell


class NumberFormatError(ProtocolError):
    """
    A cell is not a number in any of the API's forms.

    :ivar column: the element, such as ``ind_invsr``.
    :ivar row: 0-based place in the column.
    :ivar stock: its stock code, when the caller gave the codes.
    :ivar cell: the text, cut.
    """

    remedy = "raw is kept: let every set fetch, mend the reader, and replay"

    column: str = ""
    row: int = -1
    stock: str = ""
    cell: str = ""


def parse_int(text: str) -> int | None:
    """
    Read one integer text; None for a blank. An overflowed counter (:data:`SATURATED`) is the caller's to know.

    :raises NumberFormatError: when it has none of the forms, or does not fit 64 bits.
    """
    value: int | None = _integer(text)
    if value is _BAD:
        raise _error("", -1, "", text)
    return value


def parse_int64(texts: pa.StringArray, column: str, codes: pa.StringArray | None = None) -> pa.Int64Array:
    """
    Read a column of integer texts; blanks and saturated counters become null, and the latter are named in the log.

    :param texts: as received.
    :param column: name of the element, for the error.
    :param codes: stock codes of the same rows, for the error.
    :raises NumberFormatError: at the first cell that is not an integer, or does not fit 64 bits.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    fast = _fast(texts, _INTEGERS, pa.int64())
    if fast is None:
        values = pa.array(_cell_by_cell(texts, column, codes, _integer), pa.int64())
    else:
        magnitudes, negative = fast
        values = pc.if_else(negative, pc.negate(magnitudes), magnitudes)
    return _without_saturated(values, column, codes)


def _without_saturated(values: pa.Int64Array, column: str, codes: pa.StringArray | None) -> pa.Int64Array:
    """Put null where a counter has overflowed."""
    import pyarrow as pa
    import pyarrow.compute as pc

    ends = pa.Array.from_buffers(pa.int64(), len(SATURATED), [None, pa.py_buffer(array("q", SATURATED))])
    saturated = pc.is_in(values, value_set=ends)
    if not pc.any(saturated, min_count=0).as_py():
        return values
    named = [str(row) if codes is None else codes[row].as_py() for row, is_so in enumerate(saturated) if is_so.as_py()]
    log.warning("%s of %s is an overflowed counter and no figure: read as blank", column, ", ".join(named[:5]))
    return pc.if_else(saturated, pa.nulls(len(values), pa.int64()), values)


def parse_decimal(texts: pa.StringArray, column: str, codes: pa.StringArray | None = None) -> pa.Decimal128Array:
    """
    Read a column of decimal texts exactly into ``decimal128(9, 2)``; blanks become null.

    :param texts: as received.
    :param column: name of the element, for the error.
    :param codes: stock codes of the same rows, for the error.
    :raises NumberFormatError: at the first cell that is not a decimal, or does not fit: more than two digits after
        the point are refused.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = pa.decimal128(DECIMAL_PRECISION, DECIMAL_SCALE)
    fast = _fast(texts, _DECIMALS, kind)
    if fast is None:
        return pa.array(_cell_by_cell(texts, column, codes, _decimal), kind)
    magnitudes, negative = fast
    return pc.if_else(negative, pc.negate(magnitudes), magnitudes)


def _fast(texts: pa.StringArray, pattern: str, kind: pa.DataType) -> tuple[pa.Array, pa.Array] | None:
    """Return magnitudes and where they are negative, or None when a cell needs a closer look."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if texts.null_count or not pc.all(pc.match_substring_regex(texts, pattern), min_count=0).as_py():
        return None
    if pc.any(pc.match_substring(texts, " ")).as_py():
        texts = pc.ascii_trim(texts, " ")
    digits = pc.ascii_ltrim(texts, "+-")
    if pc.any(pc.match_substring(digits, ",")).as_py():
        digits = pc.replace_substring(digits, ",", "")
    filled = pc.cast(pc.binary_length(digits), pa.bool_())  # a scalar to compare with would import pandas: 50 MB a task
    if not pc.all(filled, min_count=0).as_py():
        digits = pc.if_else(filled, digits, pa.nulls(len(digits), pa.string()))
    try:
        return pc.cast(digits, kind), pc.starts_with(texts, "-")
    except pa.ArrowInvalid:  # too big for the type, or nearly so: the slow way tells
        return None


_BAD: Any = object()


def _cell_by_cell(
    texts: pa.StringArray, column: str, codes: pa.StringArray | None, read: Callable[[str | None], Any]
) -> list[Any]:
    cells = texts.to_pylist()
    values = [read(cell) for cell in cells]
    for row, value in enumerate(values):
        if value is _BAD:
            stock = codes[row].as_py() if codes is not None else ""
            raise _error(column, row, stock, cells[row])
    return values


def _integer(text: str | None) -> Any:  # noqa: ANN401  an int, None or _BAD
    if text and _PLAIN.fullmatch(text):
        return int(text)
    found = _match(_INTEGER, text)
    if found is None or found is _BAD:
        return found
    text = _join_sign(found)
    value = int(text) if len(text) <= _LONGEST else INT64_MAX + 1
    return value if INT64_MIN <= value <= INT64_MAX else _BAD


def _decimal(text: str | None) -> Any:  # noqa: ANN401  a Decimal, None or _BAD
    found = _match(_DECIMAL, text)
    if found is None or found is _BAD:
        return found
    value = Decimal(_join_sign(found))
    is_in_range = abs(value) < Decimal(10) ** (DECIMAL_PRECISION - DECIMAL_SCALE)
    return value if is_in_range and value == round(value, DECIMAL_SCALE) else _BAD


def _match(pattern: re.Pattern[str], text: str | None) -> Any:  # noqa: ANN401  a match, None or _BAD
    if text is None:
        return _BAD
    text = text.strip(" ")
    return pattern.fullmatch(text) or _BAD if text else None


def _join_sign(found: re.Match[str]) -> str:
    sign = "-" if found["sign"].startswith("-") else ""
    return sign + (found["magnitude"].replace(",", "").lstrip("0") or "0")


def _error(column: str, row: int, stock: str, cell: str | None) -> NumberFormatError:
    shown = cell if cell is None else cell[:_LONGEST]
    where = f"{column} of row {row}" + (f" (stock {stock})" if stock else "") if column else "the text"
    error = NumberFormatError(
        f"{where} is {shown!r}, which is not a number in a form that Kiwoom's API is known to use. "
        "Nothing was guessed: look at the raw page"
    )
    error.column, error.row, error.stock, error.cell = column, row, stock or "", shown or ""
    return error
