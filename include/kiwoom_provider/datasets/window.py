"""The deployment's window, kept beside the data: the page and the gap list know no DAG file, but know the data root."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from kiwoom_provider.documents import DocumentError
from kiwoom_provider.krx import Window

if TYPE_CHECKING:
    from kiwoom_provider.datasets.store import Store

KEY = "quality/window.json"
_MOST_BYTES = 10_000

log = logging.getLogger(__name__)


def keep_window(store: Store, window: Window) -> None:
    """Keep the window of the DAG file, when another one is kept or none."""
    if _read(store) != window:
        store.write(KEY, window.to_bytes())


def read_window(store: Store) -> Window:
    """Return the window that the newest run was given; the package's own before the first run."""
    return _read(store) or Window()


def _read(store: Store) -> Window | None:
    try:
        return Window.from_bytes(store.read(KEY, most=_MOST_BYTES), KEY)
    except FileNotFoundError:
        return None
    except DocumentError as error:
        log.warning("%s; the next run writes it anew", error)
        return None
