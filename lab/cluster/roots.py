"""Where the nights put their data: a directory that all hosts see, or an object store on a host of its own."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kiwoom_provider.datasets.store import Store, StoreError
from lab.cluster.layout import LOGS, OBJECTS, PLACE, STORE
from lab.cluster.units import Unit, until
from lab.stores.object_store import SERVICES, ObjectStore, server_command

if TYPE_CHECKING:
    from lab.cluster.units import UnitSupervisor

ROOTS = FILE, S3 = "file", "s3"
CONNECTION_ID, PREFIX = "kiwoom_store", "nights"
PATIENCE: dict[str, Any] = {"connect_timeout": 5, "read_timeout": 15, "retries": {"total_max_attempts": 3}}
"""What docs/storage.md tells a deployment to set."""
PORTS = [8300 + number for number in range(2 * len(SERVICES))]


@dataclass(frozen=True)
class DataRoots:
    """
    A place with one data root a night.

    :param url: of the place, as Airflow is told.
    :param store: the same place, as this process reads it.
    :param connection: the Airflow connection that ``url`` names, when it names one.
    """

    url: str
    store: Store
    connection: dict[str, str] | None = field(default=None, repr=False)

    def read(self, key: str) -> bytes | None:
        """Return an object's content, None when there is none."""
        try:
            return self.store.read(key)
        except FileNotFoundError:
            return None


def directory() -> DataRoots:
    """Return a directory, as a network file system would be."""
    place = PLACE / "data"
    return DataRoots(place.as_uri(), Store.open(place))


def bucket() -> DataRoots:
    """Return a bucket of the object store on the host ``store``, and the connection that leads there."""
    from s3fs import S3FileSystem

    served = ObjectStore(f"http://{STORE.address}:{PORTS[SERVICES.index('s3')]}")
    keys = {"key": served.access_key, "secret": served.secret_key, "endpoint_url": served.url}
    system = S3FileSystem(**keys, config_kwargs={"proxies": {}})
    connection = {"connection_id": CONNECTION_ID} | json.loads(served.connection(**PATIENCE))
    url = f"s3://{CONNECTION_ID}@{served.bucket}/{PREFIX}"
    return DataRoots(url, Store(system, f"{served.bucket}/{PREFIX}"), connection)


def start_store(supervisor: UnitSupervisor) -> DataRoots:
    """Start the object store; it is there once it has taken an object and given it back."""
    OBJECTS.mkdir()
    command = [part.replace("127.0.0.1", STORE.address) for part in server_command(OBJECTS, PORTS)]
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(OBJECTS)}
    supervisor.start(Unit("store", STORE, tuple(command), environment, LOGS / "store.log"))
    roots = bucket()
    until("store", lambda: _takes(roots.store))
    return roots


def remove_sockets() -> None:
    """Remove what the object store leaves in its own place when it is killed."""
    for port in PORTS:
        for left in Path("/tmp").glob(f"seaweedfs-*-grpc-{port}.sock"):  # noqa: S108 - the server's own place
            left.unlink(missing_ok=True)


def _takes(store: Store) -> bool:
    try:
        store.fs.makedirs(store.root.partition("/")[0], exist_ok=True)
        store.check_writable()
    except (OSError, StoreError):
        return False
    return True
