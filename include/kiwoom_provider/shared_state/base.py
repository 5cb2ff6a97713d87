"""
What a back end of the shared state does, and how it fails.

::

    StateError                   the place for token and rate cannot be used
    └── StateUnreachableError    Redis is away: it may be back in seconds, or in minutes

Neither is final: disks are mended and servers come back.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol

from kiwoom_provider.errors import KiwoomProviderError

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from datetime import timedelta

    from kiwoom_provider.shared_state.quota import Latency, Quota

LOCK_TIMEOUT_S = 600.0
"""No one waits longer for a lock: a holder that was stopped, and not ended, would hold it for ever."""
AHEAD_MS = 5_000
"""No call is logged so far ahead; one that is was planted, or logged before the clock was set back."""
MOST_RECORD = 64 * 1024
"""Bytes of any record that is read; the package's own have a few hundred."""
_API_ID = re.compile(r"[A-Za-z0-9]{1,20}")


class StateError(KiwoomProviderError):
    """The shared place for token and rate cannot be used; the message names it and the remedy."""

    remedy = "mend the place that is named, or name another as state_dir or redis_conn_id"


class StateUnreachableError(StateError):
    """The shared Redis cannot be reached at the moment."""

    remedy = (
        "start Redis, or correct the connection that redis_conn_id names; "
        "in need remove redis_conn_id and run on one host"
    )


class Queue(Protocol):
    """The right to look for a permit; keeps when the last call of this machine went out."""

    last_sent_ms: int


class SharedState(Protocol):
    """
    Small records, locks, and a log of calls. Every method raises StateError when the place cannot be used.

    Names of records and locks hold letters, digits, ``-`` and ``.`` only.
    """

    def place(self, name: str) -> str:
        """Name the place of a record to a person."""

    def read(self, name: str) -> bytes | None:
        """Return a record, None when there is none."""

    def write(self, name: str, content: bytes, lasts: timedelta | None = None) -> None:
        """Store a record in one step; it is of no use after ``lasts``."""

    def remove(self, name: str) -> None:
        """Delete a record if it is there."""

    def lock(self, name: str) -> AbstractContextManager[None]:
        """Exclude all others that share the state; ends with the process."""

    def queue(self, api_id: str) -> AbstractContextManager[Queue]:
        """Exclude the other processes of this machine that look for a permit; ends with the process."""

    def now_ms(self) -> int:
        """Return the clock that all users share, in milliseconds."""

    def quota(self, api_id: str) -> Quota | None:
        """Return what refusals have taught."""

    def set_quota(self, api_id: str, quota: Quota) -> None:
        """Keep what a refusal has taught."""

    def take(self, api_id: str, name: str, at_ms: int, limit: int, interval_ms: int) -> int:
        """Log a call at ``at_ms`` if under ``limit`` lie in ``interval_ms`` before; else return the wait in ms."""

    def move(self, api_id: str, name: str, at_ms: int) -> None:
        """Move a logged call to ``at_ms``."""

    def latency(self) -> Latency:
        """Return the quickest answer that this machine knows."""

    def set_latency(self, latency: Latency) -> None:
        """Keep the quickest answer known."""

    def close(self) -> None:
        """Let go of files and connections."""


def check_api_id(api_id: str) -> str:
    """
    Return an api-id that may become part of a file's or a table's name.

    :raises ValueError: when it is none.
    """
    if not _API_ID.fullmatch(api_id):
        raise ValueError(f"api_id {api_id!r} is not letters and digits, such as ka10066")
    return api_id
