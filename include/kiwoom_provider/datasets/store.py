"""Objects under one root, on any fsspec file system: read, list, and replace whole in one step."""

from __future__ import annotations

import os
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class StoreError(Exception):
    """An object could not be written; what was there before is untouched."""


class DataRootError(StoreError):
    """The data root is not set or is nothing that can be opened; the message names the remedy."""


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
        """Whether an object lies at ``key``."""
        return bool(self.fs.exists(self.path(key)))

    def read(self, key: str) -> bytes:
        """
        Return an object's bytes.

        :raises FileNotFoundError: when there is none.
        """
        return bytes(self.fs.cat_file(self.path(key)))

    def write(self, key: str, data: bytes) -> None:
        """
        Put ``data`` at ``key`` in one atomic step, replacing what is there.

        :raises StoreError: when the root does not take it; what was there before is untouched.
        """
        try:
            if self.is_local:
                _replace(Path(self.path(key)), data)
            else:
                self.fs.pipe_file(self.path(key), data)
        except OSError as error:
            raise StoreError(
                f"cannot write {key} under kiwoom_data_root {self.root}: {error}. "
                "Check that the place exists, has room and may be written by the Airflow workers."
            ) from error

    def list(self, prefix: str) -> list[str]:
        """Return the keys of all objects under ``prefix``, sorted; none when there is no such place."""
        self.fs.invalidate_cache(self.path(prefix))
        try:
            found = self.fs.find(self.path(prefix))
        except FileNotFoundError:
            return []
        keys = (str(path).removeprefix(self.root).lstrip("/") for path in found)
        return sorted(key for key in keys if not key.rsplit("/", 1)[-1].startswith("."))

    def children(self, prefix: str) -> Sequence[str]:
        """Return the names directly under ``prefix``, sorted; none when there is no such place."""
        self.fs.invalidate_cache(self.path(prefix))
        try:
            found = self.fs.ls(self.path(prefix), detail=False)
        except FileNotFoundError:
            return []
        return sorted(str(path).rstrip("/").rsplit("/", 1)[-1] for path in found)

    def remove(self, keys: Iterable[str]) -> None:
        """Remove objects; one that is already gone is no error."""
        for key in keys:
            try:
                self.fs.rm_file(self.path(key))
            except FileNotFoundError:
                continue

    def check_writable(self) -> None:
        """
        Prove that the root can be written before anything depends on it.

        :raises StoreError: when it cannot.
        """
        key = f".writable-{uuid.uuid4().hex}"
        self.write(key, b"")
        self.remove([key])


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
    if scheme not in fsspec.available_protocols():
        raise DataRootError(
            f"kiwoom_data_root {url!r} has the unknown scheme {scheme!r}; "
            "known are file, s3, gs, abfs and fsspec's others"
        )


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
