"""A stored object as a file whose parts are requested when they are needed, its end at once."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Buffer

    from kiwoom_provider.datasets.store import Store

TAIL = 512 * 1024
"""The end that is read first: a month's footer, as a rule."""


class ObjectParts(io.RawIOBase):
    """
    Reads an object by parts: each :meth:`fetch` is one request, and reading within fetched parts is none.

    :param size: of the object in bytes, as the listing says.
    """

    def __init__(self, store: Store, key: str, size: int) -> None:
        super().__init__()
        self._store, self._key, self._size, self._at = store, key, size, 0
        self._parts: list[tuple[int, bytes]] = []
        self.fetch(max(0, size - TAIL), size)

    def fetch(self, start: int, end: int) -> None:
        """Read the bytes from ``start`` to before ``end``, unless they are there."""
        if end > start and self._find(start, end - start) is None:
            self._parts.append((start, self._store.read_part(self._key, start, end)))

    def readable(self) -> bool:
        """Return that it can be read."""
        return True

    def seekable(self) -> bool:
        """Return that any place can be gone to."""
        return True

    def tell(self) -> int:
        """Return the place."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: Buffer) -> int:
        """Read on from the place."""
        view = memoryview(buffer).cast("B")
        length = max(0, min(len(view), self._size - self._at))
        if length == 0:
            return 0
        data = self._find(self._at, length)
        if data is None:
            self.fetch(self._at, self._at + length)
            data = self._find(self._at, length) or b""
        view[: len(data)] = data
        self._at += len(data)
        return len(data)

    def _find(self, start: int, length: int) -> bytes | None:
        for begin, part in self._parts:
            if begin <= start and start + length <= begin + len(part):
                return part[start - begin : start - begin + length]
        return None
