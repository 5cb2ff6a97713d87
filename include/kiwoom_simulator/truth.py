"""One parameter set of one session, as columns and as rows."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from kiwoom_simulator.flows import INVESTORS, to_million
from kiwoom_simulator.prices import Quotes
from kiwoom_simulator.words import Measure

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from kiwoom_simulator.noise import Flags, Ints
    from kiwoom_simulator.words import Selection


@dataclass(frozen=True)
class Truth:
    """
    One parameter set of one session: columns of equal length, ordered by stock code.

    ``unrounded`` is in won or shares, stocks × :data:`kiwoom_simulator.flows.INVESTORS` (13, ``natfor``
    last); ``session_date`` is its session. ``volume`` is in shares, ``turnover`` in won.
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

    @cached_property
    def investors(self) -> Ints:
        """Investor fields as they are served: whole KRW million, or shares; as wide as ``unrounded``."""
        amounts = self.selection.measure is Measure.AMOUNT
        return to_million(self.unrounded) if amounts else self.unrounded

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
    codes = [code for part in parts for code in part.codes]
    names = [name for part in parts for name in part.names]
    order = np.array(sorted(range(len(codes)), key=codes.__getitem__))

    def joined(columns: Iterator[Ints]) -> Ints:
        result: Ints = np.concatenate(list(columns))[order]
        return result

    return Truth(
        session_date=parts[0].session_date,
        selection=parts[0].selection,
        codes=[codes[row] for row in order],
        names=[names[row] for row in order],
        quotes=Quotes(*map(joined, zip(*(part.quotes.columns() for part in parts), strict=True))),  # type: ignore[arg-type]
        volume=joined(part.volume for part in parts),
        turnover=joined(part.turnover for part in parts),
        unrounded=joined(part.unrounded for part in parts),
        suspended=np.concatenate([part.suspended for part in parts])[order],
    )
