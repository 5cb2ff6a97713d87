"""The kinds of object store for tests: few tries and little patience, so that a fault shows at once."""

from __future__ import annotations

import weakref
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from fsspec import asyn

from kiwoom_provider.datasets.store import Store

if TYPE_CHECKING:
    from lab.stores.azurite import AzureStore
    from lab.stores.object_store import ObjectStore
    from storage.wire import Wire

IMPATIENT = {"connect_timeout": 2, "read_timeout": 3}
NOWHERE = "http://127.0.0.1:9"
WRONG_KEY = {"s3": "a-secret-that-is-wrong", "abfs": "YS1zZWNyZXQtdGhhdC1pcy13cm9uZw=="}
PROVIDER = {"s3": "airflow.providers.amazon", "abfs": "airflow.providers.microsoft.azure"}


@dataclass
class Service:
    """A server and a wire before it."""

    kind: str
    server: ObjectStore | AzureStore
    line: Wire
    opened: list[Store] = field(default_factory=list)

    def way(self, root, *, url=None, key=None):
        """Return what ``open_store`` needs, in a form that another process can be told."""
        given = {"kind": self.kind, "url": url or self.server.url, "root": root}
        return given | {"access_key": self.server.access_key, "secret_key": key or self.server.secret_key}

    def open(self, root, *, attempts=1, **way):
        self.opened.append(open_store(**self.way(root, **way), attempts=attempts))
        return self.opened[-1]

    def close(self):
        """Close all connections, as the end of their process would."""
        for store in self.opened:
            if creator := getattr(store.fs, "_s3creator", None):
                store.fs.close_session(store.fs.loop, creator)

    @cached_property
    def two_processes(self):
        """The bucket over the wire and without, with no memory in common."""
        return self.open(self.server.bucket, url=self.line.url), self.open(self.server.bucket)

    def unfinished(self, store):
        """Return the paths under a root at which parts of an upload lie that was not ended."""
        if self.kind == "abfs":
            return asyn.sync(store.fs.loop, self._uncommitted, store)
        uploads = store.fs.list_multipart_uploads(self.server.bucket)
        paths = [f"{self.server.bucket}/{upload['Key']}" for upload in uploads]
        return [path for path in paths if path.startswith(f"{store.root}/")]

    async def _uncommitted(self, store):
        container = store.fs.service_client.get_container_client(self.server.bucket)
        found = []
        async for name in container.list_blob_names(name_starts_with=store.root.partition("/")[2] + "/"):
            blob = container.get_blob_client(name)
            if (await blob.get_block_list("uncommitted"))[1]:
                found.append(f"{self.server.bucket}/{name}")
        return found


def open_store(*, kind, url, access_key, secret_key, root, attempts=1):
    """Return a store at ``root`` (bucket/prefix), with a file system of its own."""
    make = _s3 if kind == "s3" else _abfs
    return Store(make(url, access_key, secret_key, attempts), root)


def _s3(url, access_key, secret_key, attempts):
    import s3fs

    config = IMPATIENT | {"retries": {"total_max_attempts": attempts}}
    fs = s3fs.S3FileSystem(
        key=access_key, secret=secret_key, endpoint_url=url, config_kwargs=config, skip_instance_cache=True
    )
    fs.retries = attempts
    return fs


def _abfs(url, access_key, secret_key, attempts):
    """adlfs itself has no setting for the client's tries, nor for its quarter of a minute between them."""
    from adlfs import AzureBlobFileSystem
    from azure.storage.blob.aio import BlobServiceClient, ExponentialRetry

    from lab.stores.azurite import AzureStore

    way = AzureStore(url, access_key=access_key, secret_key=secret_key).connection_string()
    fs = AzureBlobFileSystem(connection_string=way, skip_instance_cache=True)
    tries = ExponentialRetry(initial_backoff=0, increment_base=0, retry_total=attempts - 1, random_jitter_range=0)
    fs.service_client = BlobServiceClient.from_connection_string(
        way, retry_policy=tries, connection_timeout=2, read_timeout=3
    )
    return fs


def end_fsspec():
    """End fsspec's thread of its own, which would be found unclosed at the end of the process."""
    loop, thread = asyn.loop[0], asyn.iothread[0]
    if loop is None:
        return
    for made in list(weakref.finalize._registry):
        kept = made.peek()
        if kept and kept[1] is asyn.sync:  # what adlfs would end at exit, when its loop is no more
            made()
    loop.call_soon_threadsafe(loop.stop)
    thread.join(5)
    loop.close()
    asyn.loop[0] = asyn.iothread[0] = None
