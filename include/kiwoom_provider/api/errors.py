"""
What can go wrong when talking to Kiwoom, sorted by what the caller can do about it.

.. code-block:: text

    KiwoomError
    ├── AuthenticationError   key, secret or calling IP refused: final; a token that others replace is not
    ├── RateLimitedError      over the quota: wait; ``quota`` is what the answer permits a second
    ├── TransientError        network, maintenance, server fault: retry in seconds, then in minutes
    ├── RejectedError         our request is wrong, the same request will fail again: final
    │   └── UnsupportedError  this host does not serve it (8104), or has no data for it (code 20: not final)
    └── ProtocolError         the answer breaks the spec: ``response_page`` keeps it as it came
        └── GarbledError      it cannot be read at all, as when half of it was lost
"""

from __future__ import annotations

from kiwoom_provider.errors import KiwoomProviderError


class KiwoomError(KiwoomProviderError):
    """
    Base of the tree. ``str()`` says what happened, where, and what to do; it never holds a secret.

    :param message: the whole sentence.
    :param api_id: the TR, such as ``ka10066``.
    :param code: the vendor's bracketed code, such as ``8005``, or ``""``.
    :param page: 1-based number of the page that was asked for.
    :param http_status: of the answer, when there was one.
    """

    remedy = "read the message: it says what to do"

    def __init__(
        self,
        message: str,
        *,
        api_id: str = "",
        code: str = "",
        page: int | None = None,
        http_status: int | None = None,
    ) -> None:
        super().__init__(message)
        self.api_id = api_id
        self.code = code
        self.page = page
        self.http_status = http_status

    @property
    def message(self) -> str:
        """The sentence that ``str()`` gives."""
        return str(self.args[0])


class AuthenticationError(KiwoomError):
    """
    The key, the secret, the token or the calling IP is refused. ``renewable``: a new token may help.

    A renewable one is not final: whatever else uses the key may end, and so may a wrong clock.
    """

    is_final = True
    remedy = (
        "press Test on the connection, which says what is wrong; correct the keys, "
        "register the workers' address, or stop what else uses the key; clear the task"
    )
    renewable: bool = False


class RateLimitedError(KiwoomError):
    """The server counted too many calls. ``quota``: calls a second that its answer permits, if it says."""

    remedy = "it goes on by itself, more slowly; stop whatever else uses the key"

    quota: float | None = None


class TransientError(KiwoomError):
    """Network trouble, maintenance or a server fault: the same call may well succeed later."""

    remedy = "wait; see Kiwoom's notices, and the network of the workers"


class RejectedError(KiwoomError):
    """The request is wrong: the same request would be refused again."""

    is_final = True
    remedy = "if it began tonight the API has changed: compare with Kiwoom's notices, and tell the maintainers"


class UnsupportedError(RejectedError):
    """The host does not serve this request, or has nothing for it."""

    remedy = "use the live host; of ka10059 alone it is no error"


class ProtocolError(KiwoomError):
    """The answer breaks the spec. ``response_page`` (a ``Page``) is the answer as it came, to be kept as evidence."""

    remedy = (
        "it is tried again. The answer is kept beside the pages as refused-…: look at it, and at proxies in between"
    )

    response_page: object = None


class GarbledError(ProtocolError):
    """The answer is no JSON object at all: half of one, or another format."""

    remedy = "it is tried again; look at proxies in between"
