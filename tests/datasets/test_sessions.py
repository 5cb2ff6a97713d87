"""Which sessions a dataset holds is told from names, however many there are."""

from __future__ import annotations

from datetime import date

import pytest

from kiwoom_provider.datasets import layout
from kiwoom_provider.datasets.layout import newest_published
from kiwoom_provider.datasets.store import Store


@pytest.fixture
def store(tmp_path) -> Store:
    made = Store.open(tmp_path.as_uri())
    for day in (17, 18, 19):
        made.write(layout.published_key(date(2026, 11, day)), b"")
    return made


def test_the_newest_published_session_is_that_of_the_last_day(store):
    assert newest_published(store) == date(2026, 11, 19)


def test_a_folder_without_its_file_is_not_the_newest_published_session(store):
    store.remove([layout.published_key(date(2026, 11, 19))])
    assert newest_published(store) == date(2026, 11, 18)


def test_nothing_is_the_newest_where_nothing_is_published(tmp_path):
    assert newest_published(Store.open(tmp_path.as_uri())) is None


def test_the_newest_published_session_is_told_without_looking_into_older_ones(store, monkeypatch):
    looked_for = []

    def exists(_store, key):
        looked_for.append(key)
        return True

    monkeypatch.setattr(Store, "exists", exists)
    monkeypatch.setattr(Store, "list", lambda *_: pytest.fail("every session's folder was listed"))
    newest_published(store)
    assert looked_for == ["investor_trading/session_date=2026-11-19/part-0.parquet"]
