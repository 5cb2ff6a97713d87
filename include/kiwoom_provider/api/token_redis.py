"""
The token's place where workers sit on several hosts.

Who renews holds a lease in Redis and keeps it alive while it lives, so one that is killed holds up the others
for no longer than the lease.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import timedelta

    from kiwoom_provider.api.redis_store import RedisStore

LEASE_S = 10.0
_POLL_S = 0.05


class TokenInRedis:
    """
    One value in Redis, dropped by Redis when the token has ended.

    :param store: the shared Redis.
    :param name: of the token, telling neither key nor secret.
    """

    def __init__(self, store: RedisStore, name: str) -> None:
        self._store = store
        self._key = f"kiwoom:{name}"
        self.where = f"key {self._key} in {store.where}"

    def read(self) -> bytes | None:
        """Return what is stored, None when there is nothing."""
        with self._store.told():
            content: str | None = self._store.redis.get(self._key)
        return None if content is None else content.encode()

    def write(self, content: bytes, lasts: timedelta) -> None:
        """Store, for so long."""
        with self._store.told():
            self._store.redis.set(self._key, content, px=max(1, int(lasts.total_seconds() * 1000)))

    def remove(self) -> None:
        """Delete what is stored."""
        with self._store.told():
            self._store.redis.delete(self._key)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the right to renew, alone among all hosts."""
        with self._store.told():
            lease = self._store.redis.lock(f"{self._key}:lock", timeout=LEASE_S, sleep=_POLL_S, thread_local=False)
            lease.acquire()
        done = Event()
        keeper = Thread(target=_keep, args=(lease, done), daemon=True)
        keeper.start()
        try:
            yield
        finally:
            done.set()
            keeper.join()
            with suppress(Exception):  # Redis is away: the lease ends by itself
                lease.release()


def _keep(lease: Any, done: Event) -> None:  # noqa: ANN401  redis is an extra
    while not done.wait(LEASE_S / 3):
        with suppress(Exception):  # the next turn tries again; without Redis, storing the token fails loudly
            lease.reacquire()
