"""
The access token: one per app key and host, shared by every process of this machine, or of all by Redis.

au10001 issues it, au10002 revokes it. ``expires_dt`` is KST without an offset and is trusted, since
lives from 18 to 33 hours were seen. Issuing a new token may kill the older one, so there is one in a
shared place, and it is renewed under a lock by whoever is first to find it old or dead; the others
take what that one got.

Where something that shares nothing with us issues tokens for the same key, each kills the other's. A second
token in a row that dies young is therefore replaced after a pause only: whoever does not pause works
meanwhile, so work goes on in turns, and no one issues more than one token in the shortest pause.
"""

from __future__ import annotations

import logging
import random
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from kiwoom_provider.api.errors import AuthenticationError, ProtocolError

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiwoom_provider.api.page import Page
    from kiwoom_provider.api.token_vault import TokenVault

log = logging.getLogger(__name__)

ISSUE_API_ID, ISSUE_PATH = "au10001", "/oauth2/token"
REVOKE_API_ID, REVOKE_PATH = "au10002", "/oauth2/revoke"
RENEW_AHEAD = timedelta(minutes=10)
RENEW_AHEAD_SHARE = 0.1  # of a short life
REFUSAL_KEPT = timedelta(seconds=30)
YOUNG = timedelta(seconds=30)  # to die so soon, a token must have been replaced by someone else
PAUSE_S = (15.0, 30.0)  # drawn, so that hosts which share nothing do not keep step
LONGEST_TOKEN = 4096
_KST = timezone(timedelta(hours=9))


@dataclass(frozen=True, slots=True)
class Token:
    """
    An access token.

    :param value: what goes into the ``authorization`` header. Never shown.
    :param issued_at: UTC, by this machine's clock.
    :param expires_at: UTC, as the server says.
    :param replaced_young: the token before died young.
    """

    value: str = field(repr=False)
    issued_at: datetime
    expires_at: datetime
    replaced_young: bool = False

    def is_fresh(self, now: datetime) -> bool:
        """Tell whether the token may be used without thinking of its end."""
        life = self.expires_at - self.issued_at
        return now < self.expires_at - min(RENEW_AHEAD, life * RENEW_AHEAD_SHARE)


class Tokens:
    """
    Gives the shared token, and renews it exactly once however many processes ask.

    :param vault: where the token is kept, encrypted.
    :param issue: asks the server for a new token.
    :param now: the present instant, UTC.
    :param on_token: told of every token that comes into this process, to have it masked in logs.
    :param sleep: waits so many seconds.
    :param uniform: gives a random number between two bounds.
    """

    def __init__(
        self,
        vault: TokenVault,
        issue: Callable[[], Token],
        now: Callable[[], datetime],
        on_token: Callable[[str], None] = lambda _: None,
        *,
        sleep: Callable[[float], None] = time.sleep,
        uniform: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._vault = vault
        self._issue = issue
        self._now = now
        self._on_token = on_token
        self._sleep = sleep
        self._uniform = uniform
        self._known: Token | None = None
        self._told = ""
        self.renewals = 0

    def current(self) -> Token:
        """
        Return a token that is not near its end, issuing one if need be.

        :raises AuthenticationError: when the server refuses key and secret.
        :raises StateError: when the shared place cannot be used.
        """
        if self._known and self._known.is_fresh(self._now()):
            return self._known
        stored = self._vault.read()
        return self._learn(stored) if self._usable(stored, None) else self._renew(None)

    def renew(self, dead: Token) -> Token:
        """
        Return another token than ``dead``: the stored one if someone else renewed it, else a new one.

        :raises AuthenticationError: when the server refuses key and secret.
        """
        return self._renew(dead)

    def forget(self) -> Token | None:
        """Remove the shared token and return what it was."""
        with self._vault.lock():
            stored = self._vault.read()
            self._vault.remove()
        self._known = None
        return stored

    def _renew(self, dead: Token | None) -> Token:
        with self._vault.lock():
            stored = self._vault.read()
            if self._usable(stored, dead):
                return self._learn(stored)
            self._vault.raise_recent_refusal(self._now())
            young = stored is not None and dead is not None and self._now() - stored.issued_at < YOUNG
            if young and stored and stored.replaced_young:
                self._pause()
            return self._learn(self._issued(replaced_young=young))

    def _pause(self) -> None:
        pause_s = self._uniform(*PAUSE_S)
        log.warning(
            "The token died young again: a program or host that does not share it uses the same app key. Waiting "
            "%.0f s before taking it back. Stop the other one, or give all hosts the same budget_url",
            pause_s,
        )
        self._sleep(pause_s)

    def _issued(self, *, replaced_young: bool) -> Token:
        try:
            token = replace(self._issue(), replaced_young=replaced_young)
        except AuthenticationError as error:
            self._vault.write_refusal(error, self._now(), REFUSAL_KEPT)
            raise
        self.renewals += 1
        self._tell(token)
        if token.expires_at <= self._now():
            late = AuthenticationError(
                f"the new token ended at {token.expires_at:%Y-%m-%d %H:%M:%S} UTC, but this machine's clock "
                f"says {self._now():%Y-%m-%d %H:%M:%S} UTC: set the machine's clock right (NTP)",
                api_id=ISSUE_API_ID,
            )
            late.is_final = False  # an old token may have been handed out at its very end, and clocks are set right
            raise late
        self._vault.write(token)
        return token

    def _usable(self, stored: Token | None, dead: Token | None) -> bool:
        if stored is None or (dead is not None and stored.value == dead.value):
            return False
        return stored.is_fresh(self._now())

    def _learn(self, token: Token | None) -> Token:
        assert token is not None  # noqa: S101  _usable() said so
        self._tell(token)
        self._known = token
        return token

    def _tell(self, token: Token) -> None:
        if token.value != self._told:
            self._on_token(token.value)
        self._told = token.value


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
