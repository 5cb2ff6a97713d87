"""A measured figure with its conditions, and the tables in which figures are shown."""

from __future__ import annotations

import json
import operator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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
        return _SIGNS[sign](self.value, float(bound))

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


def text_table(results: Mapping[str, Sequence[Figure]]) -> str:
    """Return the figures as plain text."""
    rows = [("figure", "measured", "target", "met")]
    rows += [(f.name, f.shown, f.target, f.verdict) for figures in results.values() for f in figures]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def markdown_table(results: Mapping[str, Sequence[Figure]]) -> str:
    """Return the figures in Markdown, with their conditions."""
    lines = ["| figure | measured | target | met | how |", "| --- | ---: | ---: | --- | --- |"]
    for figures in results.values():
        lines += [f"| {f.name} | {f.shown} | {f.target} | {f.verdict} | {f.conditions} |" for f in figures]
    return "\n".join(lines)


def to_json(results: Mapping[str, Sequence[Figure]], machine: Mapping[str, object]) -> str:
    """Return figures and machine as JSON."""
    listed = {name: [figure.to_json() for figure in figures] for name, figures in results.items()}
    return json.dumps({"machine": machine, "results": listed}, ensure_ascii=False, indent=1) + "\n"
