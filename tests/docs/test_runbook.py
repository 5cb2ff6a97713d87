"""The run book knows every error that the package can raise, and quotes only what the package says."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest
import yaml

from kiwoom_provider.api.codes import KIND_BY_CODE
from scripts.tables.errors import error_classes

REPOSITORY = Path(__file__).parents[2]
BOOK = (REPOSITORY / "docs" / "runbook.md").read_text("utf-8")
VALUE = "\0"


@cache
def trees():
    return [ast.parse(path.read_text("utf-8")) for path in (REPOSITORY / "include" / "kiwoom_provider").rglob("*.py")]


def errors():
    """Return the names of all exception and warning classes of the package."""
    classes = [node for tree in trees() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    bases = {node.name: {base.id for base in node.bases if isinstance(base, ast.Name)} for node in classes}
    kinds = {name for name, of in bases.items() if any(re.search(r"(Error|Exception|Warning)$", base) for base in of)}
    return {name for name in kinds if name.endswith(("Error", "Warning"))}  # the others end no task


def texts():
    """Return every text in the code, values in it as one sign."""
    for tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value
            elif isinstance(node, ast.JoinedStr):
                yield "".join(part.value if isinstance(part, ast.Constant) else VALUE for part in node.values)


END = "\1"


@cache
def said():
    """Return all that the code says."""
    return re.sub(r"%[sd]|%\.0f|%g", VALUE, END.join(texts()))


QUOTES = [
    quote
    for row in re.findall(r"^\| (.+?) \|", BOOK, re.MULTILINE)
    for quote in re.findall(r"`([^`]+)`", row)
    if " " in quote
]


def test_every_error_says_what_a_person_can_do():
    assert [kind.__name__ for kind in error_classes() if not kind.remedy] == []


def test_every_error_class_of_the_package_is_in_the_run_book():
    named = set(re.findall(r"`(\w+)`", BOOK))
    assert len(errors()) > 30
    assert errors() - named == set()


def test_the_run_book_names_no_error_that_there_is_not():
    named = {name for name in re.findall(r"`(\w+)`", BOOK) if re.search(r"[a-z](Error|Warning)$", name)}
    assert named - errors() == set()


@pytest.mark.parametrize("quote", QUOTES)
def test_a_quoted_message_is_one_that_the_code_says(quote):
    parts = [re.escape(part.strip()) for part in quote.split("…")]
    assert re.search(f"[^{END}]*?".join(parts), said())


def test_there_are_quotes_to_hold_against_the_code():
    assert len(QUOTES) > 60


@pytest.mark.parametrize("words", ["as above", "as below", "see above", "as the first row", "| the same"])
def test_every_row_stands_alone(words):
    assert words not in BOOK


def test_every_alert_has_its_row():
    rules = yaml.safe_load((REPOSITORY / "deploy/monitoring/prometheus-rules.yaml").read_text("utf-8"))
    names = {rule["alert"] for group in rules["groups"] for rule in group["rules"]}
    assert names == set(re.findall(r"^\| the alert `(Kiwoom\w+)` \|", BOOK, re.MULTILINE))


def test_a_quote_that_the_code_does_not_say_would_be_found_out():
    assert "the moon is in the way" not in said()


def test_every_code_of_kiwooms_is_explained():
    explained = set(re.findall(r"\b\d{4}\b", " ".join(re.findall(r"^\| ([\d, ]+) \|", BOOK, re.MULTILINE))))
    assert explained == set(KIND_BY_CODE)
