"""
A data root that gives trouble: the system calls under it fail, or its listings lag behind.

It is done to the calls that Python makes (``open``, ``fsync``, ``rename``, ``unlink``, listing), so whatever code
stores the data is tested as it is. ``chmod`` would not do: tests may run as root, whom it does not stop.
"""

from __future__ import annotations

import builtins
import errno
import io
import os
import re
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from unittest import mock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_DRAFT = re.compile(r"^\.(?P<name>.+)\.[0-9a-f]{32}$")


@dataclass(frozen=True, slots=True)
class Trouble:
    """
    What goes wrong, where.

    :param root: path of the data root.
    :param key: pattern of the keys that are struck.
    :param step: ``open``, ``write`` (after half of it), ``sync``, ``rename``, ``renamed`` (done, but an error is
        reported), ``read``, ``remove`` or ``list``.
    :param code: name of the error, such as ``ENOSPC``; for ``list`` the seconds that a listing lags behind.
    :param times: how often it strikes; 0 is always.
    """

    root: str
    key: str
    step: str
    code: str
    times: int = 0


class _Counter:
    def __init__(self, trouble: Trouble) -> None:
        self.trouble, self.struck = trouble, 0

    def strikes(self, path: object, *steps: str) -> bool:
        given = self.trouble
        if given.step not in steps or not _key(given.root, path, given.key):
            return False
        if given.times and self.struck >= given.times:
            return False
        self.struck += 1
        return True

    def error(self, path: object) -> OSError:
        number = getattr(errno, self.trouble.code)
        return OSError(number, os.strerror(number), str(path))


class _Half:
    """A file that takes half of what is written to it."""

    def __init__(self, file: io.BufferedWriter, error: OSError) -> None:
        self._file, self._error = file, error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def write(self, data: bytes) -> int:
        self._file.write(data[: len(data) // 2])
        self._file.flush()
        raise self._error


@contextmanager
def give_trouble(trouble: Trouble | None) -> Iterator[Callable[[], int]]:
    """Give the trouble while the block lasts; what is yielded tells how often it has struck."""
    if trouble is None:
        yield lambda: 0
        return
    counter = _Counter(trouble)
    with ExitStack() as stack:
        for owner, name, made in _patches(counter):
            stack.enter_context(mock.patch.object(owner, name, made))
        yield lambda: counter.struck


def _patches(counter: _Counter) -> list[tuple[object, str, object]]:
    if counter.trouble.step == "list":
        return [(os, "scandir", _late(counter, os.scandir))]
    opened = _opening(counter, builtins.open)
    return [
        (builtins, "open", opened),
        (io, "open", opened),
        (os, "open", _failing(counter, os.open, "read")),
        (os, "fsync", _failing(counter, os.fsync, "sync")),
        (os, "replace", _failing(counter, os.replace, "rename", after="renamed")),
        (os, "remove", _failing(counter, os.remove, "remove")),
    ]


def _failing(counter: _Counter, real: Callable[..., Any], step: str, after: str = "") -> Callable[..., Any]:
    def call(what: object, *arguments: object, **options: object) -> object:
        path = Path(f"/proc/self/fd/{what}").readlink() if isinstance(what, int) else what
        if counter.strikes(path, step):
            raise counter.error(path)
        answer = real(what, *arguments, **options)
        if after and counter.strikes(path, after):
            raise counter.error(path)
        return answer

    return call


def _opening(counter: _Counter, real: Callable[..., Any]) -> Callable[..., Any]:
    def call(path: object, mode: str = "r", *arguments: object, **options: object) -> object:
        if isinstance(path, int):
            return real(path, mode, *arguments, **options)
        writing = "w" in mode
        if counter.strikes(path, "open" if writing else "read"):
            raise counter.error(path)
        file = real(path, mode, *arguments, **options)
        return _Half(file, counter.error(path)) if writing and counter.strikes(path, "write") else file

    return call


class _Listing:
    """What ``os.scandir`` gives, without what is not listed yet."""

    def __init__(self, entries: list[os.DirEntry[str]]) -> None:
        self._entries = iter(entries)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is held."""

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> os.DirEntry[str]:
        return next(self._entries)

    def close(self) -> None:
        """Nothing is held."""


def _late(counter: _Counter, real: Callable[..., Any]) -> Callable[..., Any]:
    """List what is older than the lag, as a store does whose listings are eventually right."""
    lag_s = float(counter.trouble.code)

    def is_listed(entry: os.DirEntry[str]) -> bool:
        if not entry.path.startswith(counter.trouble.root):
            return True
        if entry.is_dir():
            with real(entry.path) as inside:
                return any(is_listed(each) for each in inside)
        return time.time() - entry.stat().st_mtime >= lag_s or not counter.strikes(entry.path, "list")

    def scandir(path: str = ".") -> _Listing:
        with real(path) as entries:
            return _Listing([entry for entry in entries if is_listed(entry)])

    return scandir


def _key(root: str, path: object, pattern: str) -> bool:
    text = str(path)
    if not text.startswith(root + "/"):
        return False
    folder, _, name = text.removeprefix(root + "/").rpartition("/")
    draft = _DRAFT.match(name)
    return bool(re.search(pattern, f"{folder}/{draft['name'] if draft else name}"))
