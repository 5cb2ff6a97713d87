"""The dated sibling's rows: asked for, kept when they are evidence, read back."""

from __future__ import annotations

from datetime import date

import pytest

from kiwoom_provider.api.errors import KiwoomError, ProtocolError, TransientError
from kiwoom_provider.parameters import ParameterSet
from kiwoom_provider.pipeline import references

SESSION = date(2026, 11, 20)
NET = ParameterSet.parse("KOSPI", "KRX", "quantity", "net")
SAMSUNG, HYNIX = "005930", "000660"


def kept(store):
    return [key.rpartition("/")[2] for key in store.list("raw/ka10059")]


def ask(hook, store, *codes, parameters=NET, **more):
    return references.fetch_quietly(hook, store, SESSION, parameters, codes, **more)


def test_a_settled_row_is_kept_and_read_back_the_same(hook, store):
    fetched = references.fetch(hook, store, SESSION, NET, SAMSUNG)
    assert fetched.is_settled
    assert references.load(store, SESSION) == {NET: [fetched]}


@pytest.mark.parametrize("side", ["net", "buy", "sell"])
@pytest.mark.parametrize("measure", ["amount", "quantity"])
@pytest.mark.parametrize("venue", ["KRX", "NXT", "CONSOLIDATED"])
def test_every_kind_of_set_has_settled_rows(hook, store, venue, measure, side):
    parameters = ParameterSet.parse("KOSPI", venue, measure, side)
    assert references.fetch(hook, store, SESSION, parameters, SAMSUNG).is_settled


@pytest.mark.parametrize("side", ["net", "buy", "sell"])
def test_a_row_that_has_not_settled_is_not_kept(hook, store, control, side):
    control.settle("never")
    parameters = ParameterSet.parse("KOSPI", "KRX", "quantity", side)
    assert not references.fetch(hook, store, SESSION, parameters, SAMSUNG).is_settled
    assert kept(store) == []


def test_a_closed_day_has_no_row(hook, store, control):
    control.close_day("2026-11-20")
    reference = references.fetch(hook, store, SESSION, NET, SAMSUNG)
    assert (reference.fields, reference.is_settled) == (None, False)


def test_net_fields_that_do_not_balance_are_not_settled(hook, store, control):
    control.fault("cell-off@ka10059")
    assert not references.fetch(hook, store, SESSION, NET, SAMSUNG).is_settled
    assert kept(store) == []


@pytest.mark.parametrize("fault", ["unsupported@ka10059", "error=0/20@ka10059", "error=1902@ka10059"])
def test_a_refusal_is_kept_as_evidence_and_ends_the_asking(hook, store, control, fault):
    control.fault(fault)
    assert ask(hook, store, SAMSUNG, HYNIX) == 1
    assert kept(store) == ["005930.refused.json"]
    assert references.load(store, SESSION)[NET][0].is_refused


def test_a_later_stock_that_is_refused_does_not_end_the_asking(hook, store, control):
    control.fault(f"error=1902@ka10059:stock={HYNIX}")
    assert ask(hook, store, SAMSUNG, HYNIX, "005380") == 3
    assert kept(store) == ["000660.refused.json", "005380.json.gz", "005930.json.gz"]


def test_an_answer_outweighs_an_earlier_refusal(hook, store, control):
    control.fault("unsupported@ka10059*1")
    ask(hook, store, SAMSUNG)
    ask(hook, store, SAMSUNG)
    (reference,) = references.load(store, SESSION)[NET]
    assert reference.is_settled
    assert not reference.is_refused


def test_a_wrong_request_is_no_refusal(hook, store, control):
    control.fault("error=1517@ka10059")
    with pytest.raises(KiwoomError, match="1517"):
        references.fetch(hook, store, SESSION, NET, SAMSUNG)
    assert kept(store) == []


def test_a_sibling_that_cannot_be_reached_is_asked_once(hook, store, control, monkeypatch):
    monkeypatch.setattr(hook.client._retrying, "_sleep", lambda _seconds: None)
    control.fault("http=503@ka10059")
    with pytest.raises(TransientError):
        references.fetch(hook, store, SESSION, NET, SAMSUNG)
    assert ask(hook, store, SAMSUNG, HYNIX) == 1
    assert kept(store) == []


@pytest.mark.parametrize("fault", ["missing-element=natfor", "null-cell=natn", "garbage-cell=natn"])
def test_a_row_that_breaks_the_spec_is_an_error(hook, store, control, fault):
    control.fault(f"{fault}@ka10059")
    with pytest.raises(ProtocolError):
        references.fetch(hook, store, SESSION, NET, SAMSUNG)
    assert kept(store) == []


def test_a_row_that_is_kept_is_not_asked_for_again(hook, store):
    assert ask(hook, store, SAMSUNG, HYNIX) == 2
    assert ask(hook, store, SAMSUNG, HYNIX) == 0
    assert ask(hook, store, SAMSUNG, HYNIX, anew=True) == 2
