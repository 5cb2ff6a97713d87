"""
What ties the figures of a day to each other, and by how much they may miss it.

기관계 is the sum of its eight parts, five investors are everybody, and bought less sold is net. A figure is one number,
or a column of them (a NumPy array, one number a stock).

Shares are exact. An amount is a won figure brought to KRW million, and whether Kiwoom rounds it (off by half at
most) or cuts it (off by less than one, all to one side) is open: of eight recorded rows of 기관계 six differ from the
sum of their parts by 0, one by +1 and one by -1. Every bound allows for either, and differences are whole numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, cast

from kiwoom_provider.api.ka10066 import MAIN, PARTS
from kiwoom_provider.parameters import Measure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np

FigureT = TypeVar("FigureT", int, "np.ndarray")

SAME_WITHIN: Mapping[Measure, int] = {Measure.AMOUNT: 1, Measure.QUANTITY: 0}
"""One figure in two TRs, each of which rounds by itself."""

SUM_WITHIN: Mapping[Measure, int] = {Measure.AMOUNT: 1, Measure.QUANTITY: 0}
"""Three figures tied by a sum: rounded at most 1.5; cut below 2, since of three errors below 1 two can add up."""

FIVE_WITHIN: Mapping[Measure, int] = {Measure.AMOUNT: 4, Measure.QUANTITY: 0}
"""The five investors who are everybody, whose net is nothing: rounded at most 2.5; cut below 5."""

PARTS_WITHIN: Mapping[Measure, int] = {Measure.AMOUNT: 7, Measure.QUANTITY: 0}
"""기관계 and its eight parts: rounded at most 4.5; cut below 8."""


def parts_sum(flows: Sequence[FigureT]) -> FigureT:
    """
    Return the sum of 기관계's eight parts.

    :param flows: the twelve investors in the API's order.
    """
    return cast("FigureT", sum(flows[PARTS]))


def main_sum(flows: Sequence[FigureT]) -> FigureT:
    """Return the sum of the four who with 기타외국인 are everybody; ``flows`` as for :func:`parts_sum`."""
    return cast("FigureT", sum([flows[place] for place in MAIN]))


def five_sum(flows: Sequence[int], other_foreign: int) -> int:
    """
    Return the sum of the five who are everybody: of net nothing, of buys or sells in shares the day's volume.

    :param flows: as for :func:`parts_sum`.
    :param other_foreign: 기타외국인, natfor.
    """
    return main_sum(flows) + other_foreign


def net_of(buy: FigureT, sell: FigureT) -> FigureT:
    """Return what was bought less what was sold, which is a magnitude."""
    net: FigureT = buy - sell
    return net
