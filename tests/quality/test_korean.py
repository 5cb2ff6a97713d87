"""What the Korean page says of rules that found nothing, did not apply or could not run, and of the proof."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from kiwoom_provider.parameters import Market, Measure, ParameterSet, Side, Venue
from kiwoom_provider.quality.audit import audit
from kiwoom_provider.quality.report_page import render_html
from kiwoom_provider.quality.results import Status
from kiwoom_provider.quality.rules import RULES

DAY = dt.date(2026, 11, 20)
NET = ParameterSet(Market.KOSPI, Venue.KRX, Measure.AMOUNT, Side.NET)


def test_a_good_session_is_told_in_korean(good, english_in):
    assert english_in(render_html(audit(good), "ko")) == []


@pytest.mark.parametrize("asked", [None, NET, replace(NET, side=Side.BUY)], ids=str)
def test_rules_that_do_not_apply_give_their_reason_in_korean(good, english_in, asked):
    asked = (asked,) if asked else ()
    tables = {key: good.tables[key] for key in asked}
    given = replace(good, asked=asked, tables=tables, published={}, page_sizes={}, window=None)
    report = audit(given)
    assert report.count(Status.NOT_APPLICABLE) > 10
    assert english_in(render_html(report, "ko")) == []


def test_rules_that_all_could_not_run_are_told_in_korean(good, english_in):
    def stop(*_):
        raise RuntimeError("boom")

    report = audit(good, rules=[replace(rule, law=stop) for rule in RULES])
    assert report.count(Status.ERROR) == len(RULES)
    html = render_html(report, "ko")
    assert "규칙을 실행할 수 없었음: RuntimeError: boom" in html
    assert english_in(html) == []
