"""
One part of one run: its report, its page, its top lists.

::

    ArchiveError
    ├── UnknownRunError (LookupError)   no such run of that session, or it has no such part
    └── DamagedError (ValueError)       the run's object cannot be read; ``reason`` says why
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from kiwoom_provider.datasets import layout
from kiwoom_provider.errors import KiwoomProviderError
from kiwoom_provider.monitor.listing import reading
from kiwoom_provider.monitor.runs import MOST_BYTES, unreadable

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from kiwoom_provider.datasets.store import Store

_Fact = TypeVar("_Fact")


class ArchiveError(KiwoomProviderError):
    """What was asked for cannot be shown."""


class UnknownRunError(ArchiveError, LookupError):
    """There is no such run of that session, or it has no such part."""


class DamagedError(ArchiveError, ValueError):
    """The run's object cannot be read; ``reason`` says why."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def read_part(store: Store, day: date, run: str, suffix: str, parse: Callable[[bytes], _Fact]) -> _Fact:
    """
    Read a part of a run, looked up among the stored ones, so that ``run`` cannot name another place.

    :param run: as :attr:`kiwoom_provider.monitor.states.Run.id`.
    :raises UnknownRunError: when it is not there.
    :raises DamagedError: when it cannot be read.
    :raises DataRootError: when the root cannot be read.
    """
    prefix = layout.session_prefix(layout.REPORTS, day)
    key = f"{prefix}/{run}.{suffix}"
    if not layout.RUN_NAME.fullmatch(run):
        raise UnknownRunError(f"session {day} has no run {run}")
    with reading(store):
        stored = store.list(prefix)
    if key not in stored:
        raise UnknownRunError(f"session {day} has no run {run} with a {suffix}")
    try:
        return parse(store.read(key, MOST_BYTES))
    except Exception as error:
        raise DamagedError(unreadable(key, error)) from error
