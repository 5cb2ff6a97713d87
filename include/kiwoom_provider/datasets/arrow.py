"""
Between Arrow and numpy by plain buffers.

Arrow's own ways from Python's objects (``to_numpy``, ``pa.array``, ``pa.scalar``, a number as an argument of
``pyarrow.compute``) import pandas where it is installed: 0.2 s of CPU and 50 MB for each task that needs none of it.
"""

from __future__ import annotations

from array import array
from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Sequence


def column_values(column: pa.ChunkedArray) -> tuple[np.ndarray, np.ndarray]:
    """Return an int64 column's values, a null as 0, and which are there."""
    array = column.combine_chunks()
    values = np.frombuffer(array.buffers()[1] or b"", np.int64)[array.offset : array.offset + len(array)]
    if not array.null_count:
        return values, np.ones(len(values), dtype=bool)
    bits = np.frombuffer(array.buffers()[0], np.uint8)
    there = np.unpackbits(bits, bitorder="little")[array.offset : array.offset + len(array)].astype(bool)
    return np.where(there, values, 0), there


def int64_array(values: np.ndarray, there: np.ndarray | None = None) -> pa.Int64Array:
    """Return whole numbers as Arrow's int64, null where one is not there."""
    bits = None if there is None or there.all() else pa.py_buffer(np.packbits(there, bitorder="little").tobytes())
    data = pa.py_buffer(np.ascontiguousarray(values, dtype=np.int64))
    return pa.Array.from_buffers(pa.int64(), len(values), [bits, data])


def int64_scalar(value: int) -> pa.Int64Scalar:
    """Return a whole number as Arrow's."""
    return int64_array(np.array([value]))[0]


def text_array(texts: Sequence[str]) -> pa.StringArray:
    """
    Return texts as Arrow keeps them, laid end to end.

    :raises TypeError: when one is no text.
    :raises UnicodeEncodeError: when one holds half a character.
    """
    data = "".join(texts).encode()
    sizes = map(len, texts) if data.isascii() else (len(text.encode()) for text in texts)
    offsets = array("i", accumulate(sizes, initial=0))
    return pa.StringArray.from_buffers(len(texts), pa.py_buffer(offsets), pa.py_buffer(data))


def text_scalar(text: str) -> pa.StringScalar:
    """Return a text as Arrow's."""
    return text_array([text])[0]
