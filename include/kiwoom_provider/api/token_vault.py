"""
The token at rest: encrypted with a key derived from the secret key, so the stored text alone is of no use.

Its name comes from the same derivation, so a changed secret key finds nothing and gets a new token; a text
that is found but cannot be decrypted has been damaged or tampered with.
"""

from __future__ import annotations

import base64
import json
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from kiwoom_provider.api.errors import AuthenticationError, StateError
from kiwoom_provider.api.tokens import Token

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from datetime import timedelta

_KEY_BYTES = 32
_NAME_BYTES = 8


class Place(Protocol):
    """Where one text is kept for all processes. Raises StateError when it cannot be used."""

    where: str

    def read(self) -> bytes | None:
        """Return what is stored, None when there is nothing."""

    def write(self, content: bytes, lasts: timedelta) -> None:
        """Store in one step; it is of no use after ``lasts``."""

    def remove(self) -> None:
        """Delete what is stored."""

    def lock(self) -> AbstractContextManager[None]:
        """Hold the right to renew; it ends with the process."""


class TokenVault:
    """
    Keeps one token, or the reason why none was given, encrypted.

    :param place: a file, or Redis.
    :param account_id: names app key and host without telling them.
    :param secret_key: of the connection.
    """

    def __init__(self, place: Place, account_id: str, secret_key: str) -> None:
        self._fernet = Fernet(base64.urlsafe_b64encode(_derive(secret_key, account_id, "key", _KEY_BYTES)))
        self._place = place

    def lock(self) -> AbstractContextManager[None]:
        """Hold the right to renew, alone among all processes."""
        return self._place.lock()

    def read(self) -> Token | None:
        """
        Return the stored token, None when there is none.

        :raises StateError: when what is stored cannot be read or decrypted.
        """
        record = self._record()
        if record is None or "value" not in record:
            return None
        issued_at, expires_at = (datetime.fromisoformat(record[name]) for name in ("issued_at", "expires_at"))
        return Token(record["value"], issued_at, expires_at, record.get("replaced_young", False))

    def write(self, token: Token) -> None:
        """Store the token in one step."""
        self._store(
            token.expires_at - token.issued_at,
            value=token.value,
            issued_at=token.issued_at.isoformat(),
            expires_at=token.expires_at.isoformat(),
            replaced_young=token.replaced_young,
        )

    def remove(self) -> None:
        """Delete the stored token."""
        self._place.remove()

    def write_refusal(self, error: AuthenticationError, now: datetime, kept: timedelta) -> None:
        """Remember that key and secret were refused, to spare the token endpoint a storm of the same."""
        self._store(kept, message=error.message, code=error.code, until=(now + kept).isoformat())

    def raise_recent_refusal(self, now: datetime) -> None:
        """
        Repeat a refusal that is remembered and recent.

        :raises AuthenticationError: as another process got it a moment ago.
        """
        record = self._record()
        if record and "message" in record and now < datetime.fromisoformat(record["until"]):
            raise AuthenticationError(record["message"], api_id="au10001", code=record["code"])

    def _record(self) -> dict[str, Any] | None:
        content = self._place.read()
        if content is None:
            return None
        try:
            record: dict[str, Any] = json.loads(self._fernet.decrypt(content))
        except InvalidToken:
            raise StateError(
                f"the stored token, {self._place.where}, cannot be decrypted: it was damaged or tampered with. "
                "Delete it; a new token is issued at the next call"
            ) from None
        return record

    def _store(self, lasts: timedelta, **record: str | bool) -> None:
        self._place.write(self._fernet.encrypt(json.dumps(record).encode()), lasts)


def token_name(account_id: str, secret_key: str) -> str:
    """Return the name to store a token under: another secret key finds another token."""
    return f"token-{account_id}-{_derive(secret_key, account_id, 'name', _NAME_BYTES).hex()}"


def _derive(secret_key: str, account_id: str, purpose: str, length: int) -> bytes:
    info = f"kiwoom_provider token {purpose}".encode()
    return HKDF(SHA256(), length, salt=account_id.encode(), info=info).derive(secret_key.encode())
