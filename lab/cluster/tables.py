"""The tables of a campaign of kills, in Markdown."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lab.cluster.killer import Kill
    from lab.cluster.nights import Outcome

NIGHTS_HEAD = """\
| night | kills (seconds into the night) | tasks hit | ended | s | bytes | calls more: ka10066, ka10059 | refused | most calls in 1 s | further tries |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"""  # noqa: E501 - a table's head is one line


def night_row(outcome: Outcome, kills: Sequence[Kill], reference: Outcome) -> str:
    """Return the row of one night, against an undisturbed one."""
    seen, usual = outcome.traffic, reference.traffic
    cells = (
        outcome.name,
        ", ".join(f"{kill.target} ({kill.at_s:.0f})" for kill in kills),
        sum(kill.tasks for kill in kills),
        outcome.state + (f": {', '.join(outcome.failed)}" if outcome.failed else ""),
        f"{outcome.seconds:.0f}",
        "identical" if is_well(outcome, reference) else "not identical" if outcome.digest else "none",
        f"{seen.calls - usual.calls}, {seen.reference_calls - usual.reference_calls}",
        seen.refused,
        seen.most_in_a_second,
        outcome.tries,
    )
    return f"| {' | '.join(map(str, cells))} |"


def is_well(outcome: Outcome, reference: Outcome) -> bool:
    """Tell whether a night completed with the undisturbed night's bytes."""
    return outcome.state == "success" and bool(outcome.digest) and outcome.digest == reference.digest


def targets_table(nights: Sequence[tuple[Outcome, Sequence[Kill]]], reference: Outcome) -> str:
    """Return the table of all kills by target."""
    kills, hit = Counter[str](), Counter[str]()
    for _, struck in nights:
        for kill in struck:
            kills[kill.target] += 1
            hit[kill.target] += kill.tasks
    rows = []
    for target in kills:
        among = [outcome for outcome, struck in nights if target in {kill.target for kill in struck}]
        well = sum(is_well(outcome, reference) for outcome in among)
        rows.append(f"| {target} | {kills[target]} | {hit[target]} | {len(among)} | {well} |")
    well = sum(is_well(outcome, reference) for outcome, _ in nights)
    rows.append(f"| **all** | {kills.total()} | {hit.total()} | {len(nights)} | {well} |")
    head = "| killed | kills | tasks hit | nights | completed with identical bytes |\n| --- | --- | --- | --- | --- |"
    return "\n".join([head, *rows])
