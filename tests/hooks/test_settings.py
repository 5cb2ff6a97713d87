import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kiwoom_provider.clock import DemoClock, SystemClock
from kiwoom_provider.settings import HostKind, Settings, SettingsError

HOME = Path("/opt/airflow")


@dataclass
class Connection:
    host: str | None = "api.kiwoom.com"
    login: str | None = "the-app-key"
    password: str | None = "the-secret-key"
    schema: str | None = None
    port: int | None = None
    extra: str | None = None
    conn_id: str = "kiwoom_default"


def settings(extra=None, environ=None, redis=None, **fields):
    """Build the settings of a connection; ``redis`` are the fields of the one that redis_conn_id names."""

    def find(conn_id):
        return Connection(conn_id=conn_id, **({"host": "127.0.0.1", "login": None, "password": None} | (redis or {})))

    connection = Connection(extra=json.dumps(extra) if extra else None, **fields)
    return Settings.from_connection(connection, HOME, find, environ or {})


def test_host_login_and_password_are_enough():
    made = settings()
    assert made.base_url == "https://api.kiwoom.com"
    assert made.kind is HostKind.LIVE
    assert made.requests_per_second == 5.0
    assert made.state_dir == HOME / "kiwoom"
    assert made.verify is True


@pytest.mark.parametrize(
    ("host", "more", "url"),
    [
        ("api.kiwoom.com", {}, "https://api.kiwoom.com"),
        ("API.kiwoom.com/", {}, "https://api.kiwoom.com"),
        ("api.kiwoom.com", {"port": 443}, "https://api.kiwoom.com"),
        ("https://mockapi.kiwoom.com", {}, "https://mockapi.kiwoom.com"),
        ("http://127.0.0.1:8900", {}, "http://127.0.0.1:8900"),
        ("http://127.0.0.1", {"port": 8900}, "http://127.0.0.1:8900"),
        ("127.0.0.1", {"port": 8900, "schema": "http"}, "http://127.0.0.1:8900"),
        ("http://[::1]:8900", {}, "http://[::1]:8900"),
        ("http://localhost:8900/", {}, "http://localhost:8900"),
        ("127.0.0.1:8900", {"schema": "http"}, "http://127.0.0.1:8900"),
    ],
)
def test_host_schema_and_port_make_the_address(host, more, url):
    assert settings(host=host, **more).base_url == url


