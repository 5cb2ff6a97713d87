"""A client on the simulator, and a server that answers exactly what a test tells it to."""

import shutil
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from kiwoom_provider.api.client import KiwoomClient
from kiwoom_provider.api.http import DeadlineAdapter, make_session
from kiwoom_provider.clock import SystemClock
from kiwoom_provider.settings import Settings
from kiwoom_simulator.server import serve

APP_KEY, SECRET_KEY = "simulator-app-key", "simulator-secret-key"
PATH = "/api/dostk/mrkcond"
TOKEN_ANSWER = (
    b'{"expires_dt": "20991231235959", "token_type": "bearer", "token": "token-of-the-test", '
    b'"return_code": 0, "return_msg": "ok"}'
)


def make_settings(url, state_dir, **changes):
    settings = Settings(url, APP_KEY, SECRET_KEY, state_dir, requests_per_second=None)
    return replace(settings, **changes)


@pytest.fixture
def make_host():
    """Build clients with a state directory of their own: nothing is shared unless a Redis is."""
    made = []

    def make(url, state_dir, *, sleep=time.sleep, on_token=lambda _: None, **changes):
        settings = make_settings(url, state_dir, **changes)
        session = make_session(settings, DeadlineAdapter())
        client = KiwoomClient(session, settings, SystemClock(), sleep=sleep, on_token=on_token)
        made.append((client, session))
        return client

    yield make
    for client, session in made:
        client.close()
        session.close()


@pytest.fixture
def make_client(make_host, tmp_path):
    """Build clients that share a state directory; pauses between attempts are not slept."""

    def make(url, *, sleep=lambda _: None, **changes):
        return make_host(url, tmp_path / "state", sleep=sleep, **changes)

    return make


@pytest.fixture
def simulator():
    with serve(rate=0, stocks="KOSPI=250,KOSDAQ=120") as running:
        yield running


def plain(body, status=200, **headers):
    def answer(handler):
        handler.send_response(status)
        for name, value in {"Content-Length": len(body), **headers}.items():
            handler.send_header(name.replace("_", "-"), str(value))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


class Script:
    """What to answer, one item a request, the last for ever: a callable on the handler."""

    def __init__(self, url):
        self.url = url
        self.answers = []
        self.requests = []

    plain = staticmethod(plain)

    def next_answer(self):
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def scripted_server():
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            script.requests.append((self.path, dict(self.headers), body))
            answer = plain(TOKEN_ANSWER) if self.path == "/oauth2/token" and script.grants else script.next_answer()
            try:
                answer(self)
            except OSError:
                self.close_connection = True

        def log_message(self, *_):
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_):
            """A client that hangs up is part of the test."""

    server = Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    script = Script(f"http://127.0.0.1:{server.server_port}")
    script.grants = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield script
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def scripted():
    with scripted_server() as script:
        yield script


def a_free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def free_port():
    return a_free_port


@pytest.fixture(scope="module")
def start_redis(tmp_path_factory):
    """Start real Redis servers, which end with the module."""
    if shutil.which("redis-server") is None:
        pytest.skip("redis-server: apt-get install redis-server")
    servers = []

    def start(port):
        place = str(tmp_path_factory.mktemp("redis"))
        command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", place]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        servers.append(server)
        while "Ready to accept connections" not in server.stdout.readline():
            assert server.poll() is None
        return server

    yield start
    for server in servers:
        server.terminate()
        server.wait(timeout=10)
        server.stdout.close()


@pytest.fixture(scope="module")
def redis_url(start_redis):
    port = a_free_port()
    start_redis(port)
    return f"redis://127.0.0.1:{port}/0"


PROCESS = """
import sys, requests
from pathlib import Path
from kiwoom_provider.api import ka10066
from kiwoom_provider.api.client import KiwoomClient
from kiwoom_provider.api.http import DeadlineAdapter
from kiwoom_provider.clock import SystemClock
from kiwoom_provider.parameters import ParameterSet
from kiwoom_provider.settings import Settings
from kiwoom_provider.shared_state.rate_limiter import RateLimiter
permits = []
acquire = RateLimiter.acquire
def record(limiter, api_id):
    permit = acquire(limiter, api_id)
    if api_id == ka10066.API_ID:
        permits.append(permit.sent_ms)
    return permit
RateLimiter.acquire = record
url, state_dir, rate, calls, redis_url = sys.argv[1:]
session = requests.Session()
session.trust_env = False
session.mount("http://", DeadlineAdapter())
keys = "simulator-app-key", "simulator-secret-key"
settings = Settings(url, *keys, Path(state_dir), float(rate), redis_url=redis_url)
client = KiwoomClient(session, settings, SystemClock())
body = ka10066.request_body(ParameterSet.parse("KOSPI", "KRX", "amount", "net"))
client.tokens.current()
print("ready", flush=True)
sys.stdin.readline()
for _ in range(int(calls)):
    client.call(ka10066.API_ID, ka10066.PATH, body)
print(*permits, flush=True)
"""


class Fleet:
    """
    Processes that make so many calls each, begun together.

    ``permits``: when each call that was made was permitted, in seconds of the machine's clock, ascending. It is
    read under the lock, so the law of the rate holds of it however late a busy machine sends the call.
    """

    def __init__(self, running, state_dirs, rate, calls, redis_url=""):
        command = [sys.executable, "-c", PROCESS, running.url]
        self.members = [
            subprocess.Popen(
                [*command, str(state_dir), str(rate), str(calls), redis_url],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for state_dir in state_dirs
        ]
        for member in self.members:
            assert member.stdout.readline() == "ready\n"

    def go(self):
        for member in self.members:
            member.stdin.write("go\n")
            member.stdin.flush()

    def join(self):
        """Return the exit statuses."""
        outcomes = [member.wait(timeout=120) for member in self.members]
        self.permits = sorted(int(ms) / 1000 for member in self.members for ms in member.stdout.read().split())
        for member in self.members:
            member.stdin.close()
            member.stdout.close()
        return outcomes


@pytest.fixture
def make_fleet():
    return Fleet


def most_in_a_second(arrivals):
    return max(sum(mark <= other < mark + 1 for other in arrivals) for mark in arrivals)


@pytest.fixture
def busiest_second():
    """How many calls arrived within any one second."""
    return most_in_a_second
