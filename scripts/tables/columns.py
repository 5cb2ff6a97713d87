"""Writes name, type, unit and Korean term of every column from the schemas; what it is stays as written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiwoom_provider.datasets import investor_trading, ka10066, securities
from kiwoom_provider.datasets.columns import INVESTORS
from scripts.tables.documents import DOCS, kept_texts, table

if TYPE_CHECKING:
    import pyarrow as pa

TYPES = {"decimal128(9, 2)": "decimal(9, 2)", "timestamp[us, tz=UTC]": "timestamp", "date32[day]": "date"}
UNITS = {"KRW million": "백만원", "shares": "주", "KRW": "원", "%": "%", "UTC": "UTC"}
HEADS = {
    "data.md": ("column", "type", "unit", "한국어", "element", "what it is"),
    "data.ko.md": ("열", "형식", "단위", "한국어", "API 항목", "설명"),
}
SCHEMAS = {
    "columns of investor_trading": investor_trading.schema(),
    "columns of ka10066": ka10066.schema("amount"),
    "columns of securities": securities.schema(),
}


def columns(schema: pa.Schema, head: tuple[str, ...], units: dict[str, str], texts: dict[str, str]) -> str:
    """Return a schema as a table, one row a column; the twelve investors of ka10066 have a table of their own."""
    elements = {investor.element for investor in INVESTORS}
    rows = [
        (
            f"`{field.name}`",
            TYPES.get(str(field.type), str(field.type)),
            units.get(field.metadata[b"unit"].decode(), ""),
            field.metadata.get(b"korean", b"").decode(),
            texts.get(field.name, ""),
        )
        for field in schema
        if field.name not in elements
    ]
    return table((*head[:4], head[-1]), rows)


def investors(head: tuple[str, ...], texts: dict[str, str]) -> str:
    """Return the investors in the API's order as a table."""
    rows = [(f"`{one.name}`", one.korean, f"`{one.element}`", texts.get(one.name, "")) for one in INVESTORS]
    return table(("`investor`", *head[3:]), rows)


def documents() -> dict[str, dict[str, str]]:
    """Return the parts that are made, by document and name."""
    return {name: _dictionary(name, head) for name, head in HEADS.items()}


def _dictionary(document: str, head: tuple[str, ...]) -> dict[str, str]:
    text = (DOCS / document).read_text("utf-8")
    units = UNITS if document.endswith(".ko.md") else dict(zip(UNITS, UNITS, strict=True))
    parts = {name: columns(schema, head, units, kept_texts(text, name)) for name, schema in SCHEMAS.items()}
    return {"investors": investors(head, kept_texts(text, "investors")), **parts}