@pytest.mark.parametrize(
    ("host", "kind", "rate"),
    [
        ("api.kiwoom.com", HostKind.LIVE, 5.0),
        ("mockapi.kiwoom.com", HostKind.MOCK, 1.0),
        ("http://127.0.0.1:8900", HostKind.SIMULATOR, 5.0),
    ],
)
def test_the_host_says_what_it_is_and_how_fast_it_may_be_asked(host, kind, rate):
    made = settings(host=host)
    assert (made.kind, made.requests_per_second) == (kind, rate)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"host": None}, "host is empty"),
        ({"host": "  "}, "host is empty"),
        ({"login": None}, r"login is empty: fill in the app key"),
        ({"password": ""}, r"password is empty: fill in the secret key"),
        ({"login": "앱키"}, "login holds characters"),
        ({"password": "a\nb"}, "password holds characters"),
        ({"host": "https://api.kiwoom.com/api"}, "scheme, name and port only"),
        ({"host": "https://user:pass@api.kiwoom.com"}, "put them into login and password"),
        ({"host": "ftp://api.kiwoom.com"}, "scheme 'ftp' is not known"),
        ({"host": "http://127.0.0.1:99999"}, "not an address"),
        ({"host": "http://127.0.0.1:1", "port": 2}, "keep one of them"),
        ({"host": "api kiwoom com"}, "characters that no host name has"),
        ({"host": "api.kiwoom.com", "port": 70000}, "port is 70000"),
        ({"host": "http://api.kiwoom.com"}, r"secret key unencrypted.*allow_plain_http"),
        ({"host": "https://example.org"}, r"neither Kiwoom's .* nor this machine.*KIWOOM_ALLOWED_HOSTS"),
        ({"host": "http://127.0.0.1.example.org"}, "no key is sent there"),
        ({"host": "https://api.kiwoom.com.example.org"}, "no key is sent there"),
        ({"host": "https://xn--80ak6aa92e.com"}, "no key is sent there"),
        ({"host": "http://proxy", "environ": {"KIWOOM_ALLOWED_HOSTS": "proxy"}}, "secret key unencrypted"),
    ],
)
def test_a_connection_that_is_half_filled_or_wrong_names_itself_the_field_and_the_remedy(fields, words):
    with pytest.raises(SettingsError, match=rf"connection 'kiwoom_default': .*{words}"):
        settings(**fields)


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        ({"rate": 5}, "unknown key 'rate': known are .*requests_per_second"),
        ({"requests_per_second": 0}, "requests_per_second is 0: give a number of at least 0.01 and at most 1000"),
        ({"requests_per_second": 0.0001}, "requests_per_second is 0.0001"),
        ({"requests_per_second": float("nan")}, "requests_per_second is nan"),
        ({"requests_per_second": float("inf")}, "requests_per_second is inf"),
        ({"requests_per_second": 10**400}, "requests_per_second is 1000"),
        ({"requests_per_second": -1}, "requests_per_second is -1"),
        ({"requests_per_second": 1001}, "at most 1000"),
        ({"requests_per_second": "many"}, "'many'"),
        ({"requests_per_second": True}, "True"),
        ({"requests_per_second": "NaN"}, "NaN"),
        ({"requests_per_second": "unlimited"}, "only for a simulator on this machine"),
        ({"timeout_s": 0}, "timeout_s is 0: give a number above 0 and at most 600"),
        ({"timeout_s": [1]}, "timeout_s"),
        ({"max_pages": 1.5}, "whole number"),
        ({"state_dir": "kiwoom"}, "absolute path"),
        ({"state_dir": "~nobody-of-this-name/kiwoom"}, "absolute path"),
        ({"state_dir": "/srv/a\0b"}, "absolute path"),
        ({"verify": False}, "TLS is always verified"),
        ({"verify": "false"}, "TLS is always verified"),
        ({"verify": "/no/such/bundle.pem"}, "CA bundle"),
        ({"allow_plain_http": "yes"}, "true or false"),
        ({"redis_conn_id": "redis://:hunter2@host"}, "redis_conn_id is no id"),
        ({"redis_conn_id": 5}, "redis_conn_id is no id"),
        ({"budget_url": "redis://host"}, "unknown key 'budget_url'"),
    ],
)
def test_a_wrong_extra_names_the_key_and_what_it_may_be(extra, words):
    with pytest.raises(SettingsError, match=words):
        settings(extra)


@pytest.mark.parametrize("text", ["not json", "[]", "5", '"text"'])
def test_an_extra_that_is_no_object_is_refused(text):
    with pytest.raises(SettingsError, match="extra is not"):
        Settings.from_connection(Connection(extra=text), HOME, Connection)


def test_extras_are_taken_over(tmp_path):
    bundle = tmp_path / "ca.pem"
    bundle.touch()
    made = settings(
        {
            "requests_per_second": "2.5",
            "timeout_s": 7,
            "max_pages": 50,
            "state_dir": str(tmp_path),
            "verify": str(bundle),
            "redis_conn_id": "kiwoom_redis",
        },
        redis={"host": "cache"},
    )
    assert (made.requests_per_second, made.timeout_s, made.max_pages) == (2.5, 7.0, 50)
    assert (made.state_dir, made.verify, made.redis_url) == (tmp_path, str(bundle), "redis://cache:6379/0")


def test_what_the_form_leaves_empty_counts_as_not_given():
    assert settings({"timeout_s": None, "state_dir": "", "requests_per_second": None}) == settings()


def test_plain_http_to_another_host_is_possible_when_asked_for():
    allowed = {"KIWOOM_ALLOWED_HOSTS": "proxy"}
    made = settings({"allow_plain_http": True}, allowed, host="http://proxy:8080")
    assert made.base_url == "http://proxy:8080"


@pytest.mark.parametrize("names", ["gateway.example.org", "other, Gateway.Example.ORG ,", "gateway.example.org,x"])
def test_the_deployments_environment_may_allow_further_hosts(names):
    made = settings(environ={"KIWOOM_ALLOWED_HOSTS": names}, host="https://gateway.example.org")
    assert made.base_url == "https://gateway.example.org"


