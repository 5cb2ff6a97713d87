"""The store under a data root: whole objects, replaced in one step."""

from __future__ import annotations

import logging
import os
import stat

import pytest

from kiwoom_provider.datasets.root import open_root
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


def test_a_small_object_that_is_larger_than_it_may_be_is_refused(store):
    store.write("a/part-0", b"seven b")

    assert store.read_small("a/part-0", 7) == b"seven b"
    with pytest.raises(StoreError, match=r"cannot read a/part-0 .*: it is larger than 6 bytes"):
        store.read_small("a/part-0", 6)
    with pytest.raises(FileNotFoundError):
        store.read_small("a/part-1", 7)


@pytest.mark.parametrize("link", ["a/part-0", "a"], ids=["file", "folder"])
def test_a_small_object_is_not_read_through_a_symbolic_link(store, tmp_path, link):
    store.write("a/part-0", b"one")
    (tmp_path / link).rename(tmp_path / "elsewhere")
    (tmp_path / link).symlink_to(tmp_path / "elsewhere")

    assert store.read("a/part-0") == b"one"
    with pytest.raises(StoreError, match="cannot read a/part-0"):
        store.read_small("a/part-0", 7)


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
        Store.open(url)

    assert "kiwoom_data_root" in str(raised.value)


def test_a_store_on_azure_does_not_fill_the_tasks_logs_with_its_requests(tmp_path):
    open_root(tmp_path)

    assert not logging.getLogger("azure.core.pipeline.policies.http_logging_policy").isEnabledFor(logging.INFO)
