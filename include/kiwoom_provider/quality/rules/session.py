"""Rules about the session that the data belong to."""

from __future__ import annotations

from kiwoom_provider.quality.laws import across_sessions as laws
from kiwoom_provider.quality.results import Severity
from kiwoom_provider.quality.rule import EXACT, NEVER, WATCH, Rule, Text

RULES = (
    Rule(
        "session_proof",
        Text("The data are proved to be this session's", "이 거래일의 데이터임이 증명됨"),
        Text("the settlement evidence", "확정 증거"),
        EXACT,
        Text(
            "the API carries no date; unproved may be released by a person, disproved never",
            "API에는 날짜가 없습니다. 미증명은 사람이 공개할 수 있지만, 반증되면 공개할 수 없습니다",
        ),
        Severity.BLOCK,
        Text(
            "Compare a few stocks with a second source before releasing; if disproved, fetch again.",
            "공개 전에 몇 종목을 다른 자료와 비교하십시오. 반증되었다면 다시 수집하십시오.",
        ),
        laws.session_proof,
        fixed=True,
    ),
    Rule(
        "reference_rows",
        Text("Reference stocks equal their dated rows", "기준 종목이 날짜가 있는 값과 같음"),
        Text("each investor of each reference stock and set", "각 기준 종목·세트의 각 투자자"),
        Text("amounts 1 million won, quantities 0", "금액 100만 원, 수량 0"),
        Text(
            "ka10059 rounds by itself; another session's flows are far off",
            "ka10059는 따로 반올림합니다. 다른 거래일이면 크게 다릅니다",
        ),
        Severity.BLOCK,
        NEVER,
        laws.reference_rows,
        fixed=True,
    ),
    Rule(
        "not_previous_session",
        Text("No set equals the previous session's", "직전 거래일과 통째로 같은 세트가 없음"),
        Text("each set", "각 세트"),
        EXACT,
        Text(
            "on a closed day and before settlement the API serves the last session",
            "휴장일과 확정 전에는 직전 거래일의 값이 옵니다",
        ),
        Severity.BLOCK,
        NEVER,
        laws.not_previous_session,
        fixed=True,
    ),
    Rule(
        "no_stale_rows",
        Text("No part of a set is still the previous session's", "일부만 직전 거래일로 남은 세트가 없음"),
        Text("each stock with flows enough to show its session", "거래일을 가릴 만큼 값이 있는 각 종목"),
        Text(
            "2 stocks a set; at least 3 fields and 100 in all",
            "세트당 2종목. 0이 아닌 값 3개, 합 100 이상인 종목 기준",
        ),
        Text(
            "a stock repeats such a row by chance once in many thousands of days",
            "우연히 같은 행이 되풀이될 확률은 수만 분의 1 이하입니다",
        ),
        Severity.BLOCK,
        NEVER,
        laws.no_stale_rows,
        fixed=True,
    ),
    Rule(
        "base_price_goes_on",
        Text("Base prices go on from the previous session", "기준가가 직전 거래일 가격에서 이어짐"),
        Text("each stock of each market and venue", "각 시장·거래소의 각 종목"),
        Text("30 %, for up to 2 % of stocks", "30%, 종목의 2%까지"),
        Text(
            "rights and splits move single stocks; after-market prices differ a little",
            "권리락은 일부 종목뿐이고, 시간외 가격 차이는 작습니다",
        ),
        Severity.WARN,
        WATCH,
        laws.base_price_goes_on,
    ),
    Rule(
        "turnover_is_usual",
        Text("Totals are of the order of the previous session's", "합계가 직전 거래일과 비슷한 규모"),
        Text("each set", "각 세트"),
        Text("a factor of 5, of 20 for net", "5배, 순매수는 20배"),
        Text("more than any ordinary change from day to day", "보통의 하루 변화보다 큰 값입니다"),
        Severity.WARN,
        WATCH,
        laws.turnover_is_usual,
    ),
)
