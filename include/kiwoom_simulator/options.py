"""Everything that can be chosen when the simulator starts."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from kiwoom_simulator import given
from kiwoom_simulator.assumptions import Assumptions
from kiwoom_simulator.clock import parse_moment
from kiwoom_simulator.events import Event
from kiwoom_simulator.faults import Fault
from kiwoom_simulator.formats import Formats
from kiwoom_simulator.given import GivenUniverse
from kiwoom_simulator.limits import Rates
from kiwoom_simulator.parameters import Market
from kiwoom_simulator.settlement import Settlement
from kiwoom_simulator.tokens import Reissue
from kiwoom_simulator.universe import FULL_SIZE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

APP_KEY = "simulator-app-key"
SECRET_KEY = "simulator-secret-key"  # noqa: S105


class HostKind(StrEnum):
    """Live or mock host; the mock serves KRX only, and slower."""

    LIVE = "live"
    MOCK = "mock"


TERMS = {HostKind.LIVE: Rates(5), HostKind.MOCK: Rates(1)}
"""Queries a second by Kiwoom's terms."""


@dataclass(frozen=True, slots=True)
class Options:
    """
    The simulator's settings.

    ``rates`` None is what the terms of ``kind`` say, ``now`` None real time. ``reissue``, ``formats`` and
    ``header_case`` are assumptions by names of their own; None is what ``assume`` says.
    """

    seed: int = 1
    stocks: Mapping[Market, int] = field(default_factory=lambda: dict(FULL_SIZE))
    now: datetime | None = None
    speed: float = 1.0
    closed_days: frozenset[date] = frozenset()
    settle_at: Settlement = field(default_factory=Settlement)
    rate: Rates | None = None
    latency_ms: float = 0.0
    token_life_s: float = 24 * 3600.0
    reissue: Reissue | None = None
    formats: Formats | None = None
    assume: Assumptions = field(default_factory=Assumptions)
    kind: HostKind = HostKind.LIVE
    header_case: str | None = None
    app_key: str = field(default=APP_KEY, repr=False)
    secret_key: str = field(default=SECRET_KEY, repr=False)
    scenario: tuple[str, ...] = ()
    fault: tuple[Fault, ...] = ()
    event: tuple[Event, ...] = ()
    universe: GivenUniverse | None = None
    max_connections: int = 512

    @property
    def rates(self) -> Rates:
        """The quotas in force at the start."""
        return TERMS[self.kind] if self.rate is None else self.rate

    @property
    def assumed(self) -> Assumptions:
        """What is assumed, under whichever name it was chosen."""
        named = {"numbers": self.formats, "headers": self.header_case, "tokens": self.reissue}
        return Assumptions.parse([f"{name}={value}" for name, value in named.items() if value], self.assume)

    @property
    def reissued(self) -> Reissue:
        """What a new token does to the older."""
        return Reissue(self.assumed.tokens)

    @classmethod
    def of(cls, **chosen: Any) -> Options:
        """
        Build from values or their command-line texts.

        :raises ValueError: naming the option that is unknown or cannot be read.
        """
        known = {f.name for f in fields(cls)}
        if unknown := sorted(set(chosen) - known):
            raise ValueError(f"no such option: {', '.join(unknown)}; there are: {', '.join(sorted(known))}")
        return cls(**{name: _read(name, value) for name, value in chosen.items()})


def _read(name: str, value: Any) -> Any:  # noqa: ANN401
    reader = _READERS.get(name)
    if reader is None or value is None:
        return value
    try:
        return reader(value)
    except (ValueError, TypeError, OSError) as error:
        raise ValueError(f"{name}: {error}") from None


def _stocks(value: str | Mapping[str, int]) -> dict[Market, int]:
    pairs = _pairs(value) if isinstance(value, str) else value
    return {**FULL_SIZE, **{Market(market): int(count) for market, count in pairs.items()}}


def _pairs(text: str) -> dict[str, int]:
    if not re.fullmatch(r"(KOSPI|KOSDAQ)=\d+(,(KOSPI|KOSDAQ)=\d+)*", text):
        raise ValueError(f"{text!r} is not KOSPI=N,KOSDAQ=N")
    return {market: int(count) for market, count in (part.split("=") for part in text.split(","))}


def _days(value: str | frozenset[date]) -> frozenset[date]:
    words = re.findall(r"[^,\s]+", value) if isinstance(value, str) else value
    return frozenset(date.fromisoformat(str(day)) for day in words)


def _names(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _parse_several(of: type[Fault | Event]) -> Callable[[Any], tuple[Any, ...]]:
    def read(value: Any) -> tuple[Any, ...]:  # noqa: ANN401
        several = (value,) if isinstance(value, str | of) else tuple(value)
        return tuple(of.parse(one) if isinstance(one, str) else one for one in several)

    return read


def _header_case(value: str) -> str:
    return Assumptions.parse([f"headers={value}"]).headers


_READERS: dict[str, Callable[[Any], Any]] = {
    "stocks": _stocks,
    "now": parse_moment,
    "closed_days": _days,
    "settle_at": lambda value: value if isinstance(value, Settlement) else Settlement.parse(value),
    "rate": lambda value: value if isinstance(value, Rates) else Rates.parse(str(value)),
    "reissue": Reissue,
    "formats": Formats,
    "assume": lambda value: value if isinstance(value, Assumptions) else Assumptions.parse(_names(value)),
    "kind": HostKind,
    "header_case": _header_case,
    "scenario": _names,
    "fault": _parse_several(Fault),
    "event": _parse_several(Event),
    "universe": lambda value: value if isinstance(value, GivenUniverse) else given.read(value),
}
