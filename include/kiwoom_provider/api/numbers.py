"""
Exact readers for the number texts that the API sends.

An optional sign, then digits, with or without thousands commas: ``54``, ``+54``, ``-54``, ``--54``
(also -54: a direction sign before a negative number), ``000054``, ``1,234``, ``-0``. An empty or
all-space text is a value that is not listed: null, never zero. Anything else is an error that names
the cell. The forms were seen on ka10066 and its siblings on real accounts (2026-07 to 2026-10).

Columns are read by Arrow kernels; only a column with a bad cell is gone through cell by cell.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from kiwoom_provider.api.errors import ProtocolError

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa

INT64_MIN = -(2**63)
INT64_MAX = 2**63 - 1
DECIMAL_PRECISION = 9

_SIGN = r"(?:--|[+-])?"
_DIGITS = r"(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)"
_INTEGERS = rf"^(?: *|{_SIGN}{_DIGITS})$"
_DECIMALS = rf"^(?: *|{_SIGN}{_DIGITS}(?:\.[0-9]+)?)$"
_INTEGER = re.compile(rf"(?P<sign>{_SIGN})(?P<magnitude>{_DIGITS})")
_DECIMAL = re.compile(rf"(?P<sign>{_SIGN})(?P<magnitude>{_DIGITS}(?:\.[0-9]+)?)")
_LONGEST = 40  # the spec gives 20 characters; bounds work and messages on a hostile cell


class NumberFormatError(ProtocolError):
    """
    A cell is not a number in any of the API's forms.

    :ivar column: the element, such as ``ind_invsr``.
    :ivar row: 0-based place in the column.
    :ivar stock: its stock code, when the caller gave the codes.
    :ivar cell: the text, cut.
    """

    column: str = ""
    row: int = -1
    stock: str = ""
    cell: str = ""


def parse_int(text: str) -> int | None:
    """
    Read one integer text; None for a blank.

    :raises NumberFormatError: when it has none of the forms, or does not fit 64 bits.
    """
    value: int | None = _integer(text)
    if value is _BAD:
        raise _error("", -1, "", text)
    return value


def parse_int64(array: pa.StringArray, column: str, codes: pa.StringArray | None = None) -> pa.Int64Array:
    """
    Read a column of integer texts; blanks become null.

    :param array: the texts as received.
    :param column: name of the element, for the error.
    :param codes: stock codes of the same rows, for the error.
    :raises NumberFormatError: at the first cell that is not an integer, or does not fit 64 bits.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    fast = _fast(array, _INTEGERS, pa.int64())
    if fast is None:
        return pa.array(_cell_by_cell(array, column, codes, _integer), pa.int64())
    magnitudes, negative = fast
    return pc.if_else(negative, pc.negate(magnitudes), magnitudes)


def parse_decimal(
    array: pa.StringArray, column: str, codes: pa.StringArray | None = None, scale: int = 2
) -> pa.Decimal128Array:
    """
    Read a column of decimal texts exactly into ``decimal128(9, scale)``; blanks become null.

    :param array: the texts as received.
    :param column: name of the element, for the error.
    :param codes: stock codes of the same rows, for the error.
    :param scale: digits after the point that are kept; a text with more of them is refused.
    :raises NumberFormatError: at the first cell that is not a decimal, or does not fit.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = pa.decimal128(DECIMAL_PRECISION, scale)
    fast = _fast(array, _DECIMALS, kind)
    if fast is None:
        return pa.array(_cell_by_cell(array, column, codes, _decimal_reader(scale)), kind)
    magnitudes, negative = fast
    return pc.if_else(negative, pc.negate(magnitudes), magnitudes)


def _fast(array: pa.StringArray, pattern: str, kind: pa.DataType) -> tuple[pa.Array, pa.Array] | None:
    """Return magnitudes and where they are negative, or None when a cell needs a closer look."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if array.null_count or not pc.all(pc.match_substring_regex(array, pattern), min_count=0).as_py():
        return None
    digits = pc.ascii_ltrim(array, "+- ")
    if pc.any(pc.match_substring(digits, ",")).as_py():
        digits = pc.replace_substring(digits, ",", "")
    filled = pc.cast(pc.binary_length(digits), pa.bool_())  # a scalar to compare with would import pandas: 50 MB a task
    if not pc.all(filled, min_count=0).as_py():
        digits = pc.if_else(filled, digits, pa.nulls(len(digits), pa.string()))
    try:
        return pc.cast(digits, kind), pc.starts_with(array, "-")
    except pa.ArrowInvalid:  # too big for the type, or nearly so: the slow way tells
        return None


_BAD: Any = object()


def _cell_by_cell(
    array: pa.StringArray, column: str, codes: pa.StringArray | None, read: Callable[[str | None], Any]
) -> list[Any]:
    texts = array.to_pylist()
    values = [read(text) for text in texts]
    for row, value in enumerate(values):
        if value is _BAD:
            stock = codes[row].as_py() if codes is not None else ""
            raise _error(column, row, stock, texts[row])
    return values


def _integer(text: str | None) -> Any:  # noqa: ANN401  an int, None or _BAD
    found = _match(_INTEGER, text)
    if found is None or found is _BAD:
        return found
    text = _signed(found)
    value = int(text) if len(text) <= _LONGEST else INT64_MAX + 1
    return value if INT64_MIN <= value <= INT64_MAX else _BAD


def _decimal_reader(scale: int) -> Callable[[str | None], Any]:
    limit = Decimal(10) ** (DECIMAL_PRECISION - scale)

    def read(text: str | None) -> Any:  # noqa: ANN401  a Decimal, None or _BAD
        found = _match(_DECIMAL, text)
        if found is None or found is _BAD:
            return found
        value = Decimal(_signed(found))
        return value if abs(value) < limit and value == round(value, scale) else _BAD

    return read


def _match(pattern: re.Pattern[str], text: str | None) -> Any:  # noqa: ANN401  a match, None or _BAD
    if text is None:
        return _BAD
    if not text.strip(" "):
        return None
    return pattern.fullmatch(text) or _BAD


def _signed(found: re.Match[str]) -> str:
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
