"""What ten years of sessions take, as figures for the kept table and as a table of its own."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from lab.bench.figures import Figure
from lab.bench.file_calls import KINDS, LISTED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FLAT = ("in all|files a session", "in all|kB a session", "reader: a session|files read")
FLAT += tuple(f"night: all tasks|{kind}" for kind in KINDS)
"""What must not depend on how many sessions are stored."""

Table = dict[str, dict[int, float]]
"""Values by ``what|unit`` and by sessions stored."""


def figures(table: Table) -> list[Figure]:
    """Return what the largest root takes, and how it compares with a year's where nothing may grow."""
    told = [_figure(name, values) for name, values in table.items() if _is_told(*name.split("|"))]
    return told + [_flatness(name, table[name]) for name in FLAT]


def _is_told(what: str, unit: str) -> bool:
    """Whether a figure stands among the kept ones too: no single dataset or task, and no first time."""
    is_total = what.startswith(("night: all", "in all", "gap", "reader", "page"))
    return is_total and unit in {"s, later", "s of CPU, later", "s of CPU", LISTED, "files a session", "kB a session"}


def _flatness(name: str, values: Mapping[int, float]) -> Figure:
    """Return the largest root's figure as a multiple of the second one's."""
    base, most = list(values)[1], list(values)[-1]
    shown = f"{name.replace('|', ', ')}: {most:,} sessions against {base:,}"
    return Figure(shown, values[most] / values[base], "×", "≤ 1.05")


def _figure(name: str, values: Mapping[int, float]) -> Figure:
    """Return what the largest root takes, with the smaller ones beside it."""
    what, unit = name.split("|")
    *smaller, largest = values.items()
    beside = ", ".join(f"{_shown(value)} at {count:,}" for count, value in smaller)
    return Figure(f"{largest[0]:,} sessions, {what}", largest[1], unit, "", beside)


def markdown(table: Table) -> str:
    """Return the table in Markdown: a column a number of sessions, and the last of them against the second."""
    counts = list(next(iter(table.values())))
    lines = ["| what | | " + " | ".join(f"{count:,}" for count in counts) + f" | {counts[-1]:,} : {counts[1]:,} |"]
    lines.append("| --- | --- |" + " ---: |" * (len(counts) + 1))
    whats: dict[str, dict[str, Mapping[int, float]]] = defaultdict(dict)
    for name, values in table.items():
        what, unit = name.split("|")
        whats[what][unit] = values
    for what, units in whats.items():
        lines += [_row(what, unit, [values], counts) for unit, values in units.items() if unit not in KINDS]
        if kinds := [kind for kind in KINDS if kind in units]:
            lines.append(_row(what, " / ".join(kinds), [units[kind] for kind in kinds], counts))
    return "\n".join(lines)


def _row(what: str, unit: str, columns: Sequence[Mapping[int, float]], counts: Sequence[int]) -> str:
    cells = [" / ".join(_shown(values[count]) for values in columns) for count in counts]
    last, against = (sum(values[count] for values in columns) for count in (counts[-1], counts[1]))
    return f"| {what} | {unit} | {' | '.join(cells)} | {f'{last / against:.2f}' if against else '–'} |"


def _shown(value: float) -> str:
    digits = 0 if float(value).is_integer() or value >= 1_000 else 1 if value >= 10 else 3  # noqa: PLR2004
    return f"{value:,.{digits}f}"
