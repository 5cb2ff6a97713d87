"""The simulator's clock: it can start anywhere, run faster than real time, and be moved."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta, timezone

KST = timezone(timedelta(hours=9), "KST")
"""Korea has had no daylight saving time since 1988."""


def parse_moment(text: str | datetime) -> datetime:
    """
    Read an ISO moment; one without an offset is KST.

    :raises ValueError: when the text is no ISO moment.
    """
    moment = text if isinstance(text, datetime) else datetime.fromisoformat(text)
    return moment.astimezone(KST) if moment.tzinfo else moment.replace(tzinfo=KST)


class SimulatedClock:
    """
    Shows ``start`` (None: the real time) when made, and from there runs ``speed`` times as fast.

    :ivar advanced_s: seconds that it was moved on by: they count for the age of keys and for limits, too.
    :ivar is_real: whether it shows the real time.
    """

    def __init__(self, start: datetime | None, speed: float) -> None:
        self._anchor = time.time()
        self._start = start.astimezone(KST) if start else datetime.fromtimestamp(self._anchor, UTC)
        self._speed = _positive(speed)
        self.is_real = start is None and speed == 1
        self.advanced_s = 0.0

    def now(self) -> datetime:
        """Return the simulated moment, in KST."""
        passed_s = (time.time() - self._anchor) * self._speed
        return (self._start + timedelta(seconds=passed_s)).astimezone(KST)

    def set(self, now: datetime | None = None, speed: float | None = None) -> None:
        """Move to another moment, change the speed, or both."""
        start = now.astimezone(KST) if now else self.now()
        self.is_real = False
        self._start, self._anchor = start, time.time()
        if speed is not None:
            self._speed = _positive(speed)

    def advance(self, seconds: float) -> None:
        """Move on by ``seconds`` of simulated time (back, when negative)."""
        self.set(self.now() + timedelta(seconds=seconds))
        self.advanced_s += max(0.0, seconds)


def _positive(speed: float) -> float:
    if speed < 0:
        raise ValueError(f"the clock's speed {speed!r} is negative; 0 stands still, 1 is real time")
    return speed
