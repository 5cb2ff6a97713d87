"""au10001 and au10002. Tokens: issued per app key, dead after a time, by hand, or when a newer one is issued."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from kiwoom_simulator.answers import success
from kiwoom_simulator.clock import KST
from kiwoom_simulator.errors import ApiError
from kiwoom_simulator.request import fields

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from kiwoom_simulator.answers import Answer

ISSUE, REVOKE = "au10001", "au10002"

OTHER_HOST_APP_KEY = "other-host-app-key"
"""A key that belongs to the other of live and mock."""

OTHER_HOST_TOKEN = "other-host-token"  # noqa: S105
"""A token of the other of live and mock."""


class Reissue(StrEnum):
    """What a new token does to the one before it; sources disagree on what the API does."""

    KILL = "kill"
    KEEP = "keep"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class Token:
    """A live token; ``expires_at`` is in KST. Its text is never shown."""

    text: str = field(repr=False)
    app_key: str = field(repr=False)
    expires_at: datetime


@dataclass
class Tokens:
    """Issues, finds and ends the tokens of the one app key that there is."""

    app_key: str = field(repr=False)
    secret_key: str = field(repr=False)
    life_s: float
    reissue: Reissue
    texts: list[str] = field(default_factory=list, repr=False)
    _alive: dict[str, Token] = field(default_factory=dict, repr=False)

    def answer(self, api_id: str, body: bytes, now: datetime) -> Answer:
        """
        Answer au10001 or au10002. ``expires_dt`` is in KST and says so nowhere.

        :raises ApiError: 8011, 8012, 8020, 8001, 8002, 8030, 8016 or 8015.
        """
        asked = fields(body)
        if api_id == REVOKE:
            return self._revoke(asked)
        if not asked.get("grant_type"):
            raise ApiError(8011)
        if asked["grant_type"] != "client_credentials":
            raise ApiError(8012)
        self._check(asked)
        token = self._issue(now)
        expires_dt = token.expires_at.astimezone(KST).strftime("%Y%m%d%H%M%S")
        return success(ISSUE, {"expires_dt": expires_dt, "token_type": "bearer", "token": token.text})

    def find(self, text: str, now: datetime) -> Token:
        """
        Return a token that is alive at ``now``.

        :raises ApiError: 8031 or 8005.
        """
        if text == OTHER_HOST_TOKEN:
            raise ApiError(8031)
        token = self._alive.get(text)
        if not token or token.expires_at <= now:
            raise ApiError(8005)
        return token

    def end_all(self) -> int:
        """End every token at once, and return how many there were."""
        count = len(self._alive)
        self._alive.clear()
        return count

    def _issue(self, now: datetime) -> Token:
        alive = list(self._alive.values())
        if self.reissue is Reissue.SAME and alive and alive[-1].expires_at > now:
            return alive[-1]
        if self.reissue is Reissue.KILL:
            self._alive.clear()
        token = Token(secrets.token_urlsafe(64), self.app_key, now + timedelta(seconds=self.life_s))
        self._alive[token.text] = token
        self.texts.append(token.text)
        return token

    def _revoke(self, asked: Mapping[str, object]) -> Answer:
        self._check(asked)
        if not asked.get("token"):
            raise ApiError(8016)
        if not self._alive.pop(str(asked["token"]), None):
            raise ApiError(8015)
        return success(REVOKE, {})

    def _check(self, asked: Mapping[str, object]) -> None:
        app_key, secret_key = asked.get("appkey"), asked.get("secretkey")
        if not app_key or not secret_key:
            raise ApiError(8020)
        if app_key == OTHER_HOST_APP_KEY:
            raise ApiError(8030)
        if app_key != self.app_key:
            raise ApiError(8001)
        if secret_key != self.secret_key:
            raise ApiError(8002)


def app_key_of(body: bytes) -> str:
    """Return the app key that a body claims, for the rate limit."""
    try:
        return str(fields(body).get("appkey", ""))
    except ApiError:
        return ""
