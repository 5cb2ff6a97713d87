"""Objects under one root, on any fsspec file system: read, list, and replace whole in one step."""

from __future__ import annotations

import os
import stat
import uuid
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from kiwoom_provider.datasets.root import DataRootError, RootName, StoreError, file_system

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

__all__ = ["MOST_BYTES", "DataRootError", "Root", "Store", "StoreError", "Version"]

MOST_BYTES = 256 * 2**20
"""The largest object that is ever read; what the package writes is a tenth of it at most."""


@dataclass(frozen=True, slots=True)
class Version:
    """
    One content of an object, as a listing shows it.

    :param size: in bytes.
    :param replaced_at: seconds since 1970; None where a store does not say.
    :param checksum: what the store itself calls the content by (an ETag or MD5); None on a disk.
    """

    size: int
    replaced_at: float | None
    checksum: str | None = None


@dataclass(frozen=True, slots=True)
class Store:
    """
    Objects by key under ``root``.

    A root on this machine is never left by a symbolic link, and of it only regular files are read.

    :param fs: an fsspec file system.
    :param root: the root's path on it, without a trailing slash.
    :param timeout_s: how long one look (read, list, exists) may take on a store in the network; None waits for as
        long as its client does.
    """

    fs: Any
    root: str
    timeout_s: float | None = None

    @classmethod
    def open(cls, root: Root) -> Store:
        """
        Open a data root, with whatever credentials the environment or the path object gives.

        :param root: a path, an fsspec URL, a path object that brings its file system such as Airflow's
            ``ObjectStoragePath``, or a store.
        :raises DataRootError: for what cannot be opened.
        """
        if isinstance(root, Store):
            return root
        system, path = file_system(root)
        return cls(system, path.rstrip("/"))

    @property
    def is_local(self) -> bool:
        """Whether the root lies on a file system of this machine."""
        return "file" in self._protocols

    @property
    def name(self) -> str:
        """The root with its scheme, as people write it: ``s3://bucket/prefix``."""
        return f"{self._protocols[0]}://{self.root}"

    def path(self, key: str) -> str:
        """
        Return the full path of ``key`` on the file system.

        :raises StoreError: when a symbolic link leads out of a root on this machine.
        """
        path = f"{self.root}/{key}"
        if self.is_local and not _is_below(real := os.path.realpath(path), _real_root(self.root)):
            _real_root.cache_clear()  # the root itself may be a link, and lead elsewhere by now
            if not _is_below(real, _real_root(self.root)):
                raise StoreError(f"{self.url(key)} leads out of the data root by a symbolic link")
        return path

    def url(self, key: str) -> str:
        """Return the fsspec URL of ``key``."""
        return f"{self.name}/{key}"

    def exists(self, key: str) -> bool:
        """
        Whether an object lies at ``key``, as the store says now.

        :raises StoreError: when it cannot be asked.
        """
        path = self.path(key)
        self.fs.invalidate_cache(path)
        with self._name_errors("look for", key):
            return bool(self.fs.exists(path, **self._limit))

    def read(self, key: str, most: int = MOST_BYTES) -> bytes:
        """
        Return an object's bytes, from one request: two could bring halves of two versions.

        :param most: the size in bytes beyond which it is not taken.
        :raises FileNotFoundError: when there is none.
        :raises StoreError: when the root does not give it, or it is larger.
        """
        path = self.path(key)
        with self._name_errors("read", key):
            data = _read_file(path, most + 1) if self.is_local else self._get(path, most + 1)
            if len(data) > most:
                raise ValueError(f"it is larger than {most:,} bytes")
            return data

    def read_part(self, key: str, start: int, end: int) -> bytes:
        """
        Return an object's bytes from ``start`` to before ``end``; two parts can be of two versions.

        :raises FileNotFoundError: when there is none.
        :raises StoreError: when the root does not give it.
        """
        path = self.path(key)
        with self._name_errors("read", key):
            if self.is_local:
                return _read_part(path, start, end)
            return bytes(self.fs.cat_file(path, start=start, end=end, max_concurrency=1, **self._limit))

    def write(self, key: str, data: bytes) -> None:
        """
        Put ``data`` at ``key`` in one atomic step, replacing what is there.

        :raises StoreError: when the root does not take it; what was there before is untouched.
        """
        path = self.path(key)
        with self._name_errors("write", key, passed=()):
            if self.is_local:
                _replace(Path(path), data)
            else:
                self.fs.pipe_file(path, data)

    def list(self, prefix: str, beginning: str = "") -> list[str]:
        """
        Return the keys of all objects under ``prefix``, sorted; none when there is no such place.

        :param beginning: of the names directly under ``prefix``; the others are not even asked for.
        :raises StoreError: when the root does not tell.
        """
        # Some stores list an emptied folder as an object of its name.
        under = f"{prefix}/{beginning}" if prefix else beginning
        found = self._list_prefix(partial(self._find, beginning=beginning), prefix)
        keys = (path.removeprefix(self.root).lstrip("/") for path in found)
        return sorted(key for key in keys if key.startswith(under) and not key.rpartition("/")[2].startswith("."))

    def versions(self, prefix: str) -> dict[str, Version]:
        """
        Return the objects under ``prefix`` by key, each with its size and when it was last replaced.

        :raises StoreError: when the root does not tell.
        """
        if self.is_local:  # the listing has seen to it that no link leads out
            return {key: _local_version(f"{self.root}/{key}") for key in self.list(prefix)}
        found: dict[str, dict[str, Any]] = {}

        def look(path: str) -> list[str]:
            found.update(self.fs.find(path, detail=True, **self._limit))
            return list(found)

        self._list_prefix(look, prefix)
        named = {path.removeprefix(self.root).lstrip("/"): info for path, info in found.items()}
        return {key: _remote_version(info) for key, info in sorted(named.items()) if key.startswith(prefix)}

    def children(self, prefix: str) -> Sequence[str]:
        """
        Return the names directly under ``prefix``, sorted; none when there is no such place.

        A folder may hold nothing: file systems keep empty ones, and so do some object stores.

        :raises StoreError: when the root does not tell.
        """
        if self.is_local:  # in a tenth of fsspec's time, which every task of a night would pay for every old session
            return sorted(self._list_prefix(_names, prefix))
        found = self._list_prefix(partial(self.fs.ls, detail=False, **self._limit), prefix)
        return sorted(path.rstrip("/").rsplit("/", 1)[-1] for path in found)

    def remove(self, keys: Iterable[str]) -> None:
        """
        Remove objects; one that is already gone is no error.

        :raises StoreError: when the root keeps one.
        """
        for key in keys:
            with suppress(FileNotFoundError), self._name_errors("remove", key):
                self.fs.rm_file(self.path(key))

    def check_writable(self) -> None:
        """
        Prove that the root takes, gives and removes an object, before anything depends on it.

        :raises StoreError: when it does not.
        """
        key = f".writable-{uuid.uuid4().hex}"
        self.write(key, b"probe")
        with self._name_errors("read back", key, passed=()):
            self.read(key)
        self.remove([key])

    def _find(self, path: str, beginning: str) -> Iterable[object]:
        if self.is_local:  # without fsspec's stat of every file, a tenth of the time
            return _walk(path, beginning)
        names = {"prefix": beginning} if beginning else {}
        found: Iterable[object] = self.fs.find(path, **names, **self._limit)
        return found

    def _list_prefix(self, look: Callable[[str], Iterable[object]], prefix: str) -> Sequence[str]:
        """List without what fsspec remembers of earlier listings: others write here too."""
        path = self.path(prefix)
        self.fs.invalidate_cache(path)
        with suppress(FileNotFoundError), self._name_errors("list", prefix):
            return [str(found) for found in look(path)]
        return []

    def _get(self, path: str, most: int) -> bytes:
        """Return at most the first ``most`` bytes; a server may refuse any range of an empty object."""
        try:
            # Without max_concurrency=1 s3fs asks for the size first, from a listing that may be old.
            return bytes(self.fs.cat_file(path, start=0, end=most, max_concurrency=1, **self._limit))
        except Exception as error:
            if "range" in str(error).lower() and self.fs.size(path) == 0:
                return b""
            raise

    @property
    def _protocols(self) -> tuple[str, ...]:
        protocol = self.fs.protocol
        return (protocol,) if isinstance(protocol, str) else tuple(protocol)

    @property
    def _limit(self) -> dict[str, float]:
        """The time limit as fsspec's asynchronous clients take it; the others know none, and need none."""
        is_network = getattr(self.fs, "async_impl", False) is True
        return {"timeout": self.timeout_s} if self.timeout_s and is_network else {}

    @contextmanager
    def _name_errors(
        self, action: str, key: str, passed: tuple[type[Exception], ...] = (FileNotFoundError,)
    ) -> Iterator[None]:
        """Say where it failed. A file system raises what its client library does, which shares no base."""
        try:
            yield
        except Exception as error:
            if isinstance(error, (StoreError, *passed)):
                raise
            raise StoreError(
                f"cannot {action} {key or '/'} under kiwoom_data_root {self.name}: {error}. {self._remedy(error)}"
            ) from error

    def _remedy(self, error: BaseException) -> str:
        """Return what to look at, by what the client says; none of their errors share a base, so by their names."""
        names: set[str] = set()
        status: set[object] = set()
        cause: BaseException | None = error
        while cause:
            names.update(kind.__name__ for kind in type(cause).__mro__)
            status.update((getattr(cause, "status_code", None), getattr(cause, "code", None)))
            cause = cause.__cause__ or cause.__context__
        if not self.is_local and (names & _REFUSED or status & {401, 403}):
            return "Check the credentials, and that they may do this there"
        if names & _UNREACHABLE:
            return "Its server does not answer from here: check the endpoint's address and the network"
        return "Check that the place exists, has room and may be written by the Airflow workers"


