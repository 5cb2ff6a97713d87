"""Whatever bytes come over a real connection end in a page, or in an error of ours."""

import socket
import threading
from contextlib import suppress

import pytest
import requests
from hypothesis import strategies as st

from fuzz.material import TEXTS, answers, damaged, fuzzed
from kiwoom_provider.api.errors import KiwoomError
from kiwoom_provider.api.http import DeadlineAdapter
from kiwoom_provider.api.paginator import Paginator
from kiwoom_provider.api.transport import Request, Transport
from kiwoom_provider.clock import SystemClock
from kiwoom_provider.settings import Settings
from kiwoom_provider.shared_state.rate_limiter import Permit

CALL = ("ka10066", "/api/dostk/mrkcond", {"mrkt_tp": "001"})
NAMES = st.sampled_from(
    ["cont-yn", "next-key", "api-id", "Content-Encoding", "Content-Type", "Transfer-Encoding", "Set-Cookie", "Location"]
)
VALUES = st.one_of(
    st.sampled_from(["Y", "N", "gzip", "deflate", "gzip, gzip", "chunked", "ka10066", "k" * 70_000, "a\r\n b", "열쇠"]),
    TEXTS,
)


class Server:
    """Answers each request on a connection of its own with the bytes it was given, and hangs up."""

    def __init__(self):
        self.answer = self.request = b""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self):
        while True:
            connection, _ = self._listener.accept()
            with connection, suppress(OSError):
                self.request = self._request(connection)
                if self.request == b"stop":
                    return
                connection.sendall(self.answer)

    @staticmethod
    def _request(connection):
        """Read the request whole, so that hanging up resets nothing. Its body is one small JSON object."""
        request = b""
        while not request.endswith((b"}", b"stop")) and (piece := connection.recv(2**20)):
            request += piece
        return request

    def stop(self):
        with socket.create_connection(self._listener.getsockname()) as last:
            last.sendall(b"stop")
        self._thread.join()
        self._listener.close()

    def __repr__(self):
        return "server"


class Patient:
    """A budget that learns nothing from refusals, of which hostile answers are full."""

    def acquire(self, api_id):
        return Permit(api_id, "", 0, 0.0, limited=False)

    def record_answer(self, slot):
        pass

    def record_refusal(self, *_):
        return 1.0


@pytest.fixture(scope="module")
def server():
    running = Server()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def transport(server, tmp_path_factory):
    settings = Settings(server.url, "app-key", "secret-key", tmp_path_factory.mktemp("state"), None, timeout_s=5)
    session = requests.Session()
    session.trust_env = False
    session.mount("http://", DeadlineAdapter())
    yield Transport(session, settings, Patient(), SystemClock())
    session.close()


@st.composite
def responses(draw):
    """Return an HTTP answer: mostly well formed, with hostile headers and bodies."""
    body = draw(answers())
    headers = draw(st.lists(st.tuples(NAMES, VALUES), max_size=4))
    if draw(st.booleans()):
        headers.append(("Content-Length", str(draw(st.sampled_from([len(body), len(body) + 5, 0, -1, 10**30])))))
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers).encode("utf-8", "replace")
    status = draw(st.sampled_from([b"200 OK", b"200 OK", b"200 OK", b"302 Found", b"429 -", b"500 -", b"100 -", b"x"]))
    return draw(damaged(b"HTTP/1.1 " + status + b"\r\n" + lines + b"\r\n" + body))


@fuzzed(response=responses())
def test_answers_over_the_wire(response, server, transport):
    server.answer = response
    try:
        page = transport.send(Request(*CALL))
        paginator = Paginator()
        paginator.advance(page)
        if not paginator.finished:
            server.answer = b""
            with suppress(KiwoomError):
                transport.send(Request(*CALL, next_key=paginator.next_key, number=2))
    except KiwoomError as error:
        f"{error} {error!r}".encode()


@pytest.mark.parametrize(
    ("key", "sent"), [("열쇠", "열쇠"), ("k" * 4_000, "k" * 4_000), ("a\r\n b", "a b"), ("a\tb", "a\tb")]
)
def test_a_strange_next_key_goes_back_as_it_came(key, sent, server, transport):
    server.answer = paged(key)
    page = transport.send(Request(*CALL))
    transport.send(Request(*CALL, next_key=page.next_key, number=2))
    assert f"\r\nnext-key: {sent}\r\n".encode() in server.request


def test_a_next_key_beyond_what_a_header_may_be_is_an_error_of_ours(server, transport):
    server.answer = paged("k" * 70_000)
    with pytest.raises(KiwoomError):
        transport.send(Request(*CALL))


def paged(key):
    body = b'{"opaf_invsr_trde": [], "return_code": 0}'
    head = f"HTTP/1.1 200 OK\r\nConnection: close\r\ncont-yn: Y\r\nnext-key: {key}\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"\r\n" + body
