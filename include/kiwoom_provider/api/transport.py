"""One attempt at one call: wait for a permit, send, read, classify."""

from __future__ import annotations

import json
import logging
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import requests
from urllib3.exceptions import HTTPError

import kiwoom_provider
from kiwoom_provider.api.classification import raise_for_error
from kiwoom_provider.api.errors import (
    KiwoomError,
    ProtocolError,
    RateLimitedError,
    RejectedError,
    TransientError,
)
from kiwoom_provider.api.http import (
    CONNECT_TIMEOUT_S,
    MAX_BODY_BYTES,
    BodyTooLargeError,
    Deadline,
    read_body,
)
from kiwoom_provider.api.page import Page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kiwoom_provider.clock import Clock
    from kiwoom_provider.settings import Settings
    from kiwoom_provider.shared_state.rate_limiter import Permit, RateLimiter

log = logging.getLogger(__name__)

USER_AGENT = f"airflow-provider-kiwoom/{kiwoom_provider.__version__}"
_CONTENT_TYPE = "application/json;charset=UTF-8"
PAGING_HEADERS = ("api-id", "cont-yn", "next-key")
KEPT_HEADERS = (*PAGING_HEADERS, "content-type", "date")
LONGEST_HEADER = 5000
_OAUTH = "/oauth2/"
_UNSENDABLE = (
    requests.exceptions.InvalidHeader,
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    UnicodeError,
)


@dataclass(frozen=True, slots=True)
class Request:
    """
    What to ask for.

    :param token: goes into the ``authorization`` header; ``""`` for the token endpoint itself.
    """

    api_id: str
    path: str
    body: Mapping[str, str] = field(repr=False)
    next_key: str = ""
    number: int = 1
    token: str = field(default="", repr=False)

    @property
    def is_secret(self) -> bool:
        """Request and answer hold key, secret or token, so neither may be kept."""
        return self.path.startswith(_OAUTH)

    def headers(self) -> dict[str, str]:
        """Return the API's request headers; paging headers are left out on the first page."""
        headers = {"api-id": self.api_id, "Content-Type": _CONTENT_TYPE, "User-Agent": USER_AGENT}
        if self.token:
            headers["authorization"] = f"Bearer {self.token}"
        if self.next_key:
            headers |= {"cont-yn": "Y", "next-key": self.next_key}
        return headers


class Transport:
    """
    Makes single attempts.

    :param session: keeps connections alive; mounted with the adapter of :mod:`.http`.
    :param settings: address, time limit, and the secrets that no error may hold.
    :param limiter: permits calls.
    :param clock: stamps pages.
    """

    def __init__(self, session: requests.Session, settings: Settings, limiter: RateLimiter, clock: Clock) -> None:
        self._session = session
        self._base_url = settings.base_url
        self._timeout_s = settings.timeout_s
        self._secrets = (settings.app_key, settings.secret_key)
        self._limiter = limiter
        self._clock = clock
        self.calls = 0
        self.refused = 0
        self.refusal = ""
        self.header_names: set[str] = set()

    def send(self, request: Request) -> Page:
        """
        Make one attempt.

        :raises KiwoomError: of the kind that the failure means. A refusal for too many calls has been
            counted and learned from by then.
        """
        permit = self._limiter.acquire(request.api_id)
        self.calls += 1
        page = self._response(request, permit)
        try:
            hidden = (*self._secrets, request.token, request.body.get("token", ""))
            raise_for_error(page, is_secret=request.is_secret, secrets=hidden)
        except RateLimitedError as error:
            self.refused += 1
            self.refusal = error.message
            kept = self._limiter.record_refusal(permit, error.quota)
            log.info("%s; from now on %g calls a second for everyone with this key", error, kept)
            raise
        return page

    def _response(self, request: Request, permit: Permit) -> Page:
        failure: KiwoomError
        with Deadline(self._timeout_s) as deadline:
            try:
                response = self._post(request, permit)
                body = read_body(response)
            except (requests.RequestException, HTTPError, OSError, ValueError) as error:
                failure = self._failure(request, error, timed_out=deadline.passed)
            except BodyTooLargeError:
                failure = ProtocolError(_too_large(request), api_id=request.api_id, page=request.number)
            else:
                if not deadline.passed:
                    return self._page(request, response, body)
                failure = self._failure(request, TimeoutError(), timed_out=True)
        raise failure  # outside of the handler: the library's error holds the request with its headers

    def _post(self, request: Request, permit: Permit) -> requests.Response:
        """Return the answer's head. The adapter is asked: a session would read a redirect's body whole."""
        url = self._base_url + request.path
        data = json.dumps(dict(request.body), ensure_ascii=False).encode()
        try:
            prepared = self._session.prepare_request(
                requests.Request("POST", url, data=data, headers=request.headers())
            )
            options: Any = self._session.merge_environment_settings(
                url, {}, stream=True, verify=self._session.verify, cert=None
            )
            timeout = (min(CONNECT_TIMEOUT_S, self._timeout_s), self._timeout_s)
            return self._session.get_adapter(url).send(prepared, timeout=timeout, **options)
        finally:
            self._limiter.record_answer(permit)

    def _page(self, request: Request, response: requests.Response, body: bytes) -> Page:
        given = {name.lower(): value for name, value in response.headers.items()}
        self.header_names |= {name for name in response.headers if name.lower() in PAGING_HEADERS}
        headers = {name: given[name][:LONGEST_HEADER] for name in KEPT_HEADERS if name in given}
        return Page(
            api_id=request.api_id,
            number=request.number,
            request={} if request.is_secret else dict(request.body),
            sent_next_key=request.next_key,
            status=response.status_code,
            cont_yn=headers.get("cont-yn", "").strip().upper() == "Y",
            next_key=headers.get("next-key", "").strip(" \t"),  # not bytes that Latin-1 takes for spaces
            body=body,
            fetched_at=self._clock.now(),
            headers=headers,
        )

    def _failure(self, request: Request, error: Exception, *, timed_out: bool) -> KiwoomError:
        where = f"{self._base_url}, {request.api_id} page {request.number}"
        kind: type[KiwoomError] = TransientError
        if isinstance(error, _UNSENDABLE):
            kind, what = RejectedError, "cannot be sent: a header or the address holds characters it may not"
        elif "CERTIFICATE_VERIFY_FAILED" in str(error):
            kind = RejectedError
            what = 'the server\'s TLS certificate is not trusted: name its CA bundle as "verify" in the extra'
        elif timed_out or _is_timeout(error):
            what = f"no whole answer within {self._timeout_s:g} s (timeout_s of the connection): try again later"
        else:
            what = f"no answer: {_reason(error)}. Check host, port and network, then try again"
        failure = kind(f"{where}: {what}", api_id=request.api_id, page=request.number)
        failure.is_final = isinstance(error, _UNSENDABLE)  # a certificate may be renewed in time
        return failure


def _is_timeout(error: Exception) -> bool:
    return isinstance(error, requests.Timeout) or "timed out" in str(error)


def _reason(error: Exception) -> str:
    """Return the last part of the library's nested text: ``[Errno 111] Connection refused``."""
    return re.split(r":\s", str(error))[-1].strip("'\")> ")[:100] or type(error).__name__


def _too_large(request: Request) -> str:
    return (
        f"{request.api_id} page {request.number}: the answer is larger than {MAX_BODY_BYTES // 2**20} MiB, "
        "which no page of this API is. It was not read to its end: look at what stands behind the host"
    )
