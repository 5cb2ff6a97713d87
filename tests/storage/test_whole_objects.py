"""On a file system and on an object store alike: an object is there whole, or not at all."""

from __future__ import annotations

import threading
from datetime import date

import pytest

from kiwoom_provider.datasets.layout import published_sessions
from kiwoom_provider.datasets.store import DataRootError, Store, StoreError

SIZE = 300_000


def test_what_one_process_writes_another_reads(pair):
    pair[0].write("a/b=1/part-0", b"one")

    assert pair[1].read("a/b=1/part-0") == b"one"
    assert pair[1].list("a") == ["a/b=1/part-0"]
    assert pair[1].children("a") == ["b=1"]


def test_a_listing_of_before_hides_nothing_that_another_process_wrote_since(pair):
    mine, theirs = pair
    mine.write("a/b=1/part-0", b"one")
    assert (mine.list("a"), mine.children("a"), mine.exists("a/b=2/part-0")) == (["a/b=1/part-0"], ["b=1"], False)

    theirs.write("a/b=2/part-0", b"two")

    assert mine.read("a/b=2/part-0") == b"two"
    assert mine.exists("a/b=2/part-0")
    assert mine.list("a") == ["a/b=1/part-0", "a/b=2/part-0"]
    assert mine.children("a") == ["b=1", "b=2"]


def test_what_another_process_removed_is_gone_at_once(pair):
    mine, theirs = pair
    mine.write("a/part-0", b"one")
    assert mine.list("a") == ["a/part-0"]

    theirs.remove(["a/part-0"])

    assert not mine.exists("a/part-0")
    with pytest.raises(FileNotFoundError):
        mine.read("a/part-0")
    assert mine.list("a") == []


def test_a_longer_and_a_shorter_object_replace_it_whole(pair):
    for data in (b"a" * 1000, b"b" * 10, b"c" * SIZE, b""):
        pair[0].write("a/part-0", data)

        assert pair[1].read("a/part-0") == data


def test_a_small_object_is_read_and_a_larger_one_refused(pair):
    mine, theirs = pair
    mine.write("a/part-0", b"seven b")
    assert theirs.read("a/part-0", 7) == b"seven b"
    with pytest.raises(StoreError, match="it is larger than 6 bytes"):
        theirs.read("a/part-0", 6)
    with pytest.raises(FileNotFoundError):
        theirs.read("a/part-1", 6)


def test_a_reader_during_a_hundred_replacements_sees_only_whole_objects(pair):
    mine, theirs = pair
    versions = [bytes([letter]) * (SIZE + letter) for letter in b"abcdefghij"]
    mine.write("a/part-0", versions[0])
    done = threading.Event()

    def replace():
        for turn in range(100):
            mine.write("a/part-0", versions[turn % 10])
        done.set()

    writer = threading.Thread(target=replace)
    writer.start()
    seen = []
    while not done.is_set():
        seen.append(theirs.read("a/part-0"))
    writer.join()

    assert all(data in versions for data in seen)
    assert len(set(seen)) > 1


def test_the_probe_of_a_root_leaves_nothing(pair):
    pair[0].check_writable()

    assert [path for path in pair[1].fs.find(pair[1].root) if "writable" in path] == []


def test_removing_what_is_gone_is_no_error(pair):
    pair[0].remove(["a/part-0"])

    assert pair[0].list("") == []


def test_a_missing_place_lists_as_empty(pair):
    assert (pair[0].list("nothing"), pair[0].children("nothing")) == ([], [])


@pytest.mark.parametrize("prefix", ["a b", "한글/경로", "plus+plus", "per%20cent", "100%", "hash#x", "what?x", "=&;"])
def test_odd_prefixes_hold_what_is_put_there(prefix, pair):
    base = pair[1]
    store = Store(base.fs, f"{base.root}/{prefix}")
    store.write("a/k=1/한 글", b"one")

    assert store.read("a/k=1/한 글") == b"one"
    assert store.list("a") == ["a/k=1/한 글"]
    assert store.children("a") == ["k=1"]
    assert base.children(prefix.partition("/")[0]) == [(prefix + "/a").split("/")[1]]


@pytest.mark.parametrize("url", ["s3://bucket//prefix", "file:///data//kiwoom", "s3://bucket/a//"])
def test_a_root_with_an_empty_folder_name_is_refused(url):
    with pytest.raises(DataRootError, match="empty folder name"):
        Store.open(url)


@pytest.mark.parametrize("url", ["s3://my_aws@bucket/prefix", "gs://my_gcp@bucket"])
def test_a_root_that_names_an_airflow_connection_is_refused_outside_airflow(url):
    with pytest.raises(DataRootError, match=r"names the Airflow connection 'my_.*ObjectStoragePath"):
        Store.open(url)


def test_a_folder_that_a_removed_object_left_is_no_published_session(pair):
    for day in ("19", "20"):
        pair[0].write(f"investor_trading/session_date=2026-11-{day}/part-0.parquet", b"one")
    pair[0].remove(["investor_trading/session_date=2026-11-20/part-0.parquet"])

    assert published_sessions(pair[1]) == {date(2026, 11, 19)}


def test_the_draft_of_a_publisher_that_was_killed_is_no_published_session(tmp_path):
    folder = tmp_path / "investor_trading/session_date=2026-11-20"
    folder.mkdir(parents=True)
    (folder / ".part-0.parquet.3f2a").write_bytes(b"ha")

    assert published_sessions(Store.open(tmp_path.as_uri())) == set()
