"""No parameter, run id, day or stock code ever makes a key outside of its place under the data root."""

from datetime import UTC, date, datetime, timedelta

import pytest

from kiwoom_provider.api.errors import ProtocolError
from kiwoom_provider.datasets import layout
from kiwoom_provider.datasets.store import Store
from kiwoom_provider.krx import SessionDateError, calendar, parse_session_date
from kiwoom_provider.parameters import ParameterError, ParameterSet, parameter_sets
from kiwoom_provider.pipeline.sweep import SweepRunner
from pages import page, row

UPWARDS = ["../../x", "..", "/etc/passwd", "a/../../b", "..\\..\\x", "%2e%2e/", "\x00", "KOSPI/../.."]
SESSION = date(2026, 11, 20)
SET = ParameterSet.parse("KOSPI", "KRX", "amount", "net")


@pytest.mark.parametrize("text", UPWARDS)
@pytest.mark.parametrize("place", range(4))
def test_a_parameter_that_leads_upwards_is_none(text, place):
    names = ["KOSPI", "KRX", "amount", "net"]
    names[place] = text
    with pytest.raises(ParameterError):
        ParameterSet.parse(*names)


@pytest.mark.parametrize("text", UPWARDS)
@pytest.mark.parametrize("field", ["markets", "venues", "measures", "sides"])
def test_a_form_field_that_leads_upwards_is_refused(text, field):
    with pytest.raises(ParameterError):
        parameter_sets({field: [text]})


@pytest.mark.parametrize("text", [*UPWARDS, "2026-11-20/..", "2026-11-20\n", "2026-11-2０", " 2026-11-20"])
def test_a_session_date_that_leads_upwards_is_none(text):
    with pytest.raises(SessionDateError):
        parse_session_date(text)


@pytest.mark.parametrize("run_id", UPWARDS)
def test_a_run_id_that_leads_upwards_stays_in_its_place(run_id):
    candidate = layout.candidate_key(SESSION, run_id)
    report = layout.report_key(SESSION, run_id, datetime(2026, 11, 20, 12, tzinfo=UTC), "json")
    assert (
        candidate.removeprefix("quarantine/investor_trading/session_date=2026-11-20/")
        .removesuffix(".parquet")
        .isalnum()
    )
    assert report.startswith("quality/session_date=2026-11-20/20261120T120000.000000Z-")
    assert report.removeprefix("quality/session_date=2026-11-20/").count("/") == 0


class Source:
    """Answers one page, whatever is asked."""

    waited_s, calls, refused, renewals = 0.0, 0, 0, 0

    def __init__(self, answer):
        self.answer = answer

    def pages(self, *_, **__):
        yield self.answer


class Clock:
    def now(self):
        return datetime(2026, 11, 20, 11, 40, tzinfo=UTC)


@pytest.mark.parametrize("code", UPWARDS)
def test_a_stock_code_that_leads_upwards_writes_nothing_but_the_page_it_came_on(code, tmp_path):
    store = Store.open((tmp_path / "data").as_uri())
    around = {"settles_at": Clock().now() - timedelta(hours=1), "window_ends_at": Clock().now() + timedelta(hours=1)}
    session = calendar().session(SESSION).model_copy(update=around)
    hostile = page([row(code)])
    with pytest.raises(ProtocolError, match="is not a stock of venue KRX"):
        SweepRunner(store, Source(hostile), session, "../run", Clock()).collect(SET)
    (written,) = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert written == tmp_path / "data" / layout.raw_prefix(SESSION, SET) / written.parent.name / "page-0001.json.gz"
    assert written.parent.name == "sweep=20261120T114001.000000Z"
