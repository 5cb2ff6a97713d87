"""Every page and every error of it as it is served, without a browser and without Airflow."""

from __future__ import annotations

import asyncio
import io
import json
import os
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kiwoom_provider.datasets import layout
from kiwoom_provider.datasets.store import DataRootError, Store
from kiwoom_provider.krx import calendar
from kiwoom_provider.locale import message
from kiwoom_provider.monitor import access, app, deployment
from kiwoom_provider.monitor.archive import Archive
from kiwoom_provider.quality.results import AuditReport, RuleResult
from nights import BLOCKED, Night

EVIL = "<img src=x onerror=pwned()>&"
TOP = {
    "unit": "KRW million",
    "lists": [
        {
            "market": "KOSPI",
            "venue": "CONSOLIDATED",
            "investor": "foreigner",
            "buys": [["005930", EVIL, 1_234_567]],
            "sells": [["000660", "SK하이닉스", -210_000]],
        }
    ],
}


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


class Clock:
    def now(self) -> datetime:
        return datetime(2026, 11, 22, 21, 30, tzinfo=UTC)  # Monday 06:30 KST: Friday's window is still open

    def real_seconds(self, wait_s):
        return wait_s


@pytest.fixture
def night(tmp_path) -> Night:
    return Night(Store.open(tmp_path.as_uri()))


@pytest.fixture
def get(night, monkeypatch):
    """Return what asks the application as somebody who may read it; it lies under a prefix, as behind a proxy."""

    async def admitted(_request):
        return None

    monkeypatch.setattr(access, "_refusal", admitted)
    monkeypatch.setattr(deployment, "archive", lambda: Archive(night.store, calendar(), Clock()))
    made = app.make_app()

    def ask(path: str, method: str = "GET", **headers: str) -> Answer:
        return asyncio.run(_ask(made, path, method, headers))

    return ask


async def _ask(app, path, method, headers) -> Answer:
    path, _, query = path.partition("?")
    scope = {
        "type": "http",
        "method": method,
        "path": f"/airflow/kiwoom{unquote(path)}",
        "root_path": "/airflow/kiwoom",
        "query_string": query.encode(),
        "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()],
        "server": ("127.0.0.1", 80),
        "client": ("127.0.0.1", 1),
        "scheme": "http",
        "http_version": "1.1",
    }
    sent = []

    async def receive():
        return {"type": "http.request", "body": b""}

    async def send(message):
        sent.append(message)

    await app(scope, receive, send)
    told = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return Answer(sent[0]["status"], told, b"".join(message.get("body", b"") for message in sent[1:]))


def test_the_overview_names_each_state_in_words_and_by_a_mark(get, night):
    night.good("2026-11-18", audit="passed")
    night.good("2026-11-19", audit="warned")
    night.audit("2026-11-16", **BLOCKED)
    text = get("/").text
    assert '<span class="mark" aria-hidden="true">✕</span> in quarantine' in text
    assert 'aria-label="2026-11-16 in quarantine"' in text
    assert 'aria-label="2026-11-17 missing"' in text
    assert 'aria-label="2026-11-18 published"' in text
    assert 'aria-label="2026-11-19 published with warnings"' in text
    assert 'aria-label="2026-11-20 due"' in text
    assert "closes in 30 min" in text


def test_an_empty_archive_says_when_the_first_session_comes(get):
    answer = get("/")
    assert answer.status == 200
    assert "No session is stored yet" in answer.text
    assert "none yet" in answer.text


def test_after_the_calendars_last_night_the_page_says_that_no_other_is_scheduled(get, monkeypatch, night):
    after = type("After", (Clock,), {"now": lambda _self: datetime(2028, 1, 20, 12, tzinfo=UTC)})
    monkeypatch.setattr(deployment, "archive", lambda: Archive(night.store, calendar(), after()))
    text = get("/").text
    assert "No further night is scheduled: the calendar ends 2027-12-31. Install a newer release." in text


def test_the_first_view_holds_the_whole_calendar_without_a_script(get, night):
    night.good("2026-11-19")
    cells = re.findall(r"<td class=", get("/").text)
    assert len(cells) == 261


