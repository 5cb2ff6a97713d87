"""What is plotted over time: flows by investor, calls of the rate budget, time against the floor."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Self

from kiwoom_provider.datasets.columns import INVESTORS
from kiwoom_provider.errors import KiwoomProviderError
from kiwoom_provider.monitor import amounts, figures, words
from kiwoom_provider.monitor.figures import Theme
from kiwoom_provider.parameters import Market, Venue

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kiwoom_provider.monitor.states import Run
    from kiwoom_provider.quality.rule import Language

INVESTOR_NAMES = tuple(investor.name for investor in INVESTORS)
DEFAULT_INVESTORS = ("individual", "foreigner", "institution")


class ChoiceError(KiwoomProviderError, ValueError):
    """What was asked to be drawn is nothing that there is."""


@dataclass(frozen=True, slots=True)
class Wish:
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

        :raises ChoiceError: naming what is not valid, and what is.
        """
        asked: dict[str, list[str]] = {}
        for name, value in given:
            asked.setdefault(name, []).append(value)

        def choice(name: str, known: Iterable[str], default: str) -> str:
            return _known(name, asked.get(name, [default])[-1], tuple(known))

        investors = dict.fromkeys(_known("investor", name, INVESTOR_NAMES) for name in asked.get("investor", ()))
        return cls(
            language,
            Theme(choice("theme", Theme, "light")),
            choice("market", Market.__members__, "KOSPI"),
            choice("venue", Venue.__members__, "CONSOLIDATED"),
            tuple(name for name in INVESTOR_NAMES if name in (investors or DEFAULT_INVESTORS)),
            choice("shown", ("cumulative", "daily"), "cumulative") == "cumulative",
        )

    def word(self, name: str) -> str:
        """Return one of the page's words."""
        return words.WORDS[name].to(self.language)


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
    wish: Wish
    stacked: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the JSON-ready form."""
        if not self.days:
            return {"plot": None, "summary": self.wish.word("nothing_to_plot"), "table": None}
        head = [self.wish.word("session"), *(series.name for series in self.series)]
        rows = [list(row) for row in zip(self.days, *(series.shown for series in self.series), strict=True)]
        return {
            "plot": figures.figure(self),
            "summary": self._summary(),
            "table": {"caption": self.title, "head": head, "rows": rows[::-1]},
        }

    def _summary(self) -> str:
        last = ", ".join(f"{series.name} {series.shown[-1]}" for series in self.series if series.shown[-1])
        return f"{self.title}, {self.days[0]} ~ {self.days[-1]}. {self.days[-1]}: {last}"


def flows(runs: Sequence[Run], wish: Wish) -> Drawing:
    """Draw net flows by investor in one market and venue, by day or summed up."""
    kept = [(run, by) for run in runs if run.published and (by := _nets(run, wish))]
    unit = kept[-1][0].unit if kept else "KRW million"
    kept = [(run, by) for run, by in kept if run.unit == unit]
    divisor, axis = amounts.axis(unit, wish.language)
    series = []
    for name in wish.investors:
        daily = [by.get(name, 0) for _, by in kept]
        values = list(accumulate(daily)) if wish.cumulative else daily
        shown = tuple(amounts.signed(value, unit, wish.language) for value in values)
        scaled = tuple(value / divisor for value in values)
        series.append(Series(words.investor(name, wish.language), scaled, shown))
    place = f"{words.market(wish.market, wish.language)} · {words.venue(wish.venue, wish.language)}"
    how = wish.word("cumulative" if wish.cumulative else "daily")
    return Drawing(f"{wish.word('flows')}, {place}, {how}", axis, _days(run for run, _ in kept), tuple(series), wish)


def calls(runs: Sequence[Run], wish: Wish) -> Drawing:
    """Draw how many calls each session took, by kind."""
    return _counted(
        wish,
        "calls",
        list(runs),
        {
            "pages_calls": [run.calls for run in runs],
            "reference_calls": [run.reference_calls for run in runs],
            "refused": [run.refused for run in runs],
        },
    )


def times(runs: Sequence[Run], wish: Wish) -> Drawing:
    """Draw how long each sweep took, against calls ÷ permitted rate."""
    timed = [(run, run.sweep) for run in runs if run.sweep]
    return _counted(
        wish,
        "time",
        [run for run, _ in timed],
        {"sweep_s": [sweep.seconds for _, sweep in timed], "floor_s": [sweep.floor_s for _, sweep in timed]},
        unit="s",
    )


def _counted(wish: Wish, title: str, runs: list[Run], columns: dict[str, list[Any]], unit: str = "") -> Drawing:
    """Return a drawing of figures by name: lines where they have a unit, else counts on top of each other."""

    def shown(value: float | None) -> str:
        return "" if value is None else f"{value:,.1f} {unit}" if unit else f"{value:,}"

    series = tuple(Series(wish.word(name), tuple(each), tuple(map(shown, each))) for name, each in columns.items())
    return Drawing(wish.word(title), unit, _days(runs), series, wish, stacked=not unit)


def _days(runs: Iterable[Run]) -> tuple[str, ...]:
    return tuple(run.session_date.isoformat() for run in runs)


def _nets(run: Run, wish: Wish) -> dict[str, int]:
    place = (wish.market, wish.venue)
    return {flow.investor: flow.net for flow in run.flows if (flow.market, flow.venue) == place}


def _known(name: str, value: str, known: Sequence[str]) -> str:
    if value not in known:
        raise ChoiceError(f"{name} {value!r} is not one of: {', '.join(known)}")
    return value
