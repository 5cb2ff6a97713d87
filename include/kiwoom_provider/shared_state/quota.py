"""What refusals teach about the permitted rate, what answers teach about the way, and how it is kept as text."""

from __future__ import annotations

import json
import logging
import math
from dataclasses import asdict, dataclass
from typing import Any, Self

log = logging.getLogger(__name__)

LOWERED_BY = 0.8
LEAST_PER_SECOND = 0.1
MOST_PER_SECOND = 1000.0
DOUBLES_IN_S = 24 * 3600.0
AHEAD_MS = 3_600_000  # a quota learned so far in the future was planted
UNDER_WAY_MS = 1000  # no call needs longer than this to reach the server
TRUSTED_AFTER = 8  # answers; the first ones include connecting, and any of them may have been delayed
FORGETS_MS = 0.02  # a call, so that a way which has become longer is taken for granted in time


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

    @classmethod
    def from_text(cls, text: bytes | str | None, now_ms: int) -> Self | None:
        """Read :meth:`to_text` back, within bounds whatever someone wrote there; None when nothing usable is kept."""
        kept = _record(text, "per_second", "since_ms", "strikes")
        if kept is None or kept["since_ms"] > now_ms + AHEAD_MS:
            return None
        per_second = min(MOST_PER_SECOND, max(LEAST_PER_SECOND, float(kept["per_second"])))
        return cls(per_second, int(kept["since_ms"]), int(kept["strikes"]))

    def to_text(self) -> bytes:
        """Return the stored form."""
        return json.dumps(asdict(self)).encode()

    def now_per_second(self, now_ms: int) -> float:
        """
        Return the rate that may be used now: it doubles in a day without a refusal, from slow beginnings.

        Above 1 it is a whole number, since a server counts whole calls.
        """
        days = max(0, now_ms - self.since_ms) / 1000 / DOUBLES_IN_S
        return _whole(min(MOST_PER_SECOND, self.per_second * 2 ** min(days, 64)))


@dataclass(frozen=True, slots=True)
class Latency:
    """
    What the way to the server and back takes at the least, learned from answers.

    :param quickest_ms: from sending to the answer's head.
    :param answers: how many it was learned from.
    """

    quickest_ms: float = 0.0
    answers: int = 0

    @classmethod
    def from_text(cls, text: bytes | str | None) -> Self:
        """Read :meth:`to_text` back, within bounds; nothing is known when nothing usable is kept."""
        kept = _record(text, "quickest_ms", "answers")
        if kept is None:
            return cls()
        return cls(min(float(UNDER_WAY_MS), float(kept["quickest_ms"])), int(kept["answers"]))

    def to_text(self) -> bytes:
        """Return the stored form."""
        return json.dumps(asdict(self)).encode()

    def excess_ms(self, answered_in_ms: float) -> float:
        """Return how much of that time may have been spent on the way there, beyond the usual."""
        usual_ms = self.quickest_ms if self.answers >= TRUSTED_AFTER else 0.0
        return max(0.0, answered_in_ms - usual_ms)

    def after(self, answered_in_ms: float) -> Latency:
        """Return what is known after one more answer."""
        if not self.answers:
            return Latency(answered_in_ms, 1)
        return Latency(min(self.quickest_ms + FORGETS_MS, answered_in_ms), self.answers + 1)


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


def _record(text: bytes | str | None, *names: str) -> dict[str, Any] | None:
    """Read a stored object of finite numbers from zero on; None when there is none, or it is anything else."""
    if not text:
        return None
    try:
        kept = json.loads(text)
        if all(isinstance(kept[name], int | float) and 0 <= kept[name] < math.inf for name in names):
            return dict(kept)
    except (ValueError, TypeError, KeyError, RecursionError):
        pass
    log.warning("What is kept of the permitted rate cannot be read and is not used: %.60r", text)
    return None


def _whole(per_second: float) -> float:
    return float(math.floor(per_second)) if per_second >= 1 else per_second
