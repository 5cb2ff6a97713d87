"""The documentation's tables of rules are the code's."""

from __future__ import annotations

from scripts import rules_table


def test_the_tables_of_rules_are_those_that_the_rules_make():
    text = rules_table.DOCUMENT.read_text("utf-8")
    assert text == rules_table.document(text)


def test_every_rule_has_a_row():
    assert rules_table.tables().count("\n| `") == sum(len(rules) for _, rules in rules_table.SECTIONS)