Root: TypeAlias = RootName | Store
"""A path, an fsspec URL, a path object that brings its file system, or a store."""

_REFUSED = {
    "PermissionError",
    *("NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError"),  # botocore
    *("ClientAuthenticationError", "CredentialUnavailableError"),  # azure
    *("DefaultCredentialsError", "RefreshError"),  # google
}
_UNREACHABLE = {
    *("ConnectionError", "TimeoutError", "gaierror"),
    *("HTTPClientError", "ClientConnectionError", "ServiceRequestError", "ServiceResponseError"),
}


def _names(folder: str) -> list[str]:
    with os.scandir(folder) as entries:
        return [entry.name for entry in entries]


@lru_cache(maxsize=16)
def _real_root(root: str) -> str:
    """Return where a root lies; asked once, since a reader of years asks for thousands of paths."""
    return os.path.realpath(root)


def _is_below(real: str, top: str) -> bool:
    return real == top or real.startswith(f"{top.rstrip('/')}/")


def _walk(top: str, beginning: str) -> Iterator[str]:
    """Return the files under ``top``, without looking into its own folders of another beginning."""
    for folder, folders, names in os.walk(top):
        if folder == top:
            folders[:] = [name for name in folders if name.startswith(beginning)]
        yield from (f"{folder}/{name}" for name in names)


