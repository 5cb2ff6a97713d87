"""Nothing settles, or not every venue does."""

from __future__ import annotations

from system.truth import DISPROVED, TODAY, assert_evidence, days_published


def test_never_settled_and_nothing_to_compare_with(first_night, refused):
    first_night.control.settle("never")
    outcome = first_night.run(TODAY)
    refused(
        first_night,
        outcome,
        "quality_check",
        DISPROVED,
        "no settled row for the day yet",
        "no earlier session is stored",
        "is that of 2026-11-16",
    )
    assert_evidence(first_night, TODAY, sets=2)
    assert f"{first_night.waits[-1]:%d %H:%M}" == "18 05:20"
    assert days_published(first_night) == []


def test_never_settled_equals_the_previous_session(night, refused):
    night.control.settle("never")
    outcome = night.run(TODAY)
    refused(night, outcome, "quality_check", DISPROVED, "2 of 2 sets are another session's")
    assert_evidence(night, TODAY, sets=2)
    assert days_published(night) == ["2026-11-16"]


def test_settled_for_krx_but_not_for_nxt(night, published):
    night.control.settle("18:10,NXT=never,CONSOLIDATED=never")

    outcome = night.run(TODAY, venues=["KRX", "NXT"])

    published(night, outcome, TODAY)
    assert f"{night.waits[-1]:%d %H:%M}" == "18 05:20"
    assert "Not proved, and withheld: NXT" in outcome.log
    assert_evidence(night, TODAY, sets=4)
