"""
Korean for the sentences that laws, audit and proof write into the report.

The report itself stays in English: it is what machines and old pages are made from. Here each sentence stands
once more as a template, ``{}`` where values go; what is not known here is shown as it is, data above all.
"""

from __future__ import annotations

import re
from functools import lru_cache

from kiwoom_provider.datasets.columns import INVESTORS

TERMS = {investor.name: investor.korean for investor in INVESTORS} | {
    "ALL": "전체",
    "CONSOLIDATED": "통합",
    "amount": "금액",
    "quantity": "수량",
    "net": "순매수",
    "buy": "매수",
    "sell": "매도",
    "all four": "주요 네 투자자",
    "the session": "거래일",
}
"""Korean for the parts of a label: markets, venues, measures, sides, investors."""

_AUDIT = {
    "{} of {} fail": "{1}건 중 {0}건 위반",
    "all {} hold": "{}건 모두 통과",
    "nothing could be checked": "확인할 것이 없었음",
    "the rule could not run: {}: {}": "규칙을 실행할 수 없었음: {}: {}",
    "could not be checked: {}": "확인할 수 없었음: {}",
    "{} and {} more": "{} 외 {}건",
    "page {}": "{}쪽",
}
_PROOF = {
    "no settlement evidence was given to the audit": "확정 증거가 주어지지 않음",
    "{} (proof: {})": "{} (증명 방식: {})",
    "unproved: {}": "미증명: {}",
    "disproved: {}": "반증됨: {}",
    "proved": "증명됨",
    "{} of {} sets are another session's, first {}": "{1}개 세트 중 {0}개가 다른 거래일의 것, 첫 세트 {2}",
    "{} of {} sets equal ka10059's settled rows dated {}": "{1}개 세트 중 {0}개가 ka10059의 {2} 확정 행과 같음",
    "{} of {} sets differ from the session before": "{1}개 세트 중 {0}개가 직전 거래일과 다름",
    "for {} of {} sets the host does not serve ka10059: change alone decides, if asked for both": (
        "{1}개 세트 중 {0}개는 서버가 ka10059를 제공하지 않음(방식이 both이면 변화만으로 판단)"
    ),
    "{} of {} sets have pages that nothing speaks for": "{1}개 세트 중 {0}개에 증거가 없는 페이지가 있음",
    "the session before is not stored and published, so there is no change to tell": (
        "직전 거래일이 저장·공개되어 있지 않아 변화를 알 수 없음"
    ),
    "not proved: {} sets, first {}": "증명되지 않은 세트 {}개, 첫 세트 {}",
}
_NOT_ASKED = {
    "no set was asked for": "요청한 세트가 없음",
    "no table is there": "표가 하나도 없음",
    "fewer than two sets of one market and venue were asked for": "같은 시장·거래소의 세트를 둘 이상 요청하지 않음",
    "fewer than two sets of one market were asked for": "같은 시장의 세트를 둘 이상 요청하지 않음",
    "KOSPI and KOSDAQ were not asked for together": "KOSPI와 KOSDAQ을 함께 요청하지 않음",
    "KRX and NXT of one market were not asked for together": "같은 시장의 KRX와 NXT를 함께 요청하지 않음",
    "KRX and CONSOLIDATED of one market were not asked for together": "같은 시장의 KRX와 통합을 함께 요청하지 않음",
    "ALL was not asked for together with KOSPI and KOSDAQ": "전체를 KOSPI·KOSDAQ과 함께 요청하지 않음",
    "neither KRX nor CONSOLIDATED of one market was asked for": "KOSPI나 KOSDAQ의 KRX 또는 통합을 요청하지 않음",
    "neither buy nor sell was asked for": "매수도 매도도 요청하지 않음",
    "neither buy nor sell was asked for, or no stock was active": "매수·매도 미요청 또는 거래가 많은 종목 없음",
    "neither buy nor sell quantities were asked for": "매수·매도 수량을 요청하지 않음",
    "amount and quantity were not asked for together": "금액과 수량을 함께 요청하지 않음",
    "amount and quantity of buy or sell were not asked for together": "매수나 매도의 금액·수량을 함께 요청하지 않음",
    "buy, sell and net of one market, venue and measure were not asked for together": (
        "같은 시장·거래소·금액수량구분의 매수·매도·순매수를 함께 요청하지 않음"
    ),
    "KRX, NXT and CONSOLIDATED of one market, measure and side were not asked for together": (
        "같은 시장·금액수량구분·매매구분의 KRX·NXT·통합을 함께 요청하지 않음"
    ),
    "buy or sell amounts alone do not show it: they are paid at many prices": (
        "매수 또는 매도 금액만으로는 알 수 없음(여러 가격에 체결됨)"
    ),
}
_NOT_STORED = {
    "no set of these markets and venues is stored for a previous session": (
        "이 시장·거래소의 직전 거래일 세트가 저장되어 있지 않음"
    ),
    "none of these sets is stored for a previous session": "이 세트들의 직전 거래일 값이 저장되어 있지 않음",
    "the stocks are compared with the previous session": "종목을 직전 거래일과 비교함",
    "the stocks are compared with the previous session, or page sizes were not given": (
        "종목을 직전 거래일과 비교하거나, 페이지 크기가 주어지지 않음"
    ),
    "the settlement evidence holds no dated row of an asked set": "증거에 요청한 세트의 ka10059 행이 없음",
    "no stock has flows enough to show its session": "거래일을 가릴 만큼 값이 있는 종목이 없음",
    "page sizes were not given": "페이지 크기가 주어지지 않음",
    "the session's window was not given": "수집 시간대가 주어지지 않음",
    "was asked for and is not there": "요청했으나 없음",
    "is empty": "비어 있음",
    "column {} is missing": "{} 열이 없음",
    "column {} stands twice": "{} 열이 두 번 나옴",
    "column {} is {}, not {}": "{} 열의 형식이 {} ({}이어야 함)",
    "its page sizes are not known": "페이지 크기를 알 수 없음",
    "reference stock {} was not fetched": "기준 종목 {}을(를) 수집하지 못함",
}
_OFFENDERS = {
    "as in the other sets": "다른 세트와 같은 종목",
    "no such stock": "그 종목이 없음",
    "different flows": "서로 다른 값",
    "{} stocks equal": "{}종목이 같음",
    "not in KOSDAQ": "KOSDAQ에 없음",
    "a stock of KRX": "KRX에 있는 종목",
    "a stock of CONSOLIDATED": "통합에 있는 종목",
    "a stock of ALL": "전체에 있는 종목",
    "a stock of KOSPI or KOSDAQ": "KOSPI나 KOSDAQ에 있는 종목",
    "not so": "그렇지 않음",
    "the same flows in ALL": "전체와 같은 값",
    "others": "다른 값",
    "{} to {} stocks": "{}~{}종목",
    "at most {} of {} gone": "{1}종목 중 {0}종목까지 사라질 수 있음",
    "at most {} neighbours gone": "이웃한 {}종목까지 사라질 수 있음",
    "at most {} new": "새 종목 {}개까지",
    "at most {} from another market": "다른 시장에서 온 종목 {}개까지",
    "at most {} renamed": "이름이 바뀐 종목 {}개까지",
    "gone, one of {}": "사라짐, {}종목 중 하나",
    "new, one of {}": "새 종목, {}종목 중 하나",
    "of the other market, one of {}": "다른 시장의 종목, {}종목 중 하나",
    "another name, one of {}": "다른 이름, {}종목 중 하나",
    "different figures": "서로 다른 값",
    "{} equal": "{}건이 같음",
    "fewer than {}": "{}종목 미만",
    "{} from {}": "{1}부터 {0}종목",
    "some investor above zero": "0보다 큰 투자자가 있음",
    "not all zero": "모두 0은 아님",
    "all zero": "모두 0",
    "other flows": "다른 값",
    "all {} stocks as in the previous session": "{}종목 모두 직전 거래일과 같음",
    "as in the previous session": "직전 거래일과 같음",
    "near {}": "{} 안팎",
    "about {}": "약 {}",
    "no such element": "없는 항목",
    "{}: once": "{}: 한 번",
    "not asked for": "요청하지 않음",
    "at least one row": "1행 이상",
    "no rows": "행이 없음",
    "no table": "표가 없음",
    "{} rows": "{}행",
    "None rows": "표가 없음",
    "a code after {}": "{} 다음의 코드",
    "{} rows on its pages": "페이지에 {}행",
    "{} rows in the table": "표에 {}행",
    "a last page that is not full": "다 차지 않은 마지막 페이지",
    "{} full pages": "다 찬 페이지 {}개",
    "{} to {}": "{} ~ {}",
    "{} to {}, {} without": "{} ~ {}, 시각 없음 {}건",
    "{} to {} times {}": "{2}의 {0}~{1}배",
    "{} to {} million": "{}~{} 백만원",
    "{} million": "{} 백만원",
    "at most {}": "{} 이하",
    "at most {} in all": "모두 합해 {} 이하",
}


def _fixed(template: str) -> int:
    """Count what is fixed in a template: of two that fit, the more definite one speaks."""
    return len(template.replace("{}", ""))


def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.escape(template).replace(r"\{\}", "(.+?)"), re.DOTALL)


_KNOWN = _AUDIT | _PROOF | _NOT_ASKED | _NOT_STORED | _OFFENDERS
_PATTERNS = [(_pattern(template), _KNOWN[template]) for template in sorted(_KNOWN, key=_fixed, reverse=True)]


@lru_cache(maxsize=4096)
def korean(text: str) -> str:
    """Return a sentence of the report in Korean; what is not known, and any value in it, stays as it is."""
    if "; " in text:
        return "; ".join(korean(part) for part in text.split("; "))
    for pattern, phrase in _PATTERNS:
        if found := pattern.fullmatch(text):
            return phrase.format(*(korean(value) for value in found.groups()))
    if ": " in text:
        return ": ".join(korean(part) for part in text.split(": "))
    return label(text) if " · " in text else text


def label(text: str) -> str:
    """Return a set's label, or what an investor is called, in Korean."""
    sides = (side.split(" · ") for side in text.split(" = "))
    return " = ".join(" · ".join(TERMS.get(part) or korean(part) for part in parts) for parts in sides)
