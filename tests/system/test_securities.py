"""The securities master of a night: kept in raw and as a dataset, and the audit holds the sets against it."""

from __future__ import annotations

import datetime as dt

import pytest

from kiwoom_provider.datasets import securities
from kiwoom_provider.quality.results import AuditReport

TODAY = "2026-11-17"
PUBLISHED = f"investor_trading/session_date={TODAY}/part-0.parquet"


def statuses(night):
    keys = [key for key in night.store.list(f"quality/session_date={TODAY}") if key.endswith(".json")]
    reports = [key for key in keys if not key.endswith((".summary.json", ".top.json"))]
    report = AuditReport.from_bytes(night.store.read(reports[-1]), reports[-1])
    return {result.id: result.status for result in report.results}


@pytest.mark.thorough
@pytest.mark.parametrize("fault", [None, "http=503@ka10099*99", "half-list@ka10099*99"])
def test_a_master_that_is_right_passes_and_one_that_is_away_or_bad_costs_no_night(night, fault):
    if fault:
        night.control.fault(fault)
    done = night.run(TODAY)
    assert done.state == "success", done.errors
    assert night.store.exists(PUBLISHED)
    assert night.store.list(f"raw/ka10099/session_date={TODAY}") or fault
    said = {rule: str(statuses(night)[rule]) for rule in ("listed_stocks_swept", "swept_stocks_listed")}
    if fault is None:
        assert securities.read(night.store, dt.date.fromisoformat(TODAY)).num_rows > 0
        assert said == {"listed_stocks_swept": "pass", "swept_stocks_listed": "pass"}
    else:
        assert set(said.values()) <= {"not_applicable", "warn"}
