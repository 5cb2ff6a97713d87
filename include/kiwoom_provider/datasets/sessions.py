"""Which sessions a dataset holds, told from names alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiwoom_provider.datasets import layout

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from kiwoom_provider.datasets.store import Store


def stored_sessions(store: Store, dataset: str) -> set[date]:
    """Return the sessions that ``dataset`` has a folder of; a killed write or a removal can leave one empty."""
    return _sessions(store.children(dataset))


def published_sessions(store: Store) -> set[date]:
    """Return the sessions of which the published table is there: one object each, and no empty folder."""
    return _sessions(store.list(layout.PUBLISHED))


def newest_published(store: Store) -> date | None:
    """Return the newest of :func:`published_sessions`, None without any: one listing of names and a look or two."""
    newest_first = sorted(stored_sessions(store, layout.PUBLISHED), reverse=True)
    return next((day for day in newest_first if store.exists(layout.published_key(day))), None)


def _sessions(keys: Iterable[str]) -> set[date]:
    return {day for key in keys if (day := layout.session_of(key))}
