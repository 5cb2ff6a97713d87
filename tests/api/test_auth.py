"""One token for all: over real HTTP, between threads, clients and processes."""

import stat
import subprocess
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from kiwoom_provider.api import ka10066
from kiwoom_provider.api.auth import TokenProvider
from kiwoom_provider.api.errors import AuthenticationError, ProtocolError, RateLimitedError, TransientError
from kiwoom_provider.parameters import ParameterSet
from kiwoom_provider.shared_state.base import StateError
from kiwoom_provider.shared_state.files import FileState
from kiwoom_provider.shared_state.token_store import Token, TokenStore
from kiwoom_simulator.server import serve

BODY = ka10066.request_body(ParameterSet.parse("KOSPI", "KRX", "amount", "net"))
NOON = datetime(2026, 11, 20, 3, tzinfo=UTC)
PROCESS = """
import sys, requests
from pathlib import Path
from kiwoom_provider.api import ka10066
from kiwoom_provider.api.client import KiwoomClient
from kiwoom_provider.api.http import DeadlineAdapter
from kiwoom_provider.clock import SystemClock
from kiwoom_provider.parameters import ParameterSet
from kiwoom_provider.settings import Settings
url, state_dir = sys.argv[1:]
session = requests.Session()
session.trust_env = False
session.mount("http://", DeadlineAdapter())
settings = Settings(url, "simulator-app-key", "simulator-secret-key", Path(state_dir), None)
client = KiwoomClient(session, settings, SystemClock())
body = ka10066.request_body(ParameterSet.parse("KOSPI", "KRX", "amount", "net"))
client.tokens.current()
print("ready", flush=True)
sys.stdin.readline()
client.call(ka10066.API_ID, ka10066.PATH, body)
"""


def ask(client):
    return client.call(ka10066.API_ID, ka10066.PATH, BODY)


def files_in(tmp_path):
    return [path for path in (tmp_path / "state").iterdir() if path.name.startswith("token-")]


def token_file(tmp_path):
    (found,) = [path for path in files_in(tmp_path) if path.suffix not in (".lock", ".refusal")]
    return found


def test_clients_that_share_a_state_directory_share_one_token(simulator, make_client):
    for _ in range(3):
        ask(make_client(simulator.url))
    assert simulator.control.tokens_issued() == 1


def test_a_dead_token_is_renewed_within_the_call(simulator, make_client):
    client = make_client(simulator.url)
    ask(client)
    simulator.control.kill_tokens()
    assert len(ask(client).rows(ka10066.LIST_ELEMENT)) == 100
    assert simulator.control.tokens_issued() == 2


def test_many_that_find_the_token_dead_together_renew_it_once(simulator, make_client):
    clients = [make_client(simulator.url) for _ in range(12)]
    for client in clients:
        client.tokens.current()
    simulator.control.kill_tokens()
    with ThreadPoolExecutor(12) as pool:
        pages = list(pool.map(ask, clients))
    assert len(pages) == 12
    assert simulator.control.tokens_issued() == 2
    assert simulator.control.count("au10001").calls == 2


def test_many_processes_that_find_the_token_dead_together_renew_it_once(simulator, tmp_path):
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", PROCESS, simulator.url, str(tmp_path / "state")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for _ in range(6)
    ]  # fmt: skip
    assert [process.stdout.readline() for process in processes] == ["ready\n"] * 6
    assert simulator.control.tokens_issued() == 1
    simulator.control.kill_tokens()
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    outcomes = [process.wait(timeout=60) for process in processes]
    for process in processes:
        process.stdin.close()
        process.stdout.close()
    assert outcomes == [0] * 6
    assert simulator.control.tokens_issued() == 2


def test_a_token_that_dies_at_once_every_time_is_replaced_a_few_times_after_pauses_only(simulator, make_client):
    slept = []
    simulator.control.fault("dead-tokens@ka10066")
    with pytest.raises(AuthenticationError, match=r"\[8005\].*another program that uses the same app key"):
        ask(make_client(simulator.url, sleep=slept.append))
    assert simulator.control.tokens_issued() == 7
    assert simulator.control.count("ka10066").calls == 7
    assert len(slept) == 5  # the first renewal is made at once
    assert 15 <= min(slept) <= max(slept) <= 30


def test_a_new_token_that_is_refused_for_the_calling_ip_is_not_replaced_again(simulator, make_client):
    simulator.control.fault("error=8010/3/200@ka10066")
    with pytest.raises(AuthenticationError, match=r"\[8010\].*IP"):
        ask(make_client(simulator.url))
    assert simulator.control.tokens_issued() == 2


def test_a_wrong_secret_is_refused_once_however_many_ask(simulator, make_client):
    clients = [make_client(simulator.url, secret_key="wrong") for _ in range(5)]
    for client in clients:
        with pytest.raises(AuthenticationError, match=r"\[8002\].*secret key \(password\)"):
            ask(client)
    assert simulator.control.count("au10001").calls == 1
    assert simulator.control.count("ka10066").calls == 0