def test_a_gap_is_shown_with_what_to_do(get, night):
    night.good("2026-11-18")
    night.audit("2026-11-19", **BLOCKED)
    text = get("/").text
    assert "read its last audit report: correct the cause and replay it, or release it" in text
    assert "can be fetched until 2026-11-23 07:00 KST: clear or trigger its run" in text


def test_what_the_second_calendar_says_is_shown(get, night):
    night.good("2026-11-19", calendar_warnings=["2026-11-18: exchange_calendars is closed & ours has a session."])
    assert "<li>2026-11-18: exchange_calendars is closed &amp; ours has a session.</li>" in get("/").text


def test_calendar_warnings_are_korean_on_the_korean_page(get, night):
    night.good("2026-11-19")
    night.collect("2026-09-25")
    text = get("/?lang=ko").text
    assert "2026-09-25에 데이터가 있으나 달력은 휴장(추석)입니다." in text


def test_the_runs_of_a_session_are_shown_newest_first_and_each_can_be_chosen(get, night):
    early = night.audit("2026-11-19", hour=12, **BLOCKED)
    night.good("2026-11-19", hour=13)
    text = get(f"/sessions/2026-11-19?run={early}").text
    assert text.index("run 2026-11-19 13") < text.index("run 2026-11-19 12")
    assert text.count('<tr class="chosen">') == 1
    assert "run 2026-11-19 12</a> " in text.split('<tr class="chosen">')[1]
    assert f'<code class="small">{early}</code>' in text  # what a release names


@pytest.mark.parametrize(
    ("asked", "liked", "language"),
    [
        ("?lang=ko", "en", "ko"),
        ("?lang=en", "ko", "en"),
        ("", "ko-KR,ko;q=0.9,en;q=0.8", "ko"),
        ("", "de,en;q=0.5,ko;q=0.4", "en"),
        ("", "ja", "en"),
        ("?lang=xx", "ko", "ko"),
    ],
)
def test_the_language_is_the_one_asked_for_else_what_the_browser_likes(get, asked, liked, language):
    assert f'<html lang="{language}">' in get(f"/{asked}", accept_language=liked).text


def test_the_language_switch_keeps_the_place(get, night):
    night.good("2026-11-19")
    assert 'href="?year=2026&amp;lang=ko"' in get("/?year=2026").text


def test_a_chosen_language_is_carried_by_every_link(get, night):
    night.good("2026-11-19")
    assert 'href="./sessions/2026-11-19?lang=ko"' in get("/?lang=ko").text


def test_a_session_shows_amounts_in_units_that_people_read(get, night):
    run = night.good("2026-11-19")
    night.put("2026-11-19", run, layout.TOP, json.dumps(TOP).encode())
    assert "+KRW 1.23 tn" in get("/sessions/2026-11-19").text
    assert "−2,100억원" in get("/sessions/2026-11-19?lang=ko").text


def test_a_stock_name_with_markup_is_text(get, night):
    run = night.good("2026-11-19")
    night.put("2026-11-19", run, layout.TOP, json.dumps(TOP).encode())
    text = get("/sessions/2026-11-19").text
    assert "&lt;img src=x onerror=pwned()&gt;&amp;" in text
    assert "<img" not in text


def test_what_a_run_says_is_text(get, night):
    night.audit("2026-11-19", **BLOCKED, run_id=EVIL)
    assert "<img" not in get("/sessions/2026-11-19").text


RELEASE = {"rule_ids": ["few_are_new"], "reason": "a new list of NXT's", "by": "kim"}


def test_who_released_a_session_and_why_stands_on_its_page(get, night):
    night.good("2026-11-19", audit="released", release=RELEASE)
    text = get("/sessions/2026-11-19").text
    assert "by kim" in text
    assert "kim: a new list of NXT&#39;s" in text
    assert "<code>few_are_new</code>" in text


