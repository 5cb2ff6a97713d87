"""The store under a data root: whole objects, replaced in one step."""

from __future__ import annotations

import logging
import os
import stat
import sys
import uuid

import pytest
from fsspec.exceptions import FSTimeoutError

from kiwoom_provider.datasets.root import check_url, redact
from kiwoom_provider.datasets.store import DataRootError, Store, StoreError


@pytest.fixture
def store(tmp_path):
    return Store.open(tmp_path.as_uri())


def test_what_is_written_is_read_back(store):
    store.write("a/b=1/part-0", b"one")

    assert store.read("a/b=1/part-0") == b"one"


def test_writing_again_replaces_the_whole_object(store):
    store.write("a/part-0", b"a long first text")
    store.write("a/part-0", b"short")

    assert store.read("a/part-0") == b"short"
    assert store.list("a") == ["a/part-0"]


def test_a_write_that_fails_leaves_the_old_object_and_no_draft(store, tmp_path, monkeypatch):
    store.write("a/part-0", b"old")

    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match="No space left on device"):
        store.write("a/part-0", b"new")

    assert (tmp_path / "a/part-0").read_bytes() == b"old"
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["part-0"]


def test_drafts_of_a_killed_writer_are_not_listed(store, tmp_path):
    store.write("a/part-0", b"whole")
    (tmp_path / "a/.part-0.3f2a").write_bytes(b"ha")

    assert store.list("a") == ["a/part-0"]


def test_a_place_that_is_not_there_lists_as_empty(store):
    assert store.list("nothing") == []
    assert store.children("nothing") == []


def test_reading_what_is_not_there_says_so(store):
    with pytest.raises(FileNotFoundError):
        store.read("nothing")


def test_removing_twice_is_no_error(store):
    store.write("a", b"")
    store.remove(["a"])
    store.remove(["a"])

    assert store.list("") == []


def test_a_root_in_memory_takes_the_same_calls():
    store = Store.open("memory://kiwoom-store-test")
    store.write("a/part-0", b"one")

    assert store.list("a") == ["a/part-0"]
    assert store.read("a/part-0") == b"one"
    assert store.url("a/part-0") == "memory:///kiwoom-store-test/a/part-0"


def test_an_unwritable_root_is_refused_with_the_remedy(store, tmp_path):
    if os.geteuid() == 0:
        (tmp_path / "blocked").write_bytes(b"a file where a folder is needed")
        store = Store.open((tmp_path / "blocked").as_uri())
    else:
        tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)

    with pytest.raises(StoreError, match="may be written by the Airflow workers"):
        store.check_writable()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "is not a URL"),
        ("/var/lib/kiwoom", "is not a URL"),
        ("s3://", "is not a URL"),
        ("ftpp://host/place", "unknown scheme 'ftpp'"),
    ],
)
def test_a_root_that_is_no_url_is_refused_by_name(url, words):
    with pytest.raises(DataRootError, match=words) as raised:
        check_url(url)

    assert "kiwoom_data_root" in str(raised.value)


def test_a_store_on_azure_does_not_fill_the_tasks_logs_with_its_requests(tmp_path):
    Store.open(tmp_path)

    assert not logging.getLogger("azure.core.pipeline.policies.http_logging_policy").isEnabledFor(logging.INFO)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("sftp://kim:pa55word@files.example.com/kiwoom", "sftp://***@files.example.com/kiwoom"),
        ("s3://AKIAEXAMPLE:abc/def+gh@bucket/prefix", "s3://***@bucket/prefix"),
        (
            "s3://bucket/prefix?aws_secret_access_key=abc&region=x",
            "s3://bucket/prefix?aws_secret_access_key=***&region=x",
        ),
        ("abfs://container/prefix?sig=abc%2Bdef", "abfs://container/prefix?sig=***"),
    ],
)
def test_credentials_in_the_url_are_refused_with_the_remedy_and_not_shown(url, shown):
    with pytest.raises(DataRootError, match=r"holds credentials.*name an Airflow connection") as raised:
        Store.open(url)

    assert repr(shown) in str(raised.value)
    assert redact(url) == shown


@pytest.mark.parametrize("url", ["sftp://files.example.com:22/a@b", "s3://my_aws@bucket/a:b@c", "file:///a:b@c?x=1"])
def test_what_is_no_credential_is_shown_as_it_is(url):
    assert redact(url) == url


