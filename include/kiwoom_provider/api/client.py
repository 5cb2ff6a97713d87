"""
The whole of a call: token → retry → rate limit → send → classify.

The paginator stands above it, the hook gives it session and settings. It knows no Airflow.
"""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, Self

from kiwoom_provider.api.auth import (
    ISSUE_API_ID,
    ISSUE_PATH,
    TokenProvider,
    token_from,
)
from kiwoom_provider.api.errors import AuthenticationError
from kiwoom_provider.api.retrying_transport import RetryingTransport
from kiwoom_provider.api.transport import Request, Transport
from kiwoom_provider.shared_state import open_shared_state
from kiwoom_provider.shared_state.rate_limiter import RateLimiter
from kiwoom_provider.shared_state.token_store import TokenStore

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import requests

    from kiwoom_provider.api.page import Page
    from kiwoom_provider.clock import Clock
    from kiwoom_provider.settings import Settings
    from kiwoom_provider.shared_state.token_store import Token

MOST_RENEWALS = 6  # of one call, the later ones after pauses: another host may be at work with the same key
TAKEN = "8005"  # the token is not valid: someone else may have issued a newer one


class KiwoomClient:
    """
    Calls the API, whichever TR.

    :param session: mounted with :class:`kiwoom_provider.api.http.DeadlineAdapter`.
    :param settings: host, key, rate and bounds.
    :param clock: stamps pages and judges the token's life.
    :param sleep: waits so many seconds.
    :param uniform: gives a random number between two bounds.
    :param on_token: told of every token, to have it masked in logs.
    :ivar token_elements: names of the elements of the latest token answer, for who asks what the API is like.
    """

    def __init__(
        self,
        session: requests.Session,
        settings: Settings,
        clock: Clock,
        *,
        sleep: Callable[[float], None] = time.sleep,
        uniform: Callable[[float, float], float] = random.uniform,
        on_token: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._state = open_shared_state(settings)
        self._limiter = RateLimiter(self._state, settings.requests_per_second, sleep)
        self._transport = Transport(session, settings, self._limiter, clock)
        self._retrying = RetryingTransport(self._transport, sleep, uniform)
        store = TokenStore(self._state, settings.account_id, settings.secret_key)
        self.token_elements: tuple[str, ...] = ()
        self.tokens = TokenProvider(store, self._issue, clock.now, on_token, sleep=sleep, uniform=uniform)

    @property
    def calls(self) -> int:
        """Attempts that were sent, the refused and those for a token included."""
        return self._transport.calls

    @property
    def refused(self) -> int:
        """Attempts that the server refused as too many."""
        return self._transport.refused

    @property
    def waited_s(self) -> float:
        """Seconds spent waiting for a permit."""
        return self._limiter.waited_s

    @property
    def refusal(self) -> str:
        """What the latest over-limit answer said, ``""`` without one."""
        return self._transport.refusal

    @property
    def header_names(self) -> tuple[str, ...]:
        """Names of the paging headers that came, as the server writes them, for who asks what the API is like."""
        return tuple(sorted(self._transport.header_names))

    @property
    def renewals(self) -> int:
        """Tokens that this client had issued; one that another process got is not counted."""
        return self.tokens.renewals

    def rate(self, api_id: str) -> float | None:
        """
        Return the calls a second that are kept to now: the setting, or less where refusals have taught so.

        :returns: None without a limit.
        :raises StateError: when the shared store cannot be used.
        """
        return self._limiter.rate(api_id)

    def call(self, api_id: str, path: str, body: Mapping[str, str], *, next_key: str = "", number: int = 1) -> Page:
        """
        Fetch one page of any TR.

        :param api_id: such as ``ka10066``.
        :param path: such as ``/api/dostk/mrkcond``.
        :param body: the request's elements.
        :param next_key: of the page before; ``""`` for the first.
        :param number: 1-based place of the page in its sweep.
        :raises KiwoomError: see :mod:`kiwoom_provider.api.errors`.
        """
        token = self.tokens.current()
        renewals = 0
        while True:
            try:
                return self._retrying.send(Request(api_id, path, body, next_key, number, token.value))
            except AuthenticationError as error:
                if not error.renewable or renewals >= (MOST_RENEWALS if error.code == TAKEN else 1):
                    raise
            renewals += 1
            token = self.tokens.renew(token)

    def accepts(self, token: Token, api_id: str, path: str, body: Mapping[str, str]) -> bool:
        """
        Tell whether a token is alive, by a call with it.

        :raises KiwoomError: when the call fails for another reason.
        """
        try:
            self._retrying.send(Request(api_id, path, body, token=token.value))
        except AuthenticationError as error:
            if error.renewable:
                return False
            raise
        return True

    def close(self) -> None:
        """Close the shared state."""
        self._state.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _issue(self) -> Token:
        body = {
            "appkey": self._settings.app_key,
            "secretkey": self._settings.secret_key,
            "grant_type": "client_credentials",
        }
        page = self._retrying.send(Request(ISSUE_API_ID, ISSUE_PATH, body))
        self.token_elements = tuple(sorted(page.payload))
        return token_from(page, self._clock.now())
