"""The one way to open a data root where Airflow is: for tasks, the API server and the command lines."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from kiwoom_provider.datasets.root import (
    DataRootAbsentError,
    DataRootError,
    cannot_open,
    check_url,
)
from kiwoom_provider.datasets.store import Store
from kiwoom_provider.errors import KiwoomProviderError

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiwoom_provider.datasets.store import Root

DATA_ROOT_VARIABLE = "kiwoom_data_root"
ROOT_IN_ENVIRONMENT = f"AIRFLOW_VAR_{DATA_ROOT_VARIABLE.upper()}"

_UNSET = "give it the URL of the place for the data, such as file:///var/lib/kiwoom or s3://my_connection@bucket/prefix"


def open_data_root() -> Store:
    """
    Open the data root that the Airflow Variable ``kiwoom_data_root`` names.

    In the API server Airflow's SDK reads Variables and connections from its database and the secrets
    backends, in a task through the API.

    :raises DataRootError: when the Variable is missing or is no URL that can be opened.
    """
    from airflow.sdk import Variable

    url = Variable.get(DATA_ROOT_VARIABLE, default=None)
    if not url:
        raise (DataRootAbsentError if url is None else DataRootError)(
            f"the Airflow Variable {DATA_ROOT_VARIABLE} is not set: {_UNSET}"
        )
    check_url(url)
    return open_root(url)


def open_named_root(name: str | None) -> Store:
    """
    Open the data root that a command line names, else the one in the environment.

    :param name: a path or URL.
    :raises DataRootError: when there is none, or it cannot be opened.
    """
    root = name or os.environ.get(ROOT_IN_ENVIRONMENT)
    if not root:
        raise DataRootError(f"no data root is named: give --root, or set {ROOT_IN_ENVIRONMENT}; {_UNSET}")
    return open_root(root)


def exit_status(command: Callable[[], int]) -> int:
    """
    Return what a command line ends with: its own 0 or 1, and 2 for whatever keeps it from finding out.

    The reason goes to standard error, in a sentence and without a traceback.
    """
    try:
        return command()
    except KiwoomProviderError as error:
        sys.stderr.write(f"{error}\n")
    except Exception as error:  # noqa: BLE001 - nothing was found out, and Python's own status of 1 would mean a finding
        sys.stderr.write(f"it could not be found out: {type(error).__name__}: {error}\n")
    return 2


def open_root(root: Root) -> Store:
    """
    Open a data root; Airflow is asked only for the connection that a URL names (``s3://my_conn@bucket/prefix``).

    Without one the credentials come from the environment.

    :raises DataRootAbsentError: when Airflow does not know the connection.
    :raises DataRootError: for what cannot be opened.
    """
    url = root if isinstance(root, str) else ""
    name, separator, _ = url.partition("://")[2].partition("/")[0].rpartition("@")
    if not separator:
        return Store.open(root)
    check_url(url)
    try:
        from airflow.sdk import Connection, ObjectStoragePath
        from airflow.sdk.exceptions import AirflowNotFoundException
    except ImportError as error:
        raise DataRootError(f"{url!r} names an Airflow connection, and Airflow is not here: {error}") from error
    try:
        Connection.get(name)  # without one Airflow goes to the public address, as nobody
        return Store.open(ObjectStoragePath(url))
    except AirflowNotFoundException as error:
        raise DataRootAbsentError(f"{DATA_ROOT_VARIABLE} {url!r} cannot be opened: {error}") from error
    except (ValueError, ImportError) as error:
        raise cannot_open(url, error) from error
