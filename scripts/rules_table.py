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
HEAD = (
    "| rule | what holds | looks at | tolerance: reason | default | when it fires |",
    "| --- | --- | --- | --- | --- | --- |",
)


def tables() -> str:
    """Return every rule as a row, one table a theme."""
    parts = []
    for title, rules in SECTIONS:
        parts += [f"### {title}", "", *HEAD, *map(_row, rules), ""]
    return "\n".join(parts)


def document(text: str) -> str:
    """Return the document with its tables made anew."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{tables()}\n{END}{after}"


def _row(rule: Rule) -> str:
    default = f"{rule.severity}{', fixed' if rule.fixed else ''}"
    cells = (f"`{rule.id}`", rule.title, rule.looks_at, f"{rule.tolerance}: {rule.reason}", default, rule.remedy)
    return f"| {' | '.join(str(cell) for cell in cells)} |"


def main() -> int:
    """Write the document."""
    DOCUMENT.write_text(document(DOCUMENT.read_text("utf-8")), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
