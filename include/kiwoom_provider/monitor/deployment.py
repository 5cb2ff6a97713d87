"""The archive of this deployment as the API server sees it: bounded in time, and listed once for many views."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from threading import Condition
from typing import TYPE_CHECKING

from cachetools import TTLCache, cached

from kiwoom_provider.clock import DEMO_CLOCK_VARIABLE, DemoClock, SystemClock
from kiwoom_provider.data_root import open_data_root
from kiwoom_provider.datasets.store import Store
from kiwoom_provider.datasets.window import read_window
from kiwoom_provider.krx import calendar, overrides_path
from kiwoom_provider.locale import message
from kiwoom_provider.monitor.archive import Archive
from kiwoom_provider.monitor.errors import BusyError
from kiwoom_provider.monitor.object_listing import translate_errors

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kiwoom_provider.clock import Clock

VIEW_LIMIT_S = 20.0
"""For one view, all that it reads together; the browser is answered then, whatever the store does."""
LOOK_LIMIT_S = 10.0
"""For one read or listing of a store in the network."""
MOST_BYTES = 32 * 2**20
"""Of any object that a view reads; a published session has about 1 MB."""
LISTING_KEPT_S = 5.0
"""How long a listing answers further views: a page and its three plots cost one, and so do ten people's."""
LISTINGS: TTLCache[tuple[object, ...], tuple[str, ...]] = TTLCache(256, LISTING_KEPT_S)


def archive() -> Archive:
    """
    Return what is stored, under the data root of the Airflow Variable as it is now, for one view.

    :raises DataRootError: when the Variable is missing or is no URL that can be opened.
    :raises RootError: when the root cannot be read.
    :raises CalendarError: when the deployment's calendar overrides cannot be used.
    """
    store = ViewStore.of(open_data_root())
    with translate_errors(store):
        window = read_window(store)
    return Archive(store, calendar(window, overrides=overrides_path()), _clock())


@dataclass(frozen=True, slots=True)
class ViewStore(Store):
    """
    A data root for one view: no look at it begins after ``until``, and listings are shared with other views.

    :param until: a reading of ``timer``.
    :param timer: seconds that only grow.
    """

    until: float = 0.0
    timer: Callable[[], float] = time.monotonic

    @classmethod
    def of(cls, store: Store, timer: Callable[[], float] = time.monotonic) -> ViewStore:
        """Return a store for a view that begins now."""
        return cls(store.fs, store.root, LOOK_LIMIT_S, timer() + VIEW_LIMIT_S, timer)

    def read(self, key: str, most: int = MOST_BYTES) -> bytes:
        """Read as :meth:`Store.read`, no more than a view may. :raises BusyError: when the view's time is over."""
        self._check_time()
        return Store.read(self, key, min(most, MOST_BYTES))

    def list(self, prefix: str, beginning: str = "") -> list[str]:
        """List as :meth:`Store.list`, at most some seconds ago. :raises BusyError: when the view's time is over."""
        self._check_time()
        return [*_list(self, Store.list, prefix, beginning)]

    def children(self, prefix: str) -> Sequence[str]:
        """List as :meth:`Store.children`, at most some seconds ago. :raises BusyError: when the view's time is over."""
        self._check_time()
        return _list(self, Store.children, prefix)

    def _check_time(self) -> None:
        if self.timer() > self.until:
            raise BusyError(message("The data root answers too slowly. Try again."))


def _key(store: Store, look: Callable[..., Sequence[str]], *at: str) -> tuple[object, ...]:
    return (store.name, look.__name__, *at)


@cached(LISTINGS, key=_key, condition=Condition())
def _list(store: Store, look: Callable[..., Sequence[str]], *at: str) -> tuple[str, ...]:
    """List, once for all who ask for the same meanwhile."""
    return tuple(look(store, *at))


def _clock() -> Clock:
    """Return the clock of a demonstration where one is set: the page files nothing by it."""
    spec = os.environ.get(DEMO_CLOCK_VARIABLE)
    return DemoClock.parse(spec) if spec else SystemClock()
