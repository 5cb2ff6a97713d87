"""
The state of several hosts, in Redis: records, leases, and pyrate-limiter's log of calls, by Redis's clock.

On each host the waiting processes still queue, so that only one of them asks Redis, and what answers teach about
the way to the server is the host's own.
"""

from __future__ import annotations

import time
from contextlib import contextmanager, suppress
from threading import Event, Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pyrate_limiter import Rate, RateItem, RedisBucket
from pyrate_limiter.buckets.redis_bucket import LuaScript

from kiwoom_provider.shared_state.base import (
    AHEAD_MS,
    LOCK_TIMEOUT_S,
    MOST_RECORD,
    StateError,
    StateUnreachableError,
    check_api_id,
)
from kiwoom_provider.shared_state.files import FileState
from kiwoom_provider.shared_state.quota import UNDER_WAY_MS, Latency, Quota

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from datetime import timedelta
    from pathlib import Path

    from kiwoom_provider.shared_state.base import Queue

LEASE_S = 10.0
LEASE_POLL_S = 0.05
QUOTA_KNOWN_S = 1.0  # for so long a process that waits need not ask for it again; it is held against once more at last
_SOCKET_TIMEOUT_S = 5
_IDLE_MS = 60_000  # a log that nobody has written to for so long is dropped by Redis