@pytest.mark.parametrize(
    ("redis", "url"),
    [
        ({"host": "cache"}, "redis://cache:6379/0"),
        ({"host": "cache", "port": 6380, "extra": '{"db": 3}'}, "redis://cache:6380/3"),
        ({"password": "p@ss/w"}, "redis://:p%40ss%2Fw@127.0.0.1:6379/0"),
        ({"host": "cache", "password": "p", "login": "u", "extra": '{"ssl": true}'}, "rediss://u:p@cache:6379/0"),
        (
            {"host": "cache", "extra": '{"ssl": true, "ssl_ca_certs": "/ca.pem", "ssl_cert_reqs": "required"}'},
            "rediss://cache:6379/0?ssl_ca_certs=%2Fca.pem",
        ),
        ({"host": "/run/redis.sock", "password": "p", "extra": '{"db": "2"}'}, "unix://:p@/run/redis.sock?db=2"),
        ({"host": "::1", "password": "p"}, "redis://:p@[::1]:6379/0"),
    ],
)
def test_the_shared_redis_is_an_airflow_connection(redis, url):
    assert settings({"redis_conn_id": "kiwoom_redis"}, redis=redis).redis_url == url


def test_a_password_of_redis_may_travel_unencrypted_when_asked_for():
    made = settings({"redis_conn_id": "r", "allow_plain_http": True}, redis={"host": "cache", "password": "p"})
    assert made.redis_url == "redis://:p@cache:6379/0"


@pytest.mark.parametrize(
    ("redis", "words"),
    [
        ({"host": None}, "host is no name of a Redis"),
        ({"host": "a@b"}, "host is no name of a Redis"),
        ({"host": "cache", "password": "p"}, r"travel unencrypted: set \"ssl\": true"),
        (
            {"extra": '{"ssl": true, "ssl_cert_reqs": "none"}'},
            "ssl_cert_reqs must be 'required': TLS is always verified",
        ),
        ({"extra": '{"ssl": true, "ssl_check_hostname": false}'}, "ssl_check_hostname must be True"),
        ({"extra": '{"ssl": "yes"}'}, "ssl must be true or false"),
        ({"extra": '{"ssl_ciphers": "NULL"}'}, "unknown key 'ssl_ciphers'"),
        ({"extra": '{"db": "0?ssl_cert_reqs=none"}'}, "db must be a number"),
        ({"extra": '{"ssl_ca_certs": 5}'}, "must be the path of a file"),
        ({"extra": "[]"}, "extra is not a JSON object"),
    ],
)
def test_a_redis_that_is_half_described_or_weak_names_its_connection_and_the_remedy(redis, words):
    with pytest.raises(SettingsError, match=rf"'kiwoom_default': connection 'kiwoom_redis' .*{words}"):
        settings({"redis_conn_id": "kiwoom_redis"}, redis=redis)


def test_no_limit_can_be_set_towards_this_machine():
    assert settings({"requests_per_second": "unlimited"}, host="http://127.0.0.1:1").requests_per_second is None


def test_settings_show_no_secret():
    shown = repr(settings({"redis_conn_id": "kiwoom_redis"}, redis={"password": "hunter2"}))
    assert not [secret for secret in ("the-app-key", "the-secret-key", "hunter2") if secret in shown]


def test_an_account_is_named_without_telling_the_key_and_apart_from_every_other():
    names = {
        settings().account_id,
        settings(login="another-key").account_id,
        settings(host="mockapi.kiwoom.com").account_id,
    }
    assert len(names) == 3
    assert not [name for name in names if "key" in name]


def test_without_a_demonstration_the_machines_clock_counts():
    assert isinstance(settings().clock({}), SystemClock)


def test_a_demonstration_clock_is_honoured_towards_this_machine():
    spec = {"KIWOOM_DEMO_CLOCK": "2026-11-20T20:30:00+09:00@1763638200x60"}
    clock = settings(host="http://127.0.0.1:1").clock(spec)
    assert isinstance(clock, DemoClock)
    assert clock.start == datetime(2026, 11, 20, 11, 30, tzinfo=UTC)


@pytest.mark.parametrize("host", ["api.kiwoom.com", "mockapi.kiwoom.com", "https://example.org"])
def test_a_demonstration_clock_towards_another_host_is_an_error(host):
    spec = {"KIWOOM_DEMO_CLOCK": "2026-11-20T20:30:00+09:00@1763638200"}
    with pytest.raises(SettingsError, match=r"KIWOOM_DEMO_CLOCK is set.*Unset it"):
        settings(environ={"KIWOOM_ALLOWED_HOSTS": "example.org"}, host=host).clock(spec)


def test_a_demonstration_clock_that_cannot_be_read_is_an_error():
    with pytest.raises(SettingsError, match="KIWOOM_DEMO_CLOCK: 'noon'"):
        settings(host="http://127.0.0.1:1").clock({"KIWOOM_DEMO_CLOCK": "noon"})
