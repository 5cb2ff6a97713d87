"""
Patience under the paginator: what may succeed in seconds is tried again here.

Transient failures and unreadable answers are repeated a few times with growing, jittered pauses. After
a refusal for too many calls the budget, which has learned from it, says when to try again.
"""

from __future__ import annotations

import logging
import random
import time
from typing import TYPE_CHECKING

from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt

from kiwoom_provider.api.errors import ProtocolError, RateLimitedError, TransientError

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiwoom_provider.api.exchange import Call, Exchange
    from kiwoom_provider.api.page import Page

log = logging.getLogger(__name__)

ATTEMPTS = 5
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 8.0
MAX_REFUSALS = 12  # in a row, each at a lower rate


class Patience:
    """
    Repeats attempts that may succeed.

    :param exchange: makes single attempts.
    :param sleep: waits so many seconds.
    :param uniform: gives a random number between two bounds.
    """

    def __init__(
        self,
        exchange: Exchange,
        sleep: Callable[[float], None] = time.sleep,
        uniform: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._exchange = exchange
        self._sleep = sleep
        self._uniform = uniform

    def fetch(self, call: Call) -> Page:
        """
        Make the call, as often as it takes within reason.

        :raises KiwoomError: the last failure, once it is no use to go on in seconds.
        """
        retrying = Retrying(
            retry=retry_if_exception_type((TransientError, ProtocolError)),
            stop=stop_after_attempt(ATTEMPTS),
            wait=self._pause_s,
            sleep=self._sleep,
            before_sleep=_tell,
            reraise=True,
        )
        return retrying(self._obeying, call)

    def _obeying(self, call: Call) -> Page:
        refusals = 0
        while True:
            try:
                return self._exchange.attempt(call)
            except RateLimitedError:
                refusals += 1
                if refusals >= MAX_REFUSALS:
                    raise

    def _pause_s(self, state: RetryCallState) -> float:
        longest = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** (state.attempt_number - 1))
        return self._uniform(longest / 2, longest)


def _tell(state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    log.info("Attempt %d of %d: %s; trying again", state.attempt_number, ATTEMPTS, error)
