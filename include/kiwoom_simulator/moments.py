"""What a moment of the clock means: the live session, how far it is, and what is settled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime

    from kiwoom_simulator.sessions import Sessions

_STEPS = 64  # live prices move in so many steps a day, so that pages can be kept
_DAY_BEGINS_S, _DAY_ENDS_S = 8 * 3600, 20 * 3600


@dataclass(frozen=True, slots=True)
class Moment:
    """The live session, which part of it is over (0 to 1), and the last session whose investors are known."""

    live: date
    done: float
    settled: date


def moment(sessions: Sessions, now: datetime, settled: date) -> Moment:
    """Return what ``now`` (KST) means, when investors are known up to ``settled``."""
    live = sessions.live(now)
    passed_s = now.hour * 3600 + now.minute * 60 + now.second - _DAY_BEGINS_S
    step = _STEPS * passed_s // (_DAY_ENDS_S - _DAY_BEGINS_S) if now.date() == live else _STEPS
    return Moment(live, min(_STEPS, step) / _STEPS, settled)
