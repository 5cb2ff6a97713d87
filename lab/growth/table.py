"""What ten years of sessions take, as a table."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from lab.growth.file_calls import KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Table = dict[str, dict[int, float]]
"""Values by ``what|unit`` and by sessions stored."""


def markdown(table: Table) -> str:
    """
    Return the table in Markdown: a column a number of sessions, and the last of them against the second.

    Of two, the last against the first.
    """
    counts = list(next(iter(table.values())))
    base = counts[min(1, len(counts) - 2)]
    lines = ["| what | | " + " | ".join(f"{count:,}" for count in counts) + f" | {counts[-1]:,} : {base:,} |"]
    lines.append("| --- | --- |" + " ---: |" * (len(counts) + 1))
    whats: dict[str, dict[str, Mapping[int, float]]] = defaultdict(dict)
    for name, values in table.items():
        what, unit = name.split("|")
        whats[what][unit] = values
    for what, units in whats.items():
        lines += [_row(what, unit, [values], base) for unit, values in units.items() if unit not in KINDS]
        if kinds := [kind for kind in KINDS if kind in units]:
            lines.append(_row(what, " / ".join(kinds), [units[kind] for kind in kinds], base))
    return "\n".join(lines)


def _row(what: str, unit: str, columns: Sequence[Mapping[int, float]], base: int) -> str:
    counts = list(columns[0])
    cells = [" / ".join(_show(values[count]) for values in columns) for count in counts]
    last, against = (sum(values[count] for values in columns) for count in (counts[-1], base))
    return f"| {what} | {unit} | {' | '.join(cells)} | {f'{last / against:.2f}' if against else '–'} |"


def _show(value: float) -> str:
    digits = 0 if float(value).is_integer() or value >= 1_000 else 1 if value >= 10 else 3  # noqa: PLR2004
    return f"{value:,.{digits}f}"
