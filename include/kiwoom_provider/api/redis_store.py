"""The Redis that several hosts share: the token and the rate budget lie there, each under its own keys."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from kiwoom_provider.api.errors import KiwoomError, StateError, TransientError

if TYPE_CHECKING:
    from collections.abc import Iterator

_CONNECT_TIMEOUT_S = 5


class RedisStore:
    """
    One connection pool, and errors that name the place without its password.

    :param url: ``redis://…``, ``rediss://…`` or ``unix://…``.
    :raises StateError: when the redis package is not installed, or the URL is none.
    """

    def __init__(self, url: str) -> None:
        try:
            import redis
        except ImportError:
            raise StateError(
                "budget_url is set, but the redis package is not there: install airflow-provider-kiwoom[redis]"
            ) from None
        self._errors: Any = redis.exceptions
        self.no_script: type[Exception] = redis.exceptions.NoScriptError
        try:
            self.where = f"Redis at {urlsplit(url).hostname or 'the socket'}"
            self.redis: Any = redis.Redis.from_url(
                url,
                decode_responses=True,
                socket_connect_timeout=_CONNECT_TIMEOUT_S,
                socket_timeout=_CONNECT_TIMEOUT_S,
            )
        except ValueError:
            raise StateError("budget_url is no address of a Redis: give redis://host:6379/0") from None

    @contextmanager
    def told(self) -> Iterator[None]:
        """
        Tell what goes wrong inside in words.

        :raises TransientError: when Redis cannot be reached: it may be back in seconds, or in minutes.
        :raises StateError: when it refuses us, or holds what we did not write.
        """
        failure = None
        try:
            yield
        except (self._errors.RedisError, ValueError, KeyError) as error:
            failure = self._failure(error)
        if failure:  # outside of the handler: the library's error may hold the URL and its password
            raise failure

    def close(self) -> None:
        """Close the connections."""
        self.redis.close()

    def _failure(self, error: Exception) -> KiwoomError:
        known = self._errors
        refused = isinstance(error, (known.AuthenticationError, known.AuthorizationError))
        passing = (known.ConnectionError, known.TimeoutError, known.ReadOnlyError, known.MasterDownError)
        away = isinstance(error, passing) and not refused  # the last two while another Redis takes over
        return (TransientError if away else StateError)(
            f"the shared store of token and call budget, {self.where}, cannot be used ({type(error).__name__}): "
            "start it, or correct budget_url in the connection's extra"
        )
