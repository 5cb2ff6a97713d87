"""
The rate budget: one per app key, host and api-id, shared by every process that uses the key.

The server counts the calls that *arrive* within any second, and only it knows when they arrive. So a
call takes its place in the log when it is sent, holds it as "under way" until its answer is here, and is
then put down at the latest instant at which it can have arrived: when it was sent, plus what its answer took
longer than the quickest answer known. With steady latency that costs nothing; with unsteady latency it
waits just as long as it must for the server's own count never to be exceeded.

Whoever waits holds a lock of the operating system and is the only one to look at the log, so waiting costs no
work, comes in turn, and ends with the process: a killed one leaves nothing behind.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from kiwoom_provider.api.quota import Quota, after_refusal, effective

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from kiwoom_provider.api.latency import Latency

WINDOW_MS = 1000
MARGIN_MS = 6  # for clocks read in whole milliseconds, and a quickest answer not quite known yet
UNDER_WAY_MS = 1000  # no call needs longer than this to reach the server
POLL_MS = 20
LOOK_AGAIN_MS = 200
PACE = 0.9  # least distance of two calls, of 1/rate: a burst would meet an unknown quota all at once


@dataclass(frozen=True, slots=True)
class Slot:
    """A permitted call. ``limited`` is False when there was nothing to keep to."""

    api_id: str
    name: str
    sent_ms: int
    waited_s: float
    limited: bool


class Turn(Protocol):
    """The right to look for a slot; also keeps when the last call went out."""

    last_sent_ms: int


class Ledger(Protocol):
    """The shared log of calls and what was learned. Raises StateError when it cannot be reached."""

    def now_ms(self) -> int:
        """Return the clock that all users of the ledger share, in milliseconds."""

    def turn(self, api_id: str) -> AbstractContextManager[Turn]:
        """Wait for the right to look for a slot."""

    def take(self, api_id: str, name: str, at_ms: int, limit: int, interval_ms: int) -> int:
        """Log a call at ``at_ms`` if under ``limit`` lie in ``interval_ms`` before; else return the wait."""

    def put_down(self, api_id: str, name: str, at_ms: int) -> None:
        """Move a logged call to ``at_ms``."""

    def quota(self, api_id: str) -> Quota | None:
        """Return what refusals have taught."""

    def set_quota(self, api_id: str, quota: Quota) -> None:
        """Keep what a refusal has taught."""

    def latency(self) -> Latency:
        """Return the quickest answer known."""

    def set_latency(self, latency: Latency) -> None:
        """Keep the quickest answer known."""

    def close(self) -> None:
        """Let go of the store."""


class Budget:
    """
    Permits calls.

    :param ledger: shared between processes.
    :param per_second: the setting; None is without limit, until the server names one.
    :param sleep: waits so many seconds.
    """

    def __init__(self, ledger: Ledger, per_second: float | None, sleep: Callable[[float], None] = time.sleep) -> None:
        self._ledger = ledger
        self._per_second = per_second
        self._sleep = sleep
        self.waited_s = 0.0

    def acquire(self, api_id: str) -> Slot:
        """
        Wait until one more call of ``api_id`` is permitted.

        :raises StateError: when the shared store cannot be used.
        """
        asked_ms = self._ledger.now_ms()
        if self._rate(api_id, asked_ms) is None:
            return Slot(api_id, "", asked_ms, 0.0, limited=False)
        name = secrets.token_hex(8)
        with self._ledger.turn(api_id) as turn:
            sent_ms = self._first_free(api_id, name, turn)
            turn.last_sent_ms = sent_ms
        waited_s = (sent_ms - asked_ms) / 1000
        self.waited_s += waited_s
        return Slot(api_id, name, sent_ms, waited_s, limited=True)

    def answered(self, slot: Slot) -> None:
        """Put the call down where the server can at the latest have counted it."""
        if not slot.limited:
            return
        took_ms = self._ledger.now_ms() - slot.sent_ms
        known = self._ledger.latency()
        self._ledger.set_latency(known.after(took_ms))
        late_ms = min(UNDER_WAY_MS, round(known.late_ms(took_ms)))
        self._ledger.put_down(slot.api_id, slot.name, slot.sent_ms + late_ms)

    def refused(self, slot: Slot, named: float | None) -> float:
        """
        Learn from an over-limit answer, for everyone and at once.

        :param named: calls a second by the answer (유량), if it says so.
        :returns: calls a second that are kept to from now on.
        """
        now_ms = self._ledger.now_ms()
        learned = self._ledger.quota(slot.api_id)
        taught = after_refusal(self._per_second, learned, named, slot.sent_ms, now_ms)
        if taught is not None:
            self._ledger.set_quota(slot.api_id, taught)
        return effective(self._per_second, taught or learned, now_ms) or 0.0

    def rate(self, api_id: str) -> float | None:
        """Return the calls a second that are kept to now; None is without limit."""
        return self._rate(api_id, self._ledger.now_ms())

    def _rate(self, api_id: str, now_ms: int) -> float | None:
        return effective(self._per_second, self._ledger.quota(api_id), now_ms)

    def _first_free(self, api_id: str, name: str, turn: Turn) -> int:
        while True:
            now_ms = self._ledger.now_ms()
            wait_ms = self._wait_ms(api_id, name, turn, now_ms)
            if not wait_ms:
                return now_ms
            self._sleep(min(wait_ms, LOOK_AGAIN_MS) / 1000)

    def _wait_ms(self, api_id: str, name: str, turn: Turn, now_ms: int) -> int:
        """Take the slot and return 0, or return how long to wait before looking again."""
        rate = self._rate(api_id, now_ms)
        if rate is None:
            return 0
        limit, window_ms = _window(rate)
        since_last_ms = now_ms - turn.last_sent_ms
        pace_ms = int(PACE * WINDOW_MS / rate)
        if 0 <= since_last_ms < pace_ms:
            return pace_ms - since_last_ms
        # Logged ahead, as under way; the window reaches as much further back.
        wait_ms = self._ledger.take(api_id, name, now_ms + UNDER_WAY_MS, limit, window_ms + MARGIN_MS + UNDER_WAY_MS)
        return max(POLL_MS, wait_ms - UNDER_WAY_MS) if wait_ms > window_ms + 2 * MARGIN_MS else wait_ms


def _window(per_second: float) -> tuple[int, int]:
    """Return calls and window in ms; a fraction of a call is kept to by distance."""
    if per_second >= 1 and float(per_second).is_integer():
        return int(per_second), WINDOW_MS
    return 1, round(WINDOW_MS / per_second)
