"""Whatever a person or a file gives as a setting ends in a value, or in an error of ours."""

import json
import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import strategies as st

from fuzz.material import JSON, TEXTS, damaged, fuzzed
from kiwoom_provider.datasets import layout
from kiwoom_provider.datasets.store import Store
from kiwoom_provider.krx import CalendarError, calendar, parse_session_date
from kiwoom_provider.krx.errors import OverrideError
from kiwoom_provider.krx.overrides import KnownDays, read_overrides
from kiwoom_provider.parameters import Market, Measure, ParameterError, ParameterSet, Side, Venue, parameter_sets
from kiwoom_provider.pipeline.errors import SessionError
from kiwoom_provider.pipeline.plan import Mode, Plan, make_plan
from kiwoom_provider.settings import EXTRAS, Settings, SettingsError

KNOWN = KnownDays(first=date(2000, 1, 1), last=date(2027, 12, 31))
DAYS = st.dates(date(1990, 1, 1), date(2035, 12, 31)).map(str)
NAMES = st.one_of(st.sampled_from([*Market, *Venue, *Measure, *Side]).map(str), TEXTS, JSON)
LISTS = st.one_of(st.none(), st.lists(NAMES, max_size=4), JSON)
SESSIONS = st.one_of(
    st.none(),
    DAYS,
    st.sampled_from(
        ["2026-11-20/../x", "2026-11-20 ", "２０２６-11-20", "2026-02-30", "2026-W47-5", "20261120", "../.."]
    ),
    JSON,
)


@dataclass
class Connection:
    host: object
    schema: object
    port: object
    login: object
    password: object
    extra: object
    conn_id: str = "kiwoom_default"


HOSTS = st.one_of(
    st.sampled_from(
        ["api.kiwoom.com", "http://127.0.0.1:8900", "https://[::1]", "http://[", "https://a:b@c", "//", "%"]
    ),
    st.text(max_size=30),
    TEXTS.map("https://{}".format),
    st.none(),
)
EXTRA = st.one_of(
    st.dictionaries(st.one_of(st.sampled_from(sorted(EXTRAS)), TEXTS), JSON, max_size=4).map(json.dumps),
    TEXTS,
    st.none(),
)


@fuzzed(
    connection=st.builds(
        Connection,
        host=HOSTS,
        schema=st.one_of(st.none(), st.sampled_from(["http", "https", "ftp"]), st.text(max_size=5)),
        port=st.one_of(st.none(), st.integers(-5, 70_000)),
        login=st.one_of(st.just("key"), st.none(), TEXTS),
        password=st.one_of(st.just("secret"), st.none(), TEXTS),
        extra=EXTRA,
    )
)
def test_connections(connection):
    try:
        made = Settings.from_connection(
            connection, Path("/opt/airflow"), lambda _: connection, {"KIWOOM_ALLOWED_HOSTS": "c"}
        )
    except SettingsError as error:
        str(error).encode()
        return
    assert made.base_url.startswith(("https://", "http://"))
    assert made.requests_per_second is None or 0 < made.requests_per_second <= 1000
    assert 0 < made.timeout_s <= 600
    assert 0 < made.max_pages <= 100_000
    assert made.verify is not False
    assert made.state_dir.is_absolute()
    assert made.account_id.isalnum()


@fuzzed(
    params=st.fixed_dictionaries({}, optional={"markets": LISTS, "venues": LISTS, "measures": LISTS, "sides": LISTS}),
    session_date=SESSIONS,
    key=SESSIONS,
    now=st.datetimes(datetime(2026, 11, 1), datetime(2026, 12, 1)),  # noqa: DTZ001  made aware below
)
def test_dag_params(params, session_date, key, now, empty):
    krx, store = empty
    try:
        plan = make_plan(
            session_date or key,
            parameter_sets(params),
            calendar=krx,
            store=store,
            now=now.replace(tzinfo=UTC),
        )
    except (ParameterError, CalendarError, SessionError) as error:
        str(error).encode()
        return
    assert plan.mode is Mode.LIVE
    assert plan == Plan.from_json(json.loads(json.dumps(plan.to_json())), "the plan")
    for parameters in plan.sets:
        assert_inside(layout.partition_key(plan.session.session_date, parameters), "ka10066/session_date=2026-")


