"""
The one way from what names a data root (path, URL, path object) to its file system.

::

    StoreError               the root failed at an object; another try may help
    └── DataRootError        what names the root is wrong; the message says the remedy; final
        └── DataRootAbsentError   what names it was not found: Airflow says so too while its API server is away
"""

from __future__ import annotations

import logging
import os
import re
from pathlib import Path
from typing import Any, Protocol, TypeAlias, runtime_checkable

from kiwoom_provider.errors import KiwoomProviderError

CONNECTION_SCHEMES = ("s3", "s3a", "gs", "gcs")
"""Where ``name@`` before the bucket can only be Airflow's way to name a connection."""

PACKAGES = {
    **dict.fromkeys(("s3", "s3a"), "s3fs, or with Airflow apache-airflow-providers-amazon[s3fs]"),
    **dict.fromkeys(("gs", "gcs"), "gcsfs, and with Airflow apache-airflow-providers-google"),
    **dict.fromkeys(
        ("abfs", "abfss", "az", "wasb"), "adlfs, and with Airflow apache-airflow-providers-microsoft-azure"
    ),
    **dict.fromkeys(("sftp", "ssh"), "paramiko"),
}
"""What serves a scheme, by name of the package to install."""

# A colon that begins no port, before the @ that ends it: "user:password@"; secrets may hold slashes.
_USER_AND_PASSWORD = re.compile(r"^[^/@:]*:(?:[^/@]*@|(?!\d+(?:/|$))[^@]*@)")
_SECRET_IN_QUERY = re.compile(
    r"([?&](?:[\w-]*(?:key|secret|token|password|passwd|credential|signature)[\w-]*|sig)=)[^&]*", re.IGNORECASE
)


class StoreError(KiwoomProviderError):
    """The data root failed at an object; a write that fails leaves what was there before."""

    remedy = "make room, or mend the rights or the credentials of the data root"


class DataRootError(StoreError):
    """The data root is not set or is nothing that can be opened; the message names the remedy."""

    is_final = True
    remedy = "correct the Variable kiwoom_data_root, or install the package of its scheme on every worker"


class DataRootAbsentError(DataRootError):
    """What names the data root was not found; Airflow 3.3 says so too while its API server is away."""

    is_final = False
    is_final_without_server = True
    remedy = (
        "set the Variable kiwoom_data_root; it is looked for again, since "
        "Airflow says so too while its API server is away"
    )


@runtime_checkable
class PathWithSystem(Protocol):
    """A path object that brings its file system and credentials, such as Airflow's ``ObjectStoragePath``."""

    @property
    def fs(self) -> Any:  # noqa: ANN401 - fsspec is untyped
        """The fsspec file system."""

    @property
    def path(self) -> str:
        """The path on it."""


RootName: TypeAlias = str | os.PathLike[str] | PathWithSystem
"""A path, an fsspec URL, or a path object that brings its file system."""


def file_system(root: RootName) -> tuple[Any, str]:
    """
    Return the file system of a root, and the root's path on it.

    :raises DataRootError: for what cannot be opened: no URL, a scheme that nothing serves, a missing package,
        the name of an Airflow connection, credentials in the URL.
    """
    # Azure's client tells of every request: 24,000 lines a night in the tasks' logs.
    logging.getLogger("azure").setLevel(logging.WARNING)
    try:  # Airflow's path looks for its file system when it is asked for it, as isinstance does before Python 3.12
        if isinstance(root, PathWithSystem):
            return root.fs, root.path
    except (ValueError, ImportError) as error:
        raise cannot_open(str(root), error) from error
    text = os.fspath(root)
    url = text if "://" in text else f"file://{Path(text).expanduser().absolute()}"
    check_url(url)
    _refuse_connection(url)
    import fsspec

    try:
        system, path = fsspec.core.url_to_fs(url)
    except (ValueError, ImportError) as error:
        raise cannot_open(url, error) from error
    return system, str(path)


def check_url(url: str) -> None:
    """
    Refuse a data root that is no fsspec URL, or holds credentials.

    :raises DataRootError: naming the variable and the remedy.
    """
    import fsspec

    if (shown := redact(url)) != url:
        raise DataRootError(
            f"kiwoom_data_root {shown!r} holds credentials, and a URL is shown in logs and pages: take them out and "
            "name an Airflow connection that has them (s3://my_connection@bucket/prefix), or give them by environment"
        )
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


def redact(url: str) -> str:
    """Return a URL without the user, the password and the keys in it; one without credentials as it is."""
    scheme, separator, rest = url.partition("://")
    return scheme + separator + _SECRET_IN_QUERY.sub(r"\1***", _USER_AND_PASSWORD.sub("***@", rest))


def cannot_open(url: str, error: Exception) -> DataRootError:
    """Return the error for a root that the library or Airflow does not open, naming the package where one lacks."""
    scheme = url.partition("://")[0]
    needed = f". Install {PACKAGES[scheme]}" if scheme in PACKAGES else ""
    return DataRootError(f"kiwoom_data_root {redact(url)!r} cannot be opened: {error}{needed}")


def _refuse_connection(url: str) -> None:
    scheme, _, rest = url.partition("://")
    name, separator, _ = rest.partition("/")[0].rpartition("@")
    if separator and scheme in CONNECTION_SCHEMES:
        raise DataRootError(
            f"{url!r} names the Airflow connection {name!r}, which only Airflow can look up: open it where Airflow "
            "is, as airflow.sdk.ObjectStoragePath(url), or leave the name out and give the credentials by environment"
        )
