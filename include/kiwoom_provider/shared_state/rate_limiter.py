"""
The rate limiter: one rate per app key, host and api-id, shared by every process that uses the key.

The server counts the calls that *arrive* within any second, and only it knows when they arrive. So a
call takes its place in the log when it is sent, holds it as "under way" until its answer is here, and is
then moved to the latest instant at which it can have arrived: when it was sent, plus what its answer took
longer than the quickest answer known. With steady latency that costs nothing; with unsteady latency it
waits just as long as it must for the server's own count never to be exceeded.

Of the processes of a machine one at a time looks for a permit; the others wait for a lock of the operating
system, which ends with the process: a killed one leaves nothing behind.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kiwoom_provider.shared_state.quota import UNDER_WAY_MS, after_refusal, effective

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiwoom_provider.shared_state.base import Queue, SharedState

WINDOW_MS = 1000
MARGIN_MS = 6  # for clocks read in whole milliseconds, and a quickest answer not quite known yet
POLL_MS = 20
LOOK_AGAIN_MS = 200
PACE = 0.9  # least distance of two calls, of 1/rate: a burst would meet an unknown quota all at once


@dataclass(frozen=True, slots=True)
class Permit:
    """
    A permitted call.

    :param limited: False when there was nothing to keep to.
    """

    api_id: str
    name: str
    sent_ms: int
    waited_s: float
    limited: bool


class RateLimiter:
    """
    Permits calls.

    :param state: shared between processes.
    :param per_second: the setting; None is without limit, until the server names one.
    :param sleep: waits so many seconds.
    """

    def __init__(
        self, state: SharedState, per_second: float | None, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._state = state
        self._per_second = per_second
        self._sleep = sleep
        self.waited_s = 0.0

    def acquire(self, api_id: str) -> Permit:
        """
        Wait until one more call of ``api_id`` is permitted.

        :raises StateError: when the shared state cannot be used.
        """
        asked_ms = self._state.now_ms()
        if self._per_second is None and self._state.quota(api_id) is None:
            return Permit(api_id, "", asked_ms, 0.0, limited=False)
        name = secrets.token_hex(8)
        with self._state.queue(api_id) as queue:
            sent_ms = self._first_free(api_id, name, queue)
            queue.last_sent_ms = sent_ms
        waited_s = max(0, sent_ms - asked_ms) / 1000
        self.waited_s += waited_s
        return Permit(api_id, name, sent_ms, waited_s, limited=True)

    def record_answer(self, permit: Permit) -> None:
        """Move the call to where the server can at the latest have counted it."""
        if not permit.limited:
            return
        took_ms = max(0, self._state.now_ms() - permit.sent_ms)
        known = self._state.latency()
        self._state.set_latency(known.after(took_ms))
        late_ms = min(UNDER_WAY_MS, round(known.excess_ms(took_ms)))
        self._state.move(permit.api_id, permit.name, permit.sent_ms + late_ms)

    def record_refusal(self, permit: Permit, named: float | None) -> float:
        """
        Learn from an over-limit answer, for everyone and at once.

        :param named: calls a second by the answer (유량), if it says so.
        :returns: calls a second that are kept to from now on.
        """
        now_ms = self._state.now_ms()
        learned = self._state.quota(permit.api_id)
        taught = after_refusal(self._per_second, learned, named, permit.sent_ms, now_ms)
        if taught is not None:
            self._state.set_quota(permit.api_id, taught)
        return effective(self._per_second, taught or learned, now_ms) or 0.0

    def rate(self, api_id: str) -> float | None:
        """Return the calls a second that are kept to now; None is without limit."""
        return effective(self._per_second, self._state.quota(api_id), self._state.now_ms())

    def _first_free(self, api_id: str, name: str, queue: Queue) -> int:
        while True:
            quota, now_ms = self._state.quota(api_id), self._state.now_ms()
            rate = effective(self._per_second, quota, now_ms)
            wait_ms = 0 if rate is None else self._wait_ms(api_id, name, queue, now_ms, rate)
            if not wait_ms:
                return now_ms
            self._sleep(min(wait_ms, LOOK_AGAIN_MS) / 1000)

    def _wait_ms(self, api_id: str, name: str, queue: Queue, now_ms: int, rate: float) -> int:
        """Take a place in the log and return 0, or return how long to wait before looking again."""
        limit, window_ms = _window(rate)
        since_last_ms = now_ms - queue.last_sent_ms
        pace_ms = int(PACE * WINDOW_MS / rate)
        if 0 <= since_last_ms < pace_ms:
            return pace_ms - since_last_ms
        # Logged ahead, as under way; the window reaches as much further back.
        wait_ms = self._state.take(api_id, name, now_ms + UNDER_WAY_MS, limit, window_ms + MARGIN_MS + UNDER_WAY_MS)
        return max(POLL_MS, wait_ms - UNDER_WAY_MS) if wait_ms > window_ms + 2 * MARGIN_MS else wait_ms


def _window(per_second: float) -> tuple[int, int]:
    """Return calls and window in ms; a fraction of a call is kept to by distance."""
    if per_second >= 1 and float(per_second).is_integer():
        return int(per_second), WINDOW_MS
    return 1, round(WINDOW_MS / per_second)
