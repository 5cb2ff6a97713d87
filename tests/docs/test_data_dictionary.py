"""The data dictionaries, English and Korean, say what the files' schemas say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kiwoom_provider.datasets import investor_trading, ka10066, securities
from kiwoom_provider.datasets.columns import INVESTORS

DOCS = Path(__file__).parents[2] / "docs"
ENGLISH, KOREAN = (DOCS / name for name in ("data.md", "data.ko.md"))
UNIT = {"KRW million": "백만원", "shares": "주", "KRW": "원", "%": "%", "UTC": "UTC"}
IN_BOTH = pytest.mark.parametrize(("page", "shown"), [(ENGLISH, dict(zip(UNIT, UNIT, strict=True))), (KOREAN, UNIT)])
TYPES = {"decimal128(9, 2)": "decimal(9, 2)", "timestamp[us, tz=UTC]": "timestamp", "date32[day]": "date"}


def rows(page, heading):
    """Return the cells of every row below a heading whose first cell is a name in code."""
    part = page.read_text("utf-8").split(f"\n## {heading}\n")[1].split("\n## ")[0]
    lines = re.findall(r"^\| `\w+` \|.*$", part, re.MULTILINE)
    return [cells for line in lines if (cells := [cell.strip() for cell in line.strip("|").split("|")])[1] != "한국어"]


def typed(schema):
    return [(field.name, TYPES.get(str(field.type), str(field.type)), unit_of(field)) for field in schema]


def unit_of(field):
    return field.metadata[b"unit"].decode()


@IN_BOTH
def test_the_published_columns_stand_in_order_with_type_and_unit(page, shown):
    listed = [(row[0].strip("`"), row[1], row[2]) for row in rows(page, "investor_trading") if len(row) == 5]
    expected = [(name, kind, shown.get(unit, "")) for name, kind, unit in typed(investor_trading.schema())]
    assert listed == expected


@pytest.mark.parametrize("page", [ENGLISH, KOREAN], ids=["en", "ko"])
def test_the_published_columns_have_the_korean_term_of_their_metadata(page):
    for row in rows(page, "investor_trading"):
        if len(row) == 5:
            term = investor_trading.schema().field(row[0].strip("`")).metadata[b"korean"].decode()
            assert row[3].startswith(term)


@pytest.mark.parametrize("page", [ENGLISH, KOREAN], ids=["en", "ko"])
def test_the_investors_stand_in_the_apis_order_with_term_and_element(page):
    listed = [row for row in rows(page, "investor_trading") if len(row) == 3]
    assert [(row[0].strip("`"), row[2].strip("`")) for row in listed] == [(i.name, i.element) for i in INVESTORS]
    assert all(row[1].startswith(i.korean) for row, i in zip(listed, INVESTORS, strict=True))


@IN_BOTH
def test_the_typed_elements_stand_with_type_and_unit(page, shown):
    listed = {row[0].strip("`"): (row[1], row[2]) for row in rows(page, "ka10066")}
    investors = {investor.element for investor in INVESTORS} | {"fetched_at"}
    expected = {
        name: (kind, shown.get(unit, ""))
        for name, kind, unit in typed(ka10066.schema("amount"))
        if name not in investors
    }
    assert {name: found for name, found in listed.items() if name not in investors} == expected


@IN_BOTH
def test_the_columns_of_the_securities_stand_in_order_with_type_unit_and_term(page, shown):
    listed = [(row[0].strip("`"), row[1], row[2]) for row in rows(page, "securities")]
    assert listed == [(name, kind, shown.get(unit, "")) for name, kind, unit in typed(securities.schema())]
    terms = [field.metadata[b"korean"].decode() for field in securities.schema()]
    assert [row[3] for row in rows(page, "securities")] == terms
    assert all(f"`{kind}`" in page.read_text("utf-8") for kind in securities.Kind)
