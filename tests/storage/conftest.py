"""One S3-compatible server for all of these tests, a wire of its own for each, and stores on both kinds of root."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from uuid import uuid4

import pytest
from fsspec import asyn

sys.path.insert(0, str(Path(__file__).parent))

from object_store import object_store
from stores import close, open_s3
from wire import wire

from kiwoom_provider.datasets.store import Store


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    os.environ.setdefault("NO_PROXY", "127.0.0.1,localhost")
    with object_store(tmp_path_factory.mktemp("object-store")) as running:
        yield running
    _end_fsspec()


@pytest.fixture(scope="session")
def keys(server):
    return server.access_key, server.secret_key


@pytest.fixture(scope="session")
def wired(server):
    with wire(server.url) as made:
        yield made


@pytest.fixture
def line(wired):
    """Return the wire to the server, whole and with nothing counted."""
    wired.reset()
    yield wired
    wired.reset()


@pytest.fixture(scope="session")
def opened():
    """Return a maker of stores on S3, which are closed in the end."""
    made = []

    def make(*arguments, **options):
        made.append(open_s3(*arguments, **options))
        return made[-1]

    yield make
    for store in made:
        close(store)


@pytest.fixture(scope="session")
def two_processes(server, wired, keys, opened):
    """Return the bucket as two processes see it: over the wire and without, with no memory in common."""
    return opened(wired.url, keys, server.bucket), opened(server.url, keys, server.bucket)


@pytest.fixture
def place():
    """Return a prefix in the bucket that no other test uses."""
    return uuid4().hex


@pytest.fixture
def s3(line, two_processes, place):
    """Return a store on S3, over the wire."""
    line.requests.clear()
    return Store(two_processes[0].fs, f"{two_processes[0].root}/{place}")


@pytest.fixture
def other(two_processes, place):
    """Return the same place as another process sees it."""
    return Store(two_processes[1].fs, f"{two_processes[1].root}/{place}")


@pytest.fixture(params=["file", "s3"])
def pair(request, tmp_path):
    """Return two stores at one place, of one process and of another, for each kind of root."""
    if request.param == "file":
        return tuple(Store.open((tmp_path / "data").as_uri()) for _ in range(2))
    return request.getfixturevalue("s3"), request.getfixturevalue("other")


def _end_fsspec():
    """End fsspec's thread of its own, which would be found unclosed at the end of the process."""
    loop, thread = asyn.loop[0], asyn.iothread[0]
    if loop:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()
        asyn.loop[0] = asyn.iothread[0] = None
