"""What the Test button of the connection form does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiwoom_provider.api import ka10059
from kiwoom_provider.api.errors import UnsupportedError
from kiwoom_provider.api.page import MOST_SKEW
from kiwoom_provider.parameters import Measure, Side
from kiwoom_provider.settings import HostKind

if TYPE_CHECKING:
    from datetime import date

    from kiwoom_provider.api.client import KiwoomClient
    from kiwoom_provider.api.page import Page
    from kiwoom_provider.settings import Settings

_STOCK = "005930"  # Samsung Electronics, listed as long as this API has existed
_WHAT = {
    HostKind.LIVE: "the LIVE host",
    HostKind.MOCK: "the MOCK host (KRX only)",
    HostKind.SIMULATOR: "neither Kiwoom's live nor its mock host: a simulator",
}


def try_connection(client: KiwoomClient, settings: Settings, today: date) -> tuple[bool, str]:
    """
    Get a token, make one real call with it, and compare the clocks.

    :returns: whether all is well, and what was found, in words.
    :raises KiwoomProviderError: saying what stands in the way.
    """
    where = f"{settings.base_url}, {_WHAT[settings.kind]}"
    client.tokens.current()
    page = _ask(client, today)
    skew = page.clock_skew if page else None
    if skew and abs(skew) > MOST_SKEW and settings.kind is not HostKind.SIMULATOR:
        seconds = round(skew.total_seconds())
        return False, (
            f"This machine's clock is {seconds:+d} s off {where}: sessions and tokens are judged by it. "
            "Set it right (NTP)"
        )
    return True, f"Token issued and used on {where}"


def _ask(client: KiwoomClient, today: date) -> Page | None:
    """Make the smallest real call: a token alone does not show that this machine's IP may call."""
    body = ka10059.request_body(today, _STOCK, Measure.AMOUNT, Side.NET)
    try:
        return client.call(ka10059.API_ID, ka10059.PATH, body)
    except UnsupportedError:  # the mock host may not serve it; it let us in all the same
        return None
