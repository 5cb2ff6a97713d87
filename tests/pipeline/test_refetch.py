"""While the window is open, what the proof lacks is had once more; nothing that fails stands in the audit's way."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from kiwoom_provider.api.ka10066 import INVESTOR_ELEMENTS
from kiwoom_provider.datasets.store import Store
from kiwoom_provider.krx import calendar
from kiwoom_provider.parameters import ParameterSet
from kiwoom_provider.pipeline.fetch import fetch_set
from kiwoom_provider.pipeline.plan import Mode, Plan
from kiwoom_provider.pipeline.publish import Publisher
from kiwoom_provider.pipeline.refetch import Refetch
from kiwoom_provider.proof.evidence import EvidenceStore
from kiwoom_provider.proof.restatements import read_restatements
from kiwoom_provider.proof.session_proof import Outcome, ReferenceRow, SessionProof

SESSION, SESSION_BEFORE = date(2026, 11, 20), date(2026, 11, 19)
NOW = datetime(2026, 11, 20, 13, 0, tzinfo=UTC)
NET = ParameterSet.parse("KOSPI", "KRX", "quantity", "net")


@pytest.fixture
def publisher(store):
    plan = Plan.of(calendar(), SESSION, Mode.LIVE, (NET,))
    return Publisher(store, plan, "run-a")


@pytest.fixture
def refetch(publisher, hook, clock):
    return Refetch(publisher, hook, clock)


def test_missing_dated_rows_are_asked_for(collector, publisher, refetch):
    collector.collect(NET)
    before = publisher.examine()
    after = refetch.improve(before)
    assert (before.proof.outcome, after.proof.outcome) == (Outcome.UNPROVED, Outcome.PROVED)
    assert refetch.calls == {
        "total_calls": 1,
        "reference_calls": 5,
    }  # a stock's buys and sells, two of the first page, one of the ETNs


def test_a_set_of_another_session_is_fetched_again(collector, publisher, refetch, control):
    control.fault("stale@ka10066:page=2*1")
    collector.collect(NET)
    assert refetch.improve(publisher.examine()).proof.outcome is Outcome.PROVED
    assert refetch.calls == {
        "total_calls": 1,
        "calls": 4,
        "reference_calls": 10,
    }  # one look, one sweep, its rows before and after


def test_without_settlement_nothing_is_fetched_again(collector, publisher, refetch, control):
    control.settle("never,ka10059=18:10")
    collector.collect(NET)
    assert refetch.improve(publisher.examine()).proof.outcome is Outcome.DISPROVED
    assert refetch.calls["calls"] == 1


GROSS = tuple(ParameterSet.parse("KOSPI", "KRX", "quantity", side) for side in ("net", "buy", "sell"))
FEW = "unsettled-stocks=0.02/{}@ka10066"
"""Two of the market's stocks that traded: too few to tell by themselves."""


@pytest.fixture
def all_sides(store, hook, clock, collector):
    """What collects net, buys and sells, and improves them."""

    def perform():
        for parameters in GROSS:
            collector.collect(parameters, anew=True)
        publisher = Publisher(store, Plan.of(calendar(), SESSION, Mode.LIVE, GROSS), "run-a")
        for parameters in GROSS:
            publisher.evidence.gather(hook, parameters)
        return publisher.examine().proof, Refetch(publisher, hook, clock).improve(publisher.examine()).proof

    return perform


def test_single_stocks_without_figures_are_asked_for_and_wait(all_sides, control):
    control.fault(FEW.format("zero"))
    before, after = all_sides()
    assert [sum(entry.late_stocks for entry in proof.sets) for proof in (before, after)] == [0, 4]
    assert after.outcome is Outcome.UNPROVED


def test_single_stocks_that_settle_meanwhile_are_fetched_again_and_proved(all_sides, control):
    control.fault(FEW.format("zero") + "*6")  # the first sweeps of net and buys, of three pages each
    _, after = all_sides()
    assert after.outcome is Outcome.PROVED


