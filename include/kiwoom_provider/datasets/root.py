"""The data root as people and tasks hold it."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Any, Protocol, TypeAlias, runtime_checkable

from kiwoom_provider.datasets.store import Store


@runtime_checkable
class PathWithSystem(Protocol):
    """A path object that brings its file system and credentials, such as Airflow's ``ObjectStoragePath``."""

    @property
    def fs(self) -> Any:  # noqa: ANN401 - fsspec is untyped
        """The fsspec file system."""

    @property
    def path(self) -> str:
        """The path on it."""


Root: TypeAlias = str | os.PathLike[str] | PathWithSystem | Store
"""A path, an fsspec URL, a path object that brings its file system, or a store."""


def open_root(root: Root) -> Store:
    """
    Open a data root.

    :raises DataRootError: for a URL that cannot be opened.
    """
    # Azure's client tells of every request: 24,000 lines a night in the tasks' logs.
    logging.getLogger("azure").setLevel(logging.WARNING)
    if isinstance(root, Store):
        return root
    if isinstance(root, PathWithSystem):
        return Store(root.fs, root.path.rstrip("/"))
    text = os.fspath(root)
    return Store.open(text if "://" in text else f"file://{Path(text).expanduser().absolute()}")
