"""
The transport that tries again, in seconds, what may succeed then.

Transient failures and unreadable answers are repeated a few times with growing, jittered pauses. After
a refusal for too many calls the rate limiter, which has learned from it, says when to try again.
"""

from __future__ import annotations

import logging
import random
import time
from typing import TYPE_CHECKING

from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt

from kiwoom_provider.api.errors import ProtocolError, RateLimitedError, TransientError
from kiwoom_provider.shared_state.base import StateUnreachableError

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiwoom_provider.api.page import Page
    from kiwoom_provider.api.transport import Request, Transport

log = logging.getLogger(__name__)

ATTEMPTS = 5
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 8.0
MAX_REFUSALS = 12  # in a row, each at a lower rate


class RetryingTransport:
    """
    Repeats attempts that may succeed.

    :param transport: makes single attempts.
    :param sleep: waits so many seconds.
    :param uniform: gives a random number between two bounds.
    """

    def __init__(
        self,
        transport: Transport,
        sleep: Callable[[float], None] = time.sleep,
        uniform: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._transport = transport
        self._sleep = sleep
        self._uniform = uniform

    def send(self, request: Request) -> Page:
        """
        Send the request, as often as it takes within reason.

        :raises KiwoomError: the last failure, once it is no use to go on in seconds.
        :raises StateError: when the shared state cannot be used.
        """
        retrying = Retrying(
            retry=retry_if_exception_type((TransientError, ProtocolError, StateUnreachableError)),
            stop=stop_after_attempt(ATTEMPTS),
            wait=self._pause_s,
            sleep=self._sleep,
            before_sleep=_log_failure,
            reraise=True,
        )
        return retrying(self._send_within_quota, request)

    def _send_within_quota(self, request: Request) -> Page:
        refusals = 0
        while True:
            try:
                return self._transport.send(request)
            except RateLimitedError:
                refusals += 1
                if refusals >= MAX_REFUSALS:
                    raise

    def _pause_s(self, state: RetryCallState) -> float:
        longest = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** (state.attempt_number - 1))
        return self._uniform(longest / 2, longest)


def _log_failure(state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    log.info("Attempt %d of %d: %s; trying again", state.attempt_number, ATTEMPTS, error)
