"""What the Test button of the connection form does."""

from __future__ import annotations

from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from kiwoom_provider.api import ka10059
from kiwoom_provider.api.errors import UnsupportedError
from kiwoom_provider.errors import KiwoomProviderError
from kiwoom_provider.parameters import Measure, Side
from kiwoom_provider.settings import HostKind

if TYPE_CHECKING:
    from kiwoom_provider.api.page import Page
    from kiwoom_provider.hooks.kiwoom import KiwoomHook

MOST_SKEW = timedelta(minutes=2)
_STOCK = "005930"  # Samsung Electronics, listed as long as this API has existed
_WHAT = {
    HostKind.LIVE: "the LIVE host",
    HostKind.MOCK: "the MOCK host (KRX only)",
    HostKind.SIMULATOR: "neither Kiwoom's live nor its mock host: a simulator",
}


def test_connection(hook: KiwoomHook) -> tuple[bool, str]:
    """
    Get a token, make one real call with it, and compare the clocks.

    :returns: whether all is well, and what was found, in words.
    """
    try:
        where = f"{hook.settings.base_url}, {_WHAT[hook.kind]}"
        hook.ensure_token()
        page = _ask(hook)
    except KiwoomProviderError as error:
        return False, str(error)
    finally:
        hook.close()
    skew = _skew(page) if page else None
    if skew and abs(skew) > MOST_SKEW and hook.kind is not HostKind.SIMULATOR:
        seconds = round(skew.total_seconds())
        return False, (
            f"This machine's clock is {seconds:+d} s off {where}: sessions and tokens are judged by it. "
            "Set it right (NTP)"
        )
    return True, f"Token issued and used on {where}"


def _ask(hook: KiwoomHook) -> Page | None:
    """Make the smallest real call: a token alone does not show that this machine's IP may call."""
    today = hook.clock.now().date()
    body = ka10059.request_body(today, _STOCK, Measure.AMOUNT, Side.NET)
    try:
        return hook.call(ka10059.API_ID, ka10059.PATH, body)
    except UnsupportedError:  # the mock host may not serve it; it let us in all the same
        return None


def _skew(page: Page) -> timedelta | None:
    """Return how far this machine's clock is ahead of the server's, by its Date header."""
    try:
        server = parsedate_to_datetime(page.headers["date"])
    except (KeyError, ValueError):
        return None
    return page.fetched_at - server if server.tzinfo else None
