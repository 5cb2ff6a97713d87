"""Continuation keys: opaque to the client, bound to the request, remembered for a while."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zlib import crc32

from kiwoom_simulator.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiwoom_simulator.request import Request

WITH_TOKEN = "token"  # noqa: S105
_REMEMBERED = 20_000


@dataclass(frozen=True, slots=True)
class _Issued:
    at_s: float
    token: str


class Keys:
    """Makes keys and reads them back."""

    def __init__(self) -> None:
        self._issued: OrderedDict[str, _Issued] = OrderedDict()

    def maker(self, request: Request, token: str, now_s: float) -> Callable[[int], str]:
        """Return what makes the key to any page (1-based) of a request."""

        def key_of(page: int) -> str:
            key = _key(_scope(request), page)
            self._issued[key] = _Issued(now_s, token)
            self._issued.move_to_end(key)
            while len(self._issued) > _REMEMBERED:
                self._issued.popitem(last=False)
            return key

        return key_of

    def page(self, request: Request) -> int:
        """
        Return the page (1-based) that the paging headers ask for.

        :raises ApiError: 1517, when the key is not one of this request.
        """
        key = request.next_key
        if not request.continues:
            return 1
        page = int(key[:6]) if key[:6].isascii() and key[:6].isdecimal() else 0
        if page < 1 or key != _key(_scope(request), page):
            raise ApiError(1517, ", next-key")
        return page

    def is_refused(self, rule: str, request: Request, token: str, now_s: float) -> bool:
        """Tell whether a sent key falls under a rule: it is another token's (``token``), or older than that (s)."""
        issued = self._issued.get(request.next_key)
        if rule in ("", WITH_TOKEN):
            return issued is None or issued.token != token
        return issued is None or now_s - issued.at_s > float(rule)


def _scope(request: Request) -> str:
    """Return what a key is bound to: the path and the body, as sent."""
    return f"{request.path} {request.body.decode(errors='replace')}"


def _key(scope: str, page: int) -> str:
    name = f"{scope}/{page}"
    return f"{page:06d}{crc32(name.encode()):08x}{crc32(name[::-1].encode()):08x}"
