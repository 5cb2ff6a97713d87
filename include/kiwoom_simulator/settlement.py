"""When investor fields become the session's own: by the clock, by venue, by api-id, or in mid-sweep."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from kiwoom_simulator.clock import KST

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from kiwoom_simulator.sessions import Sessions
    from kiwoom_simulator.words import Venue

NEVER = None
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})")


@dataclass(frozen=True, slots=True)
class Settlement:
    """
    Minutes after midnight KST of the session at which its investor fields appear; None is never.

    ``by`` holds exceptions, by api-id or venue. With ``after_calls`` the clock is ignored: the first so
    many ka10066 answers carry the previous session, all later ones the live session.
    """

    at_minute: int | None = 18 * 60 + 10
    by: Mapping[str, int | None] = field(default_factory=dict)
    after_calls: int | None = None

    @classmethod
    def parse(cls, text: str) -> Settlement:
        """
        Read ``18:10``, ``never``, ``18:10,NXT=21:00,ka10059=never``, ``25:30`` (next day) or ``after=20``.

        :raises ValueError: naming the part that is none of these.
        """
        settlement = cls()
        for part in filter(None, re.split(r"[,\s]+", text)):
            settlement = settlement._with(part)
        return settlement

    def _with(self, part: str) -> Settlement:
        name, equals, value = part.rpartition("=")
        if not equals:
            return replace(self, at_minute=_minute(value), after_calls=None)
        if name == "after":
            return replace(self, after_calls=int(value))
        return replace(self, by={**self.by, name: _minute(value)}, after_calls=None)

    def session(self, sessions: Sessions, now: datetime, api_id: str, venue: Venue, calls: int) -> date:
        """
        Return the session that investor fields belong to at ``now``.

        :param calls: ka10066 answers given so far.
        """
        live = sessions.live(now)
        if self.after_calls is not None:
            return live if calls >= self.after_calls else sessions.previous(live)
        minute = self.by.get(api_id, self.by.get(str(venue), self.at_minute))
        if minute is NEVER:
            return sessions.previous(live)
        settled = live
        while _midnight(settled) + timedelta(minutes=minute) > now:
            settled = sessions.previous(settled)
        return settled

    def __str__(self) -> str:
        if self.after_calls is not None:
            return f"after={self.after_calls}"
        return ",".join([_text(self.at_minute), *(f"{name}={_text(minute)}" for name, minute in self.by.items())])


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), KST)


def _minute(text: str) -> int | None:
    if text == "never":
        return NEVER
    found = _CLOCK.fullmatch(text)
    if not found:
        raise ValueError(f"settlement {text!r} is neither HH:MM (hours may pass 24) nor 'never'")
    return int(found[1]) * 60 + int(found[2])


def _text(minute: int | None) -> str:
    return "never" if minute is None else f"{minute // 60:02d}:{minute % 60:02d}"
