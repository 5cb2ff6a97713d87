"""
Threads for the page's views, apart from those of the server that shows it.

Airflow's API server answers the tasks' heartbeats with 40 threads a process. Views that wait for a slow store
in those threads would hold up heartbeats; here they wait in threads of their own, a few at a time.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

from kiwoom_provider.locale import message
from kiwoom_provider.monitor.errors import BusyError

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

VIEWS_AT_ONCE = 12
"""A view and its three plots for three people who look at the same moment; each is done in a tenth of a second."""

_Given = TypeVar("_Given")
_Answer = TypeVar("_Answer")


@dataclass
class Workers:
    """
    A bounded number of threads. Nothing waits for one: who comes when all are busy is told at once.

    :param limit_s: after which a caller gets its answer, whatever the thread is doing; the thread counts as busy
        until it has ended.
    """

    at_once: int
    limit_s: float
    busy: int = 0
    _lock: Lock = field(default_factory=Lock)
    _pool: ThreadPoolExecutor = field(init=False)

    def __post_init__(self) -> None:
        self._pool = ThreadPoolExecutor(self.at_once, thread_name_prefix="kiwoom-page")

    async def run(self, view: Callable[[_Given], _Answer], given: _Given) -> _Answer:
        """
        Return what ``view`` answers.

        :raises BusyError: at once when every thread is busy, and when the time is over.
        """
        self._take()
        future = self._pool.submit(view, given)
        future.add_done_callback(self._give_back)
        try:
            return await asyncio.wait_for(asyncio.wrap_future(future), self.limit_s)
        except TimeoutError:
            raise BusyError(
                message("The page took longer than {limit} seconds. Try again.", limit=round(self.limit_s))
            ) from None

    def _take(self) -> None:
        with self._lock:
            if self.busy >= self.at_once:
                raise BusyError(
                    message("{count} views are being made already. Try again in some seconds.", count=self.busy)
                )
            self.busy += 1

    def _give_back(self, _: Future[Any]) -> None:
        with self._lock:
            self.busy -= 1
