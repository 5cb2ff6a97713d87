"""Rules about the sweep: all of it, once, in its time."""

from __future__ import annotations

from kiwoom_provider.quality.laws import sweep as laws
from kiwoom_provider.quality.results import Severity
from kiwoom_provider.quality.rule import API_CHANGED, EXACT, LOOK, REFETCH, Rule, Text

RULES = (
    Rule(
        "sets_present",
        Text("Every set that was asked for is there and not empty", "요청한 모든 세트가 있고 비어 있지 않음"),
        Text("each parameter set", "각 세트"),
        EXACT,
        Text("an empty list comes with a success code, too", "빈 목록도 성공 코드로 옵니다"),
        Severity.BLOCK,
        REFETCH,
        laws.sets_present,
    ),
    Rule(
        "unique_stocks",
        Text("No stock stands twice in a set", "한 세트에 같은 종목이 두 번 나오지 않음"),
        Text("each stock of each set", "각 세트의 각 종목"),
        EXACT,
        Text("a page served twice would count its stocks twice", "같은 페이지가 두 번 오면 종목이 중복됩니다"),
        Severity.BLOCK,
        REFETCH,
        laws.unique_stocks,
    ),
    Rule(
        "ordered_by_code",
        Text("Rows stand in the order of their codes", "종목코드 순으로 정렬됨"),
        Text("each row of each set", "각 세트의 각 행"),
        EXACT,
        Text("the partition is written so; readers rely on it", "저장 형식의 약속입니다"),
        Severity.BLOCK,
        API_CHANGED,
        laws.ordered_by_code,
    ),
    Rule(
        "page_sizes",
        Text("Every page but the last has 100 rows", "마지막을 뺀 모든 페이지가 100행"),
        Text("each page of each sweep, and their sum", "각 페이지와 그 합"),
        Text("the last page has 1 to 100 rows", "마지막 페이지는 1~100행"),
        Text(
            "measured on real accounts; a short page inside a sweep is a cut one",
            "실계좌 측정값이며, 중간의 짧은 페이지는 잘린 것입니다",
        ),
        Severity.BLOCK,
        REFETCH,
        laws.page_sizes,
    ),
    Rule(
        "full_last_page",
        Text("On a first night: no sweep ends on a full page", "첫 수집: 가득 찬 페이지로 끝나지 않음"),
        Text("the last page of each sweep", "각 수집의 마지막 페이지"),
        EXACT,
        Text(
            "a sweep cut short between pages ends on a full one; by chance one in a hundred does",
            "페이지 사이에서 끊긴 수집은 가득 찬 페이지로 끝나며, 우연히 그럴 확률은 1%입니다",
        ),
        Severity.WARN,
        LOOK,
        laws.full_last_page,
    ),
    Rule(
        "fetched_in_window",
        Text(
            "Every row was fetched while the API served this session",
            "모든 행이 이 거래일의 수집 시간 안에 수집됨",
        ),
        Text("each row's fetch time", "각 행의 수집 시각"),
        EXACT,
        Text("outside the window the API serves another session", "그 밖의 시간에는 다른 거래일의 값이 옵니다"),
        Severity.BLOCK,
        LOOK,
        laws.fetched_in_window,
    ),
)