def _local_version(path: str) -> Version:
    found = os.lstat(path)
    return Version(found.st_size, found.st_mtime)


def _remote_version(info: dict[str, Any]) -> Version:
    """Read what fsspec's clients call by different names: instants, or texts of them."""
    checksum = next((str(info[name]) for name in ("ETag", "etag", "md5Hash", "content_md5") if info.get(name)), None)
    for name in ("LastModified", "last_modified", "updated", "mtime", "created"):
        instant = info.get(name)
        instant = datetime.fromisoformat(instant) if isinstance(instant, str) else instant
        if isinstance(instant, datetime):
            return Version(int(info["size"]), instant.timestamp(), checksum)
    return Version(int(info["size"]), None, checksum)


def _read_part(path: str, start: int, end: int) -> bytes:
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(f"{path} is no regular file")
        return os.pread(descriptor, end - start, start)
    finally:
        os.close(descriptor)


def _read_file(path: str, most: int) -> bytes:
    """Read a regular file's first ``most`` bytes; a pipe or a device would never end, or do something."""
    with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:  # noqa: PTH123 - Path takes no descriptor
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise OSError(f"{path} is no regular file")
        return file.read(most if found.st_size > most else -1)


def _replace(path: Path, data: bytes) -> None:
    """Write beside ``path``, flush to the disk, then rename over it: a reader sees the old or the new."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        with draft.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
