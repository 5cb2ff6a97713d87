"""The page for people: whole in itself, in two languages, and safe with any value in it."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from kiwoom_provider.datasets.published import Release
from kiwoom_provider.parameters import Market, Venue
from kiwoom_provider.quality.audit import audit
from kiwoom_provider.quality.report_page import render_html
from kiwoom_provider.quality.results import AuditReport, NetFlow

ODD_NAME = "<b onload=x>A&B\"'"


@pytest.fixture(scope="module")
def report(good):
    key = good.asked[0]
    names = good.tables[key]["stk_nm"].to_pylist()
    names[4] = ODD_NAME
    table = good.tables[key].set_column(1, "stk_nm", [names])
    return audit(
        replace(good, tables={**good.tables, key: table}),
        run_id="manual__<script>alert(1)</script>",
        audited_at=dt.datetime(2026, 11, 20, 12, 5, tzinfo=dt.UTC),
    )


class Elements(HTMLParser):
    """Collects tags, attributes and text."""

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.attributes, self.texts = [], set(), [], []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += attrs
        if tag not in {"meta", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data.strip())


def parsed(html):
    elements = Elements()
    elements.feed(html)
    return elements


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_element_that_is_opened_is_closed(report, language):
    assert parsed(render_html(report, language)).open == []


@pytest.mark.parametrize("language", ["en", "ko"])
def test_names_and_run_ids_stand_as_text_and_never_as_markup(report, language):
    elements = parsed(render_html(report, language))
    assert not elements.tags & {"script", "b", "img", "iframe", "link"}
    assert any(ODD_NAME in text for text in elements.texts)
    assert "manual__<script>alert(1)</script>" in elements.texts


def test_the_page_fetches_nothing_from_anywhere(report):
    html = render_html(report)
    assert not re.search(r"\s(src|href|srcset)=|url\(|@import", html)
    assert "http://" not in html
    assert "https://" not in html
    assert ("content", "default-src 'none'; style-src 'unsafe-inline'") in parsed(html).attributes


def test_the_english_page_tells_verdict_rule_and_remedy(report):
    html = render_html(report, "en")
    assert '<html lang="en">' in html
    assert "Blocked" in html
    assert "A stock has one name in all sets" in html
    assert "2026-11-20 21:05:00" in html


def test_the_korean_page_speaks_korean(report):
    html = render_html(report, "ko")
    assert '<html lang="ko">' in html
    assert "한 종목의 이름은 모든 세트에서 같음" in html
    assert "투자자별 순매수" in html
    assert "외국인투자자" in html
    assert "What to do" not in html


def test_flows_are_drawn_as_one_bar_an_investor_and_market(report):
    html = render_html(report)
    assert html.count("<rect") == 24
    assert "KOSPI · CONSOLIDATED (KRW million)" in html


def test_sellers_stand_left_of_the_middle_and_the_largest_bar_fills_its_half():
    flows = tuple(
        NetFlow(market=Market.KOSPI, venue=Venue.KRX, investor=name, net=net, unit="shares")
        for name, net in (("individual", 500), ("bank", -1000))
    )
    html = render_html(AuditReport(run_id="run", session_date=dt.date(2026, 11, 20), results=(), flows=flows))
    assert '<rect class="buy" x="440.0" y="4" width="90.0" height="14"/>' in html
    assert '<rect class="sell" x="260.0" y="26" width="180.0" height="14"/>' in html


def test_where_nobody_bought_or_sold_more_the_bars_have_no_width():
    flows = tuple(
        NetFlow(market=Market.KOSPI, venue=Venue.KRX, investor=name, net=0, unit="shares") for name in ("bank", "state")
    )
    html = render_html(AuditReport(run_id="run", session_date=dt.date(2026, 11, 20), results=(), flows=flows))
    assert html.count('x="440.0"') == html.count('width="0.0"') == 2
    assert 'height="44"' in html


def test_a_page_made_from_the_stored_json_is_the_same(report):
    assert render_html(AuditReport.from_bytes(report.to_bytes(), "a report")) == render_html(report)


def test_a_release_is_shown_with_its_reason(report):
    released = report.with_release(Release(rule_ids=("same_names",), reason="renamed <today>", by="kim"))
    assert "same_names: renamed &lt;today&gt; (kim)" in render_html(released)


def test_rules_that_could_not_run_are_listed_with_their_reason(good):
    missing = {key: table for key, table in good.tables.items() if key != good.asked[0]}
    html = render_html(audit(replace(good, tables=missing)))
    assert "Rules that could not run" in html
    assert "could not be checked: KOSDAQ · CONSOLIDATED · amount · buy: was asked for and is not there" in html
    assert parsed(html).open == []


def test_an_audit_without_findings_says_so(good):
    assert "No rule failed." in render_html(audit(good))


def test_an_unknown_language_is_refused(report):
    with pytest.raises(ValueError, match="'fr' is not a valid Language"):
        render_html(report, "fr")
