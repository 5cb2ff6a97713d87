"""What a troubled data root does to the store: as the store's own promises say, or not at all."""

from __future__ import annotations

import pytest

from kiwoom_provider.datasets.store import Store, StoreError
from lab.faults.trouble import Trouble, give_trouble

KEY = "ka10066/side=buy/part-0.parquet"


@pytest.fixture
def store(tmp_path):
    made = Store.open(tmp_path.as_uri())
    made.write(KEY, b"old")
    return made


def trouble(store, step, code="EIO", times=0, key="^ka10066/"):
    return Trouble(store.root, key, step, code, times)


@pytest.mark.parametrize(
    ("step", "code", "text"),
    [
        ("open", "EROFS", "Read-only file system"),
        ("write", "ENOSPC", "No space left on device"),
        ("sync", "EIO", "Input/output error"),
        ("rename", "EIO", "Input/output error"),
    ],
)
def test_a_write_that_fails_says_so_and_leaves_the_old_object(store, step, code, text):
    with give_trouble(trouble(store, step, code)) as struck, pytest.raises(StoreError, match=text):
        store.write(KEY, b"new")
    assert struck() == 1
    assert store.read(KEY) == b"old"
    assert store.list("ka10066") == [KEY]


def test_a_rename_that_is_done_and_reported_as_failed_leaves_the_new_object(store):
    with give_trouble(trouble(store, "renamed")), pytest.raises(StoreError):
        store.write(KEY, b"new")
    assert store.read(KEY) == b"new"


def test_half_a_write_is_on_the_disk_when_it_fails(store, tmp_path, monkeypatch):
    monkeypatch.setattr("pathlib.Path.unlink", lambda *_, **__: None)
    with give_trouble(trouble(store, "write", "ENOSPC")), pytest.raises(StoreError):
        store.write(KEY, b"12345678")
    (draft,) = (path for path in (tmp_path / "ka10066/side=buy").iterdir() if path.name.startswith("."))
    assert draft.read_bytes() == b"1234"


def test_it_strikes_so_often_and_no_more(store):
    with give_trouble(trouble(store, "open", times=1)):
        with pytest.raises(StoreError):
            store.write(KEY, b"new")
        store.write(KEY, b"new")
    assert store.read(KEY) == b"new"


def test_other_keys_are_left_alone(store):
    with give_trouble(trouble(store, "open", key="^raw/")):
        store.write(KEY, b"new")
    assert store.read(KEY) == b"new"


def test_a_read_that_fails_is_an_error(store):
    with give_trouble(trouble(store, "read")), pytest.raises(StoreError, match="Input/output"):
        store.read(KEY)


def test_a_late_listing_does_not_hold_what_is_new_and_reading_does(store):
    with give_trouble(trouble(store, "list", "600")):
        assert store.list("ka10066") == []
        assert store.children("") == []
        assert store.read(KEY) == b"old"
    assert store.list("ka10066") == [KEY]
