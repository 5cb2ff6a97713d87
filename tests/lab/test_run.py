"""What `make run` says at its end."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from kiwoom_provider.krx import calendar
from kiwoom_provider.locale.messages import message
from kiwoom_provider.parameters import parameter_sets
from kiwoom_provider.pipeline.plan import Mode, Plan
from kiwoom_provider.pipeline.summary import ProofSummary, PublishedFile, summarise
from kiwoom_provider.quality.results import AuditReport
from lab.local.run import describe

PLAN = Plan.of(calendar(), date(2026, 11, 20), Mode.LIVE, parameter_sets({}))


def test_the_proof_is_told_in_words():
    report = AuditReport(
        run_id="run",
        session_date=date(2026, 11, 20),
        results=(),
        audited_at=datetime(2026, 11, 20, 12, 45, tzinfo=UTC),
    )
    published = PublishedFile(rows=85_296, bytes=1_038_261, sha256="0" * 64, path="file:///data/part-0.parquet")
    how = (message("{count} of {all} sets differ from the session before", count=0, all=36), message("as released"))
    proof = ProofSummary(outcome="proved", how=how)
    summary = summarise(PLAN, report, (), {}, None).model_copy(update={"proof": proof, "published": published})

    told = describe(summary, Path("/data"), 80.7)

    assert "Proof      proved: 0 of 36 sets differ from the session before; as released\n" in told
    assert "Published  85,296 rows, 1,038,261 bytes\n           /data/part-0.parquet\n" in told
