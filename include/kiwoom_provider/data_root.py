"""The data root of this deployment, from the Airflow Variable. For tasks and for the API server alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kiwoom_provider.datasets.store import Store

DATA_ROOT_VARIABLE = "kiwoom_data_root"


def open_data_root() -> Store:
    """
    Open the data root that the Airflow Variable ``kiwoom_data_root`` names.

    Credentials come from the Airflow connection in the URL (``s3://my_conn@bucket/prefix``), else from
    the environment. In the API server Airflow's SDK reads Variables and connections from its database
    and the secrets backends, in a task through the API.

    :raises DataRootError: when the Variable is missing or is no URL that can be opened.
    """
    from airflow.sdk import Connection, ObjectStoragePath, Variable
    from airflow.sdk.exceptions import AirflowNotFoundException

    from kiwoom_provider.datasets.root import open_root
    from kiwoom_provider.datasets.store import DataRootAbsentError, DataRootError, check_url

    url = Variable.get(DATA_ROOT_VARIABLE, default=None)
    if not url:
        raise (DataRootAbsentError if url is None else DataRootError)(
            f"the Airflow Variable {DATA_ROOT_VARIABLE} is not set: give it the URL of the place for the "
            "data, such as file:///var/lib/kiwoom or s3://bucket/prefix"
        )
    check_url(url)
    try:
        path = ObjectStoragePath(url)
        if path.conn_id:
            Connection.get(path.conn_id)  # without one Airflow goes to the public address, as nobody
        return open_root(path)
    except AirflowNotFoundException as error:
        raise DataRootAbsentError(f"{DATA_ROOT_VARIABLE} {url!r} cannot be opened: {error}") from error
    except (ValueError, ImportError) as error:
        raise DataRootError(f"{DATA_ROOT_VARIABLE} {url!r} cannot be opened: {error}") from error
