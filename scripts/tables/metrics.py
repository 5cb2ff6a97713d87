"""Writes names and kinds of the metrics from the code that sends them, and the alerts from their rules."""

from __future__ import annotations

import ast
import inspect
from typing import TYPE_CHECKING

import yaml

from kiwoom_provider import metrics
from kiwoom_provider.quality.results import Verdict
from scripts.tables.documents import DOCS, kept_texts, table

if TYPE_CHECKING:
    from pathlib import Path

KINDS = {"incr": "counter", "timing": "timing", "gauge": "gauge"}
RULES = DOCS.parent / "deploy" / "monitoring" / "prometheus-rules.yaml"


def sent_metrics() -> dict[str, str]:
    """Return the kind of every metric by name, in the order of the code."""
    calls = [node for node in ast.walk(ast.parse(inspect.getsource(metrics))) if isinstance(node, ast.Call)]
    sent = [call for call in calls if ast.unparse(call.func).startswith("stats.")]
    in_order = sorted(sent, key=lambda call: call.lineno)
    kinds = {call: KINDS[ast.unparse(call.func).removeprefix("stats.")] for call in in_order}
    return {name: kind for call, kind in kinds.items() for name in _names(call.args[0])}


def _names(given: ast.expr) -> list[str]:
    """Return what a metric is called; the one name that holds a value holds an audit's verdict."""
    if isinstance(given, ast.JoinedStr):
        begin = ast.literal_eval(given.values[0])
        return [f"{begin}{verdict}" for verdict in Verdict]
    return [ast.literal_eval(given)]


def documents() -> dict[str, dict[str, str]]:
    """Return the parts that are made, by document and name; what a metric is stays as written."""
    meanings = kept_texts((DOCS / "metrics.md").read_text("utf-8"), "metrics")
    rows = [(f"`{name}`", kind, meanings.get(name, "")) for name, kind in sent_metrics().items()]
    made = table(("name (after Airflow's prefix)", "kind", "what it is"), rows)
    return {"metrics.md": {"metrics": made, "alerts": _alerts(RULES)}}


def _alerts(rules: Path) -> str:
    alerts = [rule for group in yaml.safe_load(rules.read_text("utf-8"))["groups"] for rule in group["rules"]]
    rows = [(f"`{one['alert']}`", one["labels"]["severity"], one["annotations"]["summary"]) for one in alerts]
    return table(("alert", "severity", "what it says"), rows)
