"""
The whole of a call: token → retry → rate budget → send → judge.

The paginator stands above it, the hook gives it session and settings. It knows no Airflow.
"""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, Self

from kiwoom_provider.api.budget import Budget
from kiwoom_provider.api.errors import AuthenticationError
from kiwoom_provider.api.exchange import Call, Exchange
from kiwoom_provider.api.file_ledger import FileLedger
from kiwoom_provider.api.retry import Patience
from kiwoom_provider.api.token_file import TokenFile
from kiwoom_provider.api.tokens import (
    ISSUE_API_ID,
    ISSUE_PATH,
    REVOKE_API_ID,
    REVOKE_PATH,
    Token,
    Tokens,
    token_from,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import requests

    from kiwoom_provider.api.budget import Ledger
    from kiwoom_provider.api.page import Page
    from kiwoom_provider.clock import Clock
    from kiwoom_provider.settings import Settings


class KiwoomClient:
    """
    Calls the API, whichever TR.

    :param session: mounted with :class:`kiwoom_provider.api.transport.WatchedAdapter`.
    :param settings: host, key, rate and bounds.
    :param clock: stamps pages and judges the token's life.
    :param sleep: waits so many seconds.
    :param uniform: gives a random number between two bounds.
    :param on_token: told of every token, to have it masked in logs.
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
        self._ledger = ledger(settings)
        self._budget = Budget(self._ledger, settings.requests_per_second, sleep)
        self._exchange = Exchange(session, settings, self._budget, clock)
        self._patience = Patience(self._exchange, sleep, uniform)
        file = TokenFile(settings.state_dir, settings.account_id, settings.secret_key)
        self.tokens = Tokens(file, self._issue, clock.now, on_token)

    @property
    def calls(self) -> int:
        """Attempts that were sent, the refused and those for a token included."""
        return self._exchange.calls

    @property
    def refused(self) -> int:
        """Attempts that the server refused as too many."""
        return self._exchange.refused

    @property
    def waited_s(self) -> float:
        """Seconds spent waiting for the rate budget."""
        return self._budget.waited_s

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
        try:
            return self._patience.fetch(Call(api_id, path, body, next_key, number, token.value))
        except AuthenticationError as error:
            if not error.renewable:
                raise
        token = self.tokens.renew(token)
        return self._patience.fetch(Call(api_id, path, body, next_key, number, token.value))

    def revoke(self) -> bool:
        """
        Revoke the shared token (au10002) and forget it; False when there was none.

        :raises KiwoomError: when the server refuses.
        """
        token = self.tokens.forget()
        if token is None:
            return False
        body = self._credentials() | {"token": token.value}
        self._patience.fetch(Call(REVOKE_API_ID, REVOKE_PATH, body))
        return True

    def close(self) -> None:
        """Close the shared store."""
        self._ledger.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _issue(self) -> Token:
        body = self._credentials() | {"grant_type": "client_credentials"}
        page = self._patience.fetch(Call(ISSUE_API_ID, ISSUE_PATH, body))
        return token_from(page, self._clock.now())

    def _credentials(self) -> dict[str, str]:
        return {"appkey": self._settings.app_key, "secretkey": self._settings.secret_key}


def ledger(settings: Settings) -> Ledger:
    """Return where the budget is shared: Redis when the settings name one, else a file."""
    if settings.budget_url:
        from kiwoom_provider.api.redis_ledger import RedisLedger

        return RedisLedger(settings.budget_url, settings.state_dir, settings.account_id)
    return FileLedger(settings.state_dir, settings.account_id)