class RedisState:
    """
    Shared by the processes of several hosts.

    :param url: ``redis://…``, ``rediss://…`` or ``unix://…``. TLS is always verified.
    :param directory: the host's own state directory.
    :param account_id: names app key and host without telling them.
    :raises StateError: when the redis package is not installed, or the URL is none.
    """

    def __init__(self, url: str, directory: Path, account_id: str) -> None:
        try:
            import redis
        except ImportError:
            raise StateError(
                "redis_conn_id is set, but the redis package is not there: install airflow-provider-kiwoom[redis]"
            ) from None
        self._errors: Any = redis.exceptions
        timeouts = {"socket_connect_timeout": _SOCKET_TIMEOUT_S, "socket_timeout": _SOCKET_TIMEOUT_S}
        verified = {"ssl_cert_reqs": "required", "ssl_check_hostname": True} if url.startswith("rediss://") else {}
        try:
            self._where = f"Redis at {urlsplit(url).hostname or 'the socket'}"
            self.redis: Any = redis.Redis.from_url(url, decode_responses=True, **timeouts, **verified)
        except ValueError:
            raise StateError("the connection that redis_conn_id names is no address of a Redis") from None
        self._host = FileState(directory, account_id)
        self._prefix = f"kiwoom:{account_id}"
        self._buckets: dict[str, RedisBucket] = {}
        self._members: dict[str, str] = {}
        self._quotas: dict[str, tuple[float, str | None]] = {}
        self._ahead_ms: float | None = None

    def place(self, name: str) -> str:
        """Name the place of a record to a person."""
        return f"key kiwoom:{name} in {self._where}"

    def read(self, name: str) -> bytes | None:
        """Return a record; an empty one counts as none."""
        with self._translate_errors():
            content: str = self.redis.getrange(f"kiwoom:{name}", 0, MOST_RECORD)
        if len(content) > MOST_RECORD:
            raise StateError(
                f"{self.place(name)} has more than {MOST_RECORD:,} bytes, which no record of ours has: delete it"
            )
        return content.encode() or None

    def write(self, name: str, content: bytes, lasts: timedelta | None = None) -> None:
        """Store a record, for so long."""
        px = None if lasts is None else max(1, int(lasts.total_seconds() * 1000))
        with self._translate_errors():
            self.redis.set(f"kiwoom:{name}", content, px=px)

    def remove(self, name: str) -> None:
        """Delete a record if it is there."""
        with self._translate_errors():
            self.redis.delete(f"kiwoom:{name}")

    @contextmanager
    def lock(self, name: str) -> Iterator[None]:
        """Exclude all other hosts by a lease, kept alive while its holder lives: a killed one ends with it."""
        with self._translate_errors():
            lease = self.redis.lock(f"kiwoom:{name}:lock", timeout=LEASE_S, sleep=LEASE_POLL_S, thread_local=False)
            is_held = lease.acquire(blocking_timeout=LOCK_TIMEOUT_S)
        if not is_held:
            raise StateError(f"{self.place(name)}:lock has been held for {LOCK_TIMEOUT_S:g} s by another host")
        done = Event()
        renewer = Thread(target=_renew_lease, args=(lease, done), daemon=True)
        renewer.start()
        try:
            yield
        finally:
            done.set()
            renewer.join()
            with suppress(Exception):  # Redis is away: the lease ends by itself
                lease.release()

    def queue(self, api_id: str) -> AbstractContextManager[Queue]:
        """Exclude the other processes of this host that look for a permit."""
        return self._host.queue(api_id)

    def now_ms(self) -> int:
        """Return Redis's clock, the one that all hosts share, as this machine's has run on since it was asked."""
        if self._ahead_ms is None:
            with self._translate_errors():
                self._set_clock(self.redis.time())
        return round(time.monotonic() * 1000 + (self._ahead_ms or 0.0))

    def quota(self, api_id: str) -> Quota | None:
        """Return what refusals have taught."""
        asked_at, text = self._quotas.get(api_id, (0.0, None))
        if not asked_at or time.monotonic() - asked_at > QUOTA_KNOWN_S:
            with self._translate_errors(), self.redis.pipeline(transaction=False) as pipe:
                instant, text = pipe.time().getrange(self._quota_key(api_id), 0, MOST_RECORD).execute()
                self._set_clock(instant)
            self._quotas[api_id] = time.monotonic(), text
        return Quota.from_text(text, self.now_ms())

    def set_quota(self, api_id: str, quota: Quota) -> None:
        """Keep what a refusal has taught."""
        with self._translate_errors():
            self.redis.set(self._quota_key(api_id), quota.to_text())
        self._quotas.pop(api_id, None)

    def latency(self) -> Latency:
        """Return the quickest answer that this host knows."""
        return self._host.latency()

    def set_latency(self, latency: Latency) -> None:
        """Keep the quickest answer known."""
        self._host.set_latency(latency)

    def take(self, api_id: str, name: str, at_ms: int, limit: int, interval_ms: int) -> int:
        """Log a call if there is room; else return the wait in ms."""
        with self._translate_errors():
            bucket = self._bucket(api_id)
            bucket.rates = [Rate(limit, interval_ms)]
            item = RateItem(name, at_ms)
            if self._put(bucket, item):
                return self._confirm(api_id, item, interval_ms, limit)
            wait_ms: Any = bucket.waiting(item)
            return max(1, int(wait_ms))

    def move(self, api_id: str, name: str, at_ms: int) -> None:
        """Move a logged call, if it is still there."""
        with self._translate_errors():
            if member := self._members.pop(name, None):
                self.redis.zadd(self._bucket(api_id).bucket_key, {member: at_ms}, xx=True)

    def close(self) -> None:
        """Close the connection."""
        self.redis.close()
        self._host.close()

    def _set_clock(self, instant: tuple[int, int]) -> None:
        seconds, micros = instant
        self._ahead_ms = int(seconds) * 1000 + int(micros) / 1000 - time.monotonic() * 1000

    def _quota_key(self, api_id: str) -> str:
        return f"{self._prefix}:quota:{check_api_id(api_id)}"

    def _bucket(self, api_id: str) -> RedisBucket:
        if api_id not in self._buckets:
            made: Any = RedisBucket.init([Rate(1, 1)], self.redis, f"{self._prefix}:calls:{check_api_id(api_id)}")
            self._buckets[api_id] = made
        return self._buckets[api_id]

    def _put(self, bucket: RedisBucket, item: RateItem) -> bool:
        """Log a call if there is room. A Redis started anew has forgotten the script, whatever else it kept."""
        try:
            return bool(bucket.put(item))
        except self._errors.NoScriptError:
            self.redis.script_load(LuaScript.PUT_ITEM)
            return bool(bucket.put(item))

    def _confirm(self, api_id: str, item: RateItem, interval_ms: int, limit: int) -> int:
        """
        Return 0, or step back: another host with a later instant came first, or a refusal has taught something new.

        The bucket counts what was logged up to the caller's own instant only, and adds an ending to the name.
        """
        key = self._bucket(api_id).bucket_key
        since_ms, ahead_ms = item.timestamp - interval_ms, item.timestamp - UNDER_WAY_MS + AHEAD_MS
        with self.redis.pipeline(transaction=False) as pipe:
            pipe.zcount(key, since_ms, ahead_ms).zrange(key, 0, -1)
            pipe.getrange(self._quota_key(api_id), 0, MOST_RECORD)
            pipe.zremrangebyscore(key, 0, since_ms - 1).zremrangebyscore(key, f"({ahead_ms}", "+inf")
            count, members, text, *_ = pipe.pexpire(key, _IDLE_MS).execute()
        own = next((member for member in members if member.startswith(f"{item.name}:")), None)
        is_news = api_id in self._quotas and text != self._quotas[api_id][1]
        if count > limit or own is None or is_news:
            self._quotas.pop(api_id, None)
            if own is not None:
                self.redis.zrem(key, own)
            return 1
        self._members[item.name] = own
        return 0

    @contextmanager
    def _translate_errors(self) -> Iterator[None]:
        """
        Say what goes wrong inside in words.

        :raises StateUnreachableError: when Redis cannot be reached.
        :raises StateError: when it refuses us, or holds what we did not write.
        """
        failure = None
        try:
            yield
        except (self._errors.RedisError, ValueError, KeyError) as error:
            failure = self._failure(error)
        if failure:  # outside of the handler: the library's error may hold the URL and its password
            raise failure

    def _failure(self, error: Exception) -> StateError:
        known = self._errors
        refused = isinstance(error, (known.AuthenticationError, known.AuthorizationError))
        passing = (known.ConnectionError, known.TimeoutError, known.ReadOnlyError, known.MasterDownError)
        away = isinstance(error, passing) and not refused  # the last two while another Redis takes over
        return (StateUnreachableError if away else StateError)(
            f"the shared store of token and call rate, {self._where}, cannot be used ({type(error).__name__}): "
            "start it, or correct the connection that redis_conn_id names"
        )


def _renew_lease(lease: Any, done: Event) -> None:  # noqa: ANN401  redis is an extra
    while not done.wait(LEASE_S / 3):
        with suppress(Exception):  # the next round tries again; without Redis, storing the token fails loudly
            lease.reacquire()
