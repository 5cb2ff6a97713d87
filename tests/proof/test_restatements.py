"""What has changed of a session since it was published: told the night after, and nothing published is changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dated import DAY, DAY_BEFORE, NIGHT, answer, evidence, row, sets
from kiwoom_provider.datasets.store import StoreError
from kiwoom_provider.parameters import Measure
from kiwoom_provider.proof.evidence import EvidenceStore
from kiwoom_provider.proof.restatements import ask_ahead, look_again, read_restatements
from kiwoom_provider.proof.session_proof import Outcome, ReferenceRow, SessionProof
from sheets import flows

NET = sets()["net"]
SETTLED = NIGHT - timedelta(minutes=5)
NEVER_YET = datetime.max.replace(tzinfo=UTC)
LONG_AGO = datetime.min.replace(tzinfo=UTC)
SAMSUNG = "005930"
NAMES = ("ind_invsr", "frgnr_invsr", "orgn", "fnnc_invt", "insrnc", "invtrt", "etc_fnnc", "bank", "penfnd_etc")
ELEMENTS = (*NAMES, "samo_fund", "natn", "etc_corp")


@pytest.fixture
def before(store):
    """The session before, published by one reference row whose individuals bought 60."""
    return published_by(store, SAMSUNG)


def published_by(store, *stocks):
    found = EvidenceStore(store, DAY_BEFORE, DAY_BEFORE - timedelta(days=1))
    dated = dict(zip(ELEMENTS, flows(60), strict=True))
    rows = tuple(ReferenceRow(**ReferenceRow.of(NET), stock_code=stock, dated=dated) for stock in stocks)
    found.keep_proof(SessionProof(outcome=Outcome.PROVED, how=(), rows=rows), {})
    return found


class NoSource:
    """A source that must not be asked."""

    def call(self, *_asked):
        raise AssertionError("nothing is to be asked")


def tonight(figure):
    return evidence(answer(NET, SAMSUNG, [row(DAY, flows(9)), row(DAY_BEFORE, flows(figure))]))


def test_rows_that_say_the_same_are_told_from_tonights_answers_without_a_call(before, store):
    seen, calls = look_again(before, tonight(60), NoSource(), NIGHT, since=SETTLED)
    assert (seen.compared, seen.rows, seen.is_large, calls) == (1, (), False, 0)
    assert read_restatements(store, DAY_BEFORE) == [seen]


def test_a_row_that_has_changed_is_told_with_both_figures(before):
    seen, _ = look_again(before, tonight(75), NoSource(), NIGHT, since=SETTLED)
    (changed,) = seen.rows
    assert (changed.parameters, changed.stock_code) == (NET, SAMSUNG)
    assert changed.published == {"ind_invsr": 60, "frgnr_invsr": -60}
    assert changed.now == {"ind_invsr": 75, "frgnr_invsr": -75}
    assert seen.is_large


def test_a_stock_that_tonight_does_not_need_is_asked_for_again(before, hook):
    seen, calls = look_again(before, evidence(), hook, NIGHT, since=SETTLED)
    assert (seen.session_date, seen.compared, calls) == (DAY_BEFORE, 1, 1)
    assert before.read_dated().newest(NET)[SAMSUNG].row.day == DAY_BEFORE


def test_a_stock_of_which_tonight_tells_other_days_alone_is_asked_for_again(before, hook):
    told = evidence(answer(NET, SAMSUNG, [row(DAY, flows(9)), row(DAY_BEFORE - timedelta(days=1), flows(60))]))
    assert look_again(before, told, hook, NIGHT, since=SETTLED)[1] == 1


def test_of_a_stock_that_is_asked_for_again_the_newest_answer_counts(before, hook, control):
    before.ask(hook, before.read_dated(), NET, SAMSUNG)
    control.fault("cell-off@ka10059*1")
    seen, _ = look_again(before, evidence(), hook, NIGHT, since=NEVER_YET)
    first, revised = (one.row.fields for one in before.read_dated().versions(NET, SAMSUNG))
    assert first != revised
    assert tuple(seen.rows[0].now.values()) == tuple(
        new for new, old in zip(revised, flows(60), strict=True) if new != old
    )


def test_a_sibling_that_does_not_answer_costs_the_comparison_alone(before, hook, control):
    control.fault("error=1517@ka10059")
    seen, calls = look_again(before, evidence(), hook, NIGHT, since=SETTLED)
    assert (seen.compared, seen.is_large, calls) == (0, False, 1)


def test_every_stock_is_asked_for_until_the_first_that_is_not_answered(store, hook, control):
    two = published_by(store, SAMSUNG, "000660")
    seen, calls = look_again(two, evidence(), hook, NIGHT, since=SETTLED)
    assert (seen.compared, calls) == (2, 2)
    control.fault("error=1517@ka10059")
    other = published_by(store, "000270", "035720")
    seen, calls = look_again(other, evidence(), hook, NIGHT, since=SETTLED)
    assert (seen.compared, calls) == (0, 1)


def test_what_was_asked_for_ahead_is_not_asked_for_again(store, hook, control):
    two = published_by(store, SAMSUNG, "000660")
    ask_ahead(two, tonight(60), hook, NET, since=LONG_AGO)
    assert control.count("ka10059").served == 1  # the other stock stands in tonight's answers
    seen, calls = look_again(two, tonight(60), NoSource(), NIGHT, since=LONG_AGO)
    assert (seen.compared, calls) == (2, 0)


def test_an_answer_of_the_night_before_does_not_stand_for_tonights(before, hook):
    before.ask(hook, before.read_dated(), NET, SAMSUNG)
    (kept,) = before.read_dated().versions(NET, SAMSUNG)
    _, calls = look_again(before, evidence(), hook, NIGHT, since=kept.fetched_at + timedelta(microseconds=1))
    assert calls == 1
    assert look_again(before, evidence(), NoSource(), NIGHT, since=kept.fetched_at)[1] == 0


@pytest.mark.parametrize("parameters", [sets()["buy"], replace(NET, measure=Measure.AMOUNT)])
def test_only_the_rows_of_the_set_are_asked_for_ahead(before, parameters):
    told = evidence(answer(parameters, SAMSUNG, [row(DAY, flows(9))]))
    ask_ahead(before, told, NoSource(), parameters, since=SETTLED)


def test_nothing_is_asked_for_ahead_where_the_sibling_has_said_nothing_of_the_set(before):
    ask_ahead(before, evidence(), NoSource(), NET, since=SETTLED)


def test_what_cannot_be_read_ahead_costs_no_fetch(before, store, caplog, monkeypatch):
    monkeypatch.setattr(type(store), "list", lambda *_: (_ for _ in ()).throw(StoreError("the store is away")))
    told = evidence(answer(NET, SAMSUNG, [row(DAY, flows(9))]))
    ask_ahead(before, told, NoSource(), NET, since=SETTLED)
    assert "could not be looked at again: the store is away" in caplog.text


def test_a_session_without_reference_rows_has_nothing_to_look_at(store):
    unproved = EvidenceStore(store, DAY_BEFORE, DAY_BEFORE)
    assert look_again(unproved, evidence(), NoSource(), NIGHT, since=SETTLED) == (None, 0)
    unproved.keep_proof(SessionProof(outcome=Outcome.PROVED, how=()), {})
    assert look_again(unproved, evidence(), NoSource(), NIGHT, since=SETTLED) == (None, 0)


def test_a_document_that_is_damaged_is_left_out_and_said(before, store, caplog):
    look_again(before, tonight(60), NoSource(), NIGHT, since=SETTLED)
    later, _ = look_again(before, tonight(61), NoSource(), NIGHT + timedelta(days=1), since=SETTLED)
    store.write(min(store.list("restatements")), b"{}")
    assert read_restatements(store, DAY_BEFORE) == [later]
    assert "cannot be read" in caplog.text
