"""The turn to look for a slot: a lock of the operating system, which ends with the process that holds it."""

from __future__ import annotations

import fcntl
import os
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

from kiwoom_provider.api.state_dir import prepared, unusable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_DIGITS = 20
_API_ID = re.compile(r"[A-Za-z0-9]{1,20}")


class FileTurn:
    """A held turn. Its file keeps when the last call went out."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @property
    def last_sent_ms(self) -> int:
        """When the last call went out, 0 when none has."""
        text = os.pread(self._descriptor, _DIGITS, 0)
        return int(text) if text.isdigit() else 0

    @last_sent_ms.setter
    def last_sent_ms(self, value: int) -> None:
        os.pwrite(self._descriptor, f"{value:0{_DIGITS}d}".encode(), 0)


def checked(api_id: str) -> str:
    """
    Return an api-id that may become part of a file's or a table's name.

    :raises ValueError: when it is none.
    """
    if not _API_ID.fullmatch(api_id):
        raise ValueError(f"api_id {api_id!r} is not letters and digits, such as ka10066")
    return api_id


@contextmanager
def file_turn(stem: Path, api_id: str) -> Iterator[FileTurn]:
    """
    Wait in the kernel for an api-id's exclusive lock beside ``stem``, in turn and at no cost.

    :raises StateError: when the file cannot be made.
    :raises ValueError: when the api-id is none.
    """
    path = stem.with_name(f"{stem.name}-{checked(api_id)}.turn")
    prepared(path.parent)
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise unusable(path, error) from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield FileTurn(descriptor)
    finally:
        os.close(descriptor)
