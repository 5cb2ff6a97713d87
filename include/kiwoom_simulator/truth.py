"""One parameter set of one session, as columns and as rows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from kiwoom_simulator.flows import INVESTORS, MILLION, to_units
from kiwoom_simulator.parameters import Measure
from kiwoom_simulator.prices import Quotes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from kiwoom_simulator.parameters import Selection
    from kiwoom_simulator.random_numbers import Flags, Ints


@dataclass(frozen=True)
class Truth:
    """
    One parameter set of one session: columns of equal length, ordered by stock code.

    ``unrounded`` is in won or shares, stocks × :data:`kiwoom_simulator.flows.INVESTORS` (13, ``natfor``
    last); ``session_date`` is its session. ``volume`` is in shares, ``turnover`` in won. ``cut`` amounts lose
    what is below a million, others are rounded.
    """

    session_date: date
    selection: Selection
    codes: list[str]
    names: list[str]
    quotes: Quotes
    volume: Ints
    turnover: Ints
    unrounded: Ints
    suspended: Flags
    cut: bool = False

    @cached_property
    def investors(self) -> Ints:
        """Investor fields as they are served: whole KRW million, or shares; as wide as ``unrounded``."""
        amounts = self.selection.measure is Measure.AMOUNT
        return to_units(self.unrounded, MILLION, cut=self.cut) if amounts else self.unrounded

    def of(self, rows: Ints) -> Truth:
        """Return some of the rows, in the order given."""
        return replace(
            self,
            codes=[self.codes[row] for row in rows],
            names=[self.names[row] for row in rows],
            quotes=self.quotes.at(rows),
            volume=self.volume[rows],
            turnover=self.turnover[rows],
            unrounded=self.unrounded[rows],
            suspended=self.suspended[rows],
        )

    def __len__(self) -> int:
        return len(self.codes)

    def rows(self) -> Iterator[dict[str, object]]:
        """Yield a row per stock under the API's element names: ints, and ``flu_rt`` as a Decimal."""
        quotes = zip(*(column.tolist() for column in self.quotes.columns()), strict=True)
        volumes, investors = self.volume.tolist(), self.investors.tolist()
        for code, name, quote, volume, flows in zip(self.codes, self.names, quotes, volumes, investors, strict=True):
            price, change, sign, rate = quote
            yield {
                "stk_cd": code,
                "stk_nm": name,
                "cur_prc": price,
                "pre_sig": sign,
                "pred_pre": change,
                "flu_rt": Decimal(rate).scaleb(-2),
                "trde_qty": volume,
                **dict(zip(INVESTORS, flows, strict=True)),
            }


def union(parts: list[Truth]) -> Truth:
    """Return several markets' parts as one set, ordered by stock code."""

    def join(columns: Iterator[Ints]) -> Ints:
        result: Ints = np.concatenate(list(columns))
        return result

    codes = [code for part in parts for code in part.codes]
    together = replace(
        parts[0],
        codes=codes,
        names=[name for part in parts for name in part.names],
        quotes=Quotes(*map(join, zip(*(part.quotes.columns() for part in parts), strict=True))),  # type: ignore[arg-type]
        volume=join(part.volume for part in parts),
        turnover=join(part.turnover for part in parts),
        unrounded=join(part.unrounded for part in parts),
        suspended=np.concatenate([part.suspended for part in parts]),
    )
    return together.of(np.array(sorted(range(len(codes)), key=codes.__getitem__)))
