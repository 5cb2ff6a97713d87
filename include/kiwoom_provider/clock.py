"""The one place that reads the clock, and the demonstration clock for the simulator."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol, Self

from kiwoom_provider.errors import KiwoomProviderError

if TYPE_CHECKING:
    from collections.abc import Callable

DEMO_CLOCK_VARIABLE = "KIWOOM_DEMO_CLOCK"
_SPEC = re.compile(r"(?P<start>\S+)@(?P<anchor>\d+(?:\.\d+)?)(?:x(?P<speed>\d+(?:\.\d+)?))?")


class ClockError(KiwoomProviderError, ValueError):
    """The text that describes a demonstration clock cannot be read."""

    is_final = True
    remedy = "never set KIWOOM_DEMO_CLOCK in a deployment; it is the simulator's"


class Clock(Protocol):
    """Where the time comes from, and how to wait."""

    def now(self) -> datetime:
        """Return the present instant, in UTC."""

    def real_seconds(self, wait_s: float) -> float:
        """Return how many real seconds pass while this clock moves on by ``wait_s`` seconds."""


@dataclass(frozen=True, slots=True)
class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the present instant, in UTC."""
        return datetime.now(UTC)

    def real_seconds(self, wait_s: float) -> float:
        """Return ``wait_s``: this clock is real time."""
        return wait_s


@dataclass(frozen=True, slots=True)
class DemoClock:
    """
    A clock that showed ``start`` when the machine's clock showed ``anchor``, and runs ``speed`` times as fast.

    Written ``2026-11-20T20:30:00+09:00@1763638200x60``; every process that is given the same text
    shows the same time. It is honoured only towards a simulator on this machine (see
    :meth:`kiwoom_provider.settings.Settings.clock`), so real data can never be filed by it.
    """

    start: datetime
    anchor: float
    speed: float = 1.0
    real_time: Callable[[], float] = time.time

    @classmethod
    def parse(cls, text: str) -> Self:
        """
        Read the text form.

        :raises ClockError: when it is not ``<ISO time with offset>@<unix seconds>[x<speed>]``.
        """
        found = _SPEC.fullmatch(text)
        if not found:
            raise ClockError(f"{text!r} is not <ISO time with offset>@<unix seconds>[x<speed>]")
        try:
            start = datetime.fromisoformat(found["start"])
        except ValueError as error:
            raise ClockError(f"{text!r} does not begin with an ISO time: {error}") from None
        if start.tzinfo is None:
            raise ClockError(f"the time in {text!r} has no offset, such as +09:00")
        speed = float(found["speed"] or 1)
        if speed <= 0:
            raise ClockError(f"the speed in {text!r} must be above zero")
        return cls(start.astimezone(UTC), float(found["anchor"]), speed)

    def now(self) -> datetime:
        """Return the demonstration's instant, in UTC."""
        return self.start + timedelta(seconds=(self.real_time() - self.anchor) * self.speed)

    def real_seconds(self, wait_s: float) -> float:
        """Return how many real seconds pass while this clock moves on by ``wait_s`` seconds."""
        return wait_s / self.speed
