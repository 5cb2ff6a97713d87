"""How the audit runs rules: errors, severities, what does not apply, and what the report says."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pyarrow as pa
import pytest

from kiwoom_provider.parameters import Market, Measure, ParameterSet, Side, Venue
from kiwoom_provider.quality.audit import SeverityError, audit, severity_of
from kiwoom_provider.quality.catalogue import RULES
from kiwoom_provider.quality.results import Severity, Status, Verdict
from kiwoom_provider.quality.rule import Rule, Text
from kiwoom_provider.quality.subject import AuditInput
from kiwoom_provider.quality.tally import Finding

NET = ParameterSet(Market.KOSPI, Venue.KRX, Measure.AMOUNT, Side.NET)
WORD = Text("a", "가")


def rule(law, **more):
    return Rule("odd", WORD, WORD, WORD, WORD, more.pop("severity", Severity.WARN), WORD, law, **more)


def broken_law(_):
    raise ZeroDivisionError("no stocks at all")


def test_a_rule_that_cannot_run_is_an_error_with_its_text_and_blocks_even_where_it_only_warns(good):
    report = audit(good, rules=[rule(broken_law)])
    assert report.results[0].status is Status.ERROR
    assert report.results[0].seen == "the rule could not run: ZeroDivisionError: no stocks at all"
    assert report.status is Verdict.BLOCKED


def test_a_rule_that_found_nothing_to_check_is_an_error(good):
    report = audit(good, rules=[rule(lambda _: Finding(checked=0, failing=0))])
    assert (report.results[0].status, report.results[0].seen) == (Status.ERROR, "nothing could be checked")


def test_failures_within_the_allowed_share_only_warn(good):
    law = rule(lambda _: Finding(checked=1000, failing=2), severity=Severity.BLOCK, allowed_share=0.002)
    assert audit(good, rules=[law]).status is Verdict.WARNED


def test_failures_beyond_the_allowed_share_block(good):
    law = rule(lambda _: Finding(checked=1000, failing=3), severity=Severity.BLOCK, allowed_share=0.002)
    assert audit(good, rules=[law]).status is Verdict.BLOCKED


def test_a_law_whose_set_was_asked_for_and_is_missing_is_an_error_not_a_pass(good):
    given = replace(good, tables={key: table for key, table in good.tables.items() if key != NET})
    found = next(r for r in audit(given).results if r.id == "buy_minus_sell_is_net")
    assert found.status is Status.ERROR
    assert found.seen == "could not be checked: KOSPI · KRX · amount · net: was asked for and is not there"


def test_an_unreadable_previous_session_is_an_error_not_a_pass(good):
    key = next(iter(good.previous))
    given = replace(good, previous={**good.previous, key: good.previous[key].drop_columns("bank")})
    found = next(r for r in audit(given).results if r.id == "not_previous_session")
    assert found.status is Status.ERROR
    assert "column bank is missing" in found.seen


def test_an_unknown_rule_in_the_severities_is_refused_by_name(good):
    with pytest.raises(SeverityError, match="no rule is called bought_minus_sold"):
        audit(good, {"bought_minus_sold": "warn"})


def test_an_unknown_severity_is_refused_with_those_that_exist(good):
    with pytest.raises(SeverityError, match="severity 'off' of rule same_names is not one of: block, warn"):
        audit(good, {"same_names": "off"})


@pytest.mark.parametrize("rule_id", ["session_proof", "reference_rows", "not_previous_session", "no_stale_rows"])
def test_no_deployment_can_turn_off_what_keeps_data_under_their_own_day(rule_id):
    with pytest.raises(SeverityError, match=f"rule {rule_id} always blocks"):
        severity_of({rule_id: "warn"})


def test_a_deployment_can_let_a_rule_warn(good):
    given = replace(good, page_sizes={**good.page_sizes, NET: (100, 90, 60)})
    assert audit(given, {"page_sizes": "warn"}).status is Verdict.WARNED


def test_the_minimum_list_blocks_by_default():
    severities = severity_of({})
    minimum = ["sets_present", "schema", "investor_nulls", "unique_stocks", "buy_minus_sell_is_net"]
    minimum += ["institution_is_its_parts", "same_stocks", "same_prices"]
    assert {severities[rule_id] for rule_id in minimum} == {Severity.BLOCK}


def test_the_sheets_own_example_which_repeats_a_stock_is_refused_by_its_code(sheet_of):
    once = sheet_of([[0] * 12])
    once = once.set_column(0, "stk_cd", pa.array(["005930"]))
    given = AuditInput(dt.date(2026, 11, 20), (NET,), {NET: pa.concat_tables([once, once])})
    found = next(r for r in audit(given).blocking if r.id == "unique_stocks")
    assert (found.offenders[0]["stock_code"], found.offenders[0]["seen"]) == ("005930", 2)


def test_every_rule_has_an_id_of_its_own():
    ids = [one.id for one in RULES]
    assert len(ids) == len(set(ids))


def test_the_report_tells_rows_and_pages_of_every_set_and_the_net_flow_of_every_investor(good):
    report = audit(good, run_id="run-1", audited_at=dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC))
    assert {"set": NET.label, "rows": 250, "pages": 3} in report.sets
    assert len(report.sets) == 36
    flow = next(f for f in report.flows if (f["market"], f["venue"], f["investor"]) == ("KOSPI", "KRX", "foreigner"))
    assert flow["net"] == sum(good.tables[NET]["frgnr_invsr"].to_pylist())
    assert flow["unit"] == "KRW million"
    assert len(report.flows) == 2 * 3 * 12
