"""Rules that tie investor fields together, inside a set and across sets."""

from __future__ import annotations

from kiwoom_provider.quality.laws import across_sets, agreement, within_set
from kiwoom_provider.quality.results import Severity
from kiwoom_provider.quality.rule import EXACT, LOOK, REFETCH, WATCH, Rule, Text

_CELLS = Text("each stock and investor", "각 종목·투자자")
_STOCKS = Text("each stock of each set", "각 세트의 각 종목")
_COLUMNS = Text("each investor of each set", "각 세트의 각 투자자")
_SUM = Text("amounts 1 million won, quantities 0", "금액 100만 원, 수량 0")

RULES = (
    Rule(
        "buy_minus_sell_is_net",
        Text("Buy − sell = net", "매수 − 매도 = 순매수"),
        _CELLS,
        _SUM,
        Text(
            "three figures rounded to a million won are off by at most 1.5, so 1 in whole numbers",
            "백만원 반올림 세 번이면 최대 1.5, 정수로는 1입니다",
        ),
        Severity.BLOCK,
        REFETCH,
        across_sets.buy_minus_sell_is_net,
    ),
    Rule(
        "institution_is_its_parts",
        Text("Institution = the sum of its eight parts", "기관계 = 여덟 기관의 합"),
        Text("each stock of each set", "각 세트의 각 종목"),
        Text("amounts 4 million won, quantities 0", "금액 400만 원, 수량 0"),
        Text(
            "nine figures rounded to a million won are off by at most 4.5, so 4 in whole numbers",
            "백만원 반올림 아홉 번이면 최대 4.5, 정수로는 4입니다",
        ),
        Severity.BLOCK,
        REFETCH,
        within_set.institution_is_its_parts,
    ),
    Rule(
        "venues_add_up",
        Text("KRX + NXT = consolidated", "KRX + NXT = 통합"),
        _CELLS,
        _SUM,
        Text(
            "as for net; a stock that NXT does not trade counts zero; not seen on live data yet",
            "순매수와 같고, NXT에 없는 종목은 0입니다. 실데이터에서는 아직 확인 전입니다",
        ),
        Severity.WARN,
        WATCH,
        across_sets.venues_add_up,
    ),
    Rule(
        "same_stocks",
        Text("All sets of a market and venue have the same stocks", "한 시장·거래소의 모든 세트에 같은 종목"),
        _STOCKS,
        EXACT,
        Text(
            "a sweep that ended early lacks stocks that the others have",
            "일찍 끝난 수집에는 다른 세트에 있는 종목이 없습니다",
        ),
        Severity.BLOCK,
        REFETCH,
        agreement.same_stocks,
    ),
    Rule(
        "same_names",
        Text("A stock has one name in all sets", "한 종목의 이름은 모든 세트에서 같음"),
        _STOCKS,
        EXACT,
        Text(
            "another name at the same code is another stock's row",
            "코드가 같은데 이름이 다르면 다른 종목의 행입니다",
        ),
        Severity.BLOCK,
        LOOK,
        agreement.same_names,
    ),
    Rule(
        "same_prices",
        Text(
            "A stock has one price and volume in all sets of a market and venue",
            "한 시장·거래소의 모든 세트에서 가격·거래량이 같음",
        ),
        Text("price, change, sign, rate and volume of each stock", "각 종목의 현재가·대비·기호·등락률·거래량"),
        EXACT,
        Text(
            "after 20:00 KST no venue trades, so live fields stand still",
            "20시 이후에는 거래가 없어 값이 변하지 않습니다",
        ),
        Severity.BLOCK,
        REFETCH,
        agreement.same_prices,
    ),
    Rule(
        "sets_distinct",
        Text("No two sets of a market carry the same flows", "서로 다른 세트의 값이 통째로 같지 않음"),
        Text("each pair of sets of a market", "한 시장의 세트 쌍"),
        EXACT,
        Text("equal sets mean that the API ignored a parameter", "같다면 API가 파라미터를 무시한 것입니다"),
        Severity.BLOCK,
        REFETCH,
        agreement.sets_distinct,
    ),
    Rule(
        "columns_distinct",
        Text(
            "No two investors of a set have the same figures throughout",
            "한 세트의 두 투자자 값이 통째로 같지 않음",
        ),
        Text("each pair of investors of each set", "각 세트의 투자자 쌍"),
        Text("columns with fewer than 10 figures are let pass", "값이 10개 미만이면 통과"),
        Text("equal columns mean that one was put in the other's place", "같다면 열이 바뀐 것입니다"),
        Severity.BLOCK,
        LOOK,
        within_set.columns_distinct,
    ),
    Rule(
        "main_investors_trade",
        Text("Individuals, foreigners and institutions all trade", "개인·외국인·기관계의 값이 모두 0은 아님"),
        _COLUMNS,
        EXACT,
        Text("before settlement the fields hold zeros", "확정 전에는 0이 옵니다"),
        Severity.BLOCK,
        REFETCH,
        within_set.main_investors_trade,
    ),
    Rule(
        "investors_trade",
        Text("No other investor falls silent", "그 밖의 투자자 값이 갑자기 모두 0이 되지 않음"),
        _COLUMNS,
        Text("a column that was all zero in the previous session, too", "직전 거래일에도 모두 0이면 통과"),
        Text(
            "the smallest, such as the state, may not trade on a day",
            "국가처럼 작은 투자자는 거래가 없을 수 있습니다",
        ),
        Severity.WARN,
        WATCH,
        within_set.investors_trade,
    ),
    Rule(
        "no_zero_stretch",
        Text(
            "No dozen neighbouring active stocks are all zero",
            "거래가 있는 이웃 종목 12개가 연속으로 0이지 않음",
        ),
        Text("each set", "각 세트"),
        Text(
            "11 in a row; active from 100 million won a day",
            "연속 11개까지. 하루 1억 원 이상 거래된 종목 기준",
        ),
        Text(
            "one is odd, a dozen in a row is a page that was not settled",
            "하나는 우연이지만 12개 연속이면 확정되지 않은 페이지입니다",
        ),
        Severity.BLOCK,
        REFETCH,
        within_set.no_zero_stretch,
    ),
    Rule(
        "active_stocks_have_flows",
        Text("Stocks that traded have buyers and sellers", "거래된 종목에는 매수·매도가 있음"),
        Text("each active stock of buy and sell sets", "매수·매도 세트의 거래된 각 종목"),
        Text("active from 100 million won a day", "하루 1억 원 이상 거래된 종목 기준"),
        Text("below that, rounding may leave only zeros", "그보다 작으면 반올림으로 0이 될 수 있습니다"),
        Severity.WARN,
        WATCH,
        within_set.active_stocks_have_flows,
    ),
)
