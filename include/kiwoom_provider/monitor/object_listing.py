"""What is stored, told from the names of objects alone."""

from __future__ import annotations

import logging
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from kiwoom_provider.datasets import layout
from kiwoom_provider.datasets.layout import published_sessions, stored_sessions
from kiwoom_provider.locale import message
from kiwoom_provider.monitor.errors import PageError, RootError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from kiwoom_provider.datasets.store import Store

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Listing:
    """
    What is stored.

    :param published: sessions with a published file.
    :param collected: sessions with raw.
    :param summaries: keys of the runs' summaries by session, newest first, as far as they were asked for.
    """

    published: frozenset[date]
    collected: frozenset[date]
    summaries: Mapping[date, Sequence[str]]

    @classmethod
    def of(cls, store: Store, dates: Iterable[str]) -> Listing:
        """
        List a root, all at once.

        :param dates: whose summaries to list, one listing each: days as ``2026-11-20``, or years as ``2026``.
        :raises RootError: when the root cannot be read, or is not there.
        """
        wanted = [f"{layout.SESSION}{text}" for text in dates]
        with translate_errors(store), ThreadPoolExecutor(2 + len(wanted)) as pool:
            published = pool.submit(published_sessions, store)
            collected = pool.submit(stored_sessions, store, layout.RAW)
            keys = [key for found in pool.map(partial(store.list, layout.REPORTS), wanted) for key in found]
            listing = cls(frozenset(published.result()), frozenset(collected.result()), _summaries(keys))
            is_there = listing.first is not None or bool(store.fs.exists(store.root))
        if not is_there:
            raise RootError(
                message(
                    "kiwoom_data_root {root} is not there: nothing has been stored yet, or it is gone, "
                    "or the API server does not see the place that the workers write to",
                    root=store.name,
                )
            )
        return listing

    @property
    def first(self) -> date | None:
        """The first session of which anything is stored."""
        return min((*self.published, *self.collected, *self.summaries), default=None)


@contextmanager
def translate_errors(store: Store) -> Iterator[None]:
    """
    Turn whatever a store's client raises into an error that can be shown.

    :raises RootError: it tells what the system says; what any other client says may hold anything, and goes
        to the log.
    """
    try:
        yield
    except PageError:
        raise
    except Exception as error:
        log.warning("The data root %s cannot be read", store.name, exc_info=True)
        cause = error.__cause__ or error
        why = cause.strerror if isinstance(cause, OSError) and cause.strerror else message("see the API server's log")
        raise RootError(
            message(
                "kiwoom_data_root {root} cannot be read ({kind}: {why})",
                root=store.name,
                kind=type(cause).__name__,
                why=why,
            )
        ) from error


def _summaries(keys: Iterable[str]) -> dict[date, list[str]]:
    found: dict[date, list[str]] = defaultdict(list)
    for key in sorted(keys, reverse=True):
        if layout.is_summary(key) and (day := layout.session_of(key)):
            found[day].append(key)
    return dict(found)
