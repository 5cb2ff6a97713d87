"""
The ledger of several hosts: pyrate-limiter's bucket in Redis, by Redis's clock.

On each host the waiting processes still take turns, so that only one of them asks Redis.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyrate_limiter import Rate, RateItem, RedisBucket
from pyrate_limiter.buckets.redis_bucket import LuaScript

from kiwoom_provider.api.latency import Latency
from kiwoom_provider.api.quota import Quota
from kiwoom_provider.api.turns import FileTurn, file_turn

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path

    from kiwoom_provider.api.redis_store import RedisStore

_IDLE_MS = 60_000  # a log that nobody has written to for so long is dropped by Redis


class RedisLedger:
    """
    Shared by the processes of several hosts.

    :param store: the shared Redis.
    :param directory: the host's own state directory, for the turns.
    :param account_id: names app key and host without telling them.
    """

    def __init__(self, store: RedisStore, directory: Path, account_id: str) -> None:
        self._store = store
        self._redis = store.redis
        self._stem = directory / f"budget-{account_id}"
        self._prefix = f"kiwoom:{account_id}"
        self._buckets: dict[str, RedisBucket] = {}

    def now_ms(self) -> int:
        """Return Redis's clock, the one that all hosts share."""
        with self._store.told():
            seconds, micros = self._redis.time()
        return int(seconds) * 1000 + int(micros) // 1000

    def turn(self, api_id: str) -> AbstractContextManager[FileTurn]:
        """Wait for this host's right to look for a slot."""
        return file_turn(self._stem, api_id)

    def take(self, api_id: str, name: str, at_ms: int, limit: int, interval_ms: int) -> int:
        """Log a call if there is room; else return the wait in ms."""
        with self._store.told():
            bucket = self._bucket(api_id)
            bucket.rates = [Rate(limit, interval_ms)]
            item = RateItem(name, at_ms)
            if self._put(bucket, item):
                return self._confirm(bucket.bucket_key, name, at_ms - interval_ms, limit)
            wait_ms: Any = bucket.waiting(item)
            return max(1, int(wait_ms))

    def put_down(self, api_id: str, name: str, at_ms: int) -> None:
        """Move a logged call. The bucket adds its own ending to the name."""
        with self._store.told():
            key = self._bucket(api_id).bucket_key
            if members := self._members(key, name):  # none once its second is long over
                self._redis.zadd(key, dict.fromkeys(members, at_ms), xx=True)

    def quota(self, api_id: str) -> Quota | None:
        """Return what refusals have taught."""
        with self._store.told():
            kept = self._redis.hgetall(f"{self._prefix}:quota:{api_id}")
            if kept:
                return Quota(float(kept["per_second"]), int(kept["since_ms"]), int(kept["strikes"]))
        return None

    def set_quota(self, api_id: str, quota: Quota) -> None:
        """Keep what a refusal has taught."""
        fields = {"per_second": quota.per_second, "since_ms": quota.since_ms, "strikes": quota.strikes}
        with self._store.told():
            self._redis.hset(f"{self._prefix}:quota:{api_id}", mapping=fields)

    def latency(self) -> Latency:
        """Return the quickest answer known."""
        with self._store.told():
            kept = self._redis.hgetall(f"{self._prefix}:latency")
            if kept:
                return Latency(float(kept["quickest_ms"]), int(kept["answers"]))
        return Latency()

    def set_latency(self, latency: Latency) -> None:
        """Keep the quickest answer known."""
        fields = {"quickest_ms": latency.quickest_ms, "answers": latency.answers}
        with self._store.told():
            self._redis.hset(f"{self._prefix}:latency", mapping=fields)

    def close(self) -> None:
        """Close the connection."""
        self._store.close()

    def _bucket(self, api_id: str) -> RedisBucket:
        if api_id not in self._buckets:
            made: Any = RedisBucket.init([Rate(1, 1)], self._redis, f"{self._prefix}:calls:{api_id}")
            self._buckets[api_id] = made
        return self._buckets[api_id]

    def _put(self, bucket: RedisBucket, item: RateItem) -> bool:
        """Log a call if there is room. A Redis started anew has forgotten the script, whatever else it kept."""
        try:
            return bool(bucket.put(item))
        except self._store.no_script:
            self._redis.script_load(LuaScript.PUT_ITEM)
            return bool(bucket.put(item))

    def _confirm(self, key: str, name: str, since_ms: int, limit: int) -> int:
        """
        Return 0, or step back: another host with a later instant may have come first.

        The bucket counts what was logged up to the caller's own instant only.
        """
        if self._redis.zcount(key, since_ms, "+inf") > limit:
            self._redis.zrem(key, *self._members(key, name))
            return 1
        self._redis.zremrangebyscore(key, 0, since_ms - 1)
        self._redis.pexpire(key, _IDLE_MS)
        return 0

    def _members(self, key: str, name: str) -> list[str]:
        return [member for member in self._redis.zrange(key, 0, -1) if member.startswith(f"{name}:")]
