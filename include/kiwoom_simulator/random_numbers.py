"""
Random numbers without a state: any cell of any day, straight from what names it.

A hash (splitmix64's mixer) over the seed, a purpose and any number of integer keys, broadcast by numpy.
The same keys give the same number whatever else is generated, so one stock's hundred days and one day's
thousand stocks agree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias
from zlib import crc32

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Ints: TypeAlias = npt.NDArray[np.int64]
    Floats: TypeAlias = npt.NDArray[np.float64]
    Keys: TypeAlias = npt.NDArray[np.uint64]
    Flags: TypeAlias = npt.NDArray[np.bool_]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX2 = np.uint64(0x94D049BB133111EB)


def key(text: str) -> int:
    """Return a number that stands for ``text``, the same in every process."""
    return crc32(text.encode())


def uniform(seed: int, purpose: str, *keys: npt.ArrayLike) -> Floats:
    """Return numbers in [0, 1), in the shape that ``keys`` broadcast to."""
    with np.errstate(over="ignore"):  # the mixer lives by wrapping around
        state = np.asarray([key(f"{seed}:{purpose}")], np.uint64)
        for part in keys:
            state = _mix(state ^ (np.asarray(part).astype(np.uint64) * _GOLDEN + _GOLDEN))
        numbers: Floats = (_mix(state) >> np.uint64(11)).astype(np.float64) * 2.0**-53
        return numbers


def normal(seed: int, purpose: str, *keys: npt.ArrayLike) -> Floats:
    """Return numbers of mean 0 and deviation 1, between -3 and 3."""
    first, second, third = (uniform(seed, f"{purpose}/{i}", *keys) for i in range(3))
    return 2 * (first + second + third) - 3


def _mix(state: Keys) -> Keys:
    state = (state ^ (state >> np.uint64(30))) * _MIX1
    state = (state ^ (state >> np.uint64(27))) * _MIX2
    return state ^ (state >> np.uint64(31))
