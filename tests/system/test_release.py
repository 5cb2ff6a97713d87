"""A person releases a quarantined session through the DAG's own params, after looking at the report."""

from __future__ import annotations

import io
import json

import pyarrow.parquet as pq

from kiwoom_provider.quality.results import AuditReport

TODAY = "2026-11-17"
PUBLISHED = f"investor_trading/session_date={TODAY}/part-0.parquet"


def last_report(night):
    keys = [key for key in night.store.list(f"quality/session_date={TODAY}") if key.endswith(".json")]
    reports = [key for key in keys if not key.endswith((".summary.json", ".top.json"))]
    return AuditReport.from_bytes(night.store.read(reports[-1]), reports[-1])


def test_an_unproved_session_is_released_from_what_was_looked_at(night):
    night.control.fault("http=503@ka10059*999")
    refused = night.run(TODAY)
    assert refused.failed_task == "quality_check", refused.errors
    assert not night.store.exists(PUBLISHED)
    blocking = [result.id for result in last_report(night).blocking]
    assert blocking == ["session_proof"]
    calls = night.control.count("ka10066").calls

    reason = "ka10059 was down all night; compared ten stocks by hand"
    released = night.run(session_date=TODAY, release_rules=blocking, release_reason=reason)

    assert released.state == "success", released.errors
    assert night.control.count("ka10066").calls == calls
    metadata = pq.read_schema(io.BytesIO(night.store.read(PUBLISHED))).metadata
    assert json.loads(metadata[b"kiwoom.release"])["reason"] == reason
    assert last_report(night).status == "released"


def test_a_release_of_other_rules_than_those_that_block_publishes_nothing(night):
    night.control.fault("blank-cell@ka10066:side=buy*1")
    night.run(TODAY)

    outcome = night.run(session_date=TODAY, release_rules=["stocks_stay"], release_reason="looked at another thing")

    assert outcome.failed_task == "quality_check", outcome.errors
    assert not night.store.exists(PUBLISHED)


def test_a_rule_that_does_not_exist_is_named(night):
    night.run(TODAY)

    outcome = night.run(session_date=TODAY, release_rules=["buy_sell_nett"], release_reason="looked")

    assert outcome.failed_task == "quality_check", outcome.errors
    assert "no rule is called buy_sell_nett" in outcome.log
