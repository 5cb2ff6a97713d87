"""The documentation's tables of rules are the code's."""

from __future__ import annotations

import pytest

from scripts import rules_table


@pytest.mark.parametrize(
    ("page", "made"),
    [(rules_table.DOCUMENT, rules_table.tables), (rules_table.REASONS, rules_table.reasons)],
    ids=["rules", "reasons"],
)
def test_the_tables_of_rules_are_those_that_the_rules_make(page, made):
    text = page.read_text("utf-8")
    assert text == rules_table.document(text, made())


@pytest.mark.parametrize("made", [rules_table.tables, rules_table.reasons])
def test_every_rule_has_a_row(made):
    assert made().count("\n| `") == sum(len(rules) for _, rules in rules_table.SECTIONS)
