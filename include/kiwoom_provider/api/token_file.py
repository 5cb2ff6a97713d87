"""The token's place on one machine: a file in the state directory, and a lock file beside it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from filelock import FileLock

from kiwoom_provider.api.state_dir import prepared, replace_whole, unusable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import timedelta
    from pathlib import Path

_LOCK_POLL_S = 0.01


class TokenFile:
    """
    One file, shared by the machine's processes.

    :param path: in the state directory; its name tells neither key nor secret.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.where = f"file {path}"

    def read(self) -> bytes | None:
        """
        Return what is stored, None when there is nothing.

        :raises StateError: when the file cannot be read.
        """
        try:
            return self._path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise unusable(self._path, error) from None

    def write(self, content: bytes, lasts: timedelta) -> None:  # noqa: ARG002  a file does not end by itself
        """Store in one step."""
        replace_whole(self._path, content)

    def remove(self) -> None:
        """Delete the file if it is there."""
        self._path.unlink(missing_ok=True)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the right to renew; it ends with the process."""
        path = self._path.with_suffix(".lock")
        prepared(path.parent)
        lock = FileLock(path, mode=0o600, poll_interval=_LOCK_POLL_S)
        try:
            lock.acquire()
        except OSError as error:
            raise unusable(path, error) from None
        try:
            yield
        finally:
            lock.release()
