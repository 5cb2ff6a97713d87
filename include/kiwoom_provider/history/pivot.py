"""
From dated answers, a stock each, to typed sets, a session each: one market, venue and block at a time.

Memory is bounded by the block: a market of 1,900 stocks, a hundred sessions and six sets take about 150 MB.
"""

from __future__ import annotations

import hashlib
import logging
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kiwoom_provider.api.errors import ProtocolError
from kiwoom_provider.api.ka10059 import OTHER_FOREIGN_ELEMENT
from kiwoom_provider.api.ka10066 import INVESTOR_ELEMENTS
from kiwoom_provider.datasets import ka10059, layout
from kiwoom_provider.history.answers import AnswerFile
from kiwoom_provider.history.laws import broken_law, figures
from kiwoom_provider.parameters import Measure, ParameterSet, Side, Venue

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    import numpy as np
    import pyarrow as pa

    from kiwoom_provider.api.ka10059 import DatedRow
    from kiwoom_provider.datasets.store import Store
    from kiwoom_provider.history.history_plan import Block, HistoryPlan, Stock
    from kiwoom_provider.parameters import Market

log = logging.getLogger(__name__)

PRICES = ("cur_prc", "pred_pre", "flu_rt", "trde_qty", "pre_sig")
FIGURES = (*INVESTOR_ELEMENTS, OTHER_FOREIGN_ELEMENT)
MOST_REFUSED = 1000
"""Refused rows that a file names; beyond that they are counted only."""

_Kind = tuple[Measure, Side]


@dataclass(slots=True)
class PivotCounts:
    """What came of a block: typed sets written, rows taken, rows refused by law, stocks without any row."""

    sets: int = 0
    rows: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    silent: int = 0


@dataclass(slots=True)
class BlockFigures:
    """
    The figures of one market and venue over a block, as arrays of stocks by sessions.

    :ivar values: by set, stocks × sessions × thirteen figures.
    :ivar prices: stocks × sessions × five (원, 원, hundredths of a percent, shares, the sign's code).
    :ivar known: where all sets of a stock and session obey the laws.
    :ivar fetched_us: by set, when a stock's answer came, microseconds since 1970.
    """

    days: dict[date, int]
    values: dict[_Kind, np.ndarray[Any, np.dtype[np.int64]]]
    prices: np.ndarray[Any, np.dtype[np.int64]]
    known: np.ndarray[Any, np.dtype[np.bool_]]
    fetched_us: dict[_Kind, np.ndarray[Any, np.dtype[np.int64]]]
    refused: dict[date, list[tuple[str, str]]]

    @classmethod
    def empty(cls, days: Sequence[date], stocks: int, kinds: Sequence[_Kind]) -> BlockFigures:
        """Return one without figures."""
        import numpy as np

        shape = (stocks, len(days))
        return cls(
            days={day: place for place, day in enumerate(days)},
            values={kind: np.zeros((*shape, len(FIGURES)), np.int64) for kind in kinds},
            prices=np.zeros((*shape, len(PRICES)), np.int64),
            known=np.zeros(shape, np.bool_),
            fetched_us={kind: np.zeros(stocks, np.int64) for kind in kinds},
            refused={day: [] for day in days},
        )

    def take(self, at: int, code: str, rows: Mapping[_Kind, Mapping[date, DatedRow]]) -> None:
        """Take a stock's rows of every session that has all sets and obeys the laws; name the others."""
        for day in sorted(set().union(*rows.values()) & self.days.keys()):
            found = {kind: by_day[day] for kind, by_day in rows.items() if day in by_day}
            numbers, law = _lawful(found, set(self.values))
            if law:
                self.refused[day].append((code, law))
                continue
            place = (at, self.days[day])
            self.known[place] = True
            self.prices[place] = _prices(next(iter(found.values())))
            for kind, values in numbers.items():
                self.values[kind][place] = values


