"""The audit of a full session, and what a session is on disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.figures import Figure
from benchmarks.sample import SESSION_DATE, store_sets
from lab.measure import fresh_python, say

if TYPE_CHECKING:
    from pathlib import Path

TIMED = f"""
import json, resource, sys, time
from datetime import UTC, date, datetime
from kiwoom_provider.datasets.store import Store
from kiwoom_provider.krx import calendar
from kiwoom_provider.parameters import parameter_sets
from kiwoom_provider.pipeline.assemble import SessionTables
from kiwoom_provider.pipeline.plan import Mode, Plan
from kiwoom_provider.pipeline.publish import Publisher

def peak_mb():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

store, day = Store.open(sys.argv[1]), date.fromisoformat("{SESSION_DATE}")
plan = Plan.of(calendar(), day, Mode.REPLAY, parameter_sets({{}}))
publisher = Publisher(store, plan, "bench")
began, before = time.perf_counter(), peak_mb()
rows, data = SessionTables.read(store, plan).encode()
assembled = time.perf_counter()
examined = publisher.examine()
report = publisher.audit(examined, datetime.now(UTC))
audited = time.perf_counter()
publisher.write_report(report, datetime.now(UTC))
print(json.dumps({{"assemble": assembled - began, "audit": audited - assembled, "report": time.perf_counter() - audited,
    "before": before, "peak": peak_mb(), "rows": rows, "bytes": len(data),
    "checks": len(report.results)}}))
"""


def run(*, quick: bool) -> list[Figure]:  # noqa: ARG001
    """Measure for the table."""
    say("fetching one session of 36 sets for the audit")
    with store_sets() as folder:
        found = fresh_python("-c", TIMED, folder.as_uri())
        typed, raw = _bytes(folder / "ka10066"), _bytes(folder / "raw")
        typed_rows = sum(_rows(path) for path in (folder / "ka10066").rglob("*.parquet"))
    return [
        Figure(
            "audit of a full session", found["audit"], "s", "", f"36 sets, {found['checks']} rules, imports included"
        ),
        Figure("audit, peak memory", found["peak"], "MB", "", f"fresh process, {found['before']:.0f} MB before"),
        Figure("assemble", found["assemble"], "s", "", "36 typed sets into one table, imports included"),
        Figure("published file", found["bytes"] / 1e6, "MB", "", f"{found['rows']:,} rows"),
        Figure("published, on disk per row", found["bytes"] / found["rows"], "bytes"),
        Figure(
            "typed, on disk per row", sum(typed) / typed_rows, "bytes", "", f"{typed_rows:,} rows in {len(typed)} files"
        ),
        Figure("raw, on disk per session", sum(raw) / 1e6, "MB", "", f"{len(raw)} pages"),
        Figure("files per session", len(typed) + len(raw) + 1, "files", "", "raw, typed and published; reports beside"),
    ]


def _bytes(folder: Path) -> list[int]:
    return [path.stat().st_size for path in folder.rglob("*") if path.is_file()]


def _rows(path: Path) -> int:
    import pyarrow.parquet as pq

    return int(pq.read_metadata(path).num_rows)
