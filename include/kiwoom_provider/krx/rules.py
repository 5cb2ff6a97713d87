"""Which days are sessions: the public calendar with the overrides on top."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

from kiwoom_provider.krx.errors import CalendarError, OutOfRangeError
from kiwoom_provider.krx.overrides import SATURDAY, KnownDays, Override, OverrideKind, read_overrides, shipped_facts

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True)
class Rules:
    """
    Every fact about days, independent of when we run.

    ``holidays`` names the weekdays that the public calendar has closed, ``overrides`` stand above it;
    ``sessions`` are the sorted days of every session from ``known.first`` to ``known.last``.
    """

    known: KnownDays
    holidays: Mapping[date, str]
    overrides: Mapping[date, Override]
    sessions: tuple[date, ...] = field(init=False)

    def __post_init__(self) -> None:
        days = (self.known.last - self.known.first).days + 1
        every = (self.known.first + timedelta(days=number) for number in range(days))
        object.__setattr__(self, "sessions", tuple(day for day in every if self.closed_reason(day) is None))

    def closed_reason(self, day: date) -> str | None:
        """
        Say why the exchange is closed on ``day``, None on a session.

        :raises OutOfRangeError: when the calendar does not know the day.
        """
        if not self.known.first <= day <= self.known.last:
            raise OutOfRangeError(day, self.known.first, self.known.last)
        override = self.overrides.get(day)
        if override and override.kind is OverrideKind.CLOSED:
            return f"{override.reason}: {override.file}"
        if override and override.kind is OverrideKind.OPEN:
            return None
        return day.strftime("%A") if day.weekday() >= SATURDAY else self.holidays.get(day)


def load_rules(overrides: Path | None) -> Rules:
    """
    Read the facts that the package ships, those of ``holidays``, and a deployment's own file.

    :raises OverrideError: when the deployment's file cannot be used.
    """
    known, facts = shipped_facts()
    own = read_overrides(overrides, known) if overrides else {}
    return Rules(known, exchange_holidays(known), {**facts, **own})


def exchange_holidays(known: KnownDays) -> dict[date, str]:
    """
    Return the weekdays on which KRX is closed, with their English names, from the ``holidays`` package.

    It is the only public calendar that had every closed day of 2024 to 2027 right (checked 2026-11).

    :raises CalendarError: when the installed release does not reach as far as ``known``.
    """
    import holidays

    years = range(known.first.year, known.last.year + 1)
    found = holidays.financial_holidays("XKRX", years=years, language="en_US")
    if not found.start_year <= years[0] <= years[-1] <= found.end_year:
        raise CalendarError(
            f"the holidays package knows KRX from {found.start_year} to {found.end_year}, not from "
            f"{known.first} to {known.last}; install the release that requirements.txt names"
        )
    return {day: name for day, name in found.items() if day.weekday() < SATURDAY}
