"""
The state of one machine: small files, lock files, and a log of calls in a SQLite file of pyrate-limiter's.

The directory must be on a local disk, since SQLite's shared log does not work over NFS. It belongs to the user
that Airflow runs as, nobody else may write there, and no link in it is followed.
"""

from __future__ import annotations

import os
import sqlite3
import stat
import tempfile
import time
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout
from pyrate_limiter import Rate, RateItem, SQLiteBucket

from kiwoom_provider.shared_state.base import AHEAD_MS, LOCK_TIMEOUT_S, MOST_RECORD, StateError, check_api_id
from kiwoom_provider.shared_state.quota import UNDER_WAY_MS, Latency, Quota

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from datetime import timedelta

LOCK_POLL_S = 0.01
SWEEP_EVERY = 64  # permits: the log holds a second or two, and forgets older calls now and then only


def wall_ms() -> int:
    """Return the machine's clock in milliseconds: the one clock that all its processes share."""
    return time.time_ns() // 1_000_000


class FileQueue:
    """The queue of one api-id, held. A small file keeps when the last call went out."""

    def __init__(self, state: FileState, name: str) -> None:
        self._state, self._name = state, name

    @property
    def last_sent_ms(self) -> int:
        """When the last call went out, 0 when none has."""
        text = self._state.read(self._name) or b""
        return int(text) if text.isdigit() and len(text) < 20 else 0  # noqa: PLR2004  fits 64 bits

    @last_sent_ms.setter
    def last_sent_ms(self, value: int) -> None:
        self._state.write(self._name, b"%d" % value)


class FileState:
    """
    Shared by the processes of one machine.

    :param directory: the state directory.
    :param account_id: names app key and host without telling them.
    :param now_ms: the clock, in milliseconds.
    """

    def __init__(self, directory: Path, account_id: str, now_ms: Callable[[], int] = wall_ms) -> None:
        self._directory = directory
        self._stem = f"rate-{account_id}"
        self._database = directory / f"{self._stem}.sqlite"
        self._buckets: dict[str, SQLiteBucket] = {}
        self._permits = 0
        self._is_checked = False
        self.now_ms = now_ms

    def place(self, name: str) -> str:
        """Name the place of a record to a person."""
        return f"file {self._directory / name}"

    def read(self, name: str) -> bytes | None:
        """Return a record; an empty one, as a crash of the machine leaves it, counts as none."""
        path = self._path(name)
        try:
            with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as stream:
                content = stream.read(MOST_RECORD + 1)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _unusable(path, error) from None
        if len(content) > MOST_RECORD:
            raise _unusable(path, f"it has more than {MOST_RECORD:,} bytes, which no record of ours has: remove it")
        return content or None

    def write(self, name: str, content: bytes, lasts: timedelta | None = None) -> None:  # noqa: ARG002  a file stays
        """Store a record, readable by its owner alone: a reader sees the old or the new one."""
        path, temporary = self._path(name), ""
        try:
            descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mode 0600
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(content)
            Path(temporary).replace(path)
        except OSError as error:
            with suppress(OSError):
                Path(temporary).unlink()
            raise _unusable(path, error) from None

    def remove(self, name: str) -> None:
        """Delete a record if it is there."""
        self._path(name).unlink(missing_ok=True)

    @contextmanager
    def lock(self, name: str) -> Iterator[None]:
        """Exclude all other processes of this machine."""
        path = self._path(f"{name}.lock")
        lock = FileLock(path, mode=0o600, poll_interval=LOCK_POLL_S, timeout=LOCK_TIMEOUT_S)
        try:
            lock.acquire()
        except Timeout:
            raise _unusable(path, f"another process has held it for {LOCK_TIMEOUT_S:g} s: end it") from None
        except OSError as error:
            raise _unusable(path, error) from None
        try:
            yield
        finally:
            lock.release()

    @contextmanager
    def queue(self, api_id: str) -> Iterator[FileQueue]:
        """Exclude the other processes of this machine that look for a permit."""
        name = f"{self._stem}-{check_api_id(api_id)}"
        with self.lock(name):
            yield FileQueue(self, f"{name}.sent")

    def quota(self, api_id: str) -> Quota | None:
        """Return what refusals have taught."""
        return Quota.from_text(self.read(self._quota_name(api_id)), self.now_ms())

    def set_quota(self, api_id: str, quota: Quota) -> None:
        """Keep what a refusal has taught."""
        self.write(self._quota_name(api_id), quota.to_text())

    def latency(self) -> Latency:
        """Return the quickest answer known."""
        return Latency.from_text(self.read(f"{self._stem}.latency"))

    def set_latency(self, latency: Latency) -> None:
        """Keep the quickest answer known."""
        self.write(f"{self._stem}.latency", latency.to_text())

    def take(self, api_id: str, name: str, at_ms: int, limit: int, interval_ms: int) -> int:
        """Log a call if there is room; else return the wait in ms."""
        with self._translate_errors():
            bucket = self._bucket(api_id)
            bucket.rates = [Rate(limit, interval_ms)]
            item = RateItem(name, at_ms)
            if bucket.put(item):
                self._permits += 1
                if self._permits % SWEEP_EVERY == 0:
                    bucket.leak(at_ms)
                return 0
            wait_ms: Any = bucket.waiting(item)  # awaitable for asynchronous buckets only
            if wait_ms > interval_ms:  # no call of ours can be the cause
                self._forget(bucket, before_ms=0, after_ms=at_ms - UNDER_WAY_MS + AHEAD_MS)
            return max(1, int(wait_ms))

    def move(self, api_id: str, name: str, at_ms: int) -> None:
        """Move a logged call."""
        with self._translate_errors():
            bucket = self._bucket(api_id)
            update = f'UPDATE "{bucket.table}" SET item_timestamp = ? WHERE name = ?'  # noqa: S608  checked
            bucket.conn.execute(update, (at_ms, name))

    def close(self) -> None:
        """Close the file."""
        for bucket in self._buckets.values():
            bucket.conn.close()
        self._buckets.clear()

    def _path(self, name: str) -> Path:
        if not self._is_checked:
            check_directory(self._directory)
            self._is_checked = True
        return self._directory / name

    def _quota_name(self, api_id: str) -> str:
        return f"{self._stem}-{check_api_id(api_id)}.quota"

    def _bucket(self, api_id: str) -> SQLiteBucket:
        if api_id not in self._buckets:
            with self.lock(f"{self._stem}-open"):  # many processes begin at once
                self._buckets[api_id] = self._open_bucket(f"calls_{check_api_id(api_id)}")
        return self._buckets[api_id]

    def _open_bucket(self, table: str) -> SQLiteBucket:
        _create(self._path(self._database.name))
        with closing(sqlite3.connect(self._database)) as connection:  # the library leaves open what it cannot use
            connection.execute("PRAGMA journal_mode=WAL")
        bucket = SQLiteBucket.init_from_file([Rate(1, 1)], table, str(self._database), create_new_table=True)
        try:
            bucket.conn.isolation_level = None  # each statement stands for itself: no BEGIN and no COMMIT around it
            bucket.conn.execute("PRAGMA synchronous=OFF")  # a crash of the machine may cost the log of one second
            now_ms = self.now_ms()
            self._forget(bucket, before_ms=now_ms - 3_600_000, after_ms=now_ms + AHEAD_MS)
        except BaseException:
            bucket.conn.close()
            raise
        return bucket

    def _forget(self, bucket: SQLiteBucket, *, before_ms: int, after_ms: int) -> None:
        """Drop what is long over, and calls in the future, which would hold all up until then."""
        delete = f'DELETE FROM "{bucket.table}" WHERE item_timestamp < ? OR item_timestamp > ?'  # noqa: S608  checked
        bucket.conn.execute(delete, (before_ms, after_ms))

    def _translate_errors(self) -> AbstractContextManager[None]:
        return _as_state_errors(self._database)


