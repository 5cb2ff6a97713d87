import base64
import json
import subprocess
import sys

import pytest
import requests
from airflow.providers.http.hooks.http import HttpHook

from kiwoom_provider.api import ka10066
from kiwoom_provider.api.errors import AuthenticationError, RejectedError
from kiwoom_provider.hooks.kiwoom import KiwoomHook
from kiwoom_provider.parameters import ParameterSet, Venue
from kiwoom_provider.settings import SettingsError

TR = (ka10066.API_ID, ka10066.PATH, ka10066.request_body(ParameterSet.parse("KOSPI", "KRX", "amount", "net")))


@pytest.fixture
def hook(simulator, connect):
    connect(simulator.url)
    made = KiwoomHook()
    yield made
    made.close()


def test_any_tr_can_be_asked_for_one_page_at_a_time(hook):
    first = hook.call(*TR)
    second = hook.call(*TR, next_key=first.next_key, number=2)
    assert (first.number, second.number) == (1, 2)
    assert len(second.rows("opaf_invsr_trde")) == 100
    assert (hook.calls, hook.refused) == (3, 0)


def test_or_as_an_iterator_of_pages(hook):
    assert [page.number for page in hook.pages(*TR)] == [1, 2, 3]


def test_the_iterator_goes_on_after_a_stored_page(hook):
    pages = list(hook.pages(*TR))
    assert [page.number for page in hook.pages(*TR, start=pages[1])] == [3]


def test_the_iterator_keeps_the_connections_page_cap(simulator, connect):
    connect(simulator.url, extra={"max_pages": 2})
    with pytest.raises(Exception, match="after 2 pages"):
        list(KiwoomHook().pages(*TR))


def test_connections_are_kept_alive(hook):
    list(hook.pages(*TR))
    pools = hook.adapter.poolmanager.pools
    (pool,) = [pools[key] for key in pools.keys()]  # noqa: SIM118  not a mapping
    assert (pool.num_connections, pool.num_requests) == (1, 4)


def test_key_and_secret_are_never_sent_as_basic_auth_nor_extras_as_headers(hook, simulator, tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else")
    monkeypatch.setenv("NETRC", str(netrc))
    session = hook.get_conn()
    request = session.prepare_request(requests.Request("POST", simulator.url, headers={"authorization": "Bearer x"}))
    assert request.headers["authorization"] == "Bearer x"
    basic = base64.b64encode(b"simulator-app-key:simulator-secret-key").decode()
    assert basic not in str(request.headers)
    assert "state_dir" not in request.headers


def test_tls_is_verified_and_a_bare_host_is_asked_by_https(connect):
    connect("api.kiwoom.com", extra={"requests_per_second": None})
    hook = KiwoomHook()
    session = hook.get_conn()
    assert hook.base_url == "https://api.kiwoom.com"
    assert session.verify is True
    assert session.auth is not None


def test_a_missing_connection_says_how_to_make_it():
    with pytest.raises(SettingsError, match=r"'no_such' does not exist: make one of type Kiwoom"):
        KiwoomHook("no_such").call(*TR)


def test_a_half_filled_connection_names_the_field(simulator, connect):
    connect(simulator.url, password="")
    with pytest.raises(SettingsError, match="password is empty"):
        KiwoomHook().call(*TR)


@pytest.mark.parametrize(
    ("host", "kind", "venues"),
    [("api.kiwoom.com", "live", 3), ("mockapi.kiwoom.com", "mock", 1), ("http://127.0.0.1:1", "simulator", 3)],
)
def test_the_hook_knows_what_its_host_serves(host, kind, venues, connect):
    connect(host, extra={"requests_per_second": None})
    hook = KiwoomHook()
    assert hook.kind == kind
    assert [venue for venue in Venue if hook.serves(venue)] == list(Venue)[:venues]


def test_a_token_is_there_before_it_is_needed(hook, simulator):
    hook.ensure_token()
    assert simulator.control.tokens_issued() == 1
    hook.call(*TR)
    assert simulator.control.tokens_issued() == 1


def test_key_secret_and_token_are_masked_in_logs(hook):
    from airflow.sdk._shared.secrets_masker import redact

    hook.ensure_token()
    token = hook.client.tokens.current().value
    for secret in ("simulator-app-key", "simulator-secret-key", token):
        assert redact(f"<{secret}>") == "<***>"


def test_a_failure_shows_no_secret(simulator, connect, caplog):
    connect(simulator.url, password="wrong-secret-key")
    with caplog.at_level(0), pytest.raises(AuthenticationError) as caught:
        KiwoomHook().ensure_token()
    assert "wrong-secret-key" not in str(caught.value) + repr(caught.value) + caplog.text
    assert "simulator-app-key" not in str(caught.value) + repr(caught.value)


@pytest.mark.parametrize(
    "name", ["run", "run_and_check", "run_with_advanced_retry", "check_response", "url_from_endpoint"]
)
def test_what_would_go_past_token_and_rate_refuses(name, hook, simulator):
    with pytest.raises(RejectedError, match=r"use call\(\) or pages\(\)") as caught:
        getattr(hook, name)("/api/dostk/mrkcond")
    assert caught.value.is_final
    assert simulator.control.counts() == {}


def test_http_hook_has_no_public_way_to_send_that_is_not_ours():
    own = {name for name, member in vars(KiwoomHook).items() if callable(member)}
    inherited = {name for name, member in vars(HttpHook).items() if callable(member) and name[0] != "_"}
    assert inherited - own == set()


def test_the_redis_is_a_connection_whose_password_is_masked(simulator, connect, monkeypatch):
    from airflow.sdk._shared.secrets_masker import redact

    described = {"conn_type": "redis", "host": "127.0.0.1", "port": 1, "password": "hunter2-of-redis"}
    monkeypatch.setenv("AIRFLOW_CONN_KIWOOM_REDIS", json.dumps(described))
    connect(simulator.url, extra={"redis_conn_id": "kiwoom_redis"})
    assert KiwoomHook().settings.redis_url == "redis://:hunter2-of-redis@127.0.0.1:1/0"
    assert redact("<hunter2-of-redis>") == "<***>"


def test_a_redis_connection_that_is_not_there_is_named_and_looked_for_again(simulator, connect):
    connect(simulator.url, extra={"redis_conn_id": "no_such"})
    with pytest.raises(SettingsError, match=r"'no_such' \(redis_conn_id\) does not exist") as caught:
        KiwoomHook().call(*TR)
    assert not caught.value.is_final


def test_importing_the_hook_imports_nothing_heavy():
    code = (
        "import sys, kiwoom_provider.hooks.kiwoom\n"
        "heavy = {'pandas', 'pyarrow', 'holidays', 'exchange_calendars', 'pyrate_limiter', 'filelock'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
