"""The documentation's table of rules is the code's, word for word."""

from __future__ import annotations

import re
from pathlib import Path

from kiwoom_provider.quality.catalogue import RULES

DOCUMENT = Path(__file__).parents[2] / "docs" / "quality.md"
ROW = re.compile(r"^\| `(\w+)` \| (.+) \|$", re.MULTILINE)


def test_the_table_lists_exactly_the_rules_in_the_code_with_their_texts():
    listed = {found[1]: found[2].split(" | ") for found in ROW.finditer(DOCUMENT.read_text("utf-8"))}
    assert listed == {
        rule.id: [
            rule.title.en,
            rule.looks_at.en,
            f"{rule.tolerance.en}: {rule.reason.en}",
            f"{rule.severity}{', fixed' if rule.fixed else ''}",
            rule.remedy.en,
        ]
        for rule in RULES
    }
