"""
One HTTP call, bounded in time and size.

``requests`` bounds each wait on the socket, not the whole: a server that drips a byte now and then
would hold the call for ever. Here a timer shuts the connection when the whole takes too long.
"""

from __future__ import annotations

import socket
from contextlib import suppress
from contextvars import ContextVar
from threading import Timer
from typing import TYPE_CHECKING, Any, Self

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

from kiwoom_provider.address import is_loopback
from kiwoom_provider.errors import KiwoomProviderError

if TYPE_CHECKING:
    from urllib3 import HTTPResponse

    from kiwoom_provider.settings import Settings

MAX_BODY_BYTES = 8 * 2**20
CONNECT_TIMEOUT_S = 5.0
_CHUNK_BYTES = 2**16


class BodyTooLargeError(KiwoomProviderError):
    """The answer, decompressed, is larger than any page of this API can be."""

    remedy = "look at what stands behind the host, and at proxies"


class Deadline:
    """Shuts the connection that is used inside it once ``seconds`` have passed; ``passed`` tells."""

    def __init__(self, seconds: float) -> None:
        self.passed = False
        self._connection: HTTPConnection | None = None
        self._timer = Timer(seconds, self._shut)
        self._timer.daemon = True

    def watch(self, connection: HTTPConnection) -> None:
        """Name the connection to shut."""
        self._connection = connection

    def __enter__(self) -> Self:
        self._token = _deadline.set(self)
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        _deadline.reset(self._token)

    def _shut(self) -> None:
        self.passed = True
        sock = getattr(self._connection, "sock", None)
        if sock is not None:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)


_deadline: ContextVar[Deadline | None] = ContextVar("deadline", default=None)


def _watch(connection: HTTPConnection) -> None:
    """Tell the present deadline which connection waits for an answer."""
    if (deadline := _deadline.get()) is not None:
        deadline.watch(connection)


class _HTTPConnection(HTTPConnection):
    def getresponse(self) -> HTTPResponse:  # type: ignore[override]
        _watch(self)
        return super().getresponse()


class _HTTPSConnection(HTTPSConnection):
    def getresponse(self) -> HTTPResponse:  # type: ignore[override]
        _watch(self)
        return super().getresponse()


class _Pool(HTTPConnectionPool):
    ConnectionCls = _HTTPConnection


class _TLSPool(HTTPSConnectionPool):
    ConnectionCls = _HTTPSConnection


class DeadlineAdapter(HTTPAdapter):
    """An adapter whose connections obey :class:`Deadline`. It keeps connections alive and never retries."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pools."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TLSPool}


def make_session(settings: Settings, adapter: DeadlineAdapter) -> requests.Session:
    """Return a session that keeps connections alive, verifies TLS and sends no credentials of its own."""
    session = requests.Session()
    session.auth = lambda request: request  # else requests takes what a .netrc holds in place of the token
    session.verify = settings.verify
    session.trust_env = not is_loopback(settings.base_url)  # no proxy to this machine
    for scheme in ("http://", "https://"):
        session.mount(scheme, adapter)
    return session


def read_body(response: requests.Response) -> bytes:
    """
    Read the decompressed body piece by piece.

    :raises BodyTooLargeError: as soon as it grows beyond :data:`MAX_BODY_BYTES`.
    """
    body = bytearray()
    try:
        for piece in response.iter_content(_CHUNK_BYTES):
            body += piece
            if len(body) > MAX_BODY_BYTES:
                break
        else:
            return bytes(body)
    except BaseException:
        response.close()  # what is left of it must not be taken for a later call's answer
        raise
    response.close()
    raise BodyTooLargeError
