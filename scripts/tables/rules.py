"""Writes the tables of rules, and of their reasons, from the rules themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiwoom_provider.quality.rules import SECTIONS

if TYPE_CHECKING:
    from kiwoom_provider.quality.rule import Rule

HEAD = ("| rule | what holds | tolerance | default | do |", "| --- | --- | --- | --- | --- |")
REASONS_HEAD = ("| rule | tolerance | reason |", "| --- | --- | --- |")


def tables() -> str:
    """Return what to do, numbered, and every rule as a row, one table a theme."""
    remedies = list(dict.fromkeys(str(rule.remedy) for _, rules in SECTIONS for rule in rules))
    parts = ["What to do when a rule fires, by the number in its last column:", ""]
    parts += [f"{number}. {remedy}" for number, remedy in enumerate(remedies, 1)]
    for title, rules in SECTIONS:
        parts += ["", f"### {title}", "", *HEAD, *(_row(rule, remedies) for rule in rules)]
    return "\n".join(parts)


def reasons() -> str:
    """Return the reason for every rule's tolerance as a row."""
    rules = [rule for _, rules in SECTIONS for rule in rules]
    return "\n".join([*REASONS_HEAD, *(f"| `{rule.id}` | {rule.tolerance} | {rule.reason} |" for rule in rules)])


def _row(rule: Rule, remedies: list[str]) -> str:
    default = f"{rule.severity}{', fixed' if rule.fixed else ''}"
    number = remedies.index(str(rule.remedy)) + 1
    cells = (f"`{rule.id}`", rule.title, rule.tolerance, default, number)
    return f"| {' | '.join(str(cell) for cell in cells)} |"


def documents() -> dict[str, dict[str, str]]:
    """Return the parts that are made, by document and name."""
    return {"quality.md": {"rules": tables()}, "evidence/rules.md": {"rules": reasons()}}