def test_a_missing_file_system_package_is_named_with_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "gcsfs", None)

    with pytest.raises(DataRootError, match=r"'gs://bucket/prefix' cannot be opened: .*Install gcsfs") as raised:
        Store.open("gs://bucket/prefix")

    assert raised.value.is_final


def test_a_message_keeps_the_scheme_of_the_root(tmp_path):
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(StoreError, match=rf"cannot read file/x under kiwoom_data_root file://{tmp_path}: "):
        Store.open(tmp_path).read("file/x")


@pytest.fixture
def outside(tmp_path_factory):
    folder = tmp_path_factory.mktemp("outside")
    (folder / "secret").write_bytes(b"KEY=1")
    return folder


@pytest.mark.parametrize(
    "action",
    [
        lambda store: store.read("quality/run.html"),
        lambda store: store.exists("quality/run.html"),
        lambda store: store.path("quality/run.html"),
    ],
    ids=["read", "exists", "path"],
)
def test_a_link_out_of_the_root_is_not_followed(store, tmp_path, outside, action):
    (tmp_path / "quality").mkdir()
    (tmp_path / "quality/run.html").symlink_to(outside / "secret")

    with pytest.raises(StoreError, match="leads out of the data root by a symbolic link"):
        action(store)


@pytest.mark.parametrize(
    "action",
    [
        lambda store: store.list("quality"),
        lambda store: store.children("quality"),
        lambda store: store.read("quality/secret"),
        lambda store: store.write("quality/new", b""),
        lambda store: store.remove(["quality/secret"]),
    ],
    ids=["list", "children", "read", "write", "remove"],
)
def test_a_folder_that_is_a_link_out_of_the_root_is_not_entered(store, tmp_path, outside, action):
    (tmp_path / "quality").symlink_to(outside)

    with pytest.raises(StoreError, match="leads out of the data root by a symbolic link"):
        action(store)

    assert [path.name for path in outside.iterdir()] == ["secret"]


def test_a_link_within_the_root_is_followed_and_the_root_itself_may_be_one(tmp_path):
    (tmp_path / "disk").mkdir()
    (tmp_path / "data").symlink_to(tmp_path / "disk")
    store = Store.open(tmp_path / "data")
    store.write("a/one", b"1")
    (tmp_path / "disk/two").symlink_to(tmp_path / "disk/a/one")

    assert store.read("two") == b"1"


def test_a_root_that_is_a_link_is_followed_where_it_leads_by_now(tmp_path, outside):
    for disk in ("old", "new"):
        (tmp_path / disk).mkdir()
        (tmp_path / disk / "a").write_bytes(disk.encode())
    (tmp_path / "data").symlink_to(tmp_path / "old")
    store = Store.open(tmp_path / "data")
    assert store.read("a") == b"old"
    (tmp_path / "data").unlink()
    (tmp_path / "data").symlink_to(tmp_path / "new")
    assert store.read("a") == b"new"
    (tmp_path / "new/link").symlink_to(outside / "secret")
    with pytest.raises(StoreError, match="leads out of the data root"):
        store.read("link")


def test_what_is_no_regular_file_is_not_read(store, tmp_path):
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(StoreError, match="is no regular file"):
        store.read("pipe")


@pytest.mark.parametrize("root", ["file", "memory"])
def test_an_object_larger_than_is_allowed_is_not_taken(root, tmp_path):
    store = Store.open(tmp_path if root == "file" else f"memory://{uuid.uuid4().hex}")
    store.write("a", b"12345")

    assert store.read("a", most=5) == b"12345"
    with pytest.raises(StoreError, match=r"cannot read a .*: it is larger than 4 bytes"):
        store.read("a", most=4)


class Hanging:
    """A client in the network that never answers, as fsspec's asynchronous ones are called."""

    protocol, async_impl = "s3", True

    def invalidate_cache(self, _path):
        pass

    def ls(self, _path, detail, timeout=None):
        raise FSTimeoutError if timeout == 2.5 and not detail else AssertionError("waits for ever")


def test_a_look_at_a_store_in_the_network_ends_by_its_time_limit():
    with pytest.raises(StoreError, match=r"s3://bucket/a: .*Its server does not answer from here"):
        Store(Hanging(), "bucket/a", timeout_s=2.5).children("raw")
