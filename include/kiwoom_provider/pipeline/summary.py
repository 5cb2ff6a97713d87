"""One run of a session in a few figures: what the page, the commands and people read first."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from kiwoom_provider.datasets import layout
from kiwoom_provider.quality.results import Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
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
    *,
    calendar_warnings: Iterable[str] = (),
) -> dict[str, Any]:
    """
    Return a run's summary, JSON-ready.

    ``sizes`` are rows of all sets and stocks by market and venue, ``flows`` net flows by market, venue
    and investor, ``sweep`` the fetching's begin and end with the seconds that the permitted rate asks for.

    :param fetched: what every ``fetch`` task returned.
    :param looked: calls that waiting for settlement took.
    :param published: what publication returned, or None when nothing was published.
    :param calendar_warnings: what the calendar's cross-check says.
    """
    fetched = list(fetched)
    return {
        "session_date": plan.session.session_date.isoformat(),
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
        "sizes": _sizes(report),
        "flows": _flows(report),
        "sweep": _sweep(fetched),
        "calendar_warnings": list(calendar_warnings),
    }


def _sizes(report: AuditReport) -> list[dict[str, Any]]:
    """Return rows and stocks by market and venue; the audit holds that all sets of a place have the same stocks."""
    rows: dict[tuple[str, ...], list[int]] = {}
    for entry in report.sets:
        rows.setdefault(tuple(entry["set"].split(" · ")[:2]), []).append(entry["rows"] or 0)
    return [
        {"market": market, "venue": venue, "rows": sum(counts), "stocks": max(counts)}
        for (market, venue), counts in rows.items()
    ]


def _flows(report: AuditReport) -> dict[str, Any]:
    """Return the report's net flows by market, venue and investor, with their unit once."""
    net: dict[str, dict[str, dict[str, int]]] = {}
    for flow in report.flows:
        net.setdefault(flow["market"], {}).setdefault(flow["venue"], {})[flow["investor"]] = flow["net"]
    return {"unit": report.flows[0]["unit"], "net": net} if net else {}


def _sweep(fetched: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Return the time that fetching took, None when nothing was called."""
    timed = [entry for entry in fetched if entry["calls"] and entry.get("began") and entry.get("ended")]
    if not timed:
        return None
    rate = min((entry["rate"] for entry in timed if entry.get("rate")), default=None)
    return {
        "began": min(entry["began"] for entry in timed),
        "ended": max(entry["ended"] for entry in timed),
        "rate": rate,
        "floor_s": round(sum(entry["calls"] for entry in timed) / rate, 3) if rate else None,
        "waited_s": round(sum(entry.get("waited_s") or 0 for entry in timed), 3),
    }


def write_summary(store: Store, plan: Plan, summary: Mapping[str, Any], written_at: datetime) -> None:
    """Keep a run's summary beside its report."""
    key = layout.report_key(plan.session.session_date, summary["run_id"], written_at, layout.SUMMARY)
    store.write(key, json.dumps(summary, ensure_ascii=False, indent=1).encode())


def read_summaries(store: Store, prefix: str = layout.REPORTS) -> list[dict[str, Any]]:
    """Return the summaries of every run under ``prefix``, oldest first within a session."""
    keys = [key for key in store.list(prefix) if layout.is_summary(key)]
    return [json.loads(store.read(key)) for key in keys]
