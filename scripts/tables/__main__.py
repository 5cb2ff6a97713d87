"""Writes the tables that documents take from the code: ``make docs``."""

from __future__ import annotations

import sys

from scripts.tables import assumptions, columns, errors, metrics, rules, settings, variables
from scripts.tables.documents import DOCS, rewrite

SOURCES = (assumptions, columns, errors, metrics, rules, settings, variables)


def main() -> int:
    """Write every document that has such a table."""
    for source in SOURCES:
        for document, parts in source.documents().items():
            rewrite(DOCS / document, **parts)
    return 0


if __name__ == "__main__":
    sys.exit(main())