def test_rules_that_the_deployment_has_lowered_are_named_on_both_pages(get, night):
    night.good("2026-11-19", lowered=["few_are_new", "stocks_stay"])
    for path in ("/", "/sessions/2026-11-19"):
        text = get(path).text
        assert "These rules block by default, and only warn here:" in text
        assert "<code>few_are_new, stocks_stay</code>" in text


def restated(rows):
    row = {
        "market": "KOSPI",
        "venue": "KRX",
        "measure": "amount",
        "side": "net",
        "stock_code": "005930",
        "published": {"frgnr_invsr": 1_234},
        "now": {"frgnr_invsr": 1_300},
    }
    looked = {"session_date": "2026-11-19", "asked_at": "2026-11-20T12:15:00Z", "compared": 72, "rows": [row] * rows}
    return json.dumps(looked).encode()


def test_what_ka10059_has_restated_stands_on_the_sessions_page(get, night):
    night.good("2026-11-19")
    key = layout.restatements_key(datetime(2026, 11, 19, tzinfo=UTC).date(), datetime(2026, 11, 20, 12, 15, tzinfo=UTC))
    night.store.write(key, restated(1))
    text = get("/sessions/2026-11-19").text
    assert "Asked again on 2026-11-20 21:15 KST: ka10059 says otherwise for 1 of 72 reference rows." in text
    assert '<td>foreigner</td><td class="n">1,234</td><td class="n">1,300</td>' in text
    assert "worth rebuilding" not in text
    night.store.write(key, restated(4))
    assert "복원할 만합니다" in get("/sessions/2026-11-19?lang=ko").text


def test_damaged_restatements_cost_nothing_else(get, night):
    night.good("2026-11-19")
    night.store.write("restatements/session_date=2026-11-19/20261120T121500.000000Z.json", b"{")
    answer = get("/sessions/2026-11-19")
    assert (answer.status, "Asked again on" in answer.text) == (200, False)


def test_kospi_comes_first_and_the_consolidated_venue_last(get, night):
    places = [(market, venue) for market in ("KOSDAQ", "KOSPI") for venue in ("CONSOLIDATED", "KRX", "NXT")]
    sizes = [{"market": market, "venue": venue, "rows": 7, "stocks": 7} for market, venue in places]
    night.good("2026-11-19", sizes=sizes)
    shown = re.findall(r'<th scope="row">(KOS\w+)</th><td>(\w+)</td>', get("/sessions/2026-11-19").text)
    venues = ("KRX", "NXT", "CONSOLIDATED")
    assert shown == [(market, venue) for market in ("KOSPI", "KOSDAQ") for venue in venues]


def test_the_calendars_end_is_shown(get):
    assert "the calendar ends 2027-12-31" in get("/").text
    assert "달력의 끝 2027-12-31" in get("/?lang=ko").text


def test_a_closed_day_says_why_in_the_readers_language(get):
    assert "2026-11-22 is not a session: Sunday." in get("/sessions/2026-11-22").text
    assert "2026-09-25 휴장: 추석." in get("/sessions/2026-09-25?lang=ko").text
    assert 'title="2026-09-25 휴장: 추석"' in get("/?lang=ko").text


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/sessions/latest", 400, "YYYY-MM-DD 형식의 날짜가 아닙니다"),
        ("/?year=20x6", 400, "YYYY 형식이 아닙니다"),
        ("/sessions/1990-01-03", 404, "KRX 달력이 아는 2010-01-01 ~ 2027-12-31 밖의 날짜입니다"),
        ("/sessions/2026-11-19/runs/none/report", 404, "none 실행의"),
        ("/nothing", 404, "이런 페이지는 없습니다."),
    ],
)
def test_errors_are_korean_on_the_korean_page(get, night, path, status, words):
    night.good("2026-11-19")
    answer = get(f"{path}{'&' if '?' in path else '?'}lang=ko")
    assert answer.status == status
    assert words in answer.text


