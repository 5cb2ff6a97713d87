"""From a client to the report."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import kiwoom_provider
from kiwoom_provider.ask import flows, paging, wire, witnesses
from kiwoom_provider.ask.assumption import ASSUMPTIONS
from kiwoom_provider.ask.moment import Moment
from kiwoom_provider.ask.questions import Questions
from kiwoom_provider.ask.report import AskReport

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiwoom_provider.api.client import KiwoomClient
    from kiwoom_provider.clock import Clock
    from kiwoom_provider.settings import Settings

__all__ = ["ask", "at_one_a_second", "flows", "paging", "wire", "witnesses"]


def at_one_a_second(settings: Settings) -> Settings:
    """Return the settings at one call a second, or less where they say so; a simulator may be asked without limit."""
    rate = settings.requests_per_second
    return settings if rate is None else replace(settings, requests_per_second=min(1.0, rate))


def ask(
    client: KiwoomClient,
    settings: Settings,
    clock: Clock,
    *,
    reissue: bool = False,
    sleep: Callable[[float], None] = time.sleep,
) -> AskReport:
    """
    Ask everything, and say of each assumption how it stands.

    :param client: at one call a second.
    :param reissue: also whether a second token ends the first.
    :raises AskError: when the API does not answer.
    :raises AuthenticationError: when key or calling address are refused.
    :raises KiwoomError: when no token can be had.
    """
    moment = Moment.at(clock.now())
    questions = Questions(client, settings.kind, moment, clock.now, sleep)
    answers = questions.ask_all(reissue=reissue)
    return AskReport(
        host=settings.base_url,
        asked_at=clock.now(),
        moment=moment.describe(),
        calls=client.calls,
        refused=client.refused,
        package_version=kiwoom_provider.__version__,
        findings=tuple(one.find(answers) for one in ASSUMPTIONS.values()),
    )
