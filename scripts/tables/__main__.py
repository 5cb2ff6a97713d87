"""Writes the tables that documents take from the code: ``make docs``."""

from __future__ import annotations

import sys

from scripts.tables import columns, errors, rules, settings
from scripts.tables.documents import DOCS, rewrite

SOURCES = (columns, errors, rules, settings)


def main() -> int:
    """Write every document that has such a table."""
    for source in SOURCES:
        for document, parts in source.documents().items():
            rewrite(DOCS / document, **parts)
    return 0


if __name__ == "__main__":
    sys.exit(main())
