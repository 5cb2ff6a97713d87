"""One server of each kind of object store for all of these tests, a wire of its own for each, and stores on it."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from kiwoom_provider.datasets.store import Store
from lab.stores import azurite
from lab.stores.object_store import object_store
from storage.stores import Service, end_fsspec
from storage.wire import wire


@contextmanager
def serving(kind, server):
    with server as running, wire(running.url) as line:
        made = Service(kind, running, line)
        yield made
        made.close()


@pytest.fixture(scope="session")
def ended():
    """End what fsspec runs, once all servers are gone."""
    os.environ.setdefault("NO_PROXY", "127.0.0.1,localhost")
    yield
    end_fsspec()


@pytest.fixture(scope="session")
def s3_service(tmp_path_factory, ended):  # noqa: ARG001
    with serving("s3", object_store(tmp_path_factory.mktemp("s3"))) as made:
        yield made


@pytest.fixture(scope="session")
def abfs_service(tmp_path_factory, ended):  # noqa: ARG001
    pytest.importorskip("adlfs", reason="Azure's store: make thorough")
    if needed := azurite.missing():
        pytest.skip(f"Azure's store: make thorough ({needed})")
    with serving("abfs", azurite.azurite(tmp_path_factory.mktemp("abfs"))) as made:
        yield made


AZURE = pytest.param("abfs", marks=pytest.mark.thorough)


@pytest.fixture(params=["s3", AZURE])
def kind(request):
    return request.param


@pytest.fixture
def service(kind, request):
    return of_kind(kind, request)


@pytest.fixture
def line(service):
    """Return the wire to the server, whole and with nothing counted."""
    service.line.reset()
    yield service.line
    service.line.reset()


@pytest.fixture
def mine(service, line, place):
    """Return a store at a place of its own, over the wire."""
    store = views(service, place)[0]
    line.requests.clear()
    return store


@pytest.fixture
def theirs(service, place):
    """Return the same place as another process sees it, past the wire."""
    return views(service, place)[1]


@pytest.fixture
def place():
    """Return a prefix in the bucket that no other test uses."""
    return uuid4().hex


@pytest.fixture(params=["file", "s3", AZURE])
def pair(request, tmp_path, place):
    """Return two stores at one place, of one process and of another, for each kind of root."""
    if request.param == "file":
        return tuple(Store.open((tmp_path / "data").as_uri()) for _ in range(2))
    return views(of_kind(request.param, request), place)


def of_kind(kind, request):
    return request.getfixturevalue(f"{kind}_service")


def views(service, place):
    """Return a place as two processes see it, over the wire and without, with no memory in common."""
    return tuple(Store(store.fs, f"{store.root}/{place}") for store in service.two_processes)
