"""ka10059, the dated sibling, is away, wrong, late or not served at all."""

from __future__ import annotations

from datetime import date

import pytest

from kiwoom_provider.datasets.raw import load_sweeps
from system.truth import DISPROVED, TODAY, UNPROVED, assert_evidence, days_published


@pytest.mark.parametrize("proof", ["both", "dated"])
def test_the_sibling_is_unreachable_all_night(night, refused, proof):
    night.proof, night.poke_interval = proof, 12 * 3600
    night.control.fault("http=503@ka10059")
    outcome = night.run(TODAY)
    refused(night, outcome, "quality_check", UNPROVED, "ka10059 could not be asked")
    assert_evidence(night, TODAY, sets=2)
    assert days_published(night) == ["2026-11-16"]


def test_the_sibling_is_unreachable_all_night_and_change_is_enough_by_setting(night, published):
    night.proof = "changed"
    night.control.fault("http=503@ka10059")
    published(night, night.run(TODAY), TODAY)


def test_a_proof_setting_changed_during_the_night_counts_from_the_next_look(night, published):
    def give_in(_now):
        night.proof = "changed"

    night.control.fault("http=503@ka10059")
    night.on_wait = give_in
    published(night, night.run(TODAY), TODAY)
    assert f"{night.waits[-1]:%d %H:%M}" == "17 23:10"


def test_the_sibling_breaks_its_spec_all_night(night, refused):
    night.poke_interval = 12 * 3600
    night.control.fault("missing-element=natfor@ka10059")
    outcome = night.run(TODAY)
    refused(night, outcome, "quality_check", UNPROVED, "natfor")
    assert_evidence(night, TODAY, sets=2)


@pytest.mark.parametrize("fault", ["unsupported@ka10059", "error=0/20@ka10059"])
def test_a_host_without_the_sibling_is_proved_by_change(night, published, fault):
    night.control.fault(fault)
    outcome = night.run(TODAY)
    published(night, outcome, TODAY)
    assert "this host does not serve ka10059" in outcome.log


def test_a_host_without_the_sibling_on_the_first_night(first_night, refused):
    first_night.control.fault("unsupported@ka10059")
    outcome = first_night.run(TODAY)
    refused(
        first_night,
        outcome,
        "quality_check",
        UNPROVED,
        "this host does not serve ka10059",
        "no earlier session is stored",
    )
    assert_evidence(first_night, TODAY, sets=2)


def test_a_host_without_the_sibling_is_not_believed_by_the_dated_setting(night, refused):
    night.proof = "dated"
    night.control.fault("unsupported@ka10059")
    refused(night, night.run(TODAY), "quality_check", UNPROVED, "proof: dated")


def test_the_sibling_settles_and_the_sheet_does_not(night, refused):
    night.control.settle("never,ka10059=18:10")
    outcome = night.run(TODAY)
    refused(night, outcome, "quality_check", DISPROVED, "settled row for the day differs from ka10066's")
    assert_evidence(night, TODAY, sets=2)


def test_the_sheet_settles_and_the_sibling_does_not(night, refused):
    night.control.settle("18:10,ka10059=never")
    outcome = night.run(TODAY)
    refused(night, outcome, "quality_check", UNPROVED, "no settled row for the day yet")
    assert_evidence(night, TODAY, sets=2)


def test_a_sheet_that_breaks_its_spec_all_night_is_kept_as_it_came(night, refused):
    night.control.fault("renamed-element@ka10066")
    outcome = night.run(TODAY)
    refused(night, outcome, "fetch[0]", "ProtocolError", "ka10066 could not be asked", "a row lacks the element natn")
    sweeps = load_sweeps(night.store, date.fromisoformat(TODAY))
    assert [sweep.is_complete for found in sweeps.values() for sweep in found] == [True, True]
    assert days_published(night) == ["2026-11-16"]
