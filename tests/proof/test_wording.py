"""What the evidence says, in both languages."""

from __future__ import annotations

from datetime import date

import pytest

from dated import DAY, sets
from kiwoom_provider.locale import Language, translate
from kiwoom_provider.proof.session_proof import Outcome, ProofSetting, SetProof
from kiwoom_provider.proof.wording import describe, doubt

NET = sets(measure="amount")["net"]


def seen(**what):
    return SetProof(**SetProof.of(NET), **({"outcome": Outcome.UNPROVED} | what))


def told(entry, language, *, has_trusted=False):
    said = describe(DAY, [entry], ProofSetting.BOTH, has_trusted=has_trusted)
    return "; ".join(translate(part, language) for part in said)


def test_a_proved_session_is_told_in_both_languages():
    entry = seen(outcome=Outcome.PROVED, agreeing=("005930",), changed=True, finality="volume")
    assert told(entry, Language.ENGLISH, has_trusted=True) == (
        "1 of 1 sets equal ka10059's settled rows dated 2026-11-20; 1 of 1 sets differ from the session before; "
        "1 of 1 sets are final: their flows cover the volume; proof: both"
    )
    assert told(entry, Language.KOREAN, has_trusted=True) == (
        "1개 세트 중 1개가 ka10059의 2026-11-20 확정 행과 같음; 1개 세트 중 1개가 직전 거래일과 다름; "
        "1개 세트 중 1개가 최종: 수급이 거래량과 일치; 증명 방식: both"
    )


def test_a_disproved_session_is_told_with_the_day_whose_rows_they_are():
    entry = seen(outcome=Outcome.DISPROVED, earlier_days={"005930": date(2026, 11, 13)})
    assert told(entry, Language.KOREAN) == (
        "1개 세트 중 1개가 다른 거래일의 것, 첫 세트 코스피 · KRX · 금액 · 순매수; 005930 행은 2026-11-13의 것"
    )


def test_an_unproved_session_is_told_with_what_is_missing():
    assert told(seen(refused=("005930",)), Language.KOREAN) == (
        "1개 세트 중 0개가 ka10059의 2026-11-20 확정 행과 같음; 1개 세트 중 0개가 직전 거래일과 다름; "
        "1개 세트 중 1개는 서버가 ka10059를 제공하지 않음(방식이 both이면 변화만으로 판단); "
        "직전 거래일이 저장·공개되어 있지 않아 변화를 알 수 없음; "
        "증명되지 않은 세트 1개, 첫 세트 코스피 · KRX · 금액 · 순매수: 날짜 행도 변화도 증명하지 못함; 증명 방식: both"
    )


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ({"coverage": 0.971}, "the flows cover 97.1 % of the volume: the after-market is not in yet"),
        ({"late_stocks": 556}, "556 stocks traded and have no figures yet"),
        ({"unexplained": ("005930",)}, "the rows of 005930 equal none of ka10059's dated rows"),
        ({"not_final": ("005930",)}, "nothing shows yet that the dated rows of 005930 are the day's last"),
        ({"silent_pages": ("005930", "000660")}, "nothing speaks for 2 of its pages"),
        ({"changed": True}, "it has changed, and that alone proves it only when it is fetched from 21:10 KST on"),
        ({}, "no dated row speaks for it, and no change"),
    ],
)
def test_every_doubt_has_a_sentence(what, said):
    assert str(doubt(seen(**what))) == said
