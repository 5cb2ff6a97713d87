"""Which sessions a dataset holds, told from the names of its folders alone."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from kiwoom_provider.datasets import layout

if TYPE_CHECKING:
    from kiwoom_provider.datasets.store import Store


def stored_sessions(store: Store, dataset: str) -> set[date]:
    """Return the sessions under which anything of ``dataset`` is stored."""
    found = (layout.session_of(name) for name in store.children(dataset))
    return {date.fromisoformat(day) for day in found if day}