def test_a_remembered_refusal_does_not_stand_in_the_way_of_the_corrected_secret(simulator, make_client):
    with pytest.raises(AuthenticationError):
        ask(make_client(simulator.url, secret_key="wrong"))
    assert ask(make_client(simulator.url)).status == 200


def test_a_key_of_the_other_host_says_that_key_and_host_do_not_match(simulator, make_client):
    from kiwoom_simulator.tokens import OTHER_HOST_APP_KEY

    with pytest.raises(AuthenticationError, match=r"\[8030\].*key and host do not match"):
        ask(make_client(simulator.url, app_key=OTHER_HOST_APP_KEY))


def test_a_token_endpoint_that_is_down_is_tried_a_few_times_only(simulator, make_client):
    simulator.control.fault("http=503@au10001")
    with pytest.raises(TransientError, match="au10001"):
        ask(make_client(simulator.url))
    assert simulator.control.count("au10001").calls == 5


def test_a_limited_token_endpoint_is_waited_for(make_client):
    with serve(rate=0, stocks="KOSPI=10,KOSDAQ=1", fault="limit=5@au10001*2") as running:
        client = make_client(running.url)
        assert ask(client).status == 200
        assert client.refused == 2


def test_the_token_at_rest_is_encrypted_and_for_its_owner_alone(simulator, make_client, tmp_path):
    seen = []
    client = make_client(simulator.url, on_token=seen.append)
    ask(client)
    path = token_file(tmp_path)
    content = path.read_bytes()
    assert len(seen) == 1
    assert seen[0].encode() not in content
    assert b"expires" not in content
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert "simulator" not in path.name


def test_a_token_store_that_cannot_be_decrypted_is_named_before_any_call(simulator, make_client, tmp_path):
    ask(make_client(simulator.url))
    path = token_file(tmp_path)
    path.write_bytes(b"gAAAAA" + path.read_bytes()[6:-20] + b"AAAAAAAAAAAAAAAAAAA=")
    simulator.control.reset_counts()
    with pytest.raises(StateError, match="cannot be decrypted") as caught:
        ask(make_client(simulator.url))
    assert str(path) in str(caught.value)
    assert "Delete it" in str(caught.value)
    assert simulator.control.counts() == {}


def test_a_state_directory_that_cannot_be_made_is_named_with_the_remedy(simulator, make_client, tmp_path):
    (tmp_path / "state").write_text("a file in the way")
    with pytest.raises(StateError, match="state_dir") as caught:
        ask(make_client(simulator.url))
    assert str(tmp_path / "state") in str(caught.value)
    assert simulator.control.counts() == {}


def test_every_token_is_told_so_that_it_can_be_masked(simulator, make_client):
    seen = []
    client = make_client(simulator.url, on_token=seen.append)
    ask(client)
    simulator.control.kill_tokens()
    ask(client)
    assert len(set(seen)) == 2


class Server:
    """Issues numbered tokens that live for ``life`` from an instant that a test moves."""

    def __init__(self, life):
        self.at, self.life, self.issued = NOON, life, 0

    def __call__(self):
        self.issued += 1
        return Token(f"token-{self.issued}", self.at, self.at + self.life)


def shared(tmp_path, server):
    store = TokenStore(FileState(tmp_path / "state", "account"), "account", "secret")
    return TokenProvider(store, server, lambda: server.at)


@pytest.mark.parametrize(
    ("life", "age", "issued"),
    [
        (timedelta(hours=24), timedelta(hours=23, minutes=49), 1),
        (timedelta(hours=24), timedelta(hours=23, minutes=51), 2),
        (timedelta(hours=18), timedelta(hours=17, minutes=51), 2),
        (timedelta(hours=33), timedelta(hours=24), 1),
        (timedelta(seconds=100), timedelta(seconds=89), 1),
        (timedelta(seconds=100), timedelta(seconds=91), 2),
    ],
)
def test_a_token_is_renewed_ahead_of_its_own_end(life, age, issued, tmp_path):
    server = Server(life)
    shared(tmp_path, server).current()
    server.at += age
    shared(tmp_path, server).current()
    assert server.issued == issued


@pytest.mark.parametrize(("ages_s", "pauses"), [((1,), 0), ((1, 1), 1), ((1, 31), 0), ((31, 1), 0), ((1, 1, 1), 2)])
def test_from_the_second_token_in_a_row_that_dies_young_on_there_is_a_pause(ages_s, pauses, tmp_path):
    server, slept = Server(timedelta(hours=24)), []
    store = TokenStore(FileState(tmp_path / "state", "account"), "account", "secret")
    tokens = TokenProvider(store, server, lambda: server.at, sleep=slept.append, uniform=lambda low, _: low)
    token = tokens.current()
    for age_s in ages_s:
        server.at += timedelta(seconds=age_s)
        token = tokens.renew(token)
    assert slept == [15.0] * pauses


