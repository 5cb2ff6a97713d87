"""The site's settings: every user document has its place, in both languages, and the search knows both."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

REPOSITORY = Path(__file__).parents[2]
SITE = yaml.safe_load((REPOSITORY / "mkdocs.yml").read_text("utf-8"))


def test_every_user_document_is_in_the_navigation():
    listed = set(re.findall(r"[\w.-]+\.md", str(SITE["nav"])))
    assert listed == {path.name for path in (REPOSITORY / "docs").glob("*.md")}


def test_the_search_knows_english_and_korean_and_nothing_comes_from_another_host():
    assert SITE["plugins"] == [{"search": {"lang": ["en", "ko"]}}]
    assert SITE["theme"]["font"] is False
