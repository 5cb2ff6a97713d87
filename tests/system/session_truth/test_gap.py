"""What the API serves differs from the last stored session, and is not the day's either."""

from __future__ import annotations

import pytest

from system.truth import DISPROVED, TODAY, TOMORROW, UNPROVED, days_published


def test_after_a_gap_a_change_shows_nothing_and_the_dated_rows_name_the_day(night, refused):
    night.proof = "changed"
    night.control.settle("never")
    outcome = night.at("2026-11-18T21:11").run(TOMORROW)
    refused(night, outcome, "quality_check", DISPROVED, "the session before is not stored", "is that of 2026-11-17")
    assert days_published(night) == ["2026-11-16"]


@pytest.mark.parametrize("proof", ["both", "changed"])
def test_after_a_gap_without_the_sibling_a_change_shows_nothing(night, refused, proof):
    night.proof = proof
    night.control.settle("never")
    night.control.fault("unsupported@ka10059")
    outcome = night.at("2026-11-18T21:11").run(TOMORROW)
    refused(night, outcome, "quality_check", UNPROVED, "the session before is not stored and published")
    assert days_published(night) == ["2026-11-16"]


def test_after_an_unproved_session_a_change_shows_nothing(night, refused):
    night.proof = "changed"
    night.control.settle("never")
    night.control.fault("unsupported@ka10059")
    refused(night, night.run(TODAY), "quality_check", DISPROVED)
    outcome = night.at("2026-11-18T21:11").run(TOMORROW)
    refused(night, outcome, "quality_check", UNPROVED, "the session before is not stored and published")
    assert days_published(night) == ["2026-11-16"]
