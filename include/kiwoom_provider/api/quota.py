"""What a refusal teaches about the permitted rate, and how it is forgotten again."""

from __future__ import annotations

import math
from dataclasses import dataclass

LOWERED_BY = 0.8
LEAST_PER_SECOND = 0.1
DOUBLES_IN_S = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Quota:
    """
    The rate that refusals have taught.

    :param per_second: calls a second that were permitted when last refused.
    :param since_ms: when it became so; a call that was sent before says nothing about it.
    :param strikes: refusals since then.
    """

    per_second: float
    since_ms: int
    strikes: int = 0

    def now_per_second(self, now_ms: int) -> float:
        """
        Return the rate that may be used now: it doubles in a day without a refusal, from slow beginnings.

        Above 1 it is a whole number, since a server counts whole calls.
        """
        days = max(0, now_ms - self.since_ms) / 1000 / DOUBLES_IN_S
        return _whole(self.per_second * 2**days)


def effective(setting: float | None, learned: Quota | None, now_ms: int) -> float | None:
    """Return the calls a second to keep to: never above the setting. None is without limit."""
    if learned is None:
        return setting
    taught = learned.now_per_second(now_ms)
    return taught if setting is None else min(setting, taught)


def after_refusal(
    setting: float | None, learned: Quota | None, named: float | None, sent_ms: int, now_ms: int
) -> Quota | None:
    """
    Return what to keep to after a refusal; None when it says nothing new.

    A quota that the answer names, and that is below the present rate, holds at once. The first refusal
    at a quota that was kept may be chance (another program, a late packet) and is only counted; each
    further one lowers the rate. A refusal without a figure lowers it at once.

    :param named: calls a second by the answer (유량), if it says so.
    :param sent_ms: when the refused call was sent.
    """
    present = effective(setting, learned, now_ms)
    named = None if named is None else max(named, LEAST_PER_SECOND)  # "0.001" is no quota but a mistake
    if named is not None and (present is None or named < present):
        return Quota(named, now_ms)
    if learned is not None and sent_ms <= learned.since_ms:
        return None
    if named is not None and (learned is None or learned.strikes == 0):
        return Quota(named if present is None else present, now_ms, strikes=1)
    start = present or named or 1.0
    return Quota(max(LEAST_PER_SECOND, _whole(start * LOWERED_BY)), now_ms, strikes=1)


def _whole(per_second: float) -> float:
    return float(math.floor(per_second)) if per_second >= 1 else per_second
