"""
The calls of a day in Korea, counted over every run and task of the history, beside the data.

A task reserves some calls before it makes them: one small object each, whose name says how many. So one listing tells
what is spent, no two tasks write the same object, and a task that is killed has counted too many, never too few.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from kiwoom_provider.datasets import layout
from kiwoom_provider.krx import KST

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from kiwoom_provider.datasets.store import Store

RESERVED = 120
"""Calls that are reserved in one step: half a minute at the history's rate."""


class DayIsSpent(Exception):  # noqa: N818 - it is no error
    """The day's calls are made; ``goes_on_at`` is the next day's midnight in Korea."""

    def __init__(self, day: date) -> None:
        self.goes_on_at = datetime.combine(day + timedelta(days=1), datetime.min.time(), KST)
        super().__init__(f"the calls of {day} are made; it goes on at {self.goes_on_at:%Y-%m-%d %H:%M} KST")


def spent_calls(store: Store, day: date) -> int:
    """Return how many calls are reserved of a day; a name that says nothing counts nothing."""
    numbers = (key.rpartition(".")[2] for key in store.list(layout.history_calls_prefix(day)))
    return sum(int(number) for number in numbers if number.isdecimal())


@dataclass(slots=True)
class DayCalls:
    """
    One task's calls against the most of a day.

    :param owner: tells this task from the others, in a name.
    :param most: of all runs together.
    :param sent: how many attempts were sent so far: a call that is repeated counts each time.
    :ivar left: reserved and not made; below 0 where repeats were more.
    """

    store: Store
    owner: str
    most: int
    now: Callable[[], datetime]
    sent: Callable[[], int] = lambda: 0
    left: int = 0
    _counted: int = 0
    _day: date | None = None
    _key: str = ""
    _written: int = 0

    def take(self) -> None:
        """
        Count a call that is about to be made.

        :raises DayIsSpent: when the day has no more.
        """
        today = self.now().astimezone(KST).date()
        self._count_repeats()
        if today != self._day or self.left <= 0:
            self._day, self.left = today, min(0, self.left)
            self._reserve(today)
        self.left -= 1
        self._counted += 1

    def _count_repeats(self) -> None:
        repeats = max(0, self.sent() - self._counted)
        self.left -= repeats
        self._counted += repeats

    def close(self) -> None:
        """Count what was repeated beyond what was reserved, or give back what was reserved and not made."""
        self._count_repeats()
        if self._day and self.left < 0:
            self._write(self._day, -self.left)
        if self._day and self.left > 0:
            made = int(self._key.rpartition(".")[2]) - self.left
            if made:
                self._write(self._day, made)
            self.store.remove([self._key])
        self.left, self._key = 0, ""

    def _reserve(self, day: date) -> None:
        calls = min(RESERVED, self.most - spent_calls(self.store, day))
        if calls <= 0:
            raise DayIsSpent(day)
        key = self._write(day, calls)
        if spent_calls(self.store, day) > self.most:  # another task has reserved at the same moment
            self.store.remove([key])
            raise DayIsSpent(day)
        self._key, self.left = key, self.left + calls

    def _write(self, day: date, calls: int) -> str:
        self._written += 1
        name = f"{self.owner}-{layout.stamp(self.now())}-{self._written}.{calls}"
        key = f"{layout.history_calls_prefix(day)}/{name}"
        self.store.write(key, f"{calls} calls\n".encode())
        return key
