"""What the Korean page says of rules that found nothing, did not apply or could not run, and of the proof."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from kiwoom_provider.locale import translate
from kiwoom_provider.parameters import Market, Measure, ParameterSet, Side, Venue
from kiwoom_provider.quality.audit import audit
from kiwoom_provider.quality.page import render_html
<<<<<<< HEAD
from kiwoom_provider.quality.results import AuditReport, Status
from kiwoom_provider.quality.rules import RULES
=======
from kiwoom_provider.quality.phrases import korean, label
from kiwoom_provider.quality.results import Status
>>>>>>> main

DAY = dt.date(2026, 11, 20)
NET = ParameterSet(Market.KOSPI, Venue.KRX, Measure.AMOUNT, Side.NET)


def test_a_good_session_is_told_in_korean(good, english_in):
    assert english_in(render_html(audit(good), "ko")) == []


@pytest.mark.parametrize("asked", [None, NET, replace(NET, side=Side.BUY)], ids=str)
def test_rules_that_do_not_apply_give_their_reason_in_korean(good, english_in, asked):
    asked = (asked,) if asked else ()
    tables = {key: good.tables[key] for key in asked}
    given = replace(good, asked=asked, tables=tables, earlier={}, published={}, page_sizes={}, window=None)
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


<<<<<<< HEAD
@pytest.mark.parametrize(
    ("findings", "said"),
    [
        (
            [PROVED],
            (
                "1개 세트 중 1개가 ka10059의 2026-11-20 확정 행과 같음; 1개 세트 중 1개가 직전 거래일과 다름 "
                "(증명 방식: both)"
            ),
        ),
        ([Finding(unchanged=True)], "1개 세트 중 1개가 다른 거래일의 것, 첫 세트 코스피 · KRX · 금액 · 순매수"),
        (
            [Finding(refused=("005930",))],
            (
                "1개 세트 중 0개가 ka10059의 2026-11-20 확정 행과 같음; 1개 세트 중 0개가 직전 거래일과 다름; "
                "1개 세트 중 1개는 서버가 ka10059를 제공하지 않음(방식이 both이면 변화만으로 판단); "
                "직전 거래일이 저장·공개되어 있지 않아 변화를 알 수 없음; "
                "증명되지 않은 세트 1개, 첫 세트 코스피 · KRX · 금액 · 순매수 (증명 방식: both)"
            ),
        ),
    ],
    ids=["proved", "disproved", "unproved"],
)
def test_how_a_session_was_proved_is_told_in_korean(findings, said):
    proof = conclude(DAY, dict(zip([NET], findings, strict=True)), {}, ProofSetting.BOTH)
    report = AuditReport(run_id="run", session_date=DAY, results=(), proof=proof)
    assert said in render_html(report, "ko")


def test_pages_that_nothing_speaks_for_are_told_in_korean():
    proof = conclude(DAY, {NET: replace(PROVED, silent_pages=2)}, {}, ProofSetting.DATED)
    assert "1개 세트 중 1개에 증거가 없는 페이지가 있음" in translate(proof.how, "ko")
=======
def test_a_sentence_that_is_not_known_stays_as_it_is():
    assert korean("a rule of last year said: this") == "a rule of last year said: this"


@pytest.mark.parametrize("name", ["Kangwon Land", "SK", "KODEX 200", "A&B <c>"])
def test_what_a_stock_is_called_stays_as_it_is(name):
    assert korean(name) == name


def test_sets_and_investors_are_named_in_korean():
    assert label("KOSDAQ · CONSOLIDATED · quantity · sell · page 3") == "KOSDAQ · 통합 · 수량 · 매도 · 3쪽"
    assert label("individual = foreigner") == "개인투자자 = 외국인투자자"
>>>>>>> main
