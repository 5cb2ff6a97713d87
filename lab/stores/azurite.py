"""Azurite: Microsoft's stand-in for Azure's Blob Storage, from npm, on loopback and without its telemetry."""

from __future__ import annotations

import base64
import json
import shutil
import sys
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from lab.stores.store_process import StartError, bound, free_ports, running

if TYPE_CHECKING:
    from collections.abc import Iterator

CONTAINER, ACCESS_KEY = "kiwoom", "objectstore"
SECRET_KEY = base64.b64encode(b"object-store-account-key").decode()
PROGRAM = Path(sys.prefix) / "azurite" / "node_modules" / "azurite" / "dist" / "src" / "blob" / "main.js"
SWITCHES = ("--blobHost", "127.0.0.1", "--silent", "--disableTelemetry", "--skipApiVersionCheck")


@dataclass(frozen=True)
class AzureStore:
    """
    Where a server is and how to come in.

    :param url: the server, ``http://127.0.0.1:<port>``.
    :param bucket: the container.
    :param access_key: the account's name.
    """

    url: str
    bucket: str = CONTAINER
    access_key: str = ACCESS_KEY
    secret_key: str = field(default=SECRET_KEY, repr=False)

    def connection_string(self, url: str | None = None, key: str | None = None) -> str:
        """Return Azure's own form of address and credentials, through another ``url`` or with another ``key``."""
        return (
            f"DefaultEndpointsProtocol=http;AccountName={self.access_key};AccountKey={key or self.secret_key};"
            f"BlobEndpoint={url or self.url}/{self.access_key};"
        )

    def connection(self, url: str | None = None, key: str | None = None) -> str:
        """Return the Airflow connection in its JSON form."""
        extra = {"connection_string": self.connection_string(url, key)}
        return json.dumps({"conn_type": "wasb", "extra": json.dumps(extra)})

    def root(self, name: str) -> str:
        """Return a data root by the name of its Airflow connection."""
        return f"abfs://{name}@{self.bucket}"


def missing() -> str | None:
    """Return what has to be installed before a server can run; None when nothing is."""
    if shutil.which("node") is None:
        return "needs node"
    return None if PROGRAM.exists() else "needs azurite from npm: run `make storage`"


@contextmanager
def azurite(folder: Path) -> Iterator[AzureStore]:
    """
    Run a server with its data in ``folder`` and one container; it is stopped on leaving.

    :raises StartError: when it is not installed, or no object could be put within the time allowed.
    """
    if needed := missing():
        raise StartError(needed)
    from azure.core.exceptions import AzureError

    (port,) = free_ports(1)
    store = AzureStore(f"http://127.0.0.1:{port}")
    command = bound(["node", str(PROGRAM), *SWITCHES, "--blobPort", str(port), "--location", str(folder)])
    with running(command, folder / "azurite.log", {"AZURITE_ACCOUNTS": f"{ACCESS_KEY}:{SECRET_KEY}"}) as server:
        server.await_ready(lambda: _put(store), (AzureError,))
        yield store


def _put(store: AzureStore) -> None:
    from azure.core.exceptions import ResourceExistsError
    from azure.storage.blob import BlobServiceClient

    with BlobServiceClient.from_connection_string(store.connection_string(), retry_total=0) as client:
        with suppress(ResourceExistsError):
            client.create_container(store.bucket)
        client.get_blob_client(store.bucket, "ready").upload_blob(b"ready", overwrite=True)
        client.get_blob_client(store.bucket, "ready").delete_blob()