def test_a_report_of_another_shape_costs_its_part_of_the_page_only(get, night):
    run = night.good("2026-11-19")
    for suffix, data in (("json", b'{"results": [{"offenders": 5}]}'), (layout.TOP, b'{"unit": [], "lists": 3}')):
        night.put("2026-11-19", run, suffix, data)
    answer = get("/sessions/2026-11-19")
    assert answer.status == 200
    assert answer.text.count("This run&#39;s audit cannot be shown") == 2


def blocked_report(*, releasable):
    said = {name: message("words") for name in ("title", "found", "looks_at", "tolerance", "reason", "remedy")}
    found = {"severity": "block", "default_severity": "block", "status": "fail", "releasable": releasable}
    result = RuleResult(id="buy_minus_sell_is_net", **said, **found)
    return AuditReport(run_id="run", session_date=date(2026, 11, 19), results=(result,)).to_bytes()


def test_a_quarantined_session_names_the_dag_that_releases_it_and_what_to_trigger_it_with(get, night):
    run = night.audit("2026-11-19", **BLOCKED)
    night.put("2026-11-19", run, "json", blocked_report(releasable=True))
    text = get("/sessions/2026-11-19").text
    assert re.search(r'href="[^"]*dags/ka10066_release">Trigger ka10066_release<', text)
    asked = json.loads(re.search(r"<code>(\{.*session_date.*\})</code>", text)[1].replace("&#34;", '"'))
    assert asked == {"session_date": "2026-11-19", "report": run, "rules": ["buy_minus_sell_is_net"]}


@pytest.mark.parametrize(("published", "releasable"), [(True, True), (False, False)], ids=["published", "disproved"])
def test_what_cannot_be_released_names_no_dag_for_it(get, night, published, releasable):
    run = night.audit("2026-11-19", **BLOCKED)
    night.put("2026-11-19", run, "json", blocked_report(releasable=releasable))
    if published:
        night.good("2026-11-19", hour=13)
    assert "ka10066_release" not in get(f"/sessions/2026-11-19?run={run}").text


def test_a_session_shows_where_its_data_lie_and_how_to_read_them(get, night):
    night.good("2026-11-19", published={"rows": 12, "bytes": 3456, "sha256": "ab" * 32, "path": "file:///x"})
    text = get("/sessions/2026-11-19").text
    assert "ab" * 32 in text
    assert "read_investor_trading(" in text
    assert 'id="data"' in text


def test_a_run_that_cannot_be_read_is_shown_with_its_reason(get, night):
    night.publish("2026-11-19")
    night.put("2026-11-19", "20261119T120000.000000Z-0123456789ab", layout.SUMMARY, b"{")
    answer = get("/sessions/2026-11-19")
    assert answer.status == 200
    assert "cannot be read" in answer.text
    assert "20261119T120000.000000Z-0123456789ab" in answer.text


def test_the_flows_come_as_a_plot_and_as_a_table(get, night):
    night.good("2026-11-18")
    night.good("2026-11-19")
    told = json.loads(get("/data/flows?market=KOSPI&venue=KRX&investor=foreigner").body)
    assert told["plot"]["doc"]["version"]
    assert told["table"]["head"] == ["Session", "foreigner"]
    assert told["table"]["rows"] == [["2026-11-19", "+KRW 1.99 bn"], ["2026-11-18", "+KRW 993 mn"]]


def test_the_flows_of_a_day_are_not_summed_up_when_asked_by_day(get, night):
    night.good("2026-11-18")
    night.good("2026-11-19")
    told = json.loads(get("/data/flows?venue=KRX&investor=individual&shown=daily&lang=ko").body)
    assert told["table"]["rows"] == [["2026-11-19", "+10.0억원"], ["2026-11-18", "+10.0억원"]]


def test_a_quarantined_session_adds_nothing_to_the_flows(get, night):
    night.good("2026-11-18")
    night.audit("2026-11-19", **BLOCKED)
    assert [row[0] for row in json.loads(get("/data/flows?venue=KRX").body)["table"]["rows"]] == ["2026-11-18"]


def test_sweep_times_stand_against_the_floor(get, night):
    night.good("2026-11-19")
    assert json.loads(get("/data/time").body)["table"]["rows"] == [["2026-11-19", "95.0 s", "90.2 s"]]


