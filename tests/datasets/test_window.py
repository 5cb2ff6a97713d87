"""The times of day of the DAG file, kept for those who do not read it."""

from __future__ import annotations

from datetime import time

from kiwoom_provider.datasets.store import Store
from kiwoom_provider.datasets.window import keep_window, read_window
from kiwoom_provider.krx import Window

MOVED = Window(settle_time=time(22), window_end=time(6))


def test_a_root_without_a_run_has_the_packages_own_window(tmp_path):
    assert read_window(Store.open(tmp_path.as_uri())) == Window()


def test_a_moved_window_is_what_is_read(tmp_path):
    store = Store.open(tmp_path.as_uri())
    keep_window(store, Window())
    keep_window(store, MOVED)
    assert read_window(store) == MOVED


def test_the_same_window_is_not_written_again(tmp_path):
    store = Store.open(tmp_path.as_uri())
    keep_window(store, MOVED)
    before = (tmp_path / "quality/window.json").stat().st_mtime_ns
    keep_window(store, MOVED)
    assert (tmp_path / "quality/window.json").stat().st_mtime_ns == before


def test_a_damaged_window_costs_no_run_and_no_page(tmp_path):
    store = Store.open(tmp_path.as_uri())
    store.write("quality/window.json", b"{}}")
    assert read_window(store) == Window()
    keep_window(store, MOVED)
    assert read_window(store) == MOVED
