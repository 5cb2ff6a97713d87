"""Rules about columns and single cells."""

from __future__ import annotations

from kiwoom_provider.quality.laws import prices, schema
from kiwoom_provider.quality.results import Severity
from kiwoom_provider.quality.rule import API_CHANGED, EXACT, LOOK, WATCH, Rule, Text

_CELLS = Text("each cell of each set", "각 세트의 각 값")
_INVESTOR_CELLS = Text("each investor field of each set", "각 세트의 각 투자자 값")
_PRICE_ROWS = Text("each stock of each market and venue", "각 시장·거래소의 각 종목")
_FEW = Text("0.2 % of stocks with a warning", "종목의 0.2%까지는 경고")

RULES = (
    Rule(
        "schema",
        Text("Every column is there and of its type", "모든 열이 정해진 형식으로 있음"),
        Text("each column of each set", "각 세트의 각 열"),
        EXACT,
        Text("a missing element means that the API changed", "빠진 항목은 API 변경을 뜻합니다"),
        Severity.BLOCK,
        API_CHANGED,
        schema.columns_and_types,
    ),
    Rule(
        "new_elements",
        Text("The API sends no element that its sheet lacks", "명세에 없는 항목이 오지 않음"),
        Text("each set's elements", "각 세트의 항목"),
        EXACT,
        Text(
            "a new element is kept in raw and takes nothing away",
            "새 항목은 raw에 남고 기존 값에는 영향이 없습니다",
        ),
        Severity.WARN,
        WATCH,
        schema.new_elements,
    ),
    Rule(
        "investor_nulls",
        Text("No investor field is blank", "투자자 값이 비어 있지 않음"),
        _INVESTOR_CELLS,
        EXACT,
        Text("a blank is not a zero", "빈 값은 0이 아닙니다"),
        Severity.BLOCK,
        LOOK,
        schema.column_rule("investor_nulls"),
    ),
    Rule(
        "other_nulls",
        Text("No name, price or volume is blank", "종목명·가격·거래량이 비어 있지 않음"),
        Text("each other cell of each set", "투자자 값 외의 각 값"),
        EXACT,
        Text("a stock that did not trade may have no price", "거래가 없는 종목은 가격이 없을 수 있습니다"),
        Severity.WARN,
        WATCH,
        schema.column_rule("other_nulls"),
    ),
    Rule(
        "stock_codes",
        Text("Stock codes are six digits or capital letters", "종목코드는 숫자·영대문자 6자리"),
        Text("each stock code", "각 종목코드"),
        EXACT,
        Text(
            "codes such as 005930 and 0156T0 were seen, and no others",
            "005930, 0156T0 같은 코드만 확인되었습니다",
        ),
        Severity.BLOCK,
        API_CHANGED,
        schema.column_rule("stock_codes"),
    ),
    Rule(
        "pre_sig_codes",
        Text("Sign codes are 1 to 5", "대비기호는 1~5"),
        Text("each sign code", "각 대비기호"),
        EXACT,
        Text("the API's own codes", "API가 정한 코드입니다"),
        Severity.BLOCK,
        API_CHANGED,
        schema.column_rule("pre_sig_codes"),
    ),
    Rule(
        "price_range",
        Text("Prices and volumes are within what can be", "가격과 거래량이 있을 수 있는 범위"),
        _CELLS,
        Text(
            "0 to 1 billion won, change within that, volume 0 to 1 trillion shares",
            "0~10억 원, 대비는 그 이내, 거래량 0~1조 주",
        ),
        Text("orders of magnitude beyond any day's figures", "실제 값보다 몇 자릿수 큰 한계입니다"),
        Severity.BLOCK,
        LOOK,
        schema.column_rule("price_range"),
    ),
    Rule(
        "investor_range",
        Text("Investor fields are within what can be", "투자자 값이 있을 수 있는 범위"),
        _INVESTOR_CELLS,
        Text("±10 trillion", "±10조"),
        Text(
            "orders of magnitude beyond any day's figures, and safe to add up",
            "실제 값보다 몇 자릿수 크며, 합산해도 넘치지 않습니다",
        ),
        Severity.BLOCK,
        LOOK,
        schema.column_rule("investor_range"),
    ),
    Rule(
        "gross_not_negative",
        Text("Buys and sells are not negative", "매수와 매도는 음수가 아님"),
        Text("each investor field of buy and sell sets", "매수·매도 세트의 각 투자자 값"),
        EXACT,
        Text("one side of a trade is never below zero", "한쪽 거래는 0보다 작을 수 없습니다"),
        Severity.BLOCK,
        LOOK,
        schema.column_rule("gross_not_negative", gross_only=True),
    ),
    Rule(
        "change_has_its_sign",
        Text("The price change has the direction of its sign code", "전일대비의 부호가 대비기호와 같음"),
        _PRICE_ROWS,
        _FEW,
        Text(
            "an odd case, such as a first day of trading, must not hold back a session",
            "상장 첫날 같은 예외로 전체를 막지 않습니다",
        ),
        Severity.BLOCK,
        LOOK,
        prices.change_has_its_sign,
        allowed_share=0.002,
    ),
    Rule(
        "change_is_its_rate",
        Text("The rate is the change ÷ the base price", "등락률 = 전일대비 ÷ 기준가"),
        _PRICE_ROWS,
        Text("0.01 percentage points; 0.2 % of stocks with a warning", "0.01%p. 종목의 0.2%까지는 경고"),
        Text(
            "the rate has two decimals, rounded or cut",
            "등락률은 소수 둘째 자리까지이며 반올림 또는 버림입니다",
        ),
        Severity.BLOCK,
        LOOK,
        prices.change_is_its_rate,
        allowed_share=0.002,
    ),
    Rule(
        "base_price_is_positive",
        Text("Price less change is above zero", "현재가 - 전일대비가 0보다 큼"),
        _PRICE_ROWS,
        _FEW,
        Text("no stock has a base price of nothing", "기준가가 0 이하인 종목은 없습니다"),
        Severity.BLOCK,
        LOOK,
        prices.base_price_is_positive,
        allowed_share=0.002,
    ),
)
