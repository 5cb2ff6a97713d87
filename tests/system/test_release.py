"""A person releases a quarantined session through a DAG of its own, after looking at the report."""

from __future__ import annotations

import io
import json

import pyarrow.parquet as pq
import pytest

from kiwoom_provider.pipeline.summary import read_summaries
from kiwoom_provider.quality.results import AuditReport

TODAY = "2026-11-17"
PUBLISHED = f"investor_trading/session_date={TODAY}/part-0.parquet"


def last_report(night):
    """Return the newest report and its name."""
    keys = [key for key in night.store.list(f"quality/session_date={TODAY}") if key.endswith(".json")]
    newest = [key for key in keys if not key.endswith((".summary.json", ".top.json"))][-1]
    return AuditReport.from_bytes(night.store.read(newest), newest), newest.rpartition("/")[2].removesuffix(".json")


@pytest.fixture
def unproved(night):
    """A night without ka10059, quarantined."""
    night.control.fault("http=503@ka10059*9999")
    refused = night.run(TODAY)
    assert refused.failed_task == "quality_check", refused.errors
    assert not night.store.exists(PUBLISHED)
    return night


def test_an_unproved_session_is_released_from_what_was_looked_at(unproved):
    report, name = last_report(unproved)
    assert [result.id for result in report.blocking] == ["session_proof"]
    calls = unproved.control.count("ka10066").calls
    reason = "ka10059 was down all night; compared ten stocks by hand"

    released = unproved.release(session_date=TODAY, report=name, rules=["", " session_proof "], reason=reason)

    assert released.state == "success", released.errors
    assert released.assets == [TODAY]
    assert unproved.control.count("ka10066").calls == calls
    metadata = pq.read_schema(io.BytesIO(unproved.store.read(PUBLISHED))).metadata
    said = json.loads(metadata[b"kiwoom.release"])
    assert (said["by"], said["reason"], said["report"]) == ("hana", reason, name)
    assert last_report(unproved)[0].status == "released"
    (summary,) = [run for run in read_summaries(unproved.store, f"quality/session_date={TODAY}") if run.release]
    assert summary.release.by == "hana"
    assert "hana releases session 2026-11-17" in released.log


REFUSED = [
    ({"user": None}, "by a user who is named: this run is by nobody"),
    ({"rules": ["stocks_stay"]}, "name exactly the rules that block"),
    ({"rules": ["buy_sell_nett"]}, "no rule is called buy_sell_nett"),
    ({"rules": [""]}, "a release names the rules that block"),
    ({"reason": " "}, "a release names the rules that block, and the reason"),
    ({"report": "../../x"}, "is no name of one"),
    ({"report": "20261117T113005.123456Z-0a1b2c3d4e5f"}, "has no report 20261117T113005.123456Z-0a1b2c3d4e5f"),
    ({"session_date": "2026-11-21"}, "2026-11-21"),
]


def test_what_is_no_release_is_refused_and_publishes_nothing(unproved):
    _, name = last_report(unproved)
    asked = {"session_date": TODAY, "report": name, "rules": ["session_proof"], "reason": "looked"}

    for change, words in REFUSED:
        outcome = unproved.release(**asked | change)
        assert outcome.state == "failed", change
        assert words in outcome.log
        assert not unproved.store.exists(PUBLISHED)
