"""Writes the tables of rules, and of their reasons, from the rules themselves: ``make docs``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from kiwoom_provider.quality.rules import SECTIONS

if TYPE_CHECKING:
    from kiwoom_provider.quality.rule import Rule

DOCS = Path(__file__).resolve().parents[1] / "docs"
DOCUMENT, REASONS = DOCS / "quality.md", DOCS / "evidence" / "rules.md"
BEGIN, END = "<!-- rules: written by make docs -->", "<!-- end of rules -->"
HEAD = ("| rule | what holds | tolerance | default | do |", "| --- | --- | --- | --- | --- |")
REASONS_HEAD = ("| rule | tolerance | reason |", "| --- | --- | --- |")


def tables() -> str:
    """Return what to do, numbered, and every rule as a row, one table a theme."""
    remedies = list(dict.fromkeys(str(rule.remedy) for _, rules in SECTIONS for rule in rules))
    parts = ["What to do when a rule fires, by the number in its last column:", ""]
    parts += [f"{number}. {remedy}" for number, remedy in enumerate(remedies, 1)]
    for title, rules in SECTIONS:
        parts += ["", f"### {title}", "", *HEAD, *(_row(rule, remedies) for rule in rules)]
    return "\n".join([*parts, ""])


def reasons() -> str:
    """Return the reason for every rule's tolerance as a row."""
    rules = [rule for _, rules in SECTIONS for rule in rules]
    rows = [f"| `{rule.id}` | {rule.tolerance} | {rule.reason} |" for rule in rules]
    return "\n".join([*REASONS_HEAD, *rows, ""])


def document(text: str, made: str) -> str:
    """Return the document with what is made of the rules anew."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{made}\n{END}{after}"


def _row(rule: Rule, remedies: list[str]) -> str:
    default = f"{rule.severity}{', fixed' if rule.fixed else ''}"
    number = remedies.index(str(rule.remedy)) + 1
    cells = (f"`{rule.id}`", rule.title, rule.tolerance, default, number)
    return f"| {' | '.join(str(cell) for cell in cells)} |"


def main() -> int:
    """Write both documents."""
    for path, made in ((DOCUMENT, tables()), (REASONS, reasons())):
        path.write_text(document(path.read_text("utf-8"), made), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