@fuzzed(names=st.tuples(NAMES, NAMES, NAMES, NAMES), lists=st.fixed_dictionaries({"venues": LISTS}), day=SESSIONS)
def test_parameter_names_and_days(names, lists, day):
    for work in (lambda: [ParameterSet.parse(*names)], lambda: parameter_sets(lists)):
        try:
            sets = work()
        except ParameterError:
            continue
        assert sets
        assert all(ParameterSet.from_path(layout.raw_prefix(date(2026, 11, 20), each)) == each for each in sets)
    with suppress(CalendarError):
        assert parse_session_date(day).isoformat() == day


@fuzzed(
    path=st.one_of(
        TEXTS,
        st.lists(st.sampled_from(["market=", "KOSPI", "/", "..", "venue=KRX", "side=net"]), max_size=9).map("".join),
    )
)
def test_paths_that_are_read_back(path):
    try:
        found = ParameterSet.from_path(path)
    except ParameterError:
        return
    assert found.path in path


@fuzzed(run_id=st.one_of(TEXTS, st.just("manual__../../x"), st.just("a/b")), seconds=st.integers(0, 10**8))
def test_keys_of_runs(run_id, seconds):
    day, at = date(2026, 11, 20), datetime(2026, 11, 20, tzinfo=UTC) + timedelta(seconds=seconds)
    assert_inside(layout.candidate_key(day, run_id), "quarantine/investor_trading/session_date=2026-11-20/")
    assert_inside(layout.report_key(day, run_id, at, "json"), "quality/session_date=2026-11-20/")


def assert_inside(key, prefix):
    assert key.startswith(prefix)
    assert os.path.normpath(key) == key
    assert "/" not in key.removeprefix(prefix) or "=" in key.removeprefix(prefix)


GOOD = """\
days:
  - day: 2026-11-20
    kind: open
    reason: declared
    source: https://example.invalid/notice
  - day: 2026-12-24
    kind: closed
    reason: r
    source: s
"""
PIECES = st.sampled_from(
    ["days", "day", ":", "\n", "  ", "- ", "kind", "closed", "open", "hours", "2026-11-20", "10:00", "&a", "*a",
     "!!python/object:os.system", "{", "}", "[", "]", "|", ">", "#", "'", '"', "?", "<<", "reason", "source", "opens",
     "closes", "null", "~", "\t", "---", "%YAML 9.9"]
)  # fmt: skip
FILES = st.one_of(
    st.just(GOOD.encode()).flatmap(damaged),
    st.lists(PIECES, max_size=30).map(lambda pieces: "".join(pieces).encode()),
    st.lists(st.tuples(PIECES, TEXTS), max_size=8).map(
        lambda pairs: b"days:\n- " + "\n  ".join(f"{a}: {b}" for a, b in pairs).encode("utf-8", "replace")
    ),
    st.tuples(st.integers(0, len(GOOD)), PIECES, st.integers(0, 12)).map(
        lambda cut: (GOOD[: cut[0]] + cut[1] + GOOD[cut[0] + cut[2] :]).encode()
    ),
    st.binary(max_size=60),
)


@fuzzed(content=FILES)
def test_override_files(content, override_file):
    override_file.write_bytes(content)
    try:
        found = read_overrides(override_file, KNOWN)
    except OverrideError as error:
        str(error).encode()
        return
    assert all(day == override.day and day.weekday() < 5 for day, override in found.items())
    assert all(override.reason and override.source for override in found.values())


@pytest.fixture(scope="module")
def scratch():
    with tempfile.TemporaryDirectory() as place:
        yield Path(place)


class Empty(tuple):
    __slots__ = ()

    def __repr__(self):
        return "calendar and empty store"


@pytest.fixture(scope="module")
def empty(scratch):
    return Empty((calendar(), Store.open(scratch.as_uri())))


@pytest.fixture(scope="module")
def override_file(scratch):
    return scratch / "overrides.yaml"