def test_nothing_to_plot_is_said(get):
    assert json.loads(get("/data/calls").body) == {
        "plot": None,
        "summary": "No audited run of this time to plot.",
        "table": None,
    }


PROBLEMS = [
    ("/sessions/2026-13-99", 400, "is not a day written YYYY-MM-DD"),
    ("/sessions/latest", 400, "is not a day written YYYY-MM-DD"),
    ("/?year=20x6", 400, "is not written YYYY"),
    ("/sessions/2026-11-22", 404, "2026-11-22 is not a session: "),
    ("/sessions/1990-01-03", 404, "outside the days that the KRX calendar knows"),
    ("/sessions/2026-11-19/runs/none/report", 404, "has no run none"),
    ("/sessions/2026-11-19/cell", 400, "is not one of: KRX, NXT, CONSOLIDATED, individual, "),
    ("/sessions/2026-11-19/cell?code=005930&venue=KRX&investor=bank&column=flow", 400, "is not one of: "),
    ("/sessions/2026-11-19/cell?code=005930&venue=KRX&investor=bank&column=volume", 502, "cannot be read"),
    (
        "/sessions/2026-11-18/cell?code=5930&venue=KRX&investor=bank&column=volume",
        404,
        "5930 at KRX is in no stored set",
    ),
    ("/sessions/2026-11-19/runs/..%2F..%2Fsecret/report", 404, "no such page"),
    ("/static/secret.key", 404, "no such page"),
    ("/nothing", 404, "no such page"),
]


@pytest.mark.parametrize(("path", "status", "words"), PROBLEMS)
def test_a_bad_address_is_a_readable_page_with_the_right_status(get, night, path, status, words):
    night.good("2026-11-19")
    answer = get(path)
    assert answer.status == status
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert words in answer.text
    assert "Traceback" not in answer.text


def test_a_closed_day_names_the_nearest_sessions(get):
    text = get("/sessions/2026-11-22").text
    assert 'href="../sessions/2026-11-20"' in text
    assert 'href="../sessions/2026-11-23"' in text


def test_a_data_root_that_cannot_be_read_says_which_variable_to_look_at(get, monkeypatch):
    def gone():
        raise DataRootError("kiwoom_data_root file:///nowhere is not there")

    monkeypatch.setattr(deployment, "archive", gone)
    answer = get("/")
    assert answer.status == 503
    assert "file:///nowhere is not there" in answer.text
    assert "AIRFLOW_VAR_KIWOOM_DATA_ROOT" in answer.text


def test_what_nobody_foresaw_is_a_page_that_says_nothing_of_the_inside(get, monkeypatch):
    def broken():
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(deployment, "archive", broken)
    answer = get("/")
    assert answer.status == 500
    assert "The API server&#39;s log says why." in answer.text
    assert "secret detail" not in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'; ")
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_problem_whose_page_cannot_be_made_is_said_in_plain_words(get, monkeypatch):
    def broken(*_, **__):
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(app, "page", broken)
    answer = get("/nothing")
    assert (answer.status, answer.text) == (500, "The page could not be made. The API server's log says why.\n")
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; ")


def test_below_data_every_error_is_json(get):
    for path, status in (("/data/flows?market=x", 400), ("/data/nothing", 404), ("/data/flows?year=1", 400)):
        answer = get(path)
        assert answer.status == status
        assert set(json.loads(answer.body)) == {"error"}


@pytest.mark.parametrize("path", ["/", "/data/calls", "/static/page.js", "/nothing", "/sessions/2026-11-22"])
def test_every_answer_carries_the_headers_that_close_the_page(get, path):
    headers = get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cache-control"].startswith("private, ")
    policy = headers["content-security-policy"]
    assert "default-src 'none'; script-src 'self'; style-src 'self'" in policy
    assert "unsafe" not in policy


def test_a_nonce_serves_one_answer(get):
    nonces = [re.search(r"'nonce-([^']+)'", get("/").headers["content-security-policy"]).group(1) for _ in "ab"]
    assert nonces[0] != nonces[1]


