"""Everything that can be chosen when the simulator starts."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from kiwoom_simulator.assumptions import Assumptions
from kiwoom_simulator.clock import parse_moment
from kiwoom_simulator.faults.fault import Fault
from kiwoom_simulator.formats import Formats
from kiwoom_simulator.limits import Rates
from kiwoom_simulator.settlement import Settlement
from kiwoom_simulator.tokens import Reissue
from kiwoom_simulator.universe import FULL_SIZE
from kiwoom_simulator.words import Market

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

APP_KEY = "simulator-app-key"
SECRET_KEY = "simulator-secret-key"  # noqa: S105


class Kind(StrEnum):
    """Live or mock host; the mock serves KRX only, and slower."""

    LIVE = "live"
    MOCK = "mock"


class HeaderCase(StrEnum):
    """How the answer's header names are written; the API matches them in any case."""

    LOWER = "lower"
    TITLE = "title"
    UPPER = "upper"


TERMS = {Kind.LIVE: Rates(5), Kind.MOCK: Rates(1)}
"""Queries a second by Kiwoom's terms."""


@dataclass(frozen=True, slots=True)
class Options:
    """The simulator's settings; ``rates`` None is what the terms of ``kind`` say, ``now`` None real time."""

    seed: int = 1
    stocks: Mapping[Market, int] = field(default_factory=lambda: dict(FULL_SIZE))
    now: datetime | None = None
    speed: float = 1.0
    closed_days: frozenset[date] = frozenset()
    settle_at: Settlement = field(default_factory=Settlement)
    rate: Rates | None = None
    latency_ms: float = 0.0
    token_life_s: float = 24 * 3600.0
    reissue: Reissue = Reissue.KILL
    formats: Formats = Formats.RECORDED
    assume: Assumptions = field(default_factory=Assumptions)
    kind: Kind = Kind.LIVE
    header_case: HeaderCase = HeaderCase.LOWER
    app_key: str = field(default=APP_KEY, repr=False)
    secret_key: str = field(default=SECRET_KEY, repr=False)
    scenario: tuple[str, ...] = ()
    fault: tuple[Fault, ...] = ()
    max_connections: int = 512

    @property
    def rates(self) -> Rates:
        """The quotas in force at the start."""
        return TERMS[self.kind] if self.rate is None else self.rate

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
    except (ValueError, TypeError) as error:
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


def _faults(value: str | Fault | tuple[str | Fault, ...]) -> tuple[Fault, ...]:
    several = (value,) if isinstance(value, str | Fault) else tuple(value)
    return tuple(Fault.parse(one) if isinstance(one, str) else one for one in several)


_READERS: dict[str, Callable[[Any], Any]] = {
    "stocks": _stocks,
    "now": parse_moment,
    "closed_days": _days,
    "settle_at": lambda value: value if isinstance(value, Settlement) else Settlement.parse(value),
    "rate": lambda value: value if isinstance(value, Rates) else Rates.parse(str(value)),
    "reissue": Reissue,
    "formats": Formats,
    "assume": lambda value: value if isinstance(value, Assumptions) else Assumptions.parse(_names(value)),
    "kind": Kind,
    "header_case": HeaderCase,
    "scenario": _names,
    "fault": _faults,
}
