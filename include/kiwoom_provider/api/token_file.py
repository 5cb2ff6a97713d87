"""
The token at rest: encrypted with a key derived from the secret key, so the file alone is of no use.

The file's name comes from the same derivation, so a changed secret key finds no file and gets a new
token; a file that is found but cannot be decrypted has been damaged or tampered with.
"""

from __future__ import annotations

import base64
import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from kiwoom_provider.api.errors import AuthenticationError, StateError
from kiwoom_provider.api.state_dir import replace_whole, unusable
from kiwoom_provider.api.tokens import Token

if TYPE_CHECKING:
    from pathlib import Path

_KEY_BYTES = 32
_NAME_BYTES = 8


class TokenFile:
    """
    Keeps one token, or the reason why none was given, in one encrypted file.

    :param directory: shared by the machine's processes.
    :param account_id: names app key and host without telling them.
    :param secret_key: of the connection.
    """

    def __init__(self, directory: Path, account_id: str, secret_key: str) -> None:
        self._fernet = Fernet(base64.urlsafe_b64encode(_derive(secret_key, account_id, "key", _KEY_BYTES)))
        name = _derive(secret_key, account_id, "name", _NAME_BYTES).hex()
        self.path = directory / f"token-{account_id}-{name}"

    def read(self) -> Token | None:
        """
        Return the stored token, None when there is none.

        :raises StateError: when the file cannot be read or decrypted.
        """
        record = self._record()
        if record is None or "value" not in record:
            return None
        return Token(record["value"], _instant(record["issued_at"]), _instant(record["expires_at"]))

    def write(self, token: Token) -> None:
        """Store the token in one step."""
        self._store(value=token.value, issued_at=token.issued_at.isoformat(), expires_at=token.expires_at.isoformat())

    def remove(self) -> None:
        """Delete the file if it is there."""
        self.path.unlink(missing_ok=True)

    def write_refusal(self, error: AuthenticationError, until: datetime) -> None:
        """Remember that key and secret were refused, to spare the token endpoint a storm of the same."""
        self._store(message=error.message, code=error.code, until=until.isoformat())

    def raise_recent_refusal(self, now: datetime) -> None:
        """
        Repeat a refusal that is remembered and recent.

        :raises AuthenticationError: as another process got it a moment ago.
        """
        record = self._record()
        if record and "message" in record and now < _instant(record["until"]):
            raise AuthenticationError(record["message"], api_id="au10001", code=record["code"])

    def _record(self) -> dict[str, Any] | None:
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise unusable(self.path, error) from None
        try:
            record: dict[str, Any] = json.loads(self._fernet.decrypt(content))
        except InvalidToken:
            raise StateError(
                f"the token store {self.path} cannot be decrypted: it was damaged or tampered with. "
                "Delete the file; a new token is issued at the next call"
            ) from None
        return record

    def _store(self, **record: str) -> None:
        replace_whole(self.path, self._fernet.encrypt(json.dumps(record).encode()))


def _derive(secret_key: str, account_id: str, purpose: str, length: int) -> bytes:
    info = f"kiwoom_provider token {purpose}".encode()
    return HKDF(SHA256(), length, salt=account_id.encode(), info=info).derive(secret_key.encode())


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)