@contextmanager
def _as_state_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise _unusable(path, error) from None


def _create(path: Path) -> None:
    """
    Make the file of the log, for its owner alone, unless it is there.

    One that is there is not opened: closing it would drop SQLite's locks on it, which POSIX gives to the process
    and not to the open file, and the next process to close the log would take a part of it away.

    :raises StateError: when it is a link.
    """
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    if path.is_symlink():
        raise _unusable(path, "it is a symbolic link: remove it")


def check_directory(directory: Path) -> None:
    """
    Make the directory, for its owner alone, if it is not there, and refuse one that others could write to.

    :raises StateError: when it cannot be made or written to, is a link, or belongs to somebody else.
    """
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = directory.lstat()
    except OSError as error:
        raise _unusable(directory, error) from None
    if stat.S_ISLNK(found.st_mode):
        raise _unusable(directory, "it is a symbolic link: name the directory itself")
    if found.st_uid not in (0, os.geteuid()):
        raise _unusable(directory, f"it belongs to user {found.st_uid}")
    if found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise _unusable(directory, f"others may write to it (mode {stat.S_IMODE(found.st_mode):o}): chmod 700")
    if not os.access(directory, os.W_OK | os.X_OK):
        raise _unusable(directory, "not writable by this user")


def _unusable(path: Path, why: BaseException | str) -> StateError:
    """Return the error for a path that cannot be used, with the remedy."""
    reason = getattr(why, "strerror", None) or str(why)
    return StateError(
        f"{path} cannot be used for the shared token and call rate: {reason}. "
        'Make it writable for the user that Airflow runs as, and for no other, or name another place as "state_dir" '
        "in the connection's extra"
    )
