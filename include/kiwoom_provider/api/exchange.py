"""One attempt at one call: wait for the budget, send, read, judge."""

from __future__ import annotations

import json
import logging
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import requests
from urllib3.exceptions import HTTPError

import kiwoom_provider
from kiwoom_provider.api.errors import (
    KiwoomError,
    ProtocolError,
    RateLimitedError,
    RejectedError,
    TransientError,
)
from kiwoom_provider.api.page import Page
from kiwoom_provider.api.transport import (
    CONNECT_TIMEOUT_S,
    MAX_BODY_BYTES,
    BodyTooLargeError,
    Deadline,
    read_body,
)
from kiwoom_provider.api.verdict import judged

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kiwoom_provider.api.budget import Budget, Slot
    from kiwoom_provider.clock import Clock
    from kiwoom_provider.settings import Settings

log = logging.getLogger(__name__)

USER_AGENT = f"airflow-provider-kiwoom/{kiwoom_provider.__version__}"
_CONTENT_TYPE = "application/json;charset=UTF-8"
_OAUTH = "/oauth2/"
_UNSENDABLE = (
    requests.exceptions.InvalidHeader,
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    UnicodeError,
)


@dataclass(frozen=True, slots=True)
class Call:
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


class Exchange:
    """
    Makes single attempts.

    :param session: keeps connections alive; mounted with the adapter of :mod:`.transport`.
    :param settings: address, time limit, and the secrets that no error may hold.
    :param budget: permits calls.
    :param clock: stamps pages.
    """

    def __init__(self, session: requests.Session, settings: Settings, budget: Budget, clock: Clock) -> None:
        self._session = session
        self._base_url = settings.base_url
        self._timeout_s = settings.timeout_s
        self._secrets = (settings.app_key, settings.secret_key)
        self._budget = budget
        self._clock = clock
        self.calls = 0
        self.refused = 0

    def attempt(self, call: Call) -> Page:
        """
        Make one attempt.

        :raises KiwoomError: of the kind that the failure means. A refusal for too many calls has been
            counted and learned from by then.
        """
        slot = self._budget.acquire(call.api_id)
        self.calls += 1
        page = self._page(call, self._answer(call, slot))
        try:
            hidden = (*self._secrets, call.token, call.body.get("token", ""))
            return judged(page, is_secret=call.is_secret, secrets=hidden)
        except RateLimitedError as error:
            self.refused += 1
            kept = self._budget.refused(slot, error.quota)
            log.info("%s; from now on %g calls a second for everyone with this key", error, kept)
            raise

    def _answer(self, call: Call, slot: Slot) -> requests.Response:
        failure: KiwoomError
        with Deadline(self._timeout_s) as deadline:
            try:
                response = self._send(call, slot)
                response._content = read_body(response)  # noqa: SLF001  read here, bounded
            except (requests.RequestException, HTTPError, OSError, ValueError) as error:
                failure = self._failure(call, error, timed_out=deadline.passed)
            except BodyTooLargeError:
                failure = ProtocolError(_too_large(call), api_id=call.api_id, page=call.number)
            else:
                if not deadline.passed:
                    return response
                failure = self._failure(call, TimeoutError(), timed_out=True)
        raise failure  # outside of the handler: the library's error holds the request with its headers

    def _send(self, call: Call, slot: Slot) -> requests.Response:
        """Return the answer's head. The adapter is asked: a session would read a redirect's body whole."""
        url = self._base_url + call.path
        data = json.dumps(dict(call.body), ensure_ascii=False).encode()
        try:
            request = self._session.prepare_request(requests.Request("POST", url, data=data, headers=call.headers()))
            options: Any = self._session.merge_environment_settings(
                url, {}, stream=True, verify=self._session.verify, cert=None
            )
            timeout = (min(CONNECT_TIMEOUT_S, self._timeout_s), self._timeout_s)
            return self._session.get_adapter(url).send(request, timeout=timeout, **options)
        finally:
            self._budget.answered(slot)

    def _page(self, call: Call, response: requests.Response) -> Page:
        headers = {name.lower(): value for name, value in response.headers.items()}
        headers.pop("set-cookie", None)
        return Page(
            api_id=call.api_id,
            number=call.number,
            request={} if call.is_secret else dict(call.body),
            sent_next_key=call.next_key,
            status=response.status_code,
            cont_yn=headers.get("cont-yn", "").strip().upper() == "Y",
            next_key=headers.get("next-key", "").strip(" \t"),  # not bytes that Latin-1 takes for spaces
            body=response.content,
            fetched_at=self._clock.now(),
            headers=headers,
        )

    def _failure(self, call: Call, error: Exception, *, timed_out: bool) -> KiwoomError:
        where = f"{self._base_url}, {call.api_id} page {call.number}"
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
        failure = kind(f"{where}: {what}", api_id=call.api_id, page=call.number)
        failure.is_final = isinstance(error, _UNSENDABLE)  # a certificate may be renewed in time
        return failure


def _is_timeout(error: Exception) -> bool:
    return isinstance(error, requests.Timeout) or "timed out" in str(error)


def _reason(error: Exception) -> str:
    """Return the last part of the library's nested text: ``[Errno 111] Connection refused``."""
    return re.split(r":\s", str(error))[-1].strip("'\")> ")[:100] or type(error).__name__


def _too_large(call: Call) -> str:
    return (
        f"{call.api_id} page {call.number}: the answer is larger than {MAX_BODY_BYTES // 2**20} MiB, "
        "which no page of this API is. It was not read to its end: look at what stands behind the host"
    )
