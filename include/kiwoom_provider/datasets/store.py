"""Objects under one root, on any fsspec file system: read, list, and replace whole in one step."""

from __future__ import annotations

import os
import stat
import uuid
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from kiwoom_provider.errors import KiwoomProviderError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

CONNECTION_SCHEMES = ("s3", "s3a", "gs", "gcs")
"""Where ``name@`` before the bucket can only be Airflow's way to name a connection."""


class StoreError(KiwoomProviderError):
    """The data root failed at an object; a write that fails leaves what was there before."""


class DataRootError(StoreError):
    """The data root is not set or is nothing that can be opened; the message names the remedy."""

    is_final = True


class DataRootAbsentError(DataRootError):
    """What names the data root was not found; Airflow 3.3 says so too while its API server is away."""

    is_final = False


@dataclass(frozen=True, slots=True)
class Store:
    """
    Objects by key under ``root``.

    :param fs: an fsspec file system.
    :param root: the root's path on it, without a trailing slash.
    """

    fs: Any
    root: str

    @classmethod
    def open(cls, url: str) -> Self:
        """
        Open a data root by its fsspec URL, with whatever credentials the environment gives.

        :raises DataRootError: for an empty URL, one without a scheme, or a scheme that nothing serves.
        """
        import fsspec

        check_url(url)
        _refuse_connection(url)
        try:
            fs, root = fsspec.core.url_to_fs(url)
        except (ValueError, ImportError) as error:
            raise DataRootError(f"kiwoom_data_root {url!r} cannot be opened: {error}") from error
        return cls(fs, root.rstrip("/"))

    @property
    def is_local(self) -> bool:
        """Whether the root lies on a file system of this machine."""
        protocol = self.fs.protocol
        return "file" in ((protocol,) if isinstance(protocol, str) else protocol)

    def path(self, key: str) -> str:
        """Return the full path of ``key`` on the file system."""
        return f"{self.root}/{key}"

    def url(self, key: str) -> str:
        """Return the fsspec URL of ``key``."""
        return str(self.fs.unstrip_protocol(self.path(key)))

    def exists(self, key: str) -> bool:
        """
        Whether an object lies at ``key``, as the store says now.

        :raises StoreError: when it cannot be asked.
        """
        self.fs.invalidate_cache(self.path(key))
        with self._naming("look for", key):
            return bool(self.fs.exists(self.path(key)))

    def read(self, key: str) -> bytes:
        """
        Return an object's bytes, from one request: two could bring halves of two versions.

        :raises FileNotFoundError: when there is none.
        :raises StoreError: when the root does not give it.
        """
        # Without max_concurrency=1 s3fs asks for the size first, from a listing that may be old.
        with self._naming("read", key):
            return bytes(self.fs.cat_file(self.path(key), max_concurrency=1))

    def read_small(self, key: str, most_bytes: int) -> bytes:
        """
        Return an object that should be small, and never more of it than may be; as :meth:`read`.

        Under a local root it is a regular file to which no symbolic link leads: what one names lies anywhere.

        :raises StoreError: also when it is larger than ``most_bytes``.
        """
        with self._naming("read", key):
            if self.is_local:
                data = _read_regular(self.root, key, most_bytes + 1)
            else:
                data = bytes(self.fs.cat_file(self.path(key), start=0, end=most_bytes + 1, max_concurrency=1))
            if len(data) > most_bytes:
                raise ValueError(f"it is larger than {most_bytes:,} bytes")
            return data

    def write(self, key: str, data: bytes) -> None:
        """
        Put ``data`` at ``key`` in one atomic step, replacing what is there.

        :raises StoreError: when the root does not take it; what was there before is untouched.
        """
        with self._naming("write", key, passed=()):
            if self.is_local:
                _replace(Path(self.path(key)), data)
            else:
                self.fs.pipe_file(self.path(key), data)

    def list(self, prefix: str, beginning: str = "") -> list[str]:
        """
        Return the keys of all objects under ``prefix``, sorted; none when there is no such place.

        :param beginning: of the names directly under ``prefix``; the others are not even asked for.
        :raises StoreError: when the root does not tell.
        """
        # Some stores list an emptied folder as an object of its name.
        under = f"{prefix}/{beginning}" if prefix else beginning
        found = self._listed(partial(self._find, beginning=beginning), prefix)
        keys = (path.removeprefix(self.root).lstrip("/") for path in found)
        return sorted(key for key in keys if key.startswith(under) and not key.rpartition("/")[2].startswith("."))

    def children(self, prefix: str) -> Sequence[str]:
        """
        Return the names directly under ``prefix``, sorted; none when there is no such place.

        A folder may hold nothing: file systems keep empty ones, and so do some object stores.

        :raises StoreError: when the root does not tell.
        """
        if self.is_local:  # in a tenth of fsspec's time, which every task of a night would pay for every old session
            return sorted(self._listed(_names, prefix))
        found = self._listed(self.fs.ls, prefix, detail=False)
        return sorted(path.rstrip("/").rsplit("/", 1)[-1] for path in found)

    def remove(self, keys: Iterable[str]) -> None:
        """
        Remove objects; one that is already gone is no error.

        :raises StoreError: when the root keeps one.
        """
        for key in keys:
            with suppress(FileNotFoundError), self._naming("remove", key):
                self.fs.rm_file(self.path(key))

    def check_writable(self) -> None:
        """
        Prove that the root takes, gives and removes an object, before anything depends on it.

        :raises StoreError: when it does not.
        """
        key = f".writable-{uuid.uuid4().hex}"
        self.write(key, b"probe")
        with self._naming("read back", key, passed=()):
            self.read(key)
        self.remove([key])

    def _find(self, path: str, beginning: str) -> Iterable[object]:
        if self.is_local:  # without fsspec's stat of every file, a tenth of the time
            return _walk(path, beginning)
        found: Iterable[object] = self.fs.find(path, **({"prefix": beginning} if beginning else {}))
        return found

    def _listed(self, look: Callable[..., Iterable[object]], prefix: str, **options: bool) -> Sequence[str]:
        """List without what fsspec remembers of earlier listings: others write here too."""
        self.fs.invalidate_cache(self.path(prefix))
        with suppress(FileNotFoundError), self._naming("list", prefix):
            return [str(path) for path in look(self.path(prefix), **options)]
        return []

    @contextmanager
    def _naming(
        self, action: str, key: str, passed: tuple[type[Exception], ...] = (FileNotFoundError,)
    ) -> Iterator[None]:
        """Say where it failed. A file system raises what its client library does, which shares no base."""
        try:
            yield
        except Exception as error:
            if isinstance(error, (StoreError, *passed)):
                raise
            raise StoreError(
                f"cannot {action} {key or '/'} under kiwoom_data_root {self.root}: {error}. Check the credentials, "
                "and that the place exists, has room and may be written by the Airflow workers."
            ) from error


