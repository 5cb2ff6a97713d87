"""What is plotted over time: flows by investor, calls of the rate limit, time against the floor."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Self

from kiwoom_provider.datasets.columns import INVESTORS
from kiwoom_provider.locale import investor, message, translate
from kiwoom_provider.monitor import formats
from kiwoom_provider.monitor.errors import PageAddressError
from kiwoom_provider.parameters import Market, Venue
from kiwoom_provider.pipeline.summary import KRW_MILLION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from kiwoom_provider.locale import Language, Message
    from kiwoom_provider.pipeline.summary import Summary

INVESTOR_NAMES = tuple(each.name for each in INVESTORS)
DEFAULT_INVESTORS = ("individual", "foreigner", "institution")
SESSION = message("Session")
NOTHING = message("No audited run of this time to plot.")


class Theme(StrEnum):
    """Light or dark, as the browser shows the page."""

    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True, slots=True)
class Choice:
    """What to draw, and how."""

    language: Language
    theme: Theme = Theme.LIGHT
    market: str = "KOSPI"
    venue: str = "CONSOLIDATED"
    investors: tuple[str, ...] = DEFAULT_INVESTORS
    cumulative: bool = True

    @classmethod
    def parse(cls, given: Iterable[tuple[str, str]], language: Language) -> Self:
        """
        Read a query: ``market``, ``venue``, ``investor`` (several), ``shown`` (``cumulative``, ``daily``), ``theme``.

        :raises PageAddressError: naming what is not valid, and what is.
        """
        asked: dict[str, list[str]] = {}
        for name, value in given:
            asked.setdefault(name, []).append(value)

        def choice(name: str, known: Iterable[str], default: str) -> str:
            return _check_known(name, asked.get(name, [default])[-1], tuple(known))

        investors = dict.fromkeys(_check_known("investor", name, INVESTOR_NAMES) for name in asked.get("investor", ()))
        return cls(
            language,
            Theme(choice("theme", Theme, "light")),
            choice("market", Market.__members__, "KOSPI"),
            choice("venue", Venue.__members__, "CONSOLIDATED"),
            tuple(name for name in INVESTOR_NAMES if name in (investors or DEFAULT_INVESTORS)),
            choice("shown", ("cumulative", "daily"), "cumulative") == "cumulative",
        )

    def say(self, text: Message | str) -> str:
        """Return a text in the chosen language."""
        return translate(text, self.language)


@dataclass(frozen=True, slots=True)
class Series:
    """A named line; None breaks it. ``shown`` is what people read of each value."""

    name: str
    values: tuple[float | None, ...]
    shown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Drawing:
    """A plot, as lines or as stacked bars, what it says in a sentence, and its figures; without days it is empty."""

    title: str
    axis: str
    days: tuple[str, ...]
    series: tuple[Series, ...]
    choice: Choice
    stacked: bool = False

    def table(self) -> dict[str, Any] | None:
        """Return the figures as a table, newest first; None without days."""
        if not self.days:
            return None
        head = [self.choice.say(SESSION), *(series.name for series in self.series)]
        rows = [list(row) for row in zip(self.days, *(series.shown for series in self.series), strict=True)]
        return {"caption": self.title, "head": head, "rows": rows[::-1]}

    def sentence(self) -> str:
        """Return what the plot says of its last day, or that there is nothing to plot."""
        if not self.days:
            return self.choice.say(NOTHING)
        last = ", ".join(f"{series.name} {series.shown[-1]}" for series in self.series if series.shown[-1])
        return f"{self.title}, {self.days[0]} ~ {self.days[-1]}. {self.days[-1]}: {last}"


def flows(runs: Sequence[Summary], choice: Choice) -> Drawing:
    """Draw net flows by investor in one market and venue, by day or summed up."""
    kept = [(run, net) for run in runs if run.published and (net := run.flows.at(choice.market, choice.venue))]
    unit = kept[-1][0].flows.unit if kept else KRW_MILLION
    kept = [(run, net) for run, net in kept if run.flows.unit == unit]
    divisor, axis = formats.axis(unit, choice.language)
    series = []
    for name in choice.investors:
        daily = [net.get(name, 0) for _, net in kept]
        values = list(accumulate(daily)) if choice.cumulative else daily
        shown = tuple(formats.signed_amount(value, unit, choice.language) for value in values)
        series.append(Series(choice.say(investor(name)), tuple(value / divisor for value in values), shown))
    place = choice.say(f"{choice.market} · {choice.venue}")
    how = choice.say(message("cumulative") if choice.cumulative else message("by day"))
    title = f"{choice.say(message('Net flows by investor'))}, {place}, {how}"
    return Drawing(title, axis, _days(run for run, _ in kept), tuple(series), choice)


def calls(runs: Sequence[Summary], choice: Choice) -> Drawing:
    """Draw how many calls each session took, by kind."""
    columns = [
        (message("pages (ka10066)"), [run.calls for run in runs]),
        (message("proof (ka10059)"), [run.reference_calls for run in runs]),
        (message("refused"), [run.refused for run in runs]),
    ]
    return _draw_counts(choice, message("Calls by session"), list(runs), columns)


def times(runs: Sequence[Summary], choice: Choice) -> Drawing:
    """Draw how long each sweep took, against calls ÷ permitted rate."""
    timed = [(run, run.sweep) for run in runs if run.sweep]
    columns: list[tuple[Message, list[Any]]] = [
        (message("sweep"), [sweep.seconds for _, sweep in timed]),
        (message("floor (calls ÷ rate)"), [sweep.floor_s for _, sweep in timed]),
    ]
    return _draw_counts(choice, message("Sweep time against the floor"), [run for run, _ in timed], columns, unit="s")


BY_NAME: Mapping[str, Callable[[Sequence[Summary], Choice], Drawing]] = {"flows": flows, "calls": calls, "time": times}


def _draw_counts(
    choice: Choice,
    title: Message,
    runs: list[Summary],
    columns: Sequence[tuple[Message, Sequence[Any]]],
    unit: str = "",
) -> Drawing:
    """Return a drawing of figures by name: lines where they have a unit, else counts on top of each other."""

    def show(value: float | None) -> str:
        return "" if value is None else f"{value:,.1f} {unit}" if unit else f"{value:,}"

    series = tuple(Series(choice.say(name), tuple(each), tuple(map(show, each))) for name, each in columns)
    return Drawing(choice.say(title), unit, _days(runs), series, choice, stacked=not unit)


def _days(runs: Iterable[Summary]) -> tuple[str, ...]:
    return tuple(run.session_date.isoformat() for run in runs)


def _check_known(name: str, value: str, known: Sequence[str]) -> str:
    if value not in known:
        said = message("{name} {value} is not one of: {known}", name=name, value=value[:40], known=tuple(known))
        raise PageAddressError(said)
    return value
