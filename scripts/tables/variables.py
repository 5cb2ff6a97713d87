"""Writes the names of the Airflow Variables that the code reads; what each means stays as written."""

from __future__ import annotations

import re

from scripts.tables.documents import DOCS, kept_texts, table

NAMED = re.compile(r'(?:optional_variable\(|_VARIABLE = |Variable\.get\()"(kiwoom_\w+)"')


def variables() -> list[str]:
    """Return the names of all Variables that package or DAGs read."""
    sources = [path for tree in ("include", "dags") for path in (DOCS.parent / tree).rglob("*.py")]
    return sorted({name for path in sources for name in NAMED.findall(path.read_text("utf-8"))})


def documents() -> dict[str, dict[str, str]]:
    """Return the part that is made, by document and name."""
    texts = kept_texts((DOCS / "deployment.md").read_text("utf-8"), "variables")
    rows = [(f"`{name}`", texts.get(name, "")) for name in variables()]
    return {"deployment.md": {"variables": table(("Airflow Variable", "meaning"), rows)}}
