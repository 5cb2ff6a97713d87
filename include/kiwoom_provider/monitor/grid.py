"""The calendar's grid: a column a week, a row a weekday, and where the months begin. Days as they are given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from kiwoom_provider.monitor.state import Day

WORKDAYS = 5
WEEK = 7


@dataclass(frozen=True, slots=True)
class Month:
    """A month's heading: its first day shown, and how many weeks it spans."""

    first: date
    weeks: int


@dataclass(frozen=True, slots=True)
class Grid:
    """
    A range of days.

    :param months: over the weeks; a week belongs to the month of its first day shown.
    :param rows: one a weekday, Monday first, each with a day or None a week; weekends only where something
        is stored.
    """

    months: tuple[Month, ...]
    rows: tuple[tuple[Day | None, ...], ...]

    @classmethod
    def of(cls, days: Sequence[Day]) -> Grid:
        """Lay out consecutive days, oldest first."""
        if not days:
            return cls((), ())
        padded: list[Day | None] = [*[None] * days[0].date.weekday(), *days]
        padded += [None] * (-len(padded) % WEEK)
        weeks = [padded[start : start + WEEK] for start in range(0, len(padded), WEEK)]
        rows = [tuple(week[place] for week in weeks) for place in range(WEEK)]
        shown = [
            row for place, row in enumerate(rows) if place < WORKDAYS or any(day and day.holds_data for day in row)
        ]
        return cls(tuple(_months(weeks)), tuple(shown))


def _months(weeks: Sequence[Sequence[Day | None]]) -> list[Month]:
    found: list[Month] = []
    for week in weeks:
        first = next(day.date for day in week if day)
        if found and (found[-1].first.year, found[-1].first.month) == (first.year, first.month):
            found[-1] = Month(found[-1].first, found[-1].weeks + 1)
        else:
            found.append(Month(first, 1))
    return found
