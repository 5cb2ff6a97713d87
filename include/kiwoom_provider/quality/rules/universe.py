"""Rules about which stocks there are."""

from __future__ import annotations

from kiwoom_provider.quality.laws import universe as laws
from kiwoom_provider.quality.results import Severity
from kiwoom_provider.quality.rule import EXACT, LOOK, REFETCH, WATCH, Rule, Text

_STOCKS = Text("each stock", "각 종목")
_BEFORE = Text("each stock of the previous session", "직전 거래일의 각 종목")
_CHURN = Text("3 % of a market and venue, at least 10", "시장·거래소별 3%, 최소 10개")

RULES = (
    Rule(
        "markets_disjoint",
        Text("No stock is in both KOSPI and KOSDAQ", "KOSPI와 KOSDAQ에 같은 종목이 없음"),
        _STOCKS,
        EXACT,
        Text(
            "a stock is listed on one market; both would mean swapped or merged sets",
            "한 종목은 한 시장에만 상장됩니다",
        ),
        Severity.BLOCK,
        REFETCH,
        laws.markets_disjoint,
    ),
    Rule(
        "nxt_within_krx",
        Text("Every stock on NXT is one of KRX's", "NXT 종목은 모두 KRX 종목"),
        Text("each stock on NXT", "NXT의 각 종목"),
        EXACT,
        Text("NXT trades a selection of listed stocks", "NXT는 상장 종목의 일부만 거래합니다"),
        Severity.BLOCK,
        REFETCH,
        laws.nxt_within_krx,
    ),
    Rule(
        "consolidated_is_krx",
        Text("Consolidated has the stocks of KRX", "통합의 종목 = KRX의 종목"),
        _STOCKS,
        EXACT,
        Text("not seen on live data yet", "실데이터에서는 아직 확인 전입니다"),
        Severity.WARN,
        WATCH,
        laws.consolidated_is_krx,
    ),
    Rule(
        "all_is_both_markets",
        Text("ALL is KOSPI and KOSDAQ together", "전체 = KOSPI + KOSDAQ"),
        _STOCKS,
        EXACT,
        Text(
            "about 3,139 against 1,330 + 1,824 were measured, on different days",
            "3,139개와 1,330 + 1,824개가 서로 다른 날 측정되었습니다",
        ),
        Severity.WARN,
        WATCH,
        laws.all_is_both_markets,
    ),
    Rule(
        "usual_size",
        Text(
            "On a first night: KRX and consolidated have their usual number of stocks",
            "첫 수집: KRX·통합의 종목 수가 알려진 수와 비슷함",
        ),
        Text("each market on KRX and consolidated", "KRX·통합의 각 시장"),
        Text("1,330 KOSPI and 1,824 KOSDAQ stocks, ±20 %", "KOSPI 1,330개, KOSDAQ 1,824개, ±20%"),
        Text(
            "the only defence on a first night; markets grow, so it warns",
            "첫 수집의 유일한 기준이며, 시장은 변하므로 경고만 합니다",
        ),
        Severity.WARN,
        WATCH,
        laws.usual_size,
    ),
    Rule(
        "stocks_stay",
        Text("Few stocks are gone since the previous session", "직전 거래일의 종목이 대부분 남아 있음"),
        _BEFORE,
        _CHURN,
        Text(
            "a lost page is 100 of 1,330, or 7.5 %; a day's delistings are a handful",
            "한 페이지는 1,330개 중 100개(7.5%)이고, 하루 상장폐지는 몇 개입니다",
        ),
        Severity.BLOCK,
        LOOK,
        laws.stocks_stay,
    ),
    Rule(
        "no_gap",
        Text("No stretch of neighbouring stocks is gone", "이웃한 종목들이 한꺼번에 사라지지 않음"),
        _BEFORE,
        Text("50 neighbours, or 5 at the end", "이웃 50개, 끝에서는 5개"),
        Text(
            "a sweep cut short loses its tail; a batch of maturing ETNs is smaller",
            "끊긴 수집은 끝이 없어지고, ETN 만기 묶음은 그보다 작습니다",
        ),
        Severity.BLOCK,
        REFETCH,
        laws.no_gap,
    ),
    Rule(
        "few_are_new",
        Text("Few stocks are new since the previous session", "새로 나타난 종목이 적음"),
        _STOCKS,
        _CHURN,
        Text(
            "a day's listings are a handful; more is another market's set",
            "하루 신규 상장은 몇 개이고, 더 많으면 다른 시장의 세트입니다",
        ),
        Severity.BLOCK,
        LOOK,
        laws.few_are_new,
    ),
    Rule(
        "stocks_keep_their_market",
        Text("Stocks stay in their market", "종목이 시장을 옮기지 않음"),
        _STOCKS,
        Text("5 a market and venue", "시장·거래소별 5개"),
        Text("a move from KOSDAQ to KOSPI is a rare single event", "이전 상장은 드물게 하나씩 일어납니다"),
        Severity.BLOCK,
        REFETCH,
        laws.stocks_keep_their_market,
    ),
    Rule(
        "names_stay",
        Text("Few stocks have another name", "이름이 바뀐 종목이 적음"),
        _STOCKS,
        Text("2 % of a market and venue, at least 10", "시장·거래소별 2%, 최소 10개"),
        Text(
            "a fund house renames a series; shifted rows rename everything",
            "ETN 시리즈 개명은 있을 수 있지만, 행이 밀리면 전부 바뀝니다",
        ),
        Severity.BLOCK,
        LOOK,
        laws.names_stay,
    ),
)
