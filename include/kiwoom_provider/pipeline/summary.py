"""One run of a session in a few figures: what the page, the commands and people read first."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from kiwoom_provider.datasets import layout
from kiwoom_provider.quality.results import Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from kiwoom_provider.datasets.store import Store
    from kiwoom_provider.pipeline.plan import Plan
    from kiwoom_provider.quality.results import AuditReport


CALLS = ("calls", "reference_calls", "refused")
"""Calls of ka10066 that brought a page, calls of ka10059, and calls refused as too many."""


def summarise(
    plan: Plan,
    report: AuditReport,
    fetched: Iterable[Mapping[str, Any]],
    looked: Mapping[str, int],
    published: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """
    Return a run's summary, JSON-ready.

    :param fetched: what every ``fetch`` task returned.
    :param looked: calls that waiting for settlement took.
    :param published: what publication returned, or None when nothing was published.
    """
    fetched = list(fetched)
    return {
        "session_date": plan.session_date.isoformat(),
        "run_id": report.run_id,
        "mode": str(plan.mode),
        "audited_at": report.audited_at.isoformat() if report.audited_at else None,
        "audit": str(report.status),
        "rules": {str(status): report.count(status) for status in Status},
        "proof": {name: (report.proof or {}).get(name) for name in ("outcome", "how")},
        "findings": [result.sentence() for result in report.worst()],
        "sets": len(plan.sets),
        **{name: sum(entry[name] for entry in fetched) for name in ("rows", "pages", "bytes")},
        **{name: looked.get(name, 0) + sum(entry[name] for entry in fetched) for name in CALLS},
        "published": dict(published) if published else None,
    }


def write_summary(store: Store, plan: Plan, summary: Mapping[str, Any], written_at: datetime) -> None:
    """Keep a run's summary beside its report."""
    key = layout.report_key(plan.session_date, summary["run_id"], written_at, "summary.json")
    store.write(key, json.dumps(summary, ensure_ascii=False, indent=1).encode())


def read_summaries(store: Store, prefix: str = layout.REPORTS) -> list[dict[str, Any]]:
    """Return the summaries of every run under ``prefix``, oldest first within a session."""
    keys = [key for key in store.list(prefix) if key.endswith(".summary.json")]
    return [json.loads(store.read(key)) for key in keys]
