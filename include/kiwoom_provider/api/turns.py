"""The turn to look for a slot: a lock of the operating system, which ends with the process that holds it."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from kiwoom_provider.api.state_dir import prepared, unusable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_DIGITS = 20


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


@contextmanager
def file_turn(path: Path) -> Iterator[FileTurn]:
    """
    Wait in the kernel for the exclusive lock on ``path``, in turn and at no cost.

    :raises StateError: when the file cannot be made.
    """
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
