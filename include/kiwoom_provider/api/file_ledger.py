"""
The ledger of one machine: a SQLite file of pyrate-limiter's, and a lock file for each api-id.

The state directory must be on a local disk, since SQLite's shared log does not work over NFS.
"""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pyrate_limiter import Rate, RateItem, SQLiteBucket

from kiwoom_provider.api.latency import Latency
from kiwoom_provider.api.quota import Quota
from kiwoom_provider.api.state_dir import prepared, unusable
from kiwoom_provider.api.turns import FileTurn, checked, file_turn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

AHEAD_MS = 5_000  # no call is logged so far ahead
_TABLES = """
CREATE TABLE IF NOT EXISTS quota
    (api_id TEXT PRIMARY KEY, per_second REAL, since_ms INTEGER, strikes INTEGER);
CREATE TABLE IF NOT EXISTS latency
    (one INTEGER PRIMARY KEY CHECK (one = 1), quickest_ms REAL, answers INTEGER);
"""


def wall_ms() -> int:
    """Return the machine's clock in milliseconds: the one clock that all its processes share."""
    return time.time_ns() // 1_000_000


class FileLedger:
    """
    Shared by the processes of one machine.

    :param directory: the state directory.
    :param account_id: names app key and host without telling them.
    :param now_ms: the clock, in milliseconds.
    """

    def __init__(self, directory: Path, account_id: str, now_ms: Callable[[], int] = wall_ms) -> None:
        self._stem = directory / f"budget-{account_id}"
        self._path = self._stem.with_suffix(".sqlite")
        self._buckets: dict[str, SQLiteBucket] = {}
        self._database: sqlite3.Connection | None = None
        self.now_ms = now_ms

    def turn(self, api_id: str) -> AbstractContextManager[FileTurn]:
        """Wait for the right to look for a slot."""
        return file_turn(self._stem, api_id)

    def take(self, api_id: str, name: str, at_ms: int, limit: int, interval_ms: int) -> int:
        """Log a call if there is room; else return the wait in ms."""
        with self._told():
            bucket = self._bucket(api_id)
            bucket.rates = [Rate(limit, interval_ms)]
            item = RateItem(name, at_ms)
            if bucket.put(item):
                bucket.leak(at_ms)
                return 0
            wait_ms: Any = bucket.waiting(item)
            return max(1, int(wait_ms))

    def put_down(self, api_id: str, name: str, at_ms: int) -> None:
        """Move a logged call."""
        with self._told(), self._open() as database:
            database.execute(
                f"UPDATE {_table(api_id)} SET item_timestamp = ? WHERE name = ?",  # noqa: S608  checked
                (at_ms, name),
            )

    def quota(self, api_id: str) -> Quota | None:
        """Return what refusals have taught."""
        with self._told():
            row = (
                self._open()
                .execute("SELECT per_second, since_ms, strikes FROM quota WHERE api_id = ?", (api_id,))
                .fetchone()
            )
        return Quota(*row) if row else None

    def set_quota(self, api_id: str, quota: Quota) -> None:
        """Keep what a refusal has taught."""
        with self._told(), self._open() as database:
            database.execute(
                "INSERT OR REPLACE INTO quota VALUES (?, ?, ?, ?)",
                (api_id, quota.per_second, quota.since_ms, quota.strikes),
            )

    def latency(self) -> Latency:
        """Return the quickest answer known."""
        with self._told():
            row = self._open().execute("SELECT quickest_ms, answers FROM latency").fetchone()
        return Latency(*row) if row else Latency()

    def set_latency(self, latency: Latency) -> None:
        """Keep the quickest answer known."""
        with self._told(), self._open() as database:
            database.execute("INSERT OR REPLACE INTO latency VALUES (1, ?, ?)", (latency.quickest_ms, latency.answers))

    def close(self) -> None:
        """Close the file."""
        for bucket in self._buckets.values():
            bucket.conn.close()
        self._buckets.clear()
        if self._database is not None:
            self._database.close()
            self._database = None

    def _open(self) -> sqlite3.Connection:
        if self._database is None:
            prepared(self._path.parent)
            with self.turn("open"):  # many processes begin at once
                os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
                self._database = _connected(self._path)
        return self._database

    def _bucket(self, api_id: str) -> SQLiteBucket:
        if api_id not in self._buckets:
            self._open()
            bucket = SQLiteBucket.init_from_file([Rate(1, 1)], _table(api_id), str(self._path), create_new_table=True)
            bucket.conn.execute("PRAGMA synchronous=OFF")
            # A clock that was set back leaves calls in the future, which would hold all up until then.
            bucket.conn.execute(
                f"DELETE FROM {_table(api_id)} WHERE item_timestamp > ?",  # noqa: S608  checked
                (self.now_ms() + AHEAD_MS,),
            )
            bucket.conn.commit()
            self._buckets[api_id] = bucket
        return self._buckets[api_id]

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise unusable(self._path, error) from None


def _connected(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, check_same_thread=False)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=OFF")  # a crash of the machine may cost the log of one second
    database.executescript(_TABLES)
    return database


def _table(api_id: str) -> str:
    return f"calls_{checked(api_id)}"
