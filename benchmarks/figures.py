"""A measured figure with its conditions, and the tables in which figures are shown."""

from __future__ import annotations

import operator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Mapping

_SIGNS = {"≤": operator.le, "<": operator.lt, "=": operator.eq}


@dataclass(frozen=True, slots=True)
class Figure:
    """
    One measured figure.

    :param unit: what the value counts; ``×`` is a ratio to the floor of the same run.
    :param target: such as ``≤ 2``; empty where the figure is only reported.
    :param conditions: how it was measured, and against what.
    """

    name: str
    value: float
    unit: str
    target: str = ""
    conditions: str = ""

    @property
    def is_met(self) -> bool | None:
        """Whether the target is reached; None without one."""
        if not self.target:
            return None
        sign, bound = self.target.split()
        return bool(_SIGNS[sign](self.value, float(bound)))

    @property
    def shown(self) -> str:
        """The value with its unit, as people read it."""
        digits = 0 if float(self.value).is_integer() else 2 if abs(self.value) < 10 else 1  # noqa: PLR2004
        return f"{self.value:,.{digits}f} {self.unit}".strip()

    @property
    def verdict(self) -> str:
        """``yes``, ``no``, or nothing without a target."""
        return "" if self.is_met is None else "yes" if self.is_met else "no"

    def to_json(self) -> dict[str, object]:
        """Return the JSON-ready form."""
        return asdict(self) | {"is_met": self.is_met}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read the JSON-ready form."""
        return cls(**{name: value for name, value in data.items() if name != "is_met"})


@dataclass(frozen=True, slots=True)
class Section:
    """
    What one benchmark measured.

    :param at: when, UTC.
    :param load: the machine's load of a minute, before and after.
    :param took_s: how long measuring took.
    """

    at: str
    load: str
    took_s: int
    figures: tuple[Figure, ...]

    def to_json(self) -> dict[str, object]:
        """Return the JSON-ready form."""
        listed = [figure.to_json() for figure in self.figures]
        return {"at": self.at, "load": self.load, "took_s": self.took_s, "figures": listed}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read the JSON-ready form."""
        return cls(data["at"], data["load"], data["took_s"], tuple(map(Figure.from_json, data["figures"])))


def text_table(sections: Mapping[str, Section]) -> str:
    """Return the figures as plain text."""
    rows = [("figure", "measured", "target", "met")]
    rows += [(f.name, f.shown, f.target, f.verdict) for section in sections.values() for f in section.figures]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def markdown(sections: Mapping[str, Section]) -> str:
    """Return the figures in Markdown, with their conditions, and when each was measured."""
    lines = ["| figure | measured | target | met | how |", "| --- | ---: | ---: | --- | --- |"]
    for section in sections.values():
        lines += [f"| {f.name} | {f.shown} | {f.target} | {f.verdict} | {f.conditions} |" for f in section.figures]
    lines += [
        "",
        "| `python -m benchmarks …` | measured at | load before → after | took |",
        "| --- | --- | --- | ---: |",
    ]
    lines += [f"| {name} | {one.at} | {one.load} | {one.took_s} s |" for name, one in sections.items()]
    return "\n".join(lines)