def check_url(url: str) -> None:
    """
    Refuse a data root that is no fsspec URL.

    :raises DataRootError: naming the variable and the remedy.
    """
    import fsspec

    scheme, separator, rest = url.strip().partition("://")
    if not separator or not rest:
        raise DataRootError(
            f"kiwoom_data_root {url!r} is not a URL: write file:///absolute/path, s3://bucket/prefix, "
            "or another fsspec URL into the Airflow Variable kiwoom_data_root"
        )
    if "//" in rest:
        raise DataRootError(
            f"kiwoom_data_root {url!r} has an empty folder name (//), under which some stores list nothing: "
            "write single slashes"
        )
    if scheme not in fsspec.available_protocols():
        raise DataRootError(
            f"kiwoom_data_root {url!r} has the unknown scheme {scheme!r}; "
            "known are file, s3, gs, abfs and fsspec's others"
        )


def _refuse_connection(url: str) -> None:
    scheme, _, rest = url.partition("://")
    name, separator, _ = rest.partition("/")[0].rpartition("@")
    if separator and scheme in CONNECTION_SCHEMES:
        raise DataRootError(
            f"{url!r} names the Airflow connection {name!r}, which only Airflow can look up: open it where Airflow "
            "is, as airflow.sdk.ObjectStoragePath(url), or leave the name out and give the credentials by environment"
        )


def _names(folder: str) -> list[str]:
    with os.scandir(folder) as entries:
        return [entry.name for entry in entries]


def _walk(top: str, beginning: str) -> Iterator[str]:
    """Return the files under ``top``, without looking into its own folders of another beginning."""
    for folder, folders, names in os.walk(top):
        if folder == top:
            folders[:] = [name for name in folders if name.startswith(beginning)]
        yield from (f"{folder}/{name}" for name in names)


def _read_regular(root: str, key: str, most_bytes: int) -> bytes:
    """Read at most ``most_bytes`` of a file, going down from ``root`` folder by folder and following no link."""
    *folders, name = key.split("/")
    at = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for folder in folders:
            above, at = at, os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=at)
            os.close(above)
        # Without O_NONBLOCK a named pipe would hold the reader until somebody writes into it.
        with os.fdopen(os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=at), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise ValueError("it is no regular file")
            return file.read(most_bytes)
    finally:
        os.close(at)


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
