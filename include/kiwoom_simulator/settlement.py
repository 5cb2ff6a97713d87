"""
When figures become the session's own: by the clock, by api-id, by venue, by market, or in mid-sweep.

Investor fields come in steps. About 16:00 the regular session's are there: they balance, and buys and
sells cover the regular volume. Between 20:05 and 21:05 KRX's after-market is added to them. Towards dawn
they may be revised. Volume can take the after-market in as it trades, with the flows, or at a time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from enum import IntEnum
from typing import TYPE_CHECKING

from kiwoom_simulator.clock import KST

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kiwoom_simulator.parameters import Market, Venue
    from kiwoom_simulator.sessions import Sessions

_CLOCK = re.compile(r"(\d{1,2}):(\d{2})")
_NEVER = 10**6
_MOST_TIMES = 3
_TRADE_STEPS = 64  # live prices move in so many steps a day, so that pages can be kept
_OPENS, _REGULAR_ENDS, _AFTER_OPENS, _ENDS = 8 * 60, 15 * 60 + 30, 16 * 60, 20 * 60
LIVE, WITH_FLOWS = "live", "flows"


class Step(IntEnum):
    """How far a session's investor fields are."""

    REGULAR = 1
    COMPLETE = 2
    REVISED = 3


@dataclass(frozen=True, slots=True)
class Moment:
    """
    What is served at a moment: the live session, the last session whose investors are known, how far those are.

    ``regular`` and ``after`` are the parts (0 to 1) of the live session's regular trade and of its
    after-market that prices and volume hold; ``past`` is the step of sessions before ``settled``.
    """

    live: date
    settled: date
    step: Step = Step.COMPLETE
    past: Step = Step.COMPLETE
    regular: float = 1.0
    after: float = 1.0

    def step_of(self, day: date) -> Step | None:
        """Return how far a session's investor fields are; None: not there yet."""
        if day > self.settled:
            return None
        return self.step if day == self.settled else self.past

    def volume_parts(self, day: date) -> tuple[float, float]:
        """Return which parts of a session's regular trade and after-market its volume holds."""
        return (self.regular, self.after) if day == self.live else (1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Settlement:
    """
    Minutes after midnight KST of the session at which its investor fields reach each :class:`Step`.

    ``by`` holds exceptions, by api-id, venue or market, the first that is there. With ``after_calls`` the clock
    is ignored: the first so many ka10066 answers carry the previous session, later ones the live session, the
    after-market only after the second number. ``volume`` says when volume takes the after-market in, by api-id,
    "" for all: ``live``, ``flows``, or a minute.
    """

    at: tuple[int, ...] = (16 * 60, 20 * 60 + 50)
    by: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    after_calls: tuple[int, ...] = ()
    volume: Mapping[str, int | str] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> Settlement:
        """
        Read what is settled when, such as ``16:00/20:50,NXT=21:00,ka10059=never,volume=flows``.

        A time is ``HH:MM`` (hours may pass 24: the next day) or ``never``; up to three are parted by ``/``: the
        regular session, the after-market, a revision. One alone is both of the first. ``after=20`` or
        ``after=0/20`` counts ka10066 answers instead; ``volume=`` and ``volume.ka10059=`` take ``live``,
        ``flows`` or a time.

        :raises ValueError: naming the part that is none of these.
        """
        settlement = cls()
        for part in filter(None, re.split(r"[,\s]+", text)):
            settlement = settlement._with(part)
        return settlement

    def _with(self, part: str) -> Settlement:
        name, equals, value = part.rpartition("=")
        if not equals:
            return replace(self, at=_times(value), after_calls=())
        if name == "after":
            return replace(self, after_calls=tuple(int(count) for count in value.split("/")))
        of, _, api_id = name.partition(".")
        if of == "volume":
            rule = value if value in {LIVE, WITH_FLOWS} else _minute(value)
            return replace(self, volume={**self.volume, api_id: rule})
        return replace(self, by={**self.by, name: _times(value)}, after_calls=())

    def moment(
        self, sessions: Sessions, now: datetime, api_id: str, venue: Venue, market: Market, *, calls: int = 0
    ) -> Moment:
        """
        Return what is served at ``now``.

        :param calls: ka10066 answers given so far.
        """
        live = sessions.live(now)
        if self.after_calls:
            settled = live if calls >= self.after_calls[0] else sessions.previous(live)
            step = Step.COMPLETE if settled < live or calls >= self.after_calls[-1] else Step.REGULAR
            return self._live_parts(Moment(live, settled, step), now, api_id)
        times = next((self.by[name] for name in (api_id, venue, market) if name in self.by), self.at)
        settled = live
        while _midnight(settled) + timedelta(minutes=times[0]) > now:
            settled = sessions.previous(settled)
            if times[0] == _NEVER:
                break
        past = Step.REVISED if len(times) == _MOST_TIMES else Step.COMPLETE
        reached = [at for at in (*times, times[0])[:2] + times[2:] if _midnight(settled) + timedelta(minutes=at) <= now]
        step = past if settled < live else Step(max(1, len(reached)))
        return self._live_parts(Moment(live, settled, step, past), now, api_id)

    def _live_parts(self, moment: Moment, now: datetime, api_id: str) -> Moment:
        """Say how much of the live session is over, and how much of its after-market is in the volume."""
        minute = (now - _midnight(moment.live)).total_seconds() / 60
        rule = self.volume.get(api_id, self.volume.get("", LIVE))
        if rule == WITH_FLOWS:
            after = float(moment.settled == moment.live and moment.step >= Step.COMPLETE)
        else:
            after = _part(_AFTER_OPENS, minute, _ENDS) if rule == LIVE else float(minute >= int(rule))
        return replace(moment, regular=_part(_OPENS, minute, _REGULAR_ENDS), after=after)

    def __str__(self) -> str:
        named = [f"{name}={_times_text(times)}" for name, times in self.by.items()]
        named += [
            f"volume{api_id and '.'}{api_id}={rule if isinstance(rule, str) else _text(rule)}"
            for api_id, rule in self.volume.items()
        ]
        if self.after_calls:
            return ",".join(["after=" + "/".join(map(str, self.after_calls)), *named])
        return ",".join([_times_text(self.at), *named])


def _part(begins: int, minute: float, ends: int) -> float:
    return min(_TRADE_STEPS, max(0, _TRADE_STEPS * (minute - begins) // (ends - begins))) / _TRADE_STEPS


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), KST)


def _times(text: str) -> tuple[int, ...]:
    times = tuple(map(_minute, text.split("/")))
    if len(times) > _MOST_TIMES or list(times) != sorted(times):
        raise ValueError(f"settlement {text!r} is not up to three times, one after the other")
    return times


def _minute(text: str) -> int:
    if text == "never":
        return _NEVER
    found = _CLOCK.fullmatch(text)
    if not found:
        raise ValueError(f"settlement {text!r} is neither HH:MM (hours may pass 24) nor 'never'")
    return int(found[1]) * 60 + int(found[2])


def _times_text(times: tuple[int, ...]) -> str:
    return "/".join(map(_text, times))


def _text(minute: int) -> str:
    return "never" if minute == _NEVER else f"{minute // 60:02d}:{minute % 60:02d}"
