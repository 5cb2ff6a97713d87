"""
By how much the figures of a day may miss each other.

Shares are exact. An amount is a won figure brought to KRW million, and whether Kiwoom rounds it (off by half at
most) or cuts it (off by less than one, all to one side) is open: of eight recorded rows of 기관계 six differ from the
sum of their parts by 0, one by +1 and one by -1. Every bound allows for either, and differences are whole numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiwoom_provider.parameters import Measure

if TYPE_CHECKING:
    from collections.abc import Mapping

SAME_WITHIN: Mapping[Measure, int] = {Measure.AMOUNT: 1, Measure.QUANTITY: 0}
"""One figure in two TRs, each of which rounds by itself."""

SUM_WITHIN: Mapping[Measure, int] = {Measure.AMOUNT: 1, Measure.QUANTITY: 0}
"""Three figures tied by a sum: rounded at most 1.5; cut below 2, since of three errors below 1 two can add up."""

FIVE_WITHIN: Mapping[Measure, int] = {Measure.AMOUNT: 4, Measure.QUANTITY: 0}
"""The five investors who are everybody, whose net is nothing: rounded at most 2.5; cut below 5."""

PARTS_WITHIN: Mapping[Measure, int] = {Measure.AMOUNT: 7, Measure.QUANTITY: 0}
"""기관계 and its eight parts: rounded at most 4.5; cut below 8."""
