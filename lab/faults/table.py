"""The matrix as Markdown."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from lab.faults.matrix import PLACES, WRITES
from lab.faults.verdict import OTHER_EVIDENCE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lab.faults.verdict import Verdict

_SIGNS = {"survived": "✓", "refused": "✗", "wrong": "**WRONG**", "unmet": "–"}


def table(verdicts: Sequence[Verdict]) -> str:
    """Return a table for the wire and one for the storage: a row a fault, a column a place."""
    wire = [v for v in verdicts if v.cell.strikes != "storage"]
    stored = [v for v in verdicts if v.cell.strikes == "storage" and v.cell.where in WRITES]
    listed = [v for v in verdicts if v.cell.strikes == "storage" and v.cell.where not in WRITES]
    columns = [(wire, [*PLACES]), (stored, [*WRITES]), (listed, sorted({v.cell.where for v in listed}))]
    return "\n\n".join(_table(rows, places) for rows, places in columns if rows)


def _table(verdicts: Sequence[Verdict], places: Sequence[str]) -> str:
    ends = {(v.cell.fault, v.cell.lasting, v.cell.where): _sign(v) for v in verdicts}
    rows = dict.fromkeys((v.cell.fault, v.cell.lasting) for v in verdicts)
    lines = [f"| fault | strikes | {' | '.join(places)} |", "| --- " * (len(places) + 2) + "|"]
    for fault, lasting in rows:
        cells = " | ".join(ends.get((fault, lasting, place), "") for place in places)
        lines.append(f"| `{fault}` | {lasting} | {cells} |")
    return "\n".join(lines)


def _sign(verdict: Verdict) -> str:
    calls = f" +{verdict.extra_calls}" if verdict.extra_calls else ""
    note = {"": "", OTHER_EVIDENCE: "²"}.get(verdict.note, "¹")
    return f"{_SIGNS[verdict.end]}{calls}{note}"


def figures(verdicts: Sequence[Verdict]) -> str:
    """Return one line: how many nights, how they ended, what they cost."""
    ends = Counter(verdict.end for verdict in verdicts)
    seconds = sum(verdict.seconds for verdict in verdicts)
    extra = sum(verdict.extra_calls for verdict in verdicts)
    told = ", ".join(f"{ends[end]} {end}" for end in ("survived", "refused", "unmet", "wrong"))
    return f"{len(verdicts)} faults: {told}; {extra} extra calls; {seconds / 60:.0f} minutes of nights."
