"""
Our own dated facts, which stand above the public calendars: read from a YAML file and checked.

::

    days:
      - day: 2026-11-19
        kind: hours            # closed | open | hours
        opens: 10:00           # hours must have both times, open may, closed has none
        closes: 16:30
        reason: CSAT day       # why, and where it can be looked up: both are required
        source: https://…

The package's own file also states under ``known`` which days the calendar may speak about.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kiwoom_provider.krx.errors import OverrideError, SessionDateError
from kiwoom_provider.krx.nodes import Fields, compose
from kiwoom_provider.krx.session import parse_session_date

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kiwoom_provider.krx.nodes import Text

SHIPPED = Path(__file__).with_name("overrides.yaml")

_DAY_FIELDS = ("day", "kind", "opens", "closes", "reason", "source")
_KNOWN_FIELDS = ("first", "last", "reason", "source")
_SATURDAY = 5


class Kind(StrEnum):
    """What an override says about its day."""

    CLOSED = "closed"
    OPEN = "open"
    HOURS = "hours"


@dataclass(frozen=True, slots=True)
class Override:
    """One dated fact. ``opens`` and ``closes`` (KST) are None for regular hours; ``line`` counts from 1."""

    day: date
    kind: Kind
    opens: time | None
    closes: time | None
    reason: str
    source: str
    file: Path
    line: int

    @property
    def where(self) -> str:
        """File and line, for messages."""
        return f"{self.file}, line {self.line}"


@dataclass(frozen=True, slots=True)
class KnownDays:
    """First and last day that the calendar may speak about, both inclusive."""

    first: date
    last: date


def shipped_facts() -> tuple[KnownDays, Mapping[date, Override]]:
    """Read the package's own file: the range that it speaks about, and its overrides by day."""
    root = Fields.read(SHIPPED, compose(SHIPPED), "the file", ("known", "days"))
    fields = Fields.read(SHIPPED, root.nodes.get("known"), "known", _KNOWN_FIELDS)
    known = KnownDays(_date(fields, fields.required("first")), _date(fields, fields.required("last")))
    return known, _overrides(root, known)


def read_overrides(file: Path, known: KnownDays) -> Mapping[date, Override]:
    """
    Read a deployment's override file, by day.

    :raises OverrideError: naming the file, the line, and what is wrong there.
    """
    return _overrides(Fields.read(file, compose(file), "the file", ("days",)), known)


def _overrides(root: Fields, known: KnownDays) -> Mapping[date, Override]:
    found: dict[date, Override] = {}
    for node in root.entries("days"):
        override = _override(root.file, node, known)
        if earlier := found.get(override.day):
            raise OverrideError(root.file, override.line, f"{override.day} stands on line {earlier.line} already")
        found[override.day] = override
    return found


def _override(file: Path, node: Any, known: KnownDays) -> Override:  # noqa: ANN401 - PyYAML's node
    fields = Fields.read(file, node, "this day", _DAY_FIELDS)
    kind = _kind(fields)
    opens, closes = _hours(fields, kind)
    return Override(
        day=_day(fields, known),
        kind=kind,
        opens=opens,
        closes=closes,
        reason=fields.required("reason").value,
        source=fields.required("source").value,
        file=file,
        line=fields.line,
    )


def _kind(fields: Fields) -> Kind:
    text = fields.required("kind")
    try:
        return Kind(text.value)
    except ValueError:
        problem = f"kind {text.value!r} is not one of: {', '.join(Kind)}"
        raise OverrideError(fields.file, text.line, problem) from None


def _day(fields: Fields, known: KnownDays) -> date:
    text = fields.required("day")
    day = _date(fields, text)
    if not known.first <= day <= known.last:
        problem = f"{day} is outside the days that the calendar knows, {known.first} to {known.last}"
        raise OverrideError(fields.file, text.line, problem)
    if day.weekday() >= _SATURDAY:
        problem = f"{day} is a {day:%A}: KRX has no sessions on weekends, so there is nothing to override"
        raise OverrideError(fields.file, text.line, problem)
    return day


def _date(fields: Fields, text: Text) -> date:
    try:
        return parse_session_date(text.value)
    except SessionDateError:
        problem = f"{text.value!r} is not a day written YYYY-MM-DD"
        raise OverrideError(fields.file, text.line, problem) from None


def _hours(fields: Fields, kind: Kind) -> tuple[time | None, time | None]:
    opens, closes = fields.text("opens"), fields.text("closes")
    if kind is Kind.CLOSED and (extra := opens or closes):
        raise OverrideError(fields.file, extra.line, "a closed day has no opens and no closes")
    if kind is Kind.HOURS or opens or closes:
        opens_at = _time(fields, "opens")
        closes_at = _time(fields, "closes")
        if opens_at >= closes_at:
            raise OverrideError(fields.file, fields.line, f"it opens at {opens_at} but closes at {closes_at}")
        return opens_at, closes_at
    return None, None


def _time(fields: Fields, name: str) -> time:
    text = fields.required(name)
    try:
        if len(text.value) == len("HH:MM"):
            return time.fromisoformat(text.value)
    except ValueError:
        pass
    raise OverrideError(fields.file, text.line, f"{name} {text.value!r} is not a time written HH:MM")
