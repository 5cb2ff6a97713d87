"""Writes the lines of ``make ask`` and what they assume from its code; what the package does stays as written."""

from __future__ import annotations

from kiwoom_provider.ask import inquiry  # noqa: F401 - its imports declare the lines
from kiwoom_provider.ask.assumption import ASSUMPTIONS
from scripts.tables.documents import DOCS, kept_texts, table


def documents() -> dict[str, dict[str, str]]:
    """Return the part that is made, by document and name."""
    page = "evidence/open-points.md"
    texts = kept_texts((DOCS / page).read_text("utf-8"), "lines of make ask")
    rows = [(f"`{name}`", one.assumed, texts.get(name, "")) for name, one in ASSUMPTIONS.items()]
    return {page: {"lines of make ask": table(("line", "what is assumed", "what the package does either way"), rows)}}
