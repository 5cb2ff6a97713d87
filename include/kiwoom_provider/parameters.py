"""The four enumerated parameters of ka10066, and one choice of all four.

Every member has a public name (its value, used in paths, params and messages) and the vendor's
``code`` (used on the wire only). Codes are from the API's own spec sheet for ka10066.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Self, TypeVar

from kiwoom_provider.errors import KiwoomProviderError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_HIVE = re.compile(r"market=(?P<market>\w+)/venue=(?P<venue>\w+)/measure=(?P<measure>\w+)/side=(?P<side>\w+)")


class ParameterError(KiwoomProviderError, ValueError):
    """A parameter is not one of the names it may take; the message says which are."""

    is_final = True
    remedy = "trigger again with the names that the message lists; the mock host has KRX only"


class _Coded(StrEnum):
    """An enumerated parameter: ``value`` is the public name, ``code`` the vendor's."""

    code: str

    def __new__(cls, value: str, code: str) -> Self:
        """Attach the vendor's code to the public name."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.code = code
        return member

    @classmethod
    def parse(cls, name: object) -> Self:
        """
        Return the member called ``name``.

        :raises ParameterError: when there is none, naming the field and every valid name.
        """
        for member in cls:
            if member.value == name:
                return member
        raise ParameterError(f"{cls.__name__.lower()} {name!r} is not one of: {', '.join(cls)}")


class Market(_Coded):
    """Market, ``mrkt_tp``. ``ALL`` is the union of the two without saying which."""

    KOSPI = "KOSPI", "001"
    KOSDAQ = "KOSDAQ", "101"
    ALL = "ALL", "000"


class Venue(_Coded):
    """Trading venue, ``stex_tp``. ``CONSOLIDATED`` (통합) is KRX and NXT together."""

    KRX = "KRX", "1"
    NXT = "NXT", "2"
    CONSOLIDATED = "CONSOLIDATED", "3"


class Measure(_Coded):
    """What the investor fields count, ``amt_qty_tp``: KRW million, or shares."""

    AMOUNT = "amount", "1"
    QUANTITY = "quantity", "2"


class Side(_Coded):
    """Side of the trade, ``trde_tp``: net (순매수), buy (매수), sell (매도)."""

    NET = "net", "0"
    BUY = "buy", "1"
    SELL = "sell", "2"


DEFAULT_MARKETS = (Market.KOSPI, Market.KOSDAQ)
WIDEST_FIRST = (Venue.CONSOLIDATED, Venue.KRX, Venue.NXT)
"""Venues, the one that tells most of a market first."""


@dataclass(frozen=True, slots=True, order=True)
class ParameterSet:
    """One choice of all four parameters: one sweep of ka10066, one stored partition."""

    market: Market
    venue: Venue
    measure: Measure
    side: Side

    @classmethod
    def parse(cls, market: object, venue: object, measure: object, side: object) -> Self:
        """
        Build a set from public names.

        :raises ParameterError: naming the first field whose value is not valid.
        """
        return cls(Market.parse(market), Venue.parse(venue), Measure.parse(measure), Side.parse(side))

    @classmethod
    def from_path(cls, path: str) -> Self:
        """
        Read the set back from a key that contains :attr:`path`.

        :raises ParameterError: when the key holds no such part.
        """
        found = _HIVE.search(path)
        if not found:
            raise ParameterError(f"no market=…/venue=…/measure=…/side=… in {path!r}")
        return cls.parse(**found.groupdict())

    @property
    def path(self) -> str:
        """Hive-style key part: ``market=KOSPI/venue=KRX/measure=amount/side=net``."""
        return f"market={self.market}/venue={self.venue}/measure={self.measure}/side={self.side}"

    @property
    def label(self) -> str:
        """What people read: ``KOSPI · KRX · amount · net``."""
        return f"{self.market} · {self.venue} · {self.measure} · {self.side}"

    @property
    def place(self) -> str:
        """Market and venue: ``KOSPI/KRX``."""
        return f"{self.market}/{self.venue}"

    def names(self) -> dict[str, str]:
        """Public names by field, JSON-ready."""
        return {
            "market": str(self.market),
            "venue": str(self.venue),
            "measure": str(self.measure),
            "side": str(self.side),
        }


def parameter_sets(params: Mapping[str, Iterable[object] | None]) -> list[ParameterSet]:
    """
    Every combination of the lists ``markets``, ``venues``, ``measures`` and ``sides``, without repeats.

    A list that is absent or emptied takes its default: KOSPI and KOSDAQ, and all of the other three. Blank
    entries and spaces around names do not count: a form leaves them.

    :raises ParameterError: naming what is no list, or the value that is not valid.
    """
    markets = _members(Market, "markets", params, DEFAULT_MARKETS)
    venues = _members(Venue, "venues", params, tuple(Venue))
    measures = _members(Measure, "measures", params, tuple(Measure))
    sides = _members(Side, "sides", params, tuple(Side))
    return [ParameterSet(m, v, q, s) for m in markets for v in venues for q in measures for s in sides]


def check_names(conf: Mapping[str, Any], params: Iterable[str]) -> None:
    """
    Refuse a run whose conf names what is no param: a misspelt session must not be another one.

    :raises ParameterError: naming it, and every param.
    """
    names = list(params)
    if unknown := sorted(set(conf) - set(names)):
        raise ParameterError(f"the run's conf names {', '.join(unknown)}; the params are: {', '.join(names)}")


_Member = TypeVar("_Member", bound=_Coded)


def _members(
    kind: type[_Member],
    field: str,
    params: Mapping[str, Iterable[object] | None],
    default: tuple[_Member, ...],
) -> list[_Member]:
    asked = params.get(field)
    if asked is not None and not isinstance(asked, (list, tuple)):
        raise ParameterError(f"{field} must be a list of any of: {', '.join(kind)}")
    names = (name.strip() if isinstance(name, str) else name for name in asked or ())
    return list(dict.fromkeys(kind.parse(name) for name in names if name not in ("", None))) or list(default)