def test_a_stock_that_has_moved_to_the_other_market_costs_no_night(store, hook, clock, collector):
    kospi, kosdaq = (ParameterSet.parse(market, "KRX", "quantity", "buy") for market in ("KOSPI", "KOSDAQ"))
    for parameters in (kospi, kosdaq):
        collector.collect(parameters)
    publisher = Publisher(store, Plan.of(calendar(), SESSION, Mode.LIVE, (kospi, kosdaq)), "run-a")
    for parameters in (kospi, kosdaq):
        publisher.evidence.gather(hook, parameters)
    refetch = Refetch(publisher, hook, clock)
    examined = refetch.improve(publisher.examine())
    tables = examined.session.tables
    both = pa.concat_tables(
        [tables[kosdaq].replace_schema_metadata(), tables[kospi].slice(50, 1).replace_schema_metadata()]
    )
    place = both.column_names.index("ind_invsr")
    before = both.set_column(place, "ind_invsr", pc.add(both["ind_invsr"], 7))
    again = refetch.improve(replace(examined, before=(SESSION_BEFORE, {kosdaq: before})))
    assert (examined.proof.outcome, again.proof.outcome) == (Outcome.PROVED, Outcome.PROVED)


def test_past_the_window_no_call_is_made(collector, publisher, refetch, control, clock):
    collector.collect(NET)
    clock.instant = datetime(2026, 11, 22, 22, 0, tzinfo=UTC)
    control.reset_counts()
    assert refetch.improve(publisher.examine()).proof.outcome is Outcome.UNPROVED
    assert control.counts() == {}


def test_a_sweep_that_fails_again_leaves_the_verdict_to_the_audit(collector, publisher, refetch, control):
    control.fault("stale@ka10066:page=2*1")
    collector.collect(NET)
    control.fault("error=1517@ka10066:page=3")
    assert refetch.improve(publisher.examine()).proof.outcome is Outcome.DISPROVED


def test_kept_rows_that_were_revised_are_asked_for_again_before_anything_else(collector, publisher, refetch, control):
    control.settle("16:00/18:10/23:00")
    collector.collect(NET)
    refetch.improve(publisher.examine())
    control.settle("16:00/18:10/20:35")  # the revision is in, in both TRs
    collector.collect(NET, anew=True)
    before = publisher.examine()
    after = refetch.improve(before).proof
    assert (before.proof.outcome, bool(before.proof.sets[0].unexplained)) == (Outcome.UNPROVED, True)
    assert (after.outcome, max(row.versions for row in after.rows)) == (Outcome.PROVED, 2)


def test_what_the_other_trs_said_is_read_once_from_the_examination_to_the_audit(
    collector, publisher, refetch, session_before, monkeypatch
):
    collector.collect(NET)
    refetch.improve(publisher.examine())
    read, real = Counter(), Store.read

    def count(store, key, **given):
        read[key] += "/ka1005" in key and str(SESSION) in key and not key.endswith("proved.json")
        return real(store, key, **given)

    monkeypatch.setattr(Store, "read", count)
    examined = refetch.improve(publisher.examine())
    publisher.audit(publisher.withhold(examined, NOW), NOW)

    assert (examined.proof.outcome, len(session_before())) == (Outcome.PROVED, 1)
    assert list((+read).values()) == [1] * 6  # five dated answers and a total


@pytest.fixture
def session_before(store):
    """The session before, published by a stock that tonight asks for, and by one that it does not."""
    before = EvidenceStore(store, SESSION_BEFORE, SESSION_BEFORE)
    dated = dict.fromkeys(INVESTOR_ELEMENTS, 1)
    rows = (ReferenceRow(**ReferenceRow.of(NET), stock_code=code, dated=dated) for code in ("005930", "005380"))
    before.keep_proof(SessionProof(outcome=Outcome.PROVED, how=(), rows=tuple(rows)), {})
    return lambda: read_restatements(store, SESSION_BEFORE)


def test_the_session_before_is_looked_at_again_once_tonights_is_proved(
    collector, refetch, publisher, session_before, control
):
    collector.collect(NET)
    refetch.improve(publisher.examine())
    (seen,) = session_before()
    assert (seen.compared, seen.rows[0].stock_code, seen.rows[0].published["ind_invsr"]) == (2, "005930", 1)
    assert refetch.restated == {"rows": 2, "compared": 2}
    assert control.count("ka10059").served == refetch.calls["reference_calls"]


def test_a_fetch_asks_for_its_part_of_the_session_before_so_that_publication_does_not(
    refetch, publisher, session_before, control
):
    summary = fetch_set(publisher.store, refetch.api, refetch.clock, publisher.plan, NET, run_id="run-a")
    assert (summary.calls, summary.reference_calls, summary.total_calls) == (3, 5, 1)
    asked = control.count("ka10059").served
    refetch.improve(publisher.examine())
    (seen,) = session_before()
    assert (seen.compared, control.count("ka10059").served - asked, dict(refetch.calls)) == (
        2,
        1,
        {"reference_calls": 1},
    )
