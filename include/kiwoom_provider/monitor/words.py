"""The words of the Kiwoom page, in both languages."""

from __future__ import annotations

from kiwoom_provider.datasets.columns import INVESTORS
from kiwoom_provider.monitor.states import State
from kiwoom_provider.quality.rule import Language, Text

STATES = {
    State.PUBLISHED: Text("published", "공개됨"),
    State.WARNED: Text("published with warnings", "경고와 함께 공개"),
    State.RELEASED: Text("released by a person", "사람이 공개"),
    State.QUARANTINED: Text("in quarantine", "격리됨"),
    State.MISSING: Text("missing", "누락"),
    State.DAMAGED: Text("cannot be read", "읽을 수 없음"),
    State.DUE: Text("due", "수집 예정"),
    State.BEFORE: Text("before the first session", "수집 시작 전"),
    State.CLOSED: Text("closed", "휴장"),
}
MARKS = {
    State.PUBLISHED: "✓",
    State.WARNED: "!",
    State.RELEASED: "R",
    State.QUARANTINED: "✕",
    State.MISSING: "–",
    State.DAMAGED: "?",
    State.DUE: "○",
    State.BEFORE: "",
    State.CLOSED: "·",
}
"""What a day shows beside its colour."""

MARKETS = {"KOSPI": "코스피", "KOSDAQ": "코스닥", "ALL": "전체"}
VENUES = {"KRX": "KRX", "NXT": "NXT", "CONSOLIDATED": "통합"}
_INVESTORS = {investor.name: investor.korean for investor in INVESTORS}

