"""Good sessions of the simulator's market, rounded as it serves them: nothing is held back."""

from __future__ import annotations

import datetime as dt

import pytest

from kiwoom_provider.parameters import parameter_sets
from kiwoom_provider.proof.session_proof import Outcome, SessionProof
from kiwoom_provider.quality.audit import audit
from kiwoom_provider.quality.audit_input import AuditInput
from kiwoom_provider.quality.results import Verdict
from kiwoom_simulator.market import world_of
from kiwoom_simulator.parameters import Selection

SETS = tuple(parameter_sets({}))
SMALL = {"KOSPI": 210, "KOSDAQ": 260}


def tables_of(world, session_date, typed_table):
    tables = {}
    for key in SETS:
        truth = world.truth(Selection.of(key.market, key.venue, key.measure, key.side), session_date)
        price, change, sign, rate = truth.quotes.columns()
        quotes = {"cur_prc": price, "pre_sig": sign, "pred_pre": change, "flu_rt": rate}
        quotes["trde_qty"] = truth.volume
        tables[key] = typed_table(truth.codes, truth.names, quotes, truth.investors[:, :12])
    return tables


def session(world, session_date, typed_table):
    now = tables_of(world, session_date, typed_table)
    day_before = world.sessions.previous(session_date)
    before = tables_of(world, day_before, typed_table)
    proof = SessionProof(outcome=Outcome.PROVED, how=())
    return AuditInput(session_date, SETS, now, published=before, proof=proof)


@pytest.mark.parametrize("seed", range(1, 21))
def test_no_good_session_of_a_simulated_market_is_held_back(typed_table, seed):
    world = world_of(seed, SMALL)
    session_date = world.sessions.latest(dt.date(2026, 11, 20) - dt.timedelta(days=11 * seed))
    assert audit(session(world, session_date, typed_table)).blocking == ()


def test_a_simulated_session_of_full_size_passes_on_the_first_night_too(typed_table):
    world = world_of(7)
    full = session(world, dt.date(2026, 11, 20), typed_table)
    first_night = AuditInput(full.session_date, SETS, full.tables, proof=full.proof)
    assert audit(full).status is Verdict.PASSED
    assert audit(first_night).status is Verdict.PASSED