def test_a_small_file_that_stands_for_millions_of_rows_is_not_read(get, night):
    buffer = io.BytesIO()
    pq.write_table(pa.table({"net_amount": pa.nulls(5_000_000, pa.int64())}), buffer, compression="zstd")
    night.store.write(layout.published_key(date(2026, 11, 19)), buffer.getvalue())
    answer = get("/sessions/2026-11-19/cell?code=005930&venue=KRX&investor=foreigner&column=net_amount")
    assert answer.status == 502
    assert "cannot be read (ArrowInvalid)" in answer.text


def test_a_stored_report_is_shown_in_a_sandbox(get, night):
    run = night.good("2026-11-19")
    night.put("2026-11-19", run, "ko.html", "<!doctype html><title>감사</title>".encode())
    answer = get(f"/sessions/2026-11-19/runs/{run}/report?lang=ko")
    assert answer.text == "<!doctype html><title>감사</title>"
    assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none'; ")


def test_a_stored_report_is_no_link_to_another_file(get, night, tmp_path):
    run = night.good("2026-11-19")
    (tmp_path.parent / "secret").write_text("the key")
    (tmp_path / f"quality/session_date=2026-11-19/{run}.html").symlink_to(tmp_path.parent / "secret")
    answer = get(f"/sessions/2026-11-19/runs/{run}/report")
    assert answer.status == 502
    assert "the key" not in answer.text


def test_a_stored_report_lies_in_no_folder_that_is_a_link(get, night, tmp_path):
    run = night.good("2026-11-19")
    night.put("2026-11-19", run, "html", b"the key")
    (tmp_path / "quality").rename(tmp_path.parent / "elsewhere")
    (tmp_path / "quality").symlink_to(tmp_path.parent / "elsewhere")
    answer = get(f"/sessions/2026-11-19/runs/{run}/report")
    assert answer.status == 503
    assert "the key" not in answer.text


def test_a_stored_report_is_a_regular_file(get, night, tmp_path):
    run = night.good("2026-11-19")
    os.mkfifo(tmp_path / f"quality/session_date=2026-11-19/{run}.html")
    assert get(f"/sessions/2026-11-19/runs/{run}/report").status == 502


@pytest.mark.parametrize("name", ["notes", "20261119T120000.000000Z-0123456789AB", "20261119T120000Z-0123456789ab"])
def test_a_file_that_is_no_runs_is_not_shown_though_it_lies_there(get, night, name):
    night.good("2026-11-19")
    night.put("2026-11-19", name, "html", b"whatever")
    assert get(f"/sessions/2026-11-19/runs/{name}/report").status == 404


def test_a_summary_that_is_too_large_is_damaged_and_never_read_whole(get, night):
    night.publish("2026-11-19")
    night.put("2026-11-19", "20261119T120000.000000Z-0123456789ab", layout.SUMMARY, b" " * (256 * 2**10 + 1))
    answer = get("/sessions/2026-11-19")
    assert answer.status == 200
    assert "it is larger than 262,144 bytes" in answer.text


def test_a_script_is_kept_for_as_long_as_its_address_stays_the_same(get):
    source = re.search(r'src="\./(static/page\.js\?v=[0-9a-f]{12})"', get("/").text).group(1)
    answer = get(f"/{source}")
    assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert get(f"/{source}", if_none_match=answer.headers["etag"]).status == 304


def test_a_head_is_answered_without_a_body_of_its_own(get):
    assert get("/", method="HEAD").status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_nothing_but_reading_is_possible(get, method):
    assert get("/", method=method).status == 405


def test_no_link_leaves_this_host(get, night):
    run = night.good("2026-11-19")
    night.put("2026-11-19", run, layout.TOP, json.dumps(TOP).encode())
    for path in ("/", "/sessions/2026-11-19", "/nothing"):
        links = re.findall(r'(?:href|src)="([^"]*)"', get(path).text)
        assert links
        assert [link for link in links if "//" in link] == []
