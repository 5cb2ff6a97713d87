"""Tokens: issued per app key, dead after a time, by hand, or when a newer one is issued."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

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


class TokenDesk:
    """Issues, finds and ends tokens."""

    def __init__(self, life_s: float, reissue: Reissue) -> None:
        self.life_s = life_s
        self.reissue = reissue
        self.texts: list[str] = []
        self._alive: dict[str, Token] = {}

    @property
    def issued(self) -> int:
        """How many tokens were issued."""
        return len(self.texts)

    def issue(self, app_key: str, now: datetime) -> Token:
        """Return a token for ``app_key``."""
        mine = [token for token in list(self._alive.values()) if token.app_key == app_key]
        if self.reissue is Reissue.SAME and mine and mine[-1].expires_at > now:
            return mine[-1]
        if self.reissue is Reissue.KILL:
            for token in mine:
                del self._alive[token.text]
        return self._new(app_key, now)

    def find(self, text: str, now: datetime) -> Token | None:
        """Return the token if it is alive at ``now``."""
        token = self._alive.get(text)
        return token if token and token.expires_at > now else None

    def end(self, text: str) -> bool:
        """Revoke a token; tell whether there was one."""
        return self._alive.pop(text, None) is not None

    def end_all(self) -> int:
        """End every token at once, and return how many there were."""
        count = len(self._alive)
        self._alive.clear()
        return count

    def _new(self, app_key: str, now: datetime) -> Token:
        token = Token(secrets.token_urlsafe(64), app_key, now + timedelta(seconds=self.life_s))
        self._alive[token.text] = token
        self.texts.append(token.text)
        return token