def test_a_token_that_someone_else_renewed_is_taken_over(tmp_path):
    server = Server(timedelta(hours=24))
    one, other = shared(tmp_path, server), shared(tmp_path, server)
    dead = one.current()
    assert other.current().value == "token-1"
    assert one.renew(dead).value == "token-2"
    assert other.renew(dead).value == "token-2"
    assert server.issued == 2


class Answers:
    """Issues a token that lives two hours, or fails as a test says."""

    def __init__(self):
        self.at, self.error, self.asked = NOON, None, 0

    def __call__(self):
        self.asked += 1
        if self.error:
            raise self.error
        return Token(f"token-{self.asked}", self.at, self.at + timedelta(hours=2))


AWAY = [
    TransientError("au10001 page 1 failed: may succeed later"),
    RateLimitedError("too many calls"),
    ProtocolError("holds no usable token"),
    AuthenticationError("refused", code="8001"),
]


@pytest.mark.parametrize("error", AWAY)
def test_a_token_that_is_still_valid_is_used_when_no_new_one_can_be_had(error, tmp_path, caplog):
    server = Answers()
    first = shared(tmp_path, server).current()
    server.at, server.error = NOON + timedelta(minutes=115), error
    one, other = shared(tmp_path, server), shared(tmp_path, server)
    assert one.current() == first
    assert [one.current(), other.current(), other.current()] == [first] * 3
    assert server.asked == 2  # the first time, and once since
    assert "is used until 2026-11-20 05:00:00" in caplog.text
    server.at, server.error = NOON + timedelta(minutes=118), None
    assert other.current().value == "token-3"


@pytest.mark.parametrize("error", AWAY)
def test_a_token_that_has_ended_is_not_used_whatever_the_endpoint_says(error, tmp_path):
    server = Answers()
    shared(tmp_path, server).current()
    server.at, server.error = NOON + timedelta(minutes=115), error
    shared(tmp_path, server).current()
    server.at = NOON + timedelta(minutes=121)
    with pytest.raises(type(error)):
        shared(tmp_path, server).current()


def test_a_dead_token_is_not_used_again_when_no_new_one_can_be_had(tmp_path):
    server = Answers()
    tokens = shared(tmp_path, server)
    dead = tokens.current()
    server.error = TransientError("away")
    with pytest.raises(TransientError):
        tokens.renew(dead)


def test_a_refused_renewal_does_not_overwrite_the_stored_token(tmp_path):
    server = Answers()
    first = shared(tmp_path, server).current()
    server.error = AuthenticationError("refused", code="8001")
    with pytest.raises(AuthenticationError):
        shared(tmp_path, server).renew(first)
    assert TokenStore(FileState(tmp_path / "state", "account"), "account", "secret").read() == first


def test_a_clock_far_ahead_of_the_servers_is_named_instead_of_renewing_for_ever(tmp_path):
    server = Server(timedelta(hours=-3))
    with pytest.raises(AuthenticationError, match=r"clock says 2026-11-20 03:00:00 UTC.*NTP"):
        shared(tmp_path, server).current()


def test_the_end_of_life_is_read_as_korean_time(scripted, make_client):
    scripted.answers = [scripted.plain(b'{"return_code": 0}')]
    token = make_client(scripted.url).tokens.current()
    assert token.expires_at == datetime(2099, 12, 31, 14, 59, 59, tzinfo=UTC)


def test_a_token_does_not_show_itself():
    assert "confidential" not in repr(Token("confidential", NOON, NOON))


@pytest.mark.parametrize(
    ("record", "said"),
    [
        (b"confidential", "Invalid JSON"),
        (b'{"value": "confidential"}', "issued_at: Field required"),
        (b'{"value": ["confidential"], "issued_at": "2026-11-20T03:00:00Z"}', "value: Input should be a valid string"),
        (
            b'{"value": "confidential", "issued_at": "2026-11-20T03:00:00"}',
            "issued_at: .* timezone",
        ),
    ],
)
def test_a_stored_record_that_is_no_token_is_named_and_not_shown(record, said, tmp_path):
    state = FileState(tmp_path / "state", "account")
    store = TokenStore(state, "account", "secret")
    store._write(store._name, timedelta(hours=1), record)

    with pytest.raises(StateError, match=f"the stored token, .*, cannot be read: .*{said}.* Delete it") as refused:
        store.read()

    assert "confidential" not in "".join(traceback.format_exception(refused.value))


def test_a_record_of_an_older_release_is_read(tmp_path):
    store = TokenStore(FileState(tmp_path / "state", "account"), "account", "secret")
    older = (
        b'{"value": "token-1", "issued_at": "2026-11-20T03:00:00+00:00", '
        b'"expires_at": "2026-11-21T03:00:00+00:00", "replaced_young": true}'
    )
    store._write(store._name, timedelta(hours=1), older)

    day = datetime(2026, 11, 20, 3, tzinfo=UTC)
    assert store.read() == Token("token-1", day, day + timedelta(days=1), replaced_young=True)
