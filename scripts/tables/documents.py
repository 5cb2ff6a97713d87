"""A document's parts that are written from the code, each between two marks that name it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

DOCS = Path(__file__).resolve().parents[2] / "docs"


def replace_part(text: str, name: str, made: str) -> str:
    """
    Return the document with one part made anew.

    :raises ValueError: the document lacks the part's marks, or has them more than once.
    """
    begin, end = f"<!-- {name}: written by make docs -->", f"<!-- end of {name} -->"
    if (text.count(begin), text.count(end)) != (1, 1):
        raise ValueError(f"the marks of the part {name!r} must stand in the document once each: {begin} … {end}")
    before, rest = text.split(begin)
    _, after = rest.split(end)
    return f"{before}{begin}\n\n{made.strip()}\n\n{end}{after}"


def part(text: str, name: str) -> str:
    """Return what stands between the marks of a part."""
    return text.split(f"<!-- {name}: written by make docs -->")[1].split(f"<!-- end of {name} -->", maxsplit=1)[0]


def kept_texts(text: str, name: str) -> dict[str, str]:
    """Return what a person wrote into the last cell of every row of a part, by the name in its first."""
    return dict(re.findall(r"^\| `([\w.]+)` \|(?:.*\|)? ?([^|]*?) ?\|$", part(text, name), re.MULTILINE))


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Return a table, its cells as they stand in a document."""
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(re.sub("  +", " ", f"| {' | '.join(cells)} |") for cells in lines)


def rewrite(document: Path, **parts: str) -> None:
    """Write parts of a document anew."""
    text = document.read_text("utf-8")
    for name, made in parts.items():
        text = replace_part(text, name, made)
    document.write_text(text, "utf-8")
