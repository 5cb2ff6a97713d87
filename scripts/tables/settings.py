"""Writes the settings of the connection from the form that Airflow shows of them."""

from __future__ import annotations

from typing import Any

from kiwoom_provider.provider_info import get_provider_info

HEAD = ("| name | in the form | values | meaning |", "| --- | --- | --- | --- |")


def table() -> str:
    """Return every setting as a row."""
    (connection,) = get_provider_info()["connection-types"]
    fields = connection["conn-fields"]
    return "\n".join([*HEAD, *(_row(name, field) for name, field in fields.items())])


def _row(name: str, field: dict[str, Any]) -> str:
    schema = field["schema"]
    (kind,) = set(schema["type"]) - {"null"}
    values = {"string": "text", "boolean": "true or false"}.get(kind, kind)
    if "maximum" in schema:
        low = f"from {schema['minimum']}" if "minimum" in schema else f"above {schema['exclusiveMinimum']}"
        values = f"{values} {low} to {schema['maximum']}"
    return f"| `{name}` | {field['label']} | {values} | {field['description']} |"


def documents() -> dict[str, dict[str, str]]:
    """Return the part that is made, by document and name."""
    return {"deployment.md": {"settings": table()}}
