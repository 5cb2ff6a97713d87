"""Rules that hold investor fields against the day's volumes and prices."""

from __future__ import annotations

from kiwoom_provider.quality.laws import across_sets, volume
from kiwoom_provider.quality.results import Severity
from kiwoom_provider.quality.rule import API_CHANGED, WATCH, Rule, Text

RULES = (
    Rule(
        "units_of_sets",
        Text("Amount ÷ quantity is a price of the day", "금액 ÷ 수량이 그날의 가격"),
        Text("each investor of buy and sell, over a whole set", "매수·매도 세트 전체의 각 투자자"),
        Text(
            "0.4 to 1.6 times the base price, and 1 million won a stock",
            "기준가의 0.4~1.6배, 종목당 100만 원",
        ),
        Text(
            "twice the ±30 % limit, as 2x ETNs move ±60 %; 천주 or 원 would be off by 1,000 or more",
            "가격제한폭 ±30%의 두 배(2배 ETN은 ±60%)이며, 천주·원 단위면 1,000배 이상 어긋납니다",
        ),
        Severity.BLOCK,
        API_CHANGED,
        volume.units_of_sets,
    ),
    Rule(
        "scale_of_sets",
        Text("A set's total is of the order of its trading", "세트 합계의 크기가 거래 규모와 맞음"),
        Text("each set", "각 세트"),
        Text(
            "buys and sells 0.05 to 3 times volume or turnover, net up to 3 times",
            "매수·매도는 거래량(대금)의 0.05~3배, 순매수는 3배 이내",
        ),
        Text(
            "tells units apart even where only one measure was asked for",
            "금액이나 수량 하나만 요청해도 단위를 가려냅니다",
        ),
        Severity.BLOCK,
        API_CHANGED,
        volume.scale_of_sets,
    ),
    Rule(
        "amount_and_quantity_meet",
        Text("Each amount is within the price limits of its quantity", "각 금액이 수량 × 가격제한폭 안에 있음"),
        Text("each stock and investor of buy and sell", "매수·매도의 각 종목·투자자"),
        Text(
            "0.7 to 1.3 times the base price, to the next million won; institution 4 million",
            "기준가의 0.7~1.3배(백만원 단위), 기관계 400만 원",
        ),
        Text(
            "KRX's daily limit of ±30 %; not seen on live data yet",
            "가격제한폭 ±30%. 실데이터에서는 아직 확인 전입니다",
        ),
        Severity.WARN,
        WATCH,
        across_sets.amount_and_quantity_meet,
    ),
    Rule(
        "within_volume",
        Text("Buys, and sells, are at most the volume", "매수 합과 매도 합이 거래량 이하"),
        Text("each stock of buy and sell quantities", "매수·매도 수량의 각 종목"),
        Text(
            "none; below is right, as other foreigners are not in the answer",
            "없음. 기타외국인이 빠져 있어 작은 것은 정상",
        ),
        Text(
            "volume is live and flows are settled; not seen on live data yet",
            "거래량은 실시간, 투자자 값은 확정치입니다. 실데이터에서는 아직 확인 전입니다",
        ),
        Severity.WARN,
        WATCH,
        volume.within_volume,
    ),
    Rule(
        "other_foreigners_are_few",
        Text("What the four main investors leave over is small", "개인·외국인·기관계·기타법인의 나머지가 작음"),
        Text("each active stock, and each set as a whole", "거래된 각 종목과 세트 전체"),
        Text("half of one stock's trading, 10 % of a set's", "종목은 거래의 절반, 세트는 10%"),
        Text(
            "the rest is 기타외국인, which the answer lacks; its usual size is not known yet",
            "나머지는 응답에 없는 기타외국인이며, 보통 크기는 아직 모릅니다",
        ),
        Severity.WARN,
        WATCH,
        volume.other_foreigners_are_few,
    ),
)
