"""
The access token: one per app key and host, shared by every process of this machine, or of all by Redis.

au10001 issues it. ``expires_dt`` is KST without an offset and is trusted, since
lives from 18 to 33 hours were seen. Issuing a new token may kill the older one, so there is one in a
shared place, and it is renewed under a lock by whoever is first to find it old or dead; the others
take what that one got. A token that is near its end and cannot be renewed is used to its end.

Where something that shares nothing with us issues tokens for the same key, each kills the other's. A second
token in a row that dies young is therefore replaced after a pause only: whoever does not pause works
meanwhile, so work goes on in turns, and no one issues more than one token in the shortest pause.
"""

from __future__ import annotations

import logging
import random
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from kiwoom_provider.api.errors import AuthenticationError, KiwoomError, ProtocolError
from kiwoom_provider.shared_state.token_store import Token, TokenRefusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiwoom_provider.api.page import Page
    from kiwoom_provider.shared_state.token_store import TokenStore

log = logging.getLogger(__name__)

ISSUE_API_ID, ISSUE_PATH = "au10001", "/oauth2/token"
REFUSAL_KEPT = timedelta(seconds=30)
AWAY_KEPT = timedelta(minutes=1)
YOUNG = timedelta(seconds=30)  # to die so soon, a token must have been replaced by someone else
PAUSE_S = (15.0, 30.0)  # drawn, so that hosts which share nothing do not keep step
LONGEST_TOKEN = 4096
_KST = timezone(timedelta(hours=9))


class TokenProvider:
    """
    Gives the shared token, and renews it exactly once however many processes ask.

    :param store: where the token is kept, encrypted.
    :param issue: asks the server for a new token.
    :param now: the present instant, UTC.
    :param on_token: told of every token that comes into this process, to have it masked in logs.
    :param sleep: waits so many seconds.
    :param uniform: gives a random number between two bounds.
    """

    def __init__(
        self,
        store: TokenStore,
        issue: Callable[[], Token],
        now: Callable[[], datetime],
        on_token: Callable[[str], None] = lambda _: None,
        *,
        sleep: Callable[[float], None] = time.sleep,
        uniform: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._store = store
        self._issue = issue
        self._now = now
        self._on_token = on_token
        self._sleep = sleep
        self._uniform = uniform
        self._token: Token | None = None
        self._announced = ""
        self.renewals = 0

    def current(self) -> Token:
        """
        Return a token that is not near its end, issuing one if need be; one near its end if none can be had.

        :raises AuthenticationError: when the server refuses key and secret.
        :raises StateError: when the shared place cannot be used.
        """
        now = self._now()
        if self._token and self._token.is_fresh(now):
            return self._token
        stored = self._store.read()
        if stored and (stored.is_fresh(now) or (now < stored.expires_at and self._store.read_refusal(now))):
            return self._use(stored)
        return self.renew(None)

    def renew(self, dead: Token | None) -> Token:
        """
        Return another token than ``dead``: the stored one if someone else renewed it, else a new one.

        :raises AuthenticationError: when the server refuses key and secret.
        :raises KiwoomError: when the server cannot be asked, and no token is valid any more.
        """
        with self._store.lock():
            stored = self._store.read()
            other = stored if stored and not (dead and stored.value == dead.value) else None
            if other and other.is_fresh(self._now()):
                return self._use(other)
            valid = other if other and self._now() < other.expires_at else None
            refusal = self._store.read_refusal(self._now())
            if refusal and (valid or refusal.is_final):
                if valid:
                    return self._use(valid)
                raise AuthenticationError(refusal.message, api_id=ISSUE_API_ID, code=refusal.code)
            young = stored is not None and dead is not None and self._now() - stored.issued_at < YOUNG
            if young and stored and stored.replaced_young:
                self._pause()
            return self._issue_or(valid, replaced_young=young)

    def _pause(self) -> None:
        pause_s = self._uniform(*PAUSE_S)
        log.warning(
            "The token died young again: a program or host that does not share it uses the same app key. Waiting "
            "%.0f s before taking it back. Stop the other one, or give all hosts the same redis_conn_id",
            pause_s,
        )
        self._sleep(pause_s)

    def _issue_or(self, valid: Token | None, *, replaced_young: bool) -> Token:
        """Return a new token; the one that is still valid when there is no new one."""
        try:
            return self._use(self._issue_token(replaced_young=replaced_young))
        except KiwoomError as error:
            is_refusal = isinstance(error, AuthenticationError) and error.is_final
            if valid or is_refusal:
                lasts = REFUSAL_KEPT if is_refusal else AWAY_KEPT
                refusal = TokenRefusal(error.message, error.code, self._now() + lasts, is_final=is_refusal)
                self._store.write_refusal(refusal, lasts)
            if valid is None:
                raise
            log.warning("No new token: %s. The present one is used until %s", error, valid.expires_at)
            return self._use(valid)

    def _issue_token(self, *, replaced_young: bool) -> Token:
        token = replace(self._issue(), replaced_young=replaced_young)
        self.renewals += 1
        self._announce(token)
        if token.expires_at <= self._now():
            error = AuthenticationError(
                f"the new token ended at {token.expires_at:%Y-%m-%d %H:%M:%S} UTC, but this machine's clock "
                f"says {self._now():%Y-%m-%d %H:%M:%S} UTC: set the machine's clock right (NTP)",
                api_id=ISSUE_API_ID,
            )
            error.is_final = False  # a token may be handed out again at its very end, and clocks are set right
            raise error
        self._store.write(token)
        return token

    def _use(self, token: Token) -> Token:
        self._announce(token)
        self._token = token
        return token

    def _announce(self, token: Token) -> None:
        if token.value != self._announced:
            self._on_token(token.value)
        self._announced = token.value


def token_from(page: Page, now: datetime) -> Token:
    """
    Read the answer to au10001.

    :raises ProtocolError: when it holds no token, or no end of its life.
    """
    payload: dict[str, Any] = page.payload
    value, expires_dt = payload.get("token"), payload.get("expires_dt")
    if not (isinstance(value, str) and 0 < len(value) <= LONGEST_TOKEN and value.isascii() and value.isprintable()):
        raise _broken(page, "holds no usable token")
    try:
        expires_at = datetime.strptime(str(expires_dt), "%Y%m%d%H%M%S").replace(tzinfo=_KST).astimezone(UTC)
    except (ValueError, OverflowError):
        raise _broken(page, "holds no expires_dt of the form YYYYMMDDHHMMSS") from None
    return Token(value, now, expires_at)


def _broken(page: Page, what: str) -> ProtocolError:
    error = page.broken(what)
    error.response_page = None  # it may hold the token
    return error
