"""
Which kind of failure an answer is: by its bracketed code, then ``return_code``, then the HTTP status.

``return_code`` alone is too coarse: 5 is both "too many calls" (wait) and "batch too large" (never).
Codes and statuses are from Kiwoom's published list and from measurements on real accounts
(2026-07 to 2026-10).
"""

from __future__ import annotations

import re
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

SUCCESS = 0
HTTP_OK = 200

_BRACKETED = re.compile(r"\[(\d{4})\s*[:\]]")
_QUOTA = re.compile(r"유량\s*=\s*([0-9]{1,6}(?:\.[0-9]{1,3})?)(?![0-9.])")


class FailureKind(Enum):
    """What the caller can do about a failure."""

    RENEW = "the token is not valid (any more): a new one may help"
    AUTHENTICATION = "key, secret or calling IP is refused"
    RATE_LIMITED = "too many calls"
    TRANSIENT = "may succeed later"
    REJECTED = "the request is wrong"
    UNSUPPORTED = "not served here, or no data"


_CODES_BY_KIND = {
    FailureKind.RENEW: "8003 8005 8010 8103",
    FailureKind.AUTHENTICATION: "8001 8002 8020 8030 8031 8040 8050 8200",
    FailureKind.RATE_LIMITED: "1687 1700 1701 1702",
    FailureKind.TRANSIENT: "1999 8006 8009",
    FailureKind.REJECTED: ("1501 1504 1505 1511 1512 1513 1514 1515 1516 1517 1634 1901 1902 1903 8011 8012 8015 8016"),
    FailureKind.UNSUPPORTED: "8104",
}
KIND_BY_CODE: Mapping[str, FailureKind] = MappingProxyType(
    {code: kind for kind, codes in _CODES_BY_KIND.items() for code in codes.split()}
)
KIND_BY_RETURN_CODE: Mapping[int, FailureKind] = MappingProxyType(
    {
        1: FailureKind.REJECTED,
        2: FailureKind.REJECTED,
        3: FailureKind.RENEW,
        5: FailureKind.RATE_LIMITED,
        7: FailureKind.TRANSIENT,
        20: FailureKind.UNSUPPORTED,
    }
)
KIND_BY_STATUS: Mapping[int, FailureKind] = MappingProxyType({401: FailureKind.RENEW, 429: FailureKind.RATE_LIMITED})
"""Every other status that comes without a code of Kiwoom's is a gateway's or a notice's word, and passes."""

_IP = "register this machine's outgoing IP address with Kiwoom (REST API › IP registration) and try again"
_KEY = "check the app key (login) and the secret key (password) of the connection"
_HOST = "key and host do not match: keys of api.kiwoom.com and mockapi.kiwoom.com are not interchangeable"
REMEDIES: Mapping[str, str] = MappingProxyType(
    {
        "8001": _KEY,
        "8002": _KEY,
        "8020": _KEY,
        "8005": "another program that uses the same app key may be replacing the token: stop it",
        "8010": f"the calling IP is not the one the token was issued to: {_IP}",
        "8030": _HOST,
        "8031": _HOST,
        "8040": _IP,
        "8050": _IP,
        "8103": f"token or terminal was refused: {_IP}",
        "8104": "the mock host does not serve this: use api.kiwoom.com",
        "8200": "corporate accounts cannot use this API",
        "1634": "the batch is too large: ask for less at once",
    }
)
REMEDY_BY_KIND: Mapping[FailureKind, str] = MappingProxyType(
    {
        FailureKind.RENEW: "a new token was refused as well: check the key, and that no other program uses it",
        FailureKind.AUTHENTICATION: _KEY,
        FailureKind.RATE_LIMITED: "lower requests_per_second in the connection, or stop other users of this key",
        FailureKind.TRANSIENT: "try again in some minutes; Kiwoom may be under maintenance",
        FailureKind.REJECTED: "correct the request: it would be refused again",
        FailureKind.UNSUPPORTED: "ask another host, or for something it has",
    }
)


def bracketed_code(return_msg: str) -> str:
    """Return the documented code in the message, ``1700`` from ``…[1700:…]``, or ``""``."""
    found = _BRACKETED.search(return_msg)
    return found[1] if found else ""


def named_quota(return_msg: str) -> float | None:
    """Return the calls a second that an over-limit message permits (``유량=1``), if it says so."""
    found = _QUOTA.search(return_msg)
    quota = float(found[1]) if found else 0.0
    return quota or None


def classify(code: str, return_code: int | None, http_status: int) -> FailureKind | None:
    """
    Say what kind of failure an answer is; None for success.

    :param code: the bracketed code, or ``""``.
    :param return_code: None when the body has none.
    :param http_status: of the answer.
    """
    if return_code == SUCCESS and http_status == HTTP_OK:
        return None
    if return_code == SUCCESS:
        return _by_status(http_status)
    by_return_code = KIND_BY_RETURN_CODE.get(return_code) if return_code is not None else None
    return KIND_BY_CODE.get(code) or by_return_code or _by_status(http_status)


def _by_status(http_status: int) -> FailureKind:
    return KIND_BY_STATUS.get(http_status, FailureKind.TRANSIENT)


def remedy(code: str, kind: FailureKind) -> str:
    """Say in words what a person can do."""
    return REMEDIES.get(code) or REMEDY_BY_KIND[kind]