WORDS = {
    "title": Text("Kiwoom: trading by investor", "키움 투자자별 매매"),
    "session": Text("Session", "거래일"),
    "overview": Text("Overview", "개요"),
    "skip": Text("Skip to the content", "본문으로 건너뛰기"),
    "places": Text("On this page", "페이지 안내"),
    "language": Text("Language", "언어"),
    "airflow": Text("DAG in Airflow", "Airflow의 DAG"),
    "sessions": Text("Sessions", "거래일 달력"),
    "newest": Text("Newest published", "최근 공개"),
    "none_yet": Text("none yet", "아직 없음"),
    "stored": Text("published in all", "전체 공개"),
    "ago": Text("settled {} ago", "정산 후 {} 경과"),
    "window": Text("Window", "수집 시간"),
    "closes_in": Text("closes in {}", "{} 후 마감"),
    "closes_at": Text("until {} KST", "{} KST까지"),
    "no_window": Text("none open", "열린 시간 없음"),
    "opens_next": Text("next session settles {} KST", "다음 정산 {} KST"),
    "gaps": Text("Gaps", "빠진 거래일"),
    "no_gaps": Text("Every session that was due is published.", "수집했어야 할 모든 거래일이 공개되었습니다."),
    "gaps_open": Text("{} can still be fetched", "{}건 아직 수집 가능"),
    "gaps_over": Text("none can be fetched any more", "더 수집할 수 있는 날 없음"),
    "in_order": Text("nothing is missing", "빠진 날 없음"),
    "older": Text("{} older", "이전 {}건"),
    "warnings": Text("Calendar warnings", "달력 경고"),
    "see_below": Text("named below", "아래에 표시"),
    "no_warnings": Text(
        "The newest run's cross-check found no difference.", "최근 실행의 달력 대조에서 차이가 없었습니다."
    ),
    "state": Text("State", "상태"),
    "stored_what": Text("What is stored", "보관된 자료"),
    "remedy": Text("What to do", "조치"),
    "raw_absent": Text("nothing", "없음"),
    "raw_sets": Text("sets of raw: {}, whole: {}, audits: {}", "raw {}세트, 완결 {}세트, 감사 {}회"),
    "remedy_open": Text(
        "Fetch it until {} KST: clear or trigger its run.", "{} KST까지 수집 가능: 실행을 다시 하십시오."
    ),
    "remedy_audits": Text(
        "Read its audit: correct the cause and replay it, or release it.",
        "감사 보고서를 읽고 원인을 고쳐 다시 만들거나 공개하십시오.",
    ),
    "remedy_whole": Text(
        "Trigger it with its session_date to replay what is whole.",
        "session_date를 지정해 실행하면 완결된 세트로 다시 만듭니다.",
    ),
    "remedy_lost": Text("Lost: the API has no history.", "복구 불가: API는 과거 자료를 제공하지 않습니다."),
    "calendar": Text("Sessions by state, {} to {}", "거래일별 상태, {} ~ {}"),
    "calendar_help": Text(
        "A column is a week. Arrow keys move from day to day, Enter opens one.",
        "한 열이 한 주입니다. 화살표 키로 이동하고 Enter로 엽니다.",
    ),
    "year_of": Text("12 months", "최근 12개월"),
    "weekday": Text("Weekday", "요일"),
    "rows": Text("Rows", "행"),
    "stocks": Text("Stocks", "종목"),
    "flows": Text("Net flows by investor", "투자자별 순매수"),
    "market": Text("Market", "시장"),
    "venue": Text("Venue", "거래소"),
    "investors": Text("Investors", "투자자"),
    "investor": Text("Investor", "투자자"),
    "shown_as": Text("Shown as", "표시 방식"),
    "cumulative": Text("cumulative", "누적"),
    "daily": Text("by day", "일별"),
    "show": Text("Show", "보기"),
    "loading": Text("Loading the plot …", "그래프를 불러오는 중 …"),
    "not_loaded": Text("The plot could not be loaded.", "그래프를 불러오지 못했습니다."),
    "again": Text("Try again", "다시 시도"),
    "need_script": Text("Plots need JavaScript.", "그래프에는 JavaScript가 필요합니다."),
    "as_table": Text("The figures as a table", "표로 보기"),
    "nothing_to_plot": Text("No audited run of this time to plot.", "이 기간에 그릴 감사 결과가 없습니다."),
    "budget": Text("Call budget", "호출 예산"),
    "calls": Text("Calls by session", "거래일별 호출 수"),
    "pages_calls": Text("pages (ka10066)", "페이지 (ka10066)"),
    "reference_calls": Text("proof (ka10059)", "증명 (ka10059)"),
    "refused": Text("refused", "거부됨"),
    "time": Text("Sweep time against the floor", "수집 시간과 하한"),
    "sweep_s": Text("sweep", "수집"),
    "floor_s": Text("floor (calls ÷ rate)", "하한 (호출 수 ÷ 속도)"),
    "times_floor": Text("× floor", "× 하한"),
    "previous": Text("Session before", "이전 거래일"),
    "next": Text("Session after", "다음 거래일"),
    "runs": Text("Runs", "실행"),
    "run": Text("Run", "실행"),
    "no_runs": Text("No run of this session was audited.", "감사된 실행이 없습니다."),
    "mode": Text("Mode", "방식"),
    "live": Text("live", "실시간"),
    "replay": Text("replay", "재생성"),
    "audited_at": Text("Audited (KST)", "감사 시각 (KST)"),
    "verdict": Text("Verdict", "판정"),
    "proof": Text("Proof", "증명"),
    "proved_by": Text("How it was proved", "증명 방법"),
    "report": Text("Report", "보고서"),
    "links": Text("Links", "링크"),
    "in_airflow": Text("Airflow run", "Airflow 실행"),
    "published_run": Text("published", "공개함"),
    "shown_run": Text("shown below", "아래에 표시"),
    "unreadable": Text("cannot be read", "읽을 수 없음"),
    "audit": Text("Audit", "감사"),
    "audit_of": Text("Audit by rule", "규칙별 감사 결과"),
    "no_audit": Text("This run's audit cannot be shown: {}", "이 실행의 감사 결과를 표시할 수 없습니다: {}"),
    "clean": Text("Every rule that could run passed.", "실행된 모든 규칙을 통과했습니다."),
    "passing": Text("Rules that passed or did not apply ({})", "통과했거나 해당 없는 규칙 ({})"),
    "rule": Text("Rule", "규칙"),
    "status": Text("Result", "결과"),
    "found": Text("Found", "확인 결과"),
    "worst": Text("Worst offenders: {}", "가장 크게 벗어난 항목: {}"),
    "where": Text("Set", "세트"),
    "stock": Text("Stock", "종목"),
    "field": Text("Investor or field", "투자자 또는 항목"),
    "expected": Text("Expected", "기대값"),
    "seen": Text("Seen", "실제값"),
    "released_because": Text("Released by {}: {}", "{} 공개: {}"),
    "somebody": Text("a person", "담당자"),
    "sizes": Text("Rows and stocks", "행과 종목"),
    "against": Text("Against {}", "{} 대비"),
    "no_sizes": Text("This run did not keep them.", "이 실행에는 기록이 없습니다."),
    "collection": Text("Collection", "수집"),
    "took": Text("Time taken", "걸린 시간"),
    "floor": Text("Floor", "하한"),
    "floor_of": Text("{} calls at {} a second", "호출 {}회, 초당 {}회"),
    "waited": Text("Waited for the budget", "한도 대기"),
    "sets": Text("Sets", "세트"),
    "pages": Text("Pages", "페이지"),
    "raw_bytes": Text("Raw stored", "저장된 raw"),
    "day_flows": Text("Net flows of the day", "당일 순매수"),
    "no_flows": Text("This run kept no flows.", "이 실행에는 순매수 기록이 없습니다."),
    "top": Text("Largest net buys and sells", "순매수·순매도 상위"),
    "no_top": Text("This run kept no list of them.", "이 실행에는 상위 목록이 없습니다."),
    "others": Text("Other investors in {}", "{} 기타 투자자"),
    "buys": Text("Net buys", "순매수"),
    "sells": Text("Net sells", "순매도"),
    "none": Text("none", "없음"),
    "data": Text("Data", "데이터"),
    "place": Text("Place", "위치"),
    "published": Text("Published table", "공개 테이블"),
    "typed": Text("Typed sets", "형식화된 세트"),
    "raw": Text("Raw pages", "원본 페이지"),
    "reports": Text("Reports", "보고서"),
    "candidate": Text("Candidate in quarantine", "격리된 후보"),
    "bytes": Text("Bytes", "바이트"),
    "read_it": Text("Read it in Python", "Python에서 읽기"),
    "empty": Text("No session is stored yet", "아직 저장된 거래일이 없습니다"),
    "empty_do": Text(
        "The first run publishes one after 20:30 KST on a session day. While a window is open, the DAG can be "
        "triggered at once.",
        "첫 실행은 거래일 20:30 KST 이후에 공개합니다. 수집 시간이 열려 있으면 지금 DAG를 실행하십시오.",
    ),
    "not_audited": Text("Nothing was audited for this session.", "이 거래일에는 감사된 것이 없습니다."),
    "problem_400": Text("This address cannot be read", "주소를 읽을 수 없습니다"),
    "problem_404": Text("Not found", "찾을 수 없습니다"),
    "problem_500": Text("The page could not be made", "페이지를 만들지 못했습니다"),
    "problem_502": Text("A stored object cannot be read", "저장된 객체를 읽을 수 없습니다"),
    "problem_503": Text("The stored data cannot be reached", "저장된 데이터에 접근할 수 없습니다"),
    "closed_day": Text("{} is not a session: {}.", "{} 휴장: {}."),
    "nearest": Text("Nearest sessions", "가까운 거래일"),
    "no_page": Text("There is no such page here.", "이런 페이지는 없습니다."),
    "check": Text("What to check", "확인할 것"),
    "check_variable": Text(
        "Admin › Variables › kiwoom_data_root (or AIRFLOW_VAR_KIWOOM_DATA_ROOT) holds the URL of the data root: "
        "file:///absolute/path, s3://bucket/prefix, gs://…, abfs://….",
        "Admin › Variables › kiwoom_data_root(또는 AIRFLOW_VAR_KIWOOM_DATA_ROOT)에 데이터 루트의 URL이 있어야 합니다: "
        "file:///절대/경로, s3://버킷/접두어, gs://…, abfs://….",
    ),
    "check_reach": Text(
        "The API server itself can reach and read that place, with the same credentials as the workers.",
        "API 서버가 워커와 같은 자격 증명으로 그 위치를 읽을 수 있어야 합니다.",
    ),
    "internal": Text("The API server's log says why.", "원인은 API 서버 로그에 있습니다."),
    "back": Text("Back to the overview", "개요로 돌아가기"),
}


def investor(name: str, language: Language) -> str:
    """Return an investor's name for people."""
    return _INVESTORS.get(name, name) if language is Language.KOREAN else name.replace("_", " ")


def market(name: str, language: Language) -> str:
    """Return a market's name for people."""
    return MARKETS.get(name, name) if language is Language.KOREAN else name


def venue(name: str, language: Language) -> str:
    """Return a venue's name for people."""
    return VENUES.get(name, name) if language is Language.KOREAN else name.capitalize() if len(name) > 3 else name  # noqa: PLR2004
