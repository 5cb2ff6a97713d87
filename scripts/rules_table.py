"""Writes the tables of rules in docs/quality.md from the rules themselves: ``make docs``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from kiwoom_provider.quality.rules import SECTIONS

if TYPE_CHECKING:
    from kiwoom_provider.quality.rule import Rule

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "quality.md"
BEGIN, END = "<!-- rules: written by make docs -->", "<!-- end of rules -->"
HEAD = ("| rule | what holds | tolerance: reason | default | do |", "| --- | --- | --- | --- | --- |")


def tables() -> str:
    """Return what to do, numbered, and every rule as a row, one table a theme."""
    remedies = list(dict.fromkeys(str(rule.remedy) for _, rules in SECTIONS for rule in rules))
    parts = ["What to do when a rule fires, by the number in its last column:", ""]
    parts += [f"{number}. {remedy}" for number, remedy in enumerate(remedies, 1)]
    for title, rules in SECTIONS:
        parts += ["", f"### {title}", "", *HEAD, *(_row(rule, remedies) for rule in rules)]
    return "\n".join([*parts, ""])


def document(text: str) -> str:
    """Return the document with its tables made anew."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{tables()}\n{END}{after}"


def _row(rule: Rule, remedies: list[str]) -> str:
    default = f"{rule.severity}{', fixed' if rule.fixed else ''}"
    number = remedies.index(str(rule.remedy)) + 1
    cells = (f"`{rule.id}`", rule.title, f"{rule.tolerance}: {rule.reason}", default, number)
    return f"| {' | '.join(str(cell) for cell in cells)} |"


def main() -> int:
    """Write the document."""
    DOCUMENT.write_text(document(DOCUMENT.read_text("utf-8")), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
