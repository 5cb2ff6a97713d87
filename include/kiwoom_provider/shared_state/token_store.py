"""
The token at rest: encrypted with a key derived from the secret key, so the stored text alone is of no use.

Its name comes from the same derivation, so a changed secret key finds nothing and gets a new token; a text
that is found but cannot be decrypted has been damaged or tampered with. A refusal of the token endpoint is
remembered beside the token, and never in its place.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, TypeVar

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import Field, TypeAdapter, ValidationError

from kiwoom_provider.documents import Instant, Text, first_problem
from kiwoom_provider.shared_state.base import StateError

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from datetime import datetime

    from kiwoom_provider.shared_state.base import SharedState

RENEW_AHEAD = timedelta(minutes=10)
RENEW_AHEAD_SHARE = 0.1  # of a short life
_MOST_TOKEN = 64 * 2**10
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

    value: Annotated[str, Field(max_length=_MOST_TOKEN)] = field(repr=False)
    issued_at: Instant
    expires_at: Instant
    replaced_young: bool = False

    def is_fresh(self, now: datetime) -> bool:
        """Tell whether the token may be used without thinking of its end."""
        life = self.expires_at - self.issued_at
        return now < self.expires_at - min(RENEW_AHEAD, life * RENEW_AHEAD_SHARE)


@dataclass(frozen=True, slots=True)
class TokenRefusal:
    """Why no new token was given, how long that is taken for granted, and whether key and secret are at fault."""

    message: Text
    code: Text
    until: Instant
    is_final: bool


_TOKEN, _REFUSAL = TypeAdapter(Token), TypeAdapter(TokenRefusal)
_Kept = TypeVar("_Kept", Token, TokenRefusal)


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
        return self._read(self._name, _TOKEN)

    def write(self, token: Token) -> None:
        """Store the token in one step, and forget a refusal."""
        self._write(self._name, token.expires_at - token.issued_at, _TOKEN.dump_json(token))
        self._state.remove(self._refusal_name)

    def read_refusal(self, now: datetime) -> TokenRefusal | None:
        """Return a refusal that is remembered and recent."""
        refusal = self._read(self._refusal_name, _REFUSAL)
        return refusal if refusal and now < refusal.until else None

    def write_refusal(self, refusal: TokenRefusal, lasts: timedelta) -> None:
        """Remember that no new token was given, to spare the token endpoint a storm of the same."""
        self._write(self._refusal_name, lasts, _REFUSAL.dump_json(refusal))

    @property
    def _refusal_name(self) -> str:
        return f"{self._name}.refusal"

    def _read(self, name: str, kind: TypeAdapter[_Kept]) -> _Kept | None:
        content = self._state.read(name)
        if content is None:
            return None
        try:
            return kind.validate_json(self._fernet.decrypt(content))
        except InvalidToken:
            why = "cannot be decrypted: it was damaged or tampered with"
        except ValidationError as error:
            why = f"cannot be read: {first_problem(error)}"
        raise StateError(
            f"the stored token, {self._state.place(name)}, {why}. Delete it; a new token is issued at the next call"
        )

    def _write(self, name: str, lasts: timedelta, record: bytes) -> None:
        self._state.write(name, self._fernet.encrypt(record), lasts)


def _derive(secret_key: str, account_id: str, purpose: str, length: int) -> bytes:
    info = f"kiwoom_provider token {purpose}".encode()
    return HKDF(SHA256(), length, salt=account_id.encode(), info=info).derive(secret_key.encode())
