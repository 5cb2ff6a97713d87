"""How the audit runs rules: errors, severities, what does not apply, and what the report says."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pyarrow as pa
import pytest

from kiwoom_provider.locale import message
from kiwoom_provider.parameters import Market, Measure, ParameterSet, Side, Venue
from kiwoom_provider.quality.audit import audit
from kiwoom_provider.quality.audit_input import AuditInput
from kiwoom_provider.quality.results import NetFlow, SetSize, Severity, Status, Verdict
from kiwoom_provider.quality.rule import rule
from kiwoom_provider.quality.rule_settings import SettingError, parse_release_rules, parse_severities, severities_of
from kiwoom_provider.quality.rules import RULES

NET = ParameterSet(Market.KOSPI, Venue.KRX, Measure.AMOUNT, Side.NET)
TEXTS = dict.fromkeys(("title", "looks_at", "reason", "remedy"), message("a"))


def odd(law, severity=Severity.WARN, **more):
    return rule(**TEXTS, severity=severity, **more)(law)


def broken_law(*_):
    raise ZeroDivisionError("no stocks at all")


def counting(checked, failing, unusual=0):
    def law(_, result):
        result.checked, result.failing, result.unusual = checked, failing, unusual

    return law


def test_a_rule_that_cannot_run_is_an_error_with_its_text_and_blocks_even_where_it_only_warns(good):
    report = audit(good, rules=[odd(broken_law)])
    assert report.results[0].status is Status.ERROR
    assert str(report.results[0].found) == "the rule could not run: ZeroDivisionError: no stocks at all"
    assert report.status is Verdict.BLOCKED


def test_a_rule_that_found_nothing_to_check_is_an_error(good):
    report = audit(good, rules=[odd(counting(0, 0))])
    assert (report.results[0].status, str(report.results[0].found)) == (Status.ERROR, "nothing could be checked")


def test_failures_within_the_allowed_share_only_warn(good):
    law = odd(counting(1000, 2), Severity.BLOCK, allowed_share=0.002)
    assert audit(good, rules=[law]).status is Verdict.WARNED


def test_failures_beyond_the_allowed_share_block(good):
    law = odd(counting(1000, 3), Severity.BLOCK, allowed_share=0.002)
    assert audit(good, rules=[law]).status is Verdict.BLOCKED


def test_a_law_whose_set_was_asked_for_and_is_missing_is_an_error_not_a_pass(good):
    given = replace(good, tables={key: table for key, table in good.tables.items() if key != NET})
    found = next(r for r in audit(given).results if r.id == "buy_minus_sell_is_net")
    assert found.status is Status.ERROR
    assert str(found.found) == "could not be checked: KOSPI · KRX · amount · net: was asked for and is not there"


def test_an_unreadable_earlier_session_costs_the_comparison_and_not_the_night(good):
    damaged = {**good.published, NET: good.published[NET].drop_columns("bank")}
    report = audit(replace(good, published=damaged))
    found = next(r for r in report.results if r.id == "turnover_is_usual")
    assert report.status is Verdict.WARNED
    assert (found.status, str(found.found)) == (
        Status.WARN,
        "could not be compared: KOSPI · KRX · amount · net: column bank is missing",
    )


def test_a_failure_beside_an_unreadable_earlier_session_still_blocks(good):
    def law(_, result):
        result.checked, result.failing = 3, 1
        result.cannot_compare(message("it is damaged"))

    assert audit(good, rules=[odd(law, Severity.BLOCK)]).status is Verdict.BLOCKED


def found(given, law):
    (result,) = audit(given, rules=[odd(law)]).results
    return result.status, str(result.found)


def test_of_several_things_that_could_not_be_read_the_first_is_told_and_the_others_are_counted(good):
    def unread(*reasons):
        def law(_, result):
            result.checked = 3
            for reason in reasons:
                result.cannot_check(message(reason))

        return law

    assert found(good, unread("a is damaged")) == ("error", "could not be checked: a is damaged")
    assert found(good, unread("a is damaged", "b is", "c is")) == (
        "error",
        "could not be checked: a is damaged and 2 more",
    )


def test_of_several_earlier_sets_that_could_not_be_read_the_first_is_told(good):
    def law(_, result):
        result.checked = 3
        result.cannot_compare(message("a is damaged"))
        result.cannot_compare(message("b is damaged"))

    assert found(good, law) == ("warn", "could not be compared: a is damaged")


def test_what_holds_is_counted_and_a_long_error_is_cut(good):
    def long_error(*_):
        raise ValueError("x" * 300)

    assert found(good, counting(1234, 0)) == ("pass", "all 1,234 hold")
    assert found(good, long_error) == ("error", f"the rule could not run: ValueError: {'x' * 200}")


def test_what_is_only_unusual_warns_whatever_the_severity(good):
    assert audit(good, rules=[odd(counting(1000, 30, unusual=30), Severity.BLOCK)]).status is Verdict.WARNED
    assert audit(good, rules=[odd(counting(1000, 31, unusual=30), Severity.BLOCK)]).status is Verdict.BLOCKED


@pytest.mark.parametrize("severity", Severity)
def test_failures_that_only_warn_beside_what_could_not_be_checked_are_an_error(good, severity):
    def law(_, result):
        result.checked, result.failing, result.unusual = 3, 1, 1
        result.cannot_check(message("it is damaged"))

    report = audit(good, rules=[odd(law, severity)])
    assert (report.status, report.results[0].status) == (Verdict.BLOCKED, Status.ERROR)
    assert str(report.results[0].found) == "1 of 3 fail; could not be checked: it is damaged"


def test_failures_that_block_beside_what_could_not_be_checked_are_failures(good):
    def law(_, result):
        result.checked, result.failing = 3, 1
        result.cannot_check(message("it is damaged"))

    assert audit(good, rules=[odd(law, Severity.BLOCK)]).results[0].status is Status.FAIL


@pytest.mark.parametrize(
    ("failing", "is_releasable", "releasable"), [(1, False, False), (1, True, True), (0, False, True)]
)
def test_only_a_failure_can_keep_a_session_from_release(good, failing, is_releasable, releasable):
    def law(_, result):
        result.checked, result.failing, result.is_releasable = 3, failing, is_releasable

    (found,) = audit(good, rules=[odd(law, Severity.BLOCK)]).results
    assert (found.checked, found.failing, found.releasable) == (3, failing, releasable)


def test_an_unknown_rule_in_the_severities_is_refused_by_name(good):
    with pytest.raises(SettingError, match="no rule is called bought_minus_sold"):
        audit(good, {"bought_minus_sold": "warn"})


def test_an_unknown_severity_is_refused_with_those_that_exist(good):
    with pytest.raises(SettingError, match="severity 'off' of rule same_names is not one of: block, warn"):
        audit(good, {"same_names": "off"})


@pytest.mark.parametrize("rule_id", ["session_proof", "reference_rows", "not_previous_session"])
def test_no_deployment_can_turn_off_what_keeps_data_under_their_own_day(rule_id):
    with pytest.raises(SettingError, match=f"rule {rule_id} always blocks"):
        severities_of({rule_id: "warn"}, RULES)


def test_a_deployment_can_let_a_rule_warn(good):
    given = replace(good, page_sizes={**good.page_sizes, NET: (100, 90, 60)})
    assert audit(given, {"page_sizes": "warn"}).status is Verdict.WARNED


def test_the_minimum_list_blocks_by_default():
    severities = severities_of({}, RULES)
    minimum = ["sets_present", "schema", "investor_nulls", "unique_stocks", "buy_minus_sell_is_net"]
    minimum += ["institution_is_its_parts", "same_stocks", "same_prices"]
    assert {severities[rule_id] for rule_id in minimum} == {Severity.BLOCK}


def test_the_sheets_own_example_which_repeats_a_stock_is_refused_by_its_code(sheet_of):
    once = sheet_of([[0] * 12])
    once = once.set_column(0, "stk_cd", pa.array(["005930"]))
    given = AuditInput(dt.date(2026, 11, 20), (NET,), {NET: pa.concat_tables([once, once])})
    found = next(r for r in audit(given).blocking if r.id == "unique_stocks")
    assert (found.offenders[0].stock_code, found.offenders[0].seen) == ("005930", 2)


@pytest.mark.parametrize("is_first_night", [False, True])
def test_of_two_markets_each_rule_looks_at_what_it_looks_at_in_either(witnessed, is_first_night):
    given = replace(witnessed, published={}, published_on=None) if is_first_night else witnessed

    def checked(*markets):
        asked = tuple(parameters for parameters in witnessed.asked if parameters.market in markets)
        part = {"tables": witnessed.tables, "page_sizes": witnessed.page_sizes}
        part = {name: {parameters: of[parameters] for parameters in asked} for name, of in part.items()}
        return {found.id: found.checked for found in audit(replace(given, asked=asked, **part)).results}

    kospi, kosdaq, both = checked("KOSPI"), checked("KOSDAQ"), checked("KOSPI", "KOSDAQ")
    other = {rule_id for rule_id, count in both.items() if count != kospi[rule_id] + kosdaq[rule_id]}
    assert other == {"session_proof", "not_previous_session", "markets_disjoint"}


def test_every_rule_has_an_id_of_its_own():
    ids = [one.id for one in RULES]
    assert len(ids) == len(set(ids))


def test_the_report_tells_rows_and_pages_of_every_set_and_the_net_flow_of_every_investor(good):
    at = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
    report = audit(good, run_id="run-1", audited_at=at)
    assert (report.run_id, report.session_date, report.audited_at) == ("run-1", dt.date(2026, 11, 20), at)
    assert report.proof == good.proof
    assert SetSize(parameters=NET, rows=250, pages=3) in report.sets
    assert len(report.sets) == 36
    total = sum(good.tables[NET]["frgnr_invsr"].to_pylist())
    place = {"market": Market.KOSPI, "venue": Venue.KRX}
    assert NetFlow(**place, investor="foreigner", net=total, unit="KRW million") in report.flows
    assert len(report.flows) == 2 * 3 * 12


def test_what_a_deployment_lowered_is_named_in_report_message_and_result(good):
    given = replace(good, page_sizes={**good.page_sizes, NET: (100, 90, 60)}, proof=None)
    report = audit(given, {"page_sizes": "warn", "venues_add_up": "block"})
    assert report.lowered == ("page_sizes",)
    assert report.message().endswith("\n- lowered to a warning by this deployment: page_sizes")
    assert report.verdict() == "blocked, lowered to a warning: page_sizes"
    assert audit(good).verdict() == "passed"


@pytest.mark.parametrize(
    ("given", "names"),
    [
        (None, ()),
        ([], ()),
        ("", ()),
        ([None, "", "  "], ()),
        (" same_names \n\n page_sizes\n", ("same_names", "page_sizes")),
        (["same_names, page_sizes", "same_names"], ("same_names", "page_sizes")),
    ],
    ids=["none", "empty list", "empty text", "blanks", "lines", "commas and repeats"],
)
def test_a_release_form_is_understood_however_it_is_filled_in(given, names):
    assert parse_release_rules(given) == names


def test_a_release_of_a_rule_that_does_not_exist_is_refused_by_name():
    with pytest.raises(SettingError, match="no rule is called same_name; the rules are: session_proof, "):
        parse_release_rules(["same_name"])


@pytest.mark.parametrize("given", ['{"same_names": "warn"}', {"same_names": "warn"}])
def test_severities_come_as_json_or_as_they_are(given):
    assert parse_severities(given) == {"same_names": "warn"}


def test_a_rule_that_always_blocks_may_be_said_to_block():
    assert severities_of({"session_proof": "block"}, RULES)["session_proof"] is Severity.BLOCK


@pytest.mark.parametrize("given", ["within_volume: block", "[]", '"warn"'])
def test_severities_that_are_no_json_object_are_refused(given):
    with pytest.raises(SettingError, match="is not a JSON object such as"):
        parse_severities(given)
