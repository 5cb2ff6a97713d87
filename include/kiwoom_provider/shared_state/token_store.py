"""
The token at rest: encrypted with a key derived from the secret key, so the stored text alone is of no use.

Its name comes from the same derivation, so a changed secret key finds nothing and gets a new token; a text
that is found but cannot be decrypted has been damaged or tampered with. A refusal of the token endpoint is
remembered beside the token, and never in its place.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from kiwoom_provider.shared_state.base import StateError

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from kiwoom_provider.shared_state.base import SharedState

RENEW_AHEAD = timedelta(minutes=10)
RENEW_AHEAD_SHARE = 0.1  # of a short life
_KEY_BYTES = 32
_NAME_BYTES = 8


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


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why no new token was given, how long that is taken for granted, and whether key and secret are at fault."""

    message: str
    code: str
    until: datetime
    is_final: bool


class TokenStore:
    """
    Keeps one token, and the reason why none was given, encrypted.

    :param state: files, or Redis.
    :param account_id: names app key and host without telling them.
    :param secret_key: of the connection.
    """

    def __init__(self, state: SharedState, account_id: str, secret_key: str) -> None:
        self._fernet = Fernet(base64.urlsafe_b64encode(_derive(secret_key, account_id, "key", _KEY_BYTES)))
        self._state = state
        self._name = f"token-{account_id}-{_derive(secret_key, account_id, 'name', _NAME_BYTES).hex()}"

    def lock(self) -> AbstractContextManager[None]:
        """Hold the right to renew, alone among all processes."""
        return self._state.lock(self._name)

    def read(self) -> Token | None:
        """
        Return the stored token, None when there is none.

        :raises StateError: when what is stored cannot be read or decrypted.
        """
        record = self._read(self._name)
        if record is None:
            return None
        issued_at, expires_at = (datetime.fromisoformat(record[name]) for name in ("issued_at", "expires_at"))
        return Token(record["value"], issued_at, expires_at, record["replaced_young"])

    def write(self, token: Token) -> None:
        """Store the token in one step, and forget a refusal."""
        self._write(
            self._name,
            token.expires_at - token.issued_at,
            value=token.value,
            issued_at=token.issued_at.isoformat(),
            expires_at=token.expires_at.isoformat(),
            replaced_young=token.replaced_young,
        )
        self._state.remove(self._refusal_name)

    def remove(self) -> None:
        """Delete the stored token."""
        self._state.remove(self._name)

    def read_refusal(self, now: datetime) -> Refusal | None:
        """Return a refusal that is remembered and recent."""
        record = self._read(self._refusal_name)
        if record is None or now >= datetime.fromisoformat(record["until"]):
            return None
        until = datetime.fromisoformat(record["until"])
        return Refusal(record["message"], record["code"], until, is_final=record["is_final"])

    def write_refusal(self, refusal: Refusal, lasts: timedelta) -> None:
        """Remember that no new token was given, to spare the token endpoint a storm of the same."""
        self._write(
            self._refusal_name,
            lasts,
            message=refusal.message,
            code=refusal.code,
            until=refusal.until.isoformat(),
            is_final=refusal.is_final,
        )

    @property
    def _refusal_name(self) -> str:
        return f"{self._name}.refusal"

    def _read(self, name: str) -> dict[str, Any] | None:
        content = self._state.read(name)
        if content is None:
            return None
        try:
            record: dict[str, Any] = json.loads(self._fernet.decrypt(content))
        except InvalidToken:
            raise StateError(
                f"the stored token, {self._state.place(name)}, cannot be decrypted: it was damaged or tampered "
                "with. Delete it; a new token is issued at the next call"
            ) from None
        return record

    def _write(self, name: str, lasts: timedelta, **record: str | bool) -> None:
        self._state.write(name, self._fernet.encrypt(json.dumps(record).encode()), lasts)


def _derive(secret_key: str, account_id: str, purpose: str, length: int) -> bytes:
    info = f"kiwoom_provider token {purpose}".encode()
    return HKDF(SHA256(), length, salt=account_id.encode(), info=info).derive(secret_key.encode())
