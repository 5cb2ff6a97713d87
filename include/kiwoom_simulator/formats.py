"""
How numbers are written: plainly, as recorded from the live API, or in every way that any sibling used.

* plain: no sign on ``cur_prc``, a single ``-`` on what is below zero.
* recorded: as recorded ka10066 rows: the direction as a sign on ``cur_prc``, ``+`` on rises of price and
  rate, investor fields with a single ``-`` and no ``+``.
* padded: recorded, with spaces on either side, as fixed-width back ends send numbers.
* wild: recorded, and by cell, the same every time: ``--`` for below zero, ``+``, thousands commas, zero
  padding, ``-0``; ``pred_pre`` and ``flu_rt`` of stocks that never trade are blank.
"""

from __future__ import annotations

from enum import StrEnum
from zlib import crc32

DOWN_SIGNS = (4, 5)
UP_SIGNS = (1, 2)


class Formats(StrEnum):
    """A way of writing numbers."""

    PLAIN = "plain"
    RECORDED = "recorded"
    PADDED = "padded"
    WILD = "wild"


BARE_COUNTS = (Formats.PLAIN, Formats.RECORDED)
"""Where a count is its digits and nothing else."""


def price(formats: Formats, value: int, sign: int, cell: str) -> str:
    """Write ``cur_prc``: its sign says the direction, not that it is below zero."""
    if formats is Formats.PLAIN:
        return str(value)
    digits = _wild_digits(value, crc32(cell.encode())) if formats is Formats.WILD else str(value)
    return _pad(formats, _direction(sign) + digits)


def change(formats: Formats, value: int, cell: str) -> str:
    """Write ``pred_pre``."""
    if formats is Formats.WILD:
        return wild(value, cell)
    return _pad(formats, f"{value:+d}" if value > 0 and formats is not Formats.PLAIN else str(value))


def rate(formats: Formats, hundredths: int, cell: str) -> str:
    """Write ``flu_rt``, always with two decimals."""
    text = f"{abs(hundredths) // 100}.{abs(hundredths) % 100:02d}"
    if hundredths > 0:
        return _pad(formats, text if formats is Formats.PLAIN else f"+{text}")
    doubled = formats is Formats.WILD and crc32(cell.encode()) % 2
    return _pad(formats, f"{'--' if doubled else '-'}{text}" if hundredths < 0 else text)


def count(formats: Formats, value: int, cell: str) -> str:
    """Write a number of shares or of KRW million, such as an investor field."""
    if formats is Formats.WILD:
        return wild(value, cell)
    return _pad(formats, str(value)) if formats is Formats.PADDED else str(value)


def signed_count(formats: Formats, value: int, cell: str) -> str:
    """Write an investor field of ka10059: recorded ones say ``--28837`` and ``+64891``."""
    if formats in {Formats.RECORDED, Formats.PADDED} and value:
        return _pad(formats, f"+{value}" if value > 0 else f"-{value}")
    return count(formats, value, cell)


def wild(value: int, cell: str) -> str:
    """Write ``value`` in one of the ways seen; which one depends on ``cell`` alone."""
    choice = crc32(cell.encode())
    if value == 0:
        return ("0", "0", "-0", "+0", "00")[choice % 5]
    sign = ("", "+")[choice % 2] if value > 0 else ("-", "--")[choice % 2]
    return sign + _wild_digits(abs(value), choice)


def _wild_digits(value: int, choice: int) -> str:
    return (str(value), f"{value:,}", f"{value:09d}", str(value))[choice // 8 % 4]


def _direction(sign: int) -> str:
    return "-" if sign in DOWN_SIGNS else "+" if sign in UP_SIGNS else ""


def _pad(formats: Formats, text: str) -> str:
    return f"{text:^14}" if formats is Formats.PADDED else text