@dataclass(frozen=True, slots=True)
class Pivot:
    """
    Makes the typed sets of one market and venue out of the answers of a block.

    :param stocks: of the market, with their names.
    :param listed: how many the market has at the venue, whatever was asked for.
    :param stocks_of: the session whose securities these are.
    """

    store: Store
    market: Market
    venue: Venue
    stocks: Sequence[Stock]
    kinds: Sequence[_Kind]
    run_id: str
    listed: int
    stocks_of: date

    @classmethod
    def of(cls, store: Store, plan: HistoryPlan, place: tuple[Market, Venue, int], run_id: str) -> Pivot:
        """Return the pivot of one of a plan's places."""
        market, venue, number = place
        sets = (p for p in plan.blocks[number].sets if (p.market, p.venue) == (market, venue))
        kinds = sorted({(p.measure, p.side) for p in sets})
        stocks, listed = plan.stocks_at(market, venue), plan.listed[f"{market}/{venue}"]
        return cls(store, market, venue, stocks, kinds, run_id, listed, plan.stocks_of)

    def write(self, block: Block) -> PivotCounts:
        """Write the typed sets of every session of the block; one without any stock is left out."""
        block_figures = BlockFigures.empty(block.days, len(self.stocks), self.kinds)
        digest = hashlib.sha256()
        done = PivotCounts()
        for at, stock in enumerate(self.stocks):
            file = AnswerFile.read(self.store, block.until, self.venue, stock.code)
            digest.update(file.digest.encode())
            rows = self._rows(file, block_figures, at)
            done.silent += not any(rows.values())
            block_figures.take(at, stock.code, rows)
        for day in block.days:
            done.refused.update(law.partition(":")[0] for _, law in block_figures.refused[day])
            rows_of_day = int(block_figures.known[:, block_figures.days[day]].sum())
            if rows_of_day:
                self._write_day(block_figures, day, digest.hexdigest())
                done.sets += len(self.kinds)
                done.rows += rows_of_day * len(self.kinds)
        return done

    def _rows(self, file: AnswerFile, block_figures: BlockFigures, at: int) -> dict[_Kind, Mapping[date, DatedRow]]:
        rows: dict[_Kind, Mapping[date, DatedRow]] = {}
        for measure, side in self.kinds:
            try:
                rows[measure, side] = file.rows(measure, side)
            except ProtocolError as error:
                log.warning("%s: %s", file.key, error)
                rows[measure, side] = {}
            if pages := file.of(measure, side):
                block_figures.fetched_us[measure, side][at] = round(pages[-1].fetched_at.timestamp() * 1_000_000)
        return rows

    def _write_day(self, block_figures: BlockFigures, day: date, digest: str) -> None:
        refused = block_figures.refused[day]
        facts = {
            "sweep": f"{layout.RAW_HISTORY}/session={day}/venue={self.venue}/{digest}",
            "sweep_sha256": digest,
            "collected_by_run": self.run_id,
            "source": "ka10059",
            "refused": refused[:MOST_REFUSED],
            "stocks_of": str(self.stocks_of),
            "coverage": self._coverage(int(block_figures.known[:, block_figures.days[day]].sum())),
        }
        for measure, side in self.kinds:
            parameters = ParameterSet(self.market, self.venue, measure, side)
            table = self._table(block_figures, day, (measure, side))
            key = layout.partition_key(day, parameters, layout.REBUILT_PARTITIONS)
            self.store.write(key, ka10059.encode(table, day, parameters, facts))

    def _coverage(self, known: int) -> dict[str, int]:
        """Return how many stocks have a row, of how many, and of a list of stocks how many were asked for."""
        listed = {"asked": len(self.stocks)} if len(self.stocks) < self.listed else {}
        return {"stocks": known, "of": self.listed} | listed

    def _table(self, block_figures: BlockFigures, day: date, kind: _Kind) -> pa.Table:
        import numpy as np
        import pyarrow as pa

        place = block_figures.days[day]
        at = np.flatnonzero(block_figures.known[:, place])
        shape = ka10059.schema(kind[0])
        prices = {name: block_figures.prices[at, place, number] for number, name in enumerate(PRICES)}
        columns = {
            "stk_cd": pa.array([self.stocks[row].code for row in at.tolist()], pa.string()),
            "stk_nm": pa.array([self.stocks[row].name for row in at.tolist()], pa.string()),
            "pre_sig": pa.array(prices["pre_sig"]).cast(pa.int8()),
            **{name: pa.array(prices[name]) for name in ("cur_prc", "pred_pre", "trde_qty")},
            "flu_rt": _hundredths(prices["flu_rt"], shape.field("flu_rt").type),
            **{name: pa.array(block_figures.values[kind][at, place, number]) for number, name in enumerate(FIGURES)},
            "fetched_at": pa.array(block_figures.fetched_us[kind][at]).cast(shape.field("fetched_at").type),
        }
        return pa.Table.from_arrays([columns[name] for name in shape.names], schema=shape).sort_by("stk_cd")


def _lawful(rows: Mapping[_Kind, DatedRow], wanted: set[_Kind]) -> tuple[dict[_Kind, tuple[int, ...]], str | None]:
    """Return the figures of every set, or the law that they break."""
    if absent := [f"{measure} {side}" for measure, side in sorted(wanted - set(rows))]:
        return {}, f"no row: {', '.join(absent)}"
    first = next(iter(rows.values()))
    if any(_prices(row) != _prices(first) for row in rows.values()):
        return {}, "prices or volume: they differ between the sets"
    if None in (first.close_price, first.change, first.change_rate, first.volume, first.change_sign):
        return {}, "price or volume: blank"
    found: dict[_Kind, tuple[int, ...]] = {}
    for (measure, side), row in rows.items():
        values = figures(row, side)
        if values is None:
            return {}, f"{measure} {side}: blank, or of both signs"
        found[measure, side] = values
    for measure in Measure:
        sides = {side: values for (of, side), values in found.items() if of is measure}
        if sides and (law := broken_law(sides, measure, first.volume)):
            return {}, f"{measure} {law}"
    return found, None


def _prices(row: DatedRow) -> tuple[int, ...]:
    rate = row.change_rate.scaleb(2) if row.change_rate is not None else 0
    return row.close_price or 0, row.change or 0, int(rate), row.volume or 0, row.change_sign or 0


def _hundredths(values: np.ndarray[Any, np.dtype[np.int64]], kind: pa.DataType) -> pa.Array:
    """Return hundredths as exact decimals of two digits."""
    import pyarrow as pa
    import pyarrow.compute as pc

    whole = pa.array(values).cast(pa.decimal128(19, 0))
    return pc.multiply(whole, pa.scalar("0.01").cast(pa.decimal128(3, 2))).cast(kind)
