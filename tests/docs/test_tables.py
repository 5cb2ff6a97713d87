"""The tables that documents take from the code are the code's."""

from __future__ import annotations

import re
from functools import cache

import pytest

from kiwoom_provider.datasets import securities
from kiwoom_provider.quality.rules import RULES
from scripts.tables.__main__ import SOURCES
from scripts.tables.columns import columns
from scripts.tables.documents import DOCS, part, replace_part
from scripts.tables.variables import variables

MARKS = {
    (page.relative_to(DOCS).as_posix(), name)
    for page in DOCS.rglob("*.md")
    for name in re.findall(r"<!-- (.+): written by make docs -->", page.read_text("utf-8"))
} - {("evidence/faults.md", "faults")}  # tests/quality/test_faults.py makes it


@cache
def made():
    """Return what the code makes of each part."""
    parts = ((document, source_parts) for source in SOURCES for document, source_parts in source.documents().items())
    return {(document, name): text for document, named in parts for name, text in named.items()}


@pytest.mark.parametrize(("document", "name"), sorted(MARKS))
def test_a_table_is_what_the_code_makes_of_it(document, name):
    text = (DOCS / document).read_text("utf-8")
    assert text == replace_part(text, name, made()[document, name]), "run make docs"


def test_every_part_that_is_made_has_its_place():
    assert set(made()) == MARKS


def test_every_rule_has_a_row():
    assert made()["quality.md", "rules"].count("\n| `") == len(RULES)


@pytest.mark.parametrize(
    ("document", "name"),
    [("metrics.md", "metrics"), ("deployment.md", "variables"), ("evidence/open-points.md", "lines of make ask")],
)
def test_somebody_wrote_what_each_row_means(document, name):
    assert [row for row in made()[document, name].splitlines() if row.endswith("| |")] == []


def test_variables_are_found_where_they_are_read():
    names = ["kiwoom_data_root", "kiwoom_history_calls_a_day", "kiwoom_notifier", "kiwoom_proof", "kiwoom_severities"]
    assert variables() == names


def test_what_is_written_beside_a_column_stays():
    made = columns(securities.schema(), ("a", "b", "c", "d", "e"), {"shares": "주"}, {"listed_shares": "없는 설명"})
    assert "| `listed_shares` | int64 | 주 | 상장주식수 | 없는 설명 |" in made


def test_a_document_without_the_marks_is_refused():
    with pytest.raises(ValueError, match="the marks of the part 'rules' must stand in the document once"):
        replace_part("nothing", "rules", "table")


@pytest.mark.parametrize("page", ["data.md", "data.ko.md"])
def test_every_kind_of_security_is_named(page):
    table = part((DOCS / page).read_text("utf-8"), "columns of securities")
    assert [kind for kind in securities.SecurityKind if f"`{kind}`" not in table] == []
