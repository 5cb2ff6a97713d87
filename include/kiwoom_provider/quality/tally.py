"""Counting what a law finds, and keeping the worst offenders."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias, TypedDict, Unpack

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kiwoom_provider.quality.sheet import Sheet

WORST = 10
Value: TypeAlias = int | float | str | None


class Stock(TypedDict, total=False):
    """What an offender is, beside its set; what does not apply is left out."""

    stock_code: str | None
    stock_name: str | None
    investor: str | None
    difference: float


@dataclass(frozen=True)
class Finding:
    """
    What a law found, before severity.

    :param broken: what was asked for and could not be checked, each with the reason.
    :param not_applicable: why the law does not apply; empty when it does.
    """

    checked: int
    failing: int
    offenders: tuple[dict[str, Any], ...] = ()
    broken: tuple[str, ...] = ()
    not_applicable: str = ""
    releasable: bool = True


@dataclass(frozen=True)
class Cells:
    """
    Whole numbers to compare: ``expected`` and ``seen`` have shape (stocks, columns).

    :param rows: where in ``sheet`` each stock stands.
    :param columns: what each column is called.
    :param valid: which cells can be compared; the others are not counted.
    """

    sheet: Sheet
    rows: np.ndarray
    columns: Sequence[str]
    expected: np.ndarray
    seen: np.ndarray
    valid: np.ndarray | np.bool = np.True_
    tolerance: float | np.ndarray = 0


@dataclass
class Tally:
    """A law's running count. ``entered`` turns true when something it applies to was asked for."""

    checked: int = 0
    failing: int = 0
    entered: bool = False
    broken: dict[str, None] = field(default_factory=dict)
    _worst: list[tuple[float, dict[str, Any]]] = field(default_factory=list)

    def fault(self, size: float, where: str, expected: Value, seen: Value, **stock: Unpack[Stock]) -> None:
        """Count one failing thing; ``size`` ranks it among the worst."""
        self.failing += 1
        self._keep(size, offender(where, expected, seen, **stock))

    def compare(self, cells: Cells, where: str = "") -> None:
        """Count cells that differ beyond their tolerance; ``where`` is the sheet's label if left out."""
        valid = np.broadcast_to(cells.valid, cells.seen.shape)
        distance = np.abs(cells.seen - cells.expected)
        bad = valid & (distance > cells.tolerance)
        self.checked += int(valid.sum())
        self.failing += int(bad.sum())
        for row, column in _largest(distance, bad):
            expected, seen = int(cells.expected[row, column]), int(cells.seen[row, column])
            stock = named(cells.sheet, cells.rows[row])
            stock |= {"investor": cells.columns[column], "difference": seen - expected}
            entry = offender(where or cells.sheet.label, expected, seen, **stock)
            self._keep(float(distance[row, column]), entry)

    def finding(self, otherwise: str, *, releasable: bool = True) -> Finding:
        """
        Close the count.

        :param otherwise: the reason to give when nothing that the law applies to was asked for.
        :param releasable: False when a failure shows that the data are another session's.
        """
        return Finding(
            checked=self.checked,
            failing=self.failing,
            offenders=tuple(entry for _, entry in self._worst),
            broken=tuple(self.broken),
            not_applicable="" if self.entered else otherwise,
            releasable=releasable or not self.failing,
        )

    def _keep(self, size: float, entry: dict[str, Any]) -> None:
        if len(self._worst) < WORST or size > self._worst[-1][0]:
            self._worst = sorted([*self._worst, (size, entry)], key=lambda item: -item[0])[:WORST]


def offender(where: str, expected: Value, seen: Value, **stock: Unpack[Stock]) -> dict[str, Any]:
    """Return one offender, JSON-ready, every key there."""
    return {
        "set": where,
        "stock_code": stock.get("stock_code"),
        "stock_name": stock.get("stock_name"),
        "investor": stock.get("investor"),
        "expected": expected,
        "seen": seen,
        "difference": stock.get("difference"),
    }


def named(sheet: Sheet, row: np.integer[Any]) -> Stock:
    """Return code and name of the stock at ``row``."""
    return {"stock_code": str(sheet.codes[row]), "stock_name": str(sheet.names[row])}


def _largest(distance: np.ndarray, bad: np.ndarray) -> list[tuple[int, int]]:
    places = np.argwhere(bad)
    order = np.argsort(-distance[bad], kind="stable")[:WORST]
    return [(int(row), int(column)) for row, column in places[order]]
