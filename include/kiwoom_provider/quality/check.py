"""Counting what a law finds, and keeping the worst offenders."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from kiwoom_provider.locale import Message, investor
from kiwoom_provider.quality.results import MOST_OFFENDERS, Offender
from kiwoom_provider.quality.table import INVESTOR_NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kiwoom_provider.quality.results import Value
    from kiwoom_provider.quality.table import SetTable


class NotApplicable(Exception):  # noqa: N818 - it is no error
    """A law does not apply: what it needs was not asked for, or is not stored; ``reason`` says which."""

    def __init__(self, reason: Message) -> None:
        super().__init__(str(reason))
        self.reason = reason


@dataclass
class CheckResult:
    """
    What a law found, before severity.

    :param checked: how many things were looked at.
    :param failing: how many of them broke the law.
    :param unusual: how many of the failing only warn, whatever the rule's severity.
    :param unchecked: what was asked for and could not be checked, each with the reason.
    :param uncompared: earlier data that could not be compared with, each with the reason.
    :param is_releasable: False when a failure shows that the data are another session's.
    """

    checked: int = 0
    failing: int = 0
    unusual: int = 0
    unchecked: list[Message] = field(default_factory=list)
    uncompared: list[Message] = field(default_factory=list)
    is_releasable: bool = True
    _worst: list[tuple[float, Offender]] = field(default_factory=list)

    @property
    def offenders(self) -> tuple[Offender, ...]:
        """The worst offenders, largest first."""
        return tuple(one for _, one in self._worst)

    def fault(
        self,
        where: Message,
        expected: Value,
        seen: Value,
        *,
        size: float = 1,
        stock: Mapping[str, str] | None = None,
        column: str | None = None,
        difference: float | None = None,
        unusual: bool = False,
    ) -> None:
        """
        Count one failing thing.

        :param size: ranks it among the worst.
        :param stock: ``stock_code`` and perhaps ``stock_name``.
        :param column: an investor's name, or an element's.
        :param unusual: whether it only warns.
        """
        self.failing += 1
        self.unusual += unusual
        if len(self._worst) < MOST_OFFENDERS or size > self._worst[-1][0]:
            entry = Offender(
                where=where,
                investor=_column(column),
                expected=expected,
                seen=seen,
                difference=difference,
                **(stock or {}),
            )
            self._worst = sorted([*self._worst, (size, entry)], key=lambda item: -item[0])[:MOST_OFFENDERS]

    def compare(
        self,
        table: SetTable,
        rows: np.ndarray,
        columns: Sequence[str],
        *,
        expected: np.ndarray,
        seen: np.ndarray,
        valid: np.ndarray | np.bool = np.True_,
        tolerance: float | np.ndarray = 0,
        where: Message | None = None,
    ) -> None:
        """
        Count cells that differ beyond their tolerance; ``expected`` and ``seen`` are whole, shape (rows, columns).

        :param rows: where in ``table`` each stock stands.
        :param valid: which cells can be compared; the others are not counted.
        :param where: what they stand in, the table's label if left out.
        """
        valid = np.broadcast_to(valid, seen.shape)
        distance = np.abs(seen - expected)
        bad = valid & (distance > tolerance)
        self.checked += int(valid.sum())
        kept = _largest(distance, bad)
        for row, column in kept:
            wanted, found = int(expected[row, column]), int(seen[row, column])
            self.fault(
                where or table.label,
                wanted,
                found,
                size=float(distance[row, column]),
                stock=table.stock(rows[row]),
                column=columns[column],
                difference=found - wanted,
            )
        self.failing += int(bad.sum()) - len(kept)

    def compare_column(
        self,
        table: SetTable,
        name: str,
        expected: np.ndarray,
        seen: np.ndarray,
        valid: np.ndarray,
        *,
        rows: np.ndarray | None = None,
        tolerance: float = 0,
        where: Message | None = None,
    ) -> None:
        """Count a column's cells as :meth:`compare` does; ``rows`` are all of the table's if left out."""
        rows = np.arange(len(table.codes)) if rows is None else rows
        columns = {"expected": expected[:, None], "seen": seen[:, None], "valid": valid[:, None]}
        self.compare(table, rows, [name], **columns, tolerance=tolerance, where=where)

    def cannot_check(self, reason: Message) -> None:
        """Note something that was asked for and could not be checked."""
        if reason not in self.unchecked:
            self.unchecked.append(reason)

    def cannot_compare(self, reason: Message) -> None:
        """Note earlier data that could not be compared with."""
        if reason not in self.uncompared:
            self.uncompared.append(reason)

    def need(self, otherwise: Message) -> None:
        """
        End a law that found nothing to look at.

        :raises NotApplicable: with ``otherwise``, when nothing was checked and nothing failed to be.
        """
        if not (self.checked or self.unchecked or self.uncompared):
            raise NotApplicable(otherwise)


def _column(name: str | None) -> Message | None:
    """Return an investor's name for people; an element's stays as the API has it."""
    return investor(name) if name in INVESTOR_NAMES else Message(id=name) if name else None


def _largest(distance: np.ndarray, bad: np.ndarray) -> list[tuple[int, int]]:
    places = np.argwhere(bad)
    order = np.argsort(-distance[bad], kind="stable")[:MOST_OFFENDERS]
    return [(int(row), int(column)) for row, column in places[order]]
