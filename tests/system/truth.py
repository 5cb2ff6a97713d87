"""What the nights of session truth have in common."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from ground_truth import PUBLISHED
from kiwoom_provider.datasets.raw import load_sweeps

if TYPE_CHECKING:
    from lab.nights.stage import Night

TODAY, TOMORROW = "2026-11-17", "2026-11-18"
UNPROVED = "UnprovedSessionError"
DISPROVED = "DisprovedSessionError"
OVER = "SessionOverError"


def file_of(day: str) -> str:
    return f"{PUBLISHED}/session_date={day}/part-0.parquet"


def days_published(night: Night) -> list[str]:
    return [key.split("session_date=")[1][:10] for key in night.store.list(PUBLISHED)]


def assert_evidence(night: Night, day: str, sets: int) -> None:
    """Every set's raw is complete and typed under the day that it was collected for."""
    sweeps = load_sweeps(night.store, date.fromisoformat(day))
    assert len(sweeps) == sets
    assert all(any(sweep.is_complete for sweep in found) for found in sweeps.values())
    assert len(night.store.list(f"ka10066/session_date={day}")) == sets


def collected_today(night: Night, **params) -> tuple[str, bytes]:
    """Collect today's session, and return the run and the file that it published."""
    outcome = night.run(TODAY, **params)
    assert outcome.state == "success"
    return outcome.run_id, night.store.read(file_of(TODAY))
