"""One attempt against a server that answers exactly what the test says."""

import gzip
import json
import socket
import ssl
import threading
import time
import traceback
import tracemalloc
import zlib
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
import requests

from clients import make_settings
from kiwoom_provider.api.errors import (
    KiwoomError,
    ProtocolError,
    RateLimitedError,
    RejectedError,
    TransientError,
)
from kiwoom_provider.api.http import DeadlineAdapter, make_session

GOOD = '{"opaf_invsr_trde": [], "return_code": 0, "return_msg": "정상적으로 처리되었습니다"}'.encode()
SECRETS = ("simulator-app-key", "simulator-secret-key", "token-of-the-test")


def call(client, **more):
    return client.call("ka10066", "/api/dostk/mrkcond", {"mrkt_tp": "001"}, **more)


def test_the_first_request_has_the_sheets_headers_and_no_paging(scripted, make_client):
    scripted.answers = [scripted.plain(GOOD)]
    call(make_client(scripted.url))
    path, headers, body = scripted.requests[-1]
    assert path == "/api/dostk/mrkcond"
    assert json.loads(body) == {"mrkt_tp": "001"}
    assert headers["api-id"] == "ka10066"
    assert headers["authorization"] == "Bearer token-of-the-test"
    assert headers["Content-Type"] == "application/json;charset=UTF-8"
    assert headers["User-Agent"].startswith("airflow-provider-kiwoom/")
    assert not {"cont-yn", "next-key"} & {name.lower() for name in headers}


def test_a_further_request_sends_the_key_back(scripted, make_client):
    scripted.answers = [scripted.plain(GOOD)]
    call(make_client(scripted.url), next_key="k2", number=2)
    headers = scripted.requests[-1][1]
    assert (headers["cont-yn"], headers["next-key"]) == ("Y", "k2")


def test_no_netrc_takes_the_tokens_place_where_the_environment_is_trusted(tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine api.kiwoom.com login someone password else")
    monkeypatch.setenv("NETRC", str(netrc))
    session = make_session(make_settings("https://api.kiwoom.com", tmp_path), DeadlineAdapter())
    asked = requests.Request("POST", "https://api.kiwoom.com/api", headers={"authorization": "Bearer x"})
    assert session.trust_env
    assert session.prepare_request(asked).headers["authorization"] == "Bearer x"


def test_the_token_request_names_the_secret_as_secretkey_and_bears_no_token(scripted, make_client):
    scripted.answers = [scripted.plain(GOOD)]
    call(make_client(scripted.url))
    path, headers, body = scripted.requests[0]
    assert path == "/oauth2/token"
    assert json.loads(body) == {
        "grant_type": "client_credentials",
        "appkey": "simulator-app-key",
        "secretkey": "simulator-secret-key",
    }
    assert "authorization" not in {name.lower() for name in headers}


def test_a_compressed_answer_is_kept_decompressed(scripted, make_client):
    scripted.answers = [scripted.plain(gzip.compress(GOOD), Content_Encoding="gzip")]
    assert call(make_client(scripted.url)).body == GOOD


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_decompression_bomb_is_given_up_without_being_read(encoding, scripted, make_client, monkeypatch):
    monkeypatch.setattr("kiwoom_provider.api.retrying_transport.ATTEMPTS", 1)
    zeros = b"\0" * 2**20
    packer = zlib.compressobj(9, wbits=31 if encoding == "gzip" else 15)
    bomb = b"".join(packer.compress(zeros) for _ in range(200)) + packer.flush()
    scripted.answers = [scripted.plain(bomb, Content_Encoding=encoding)]
    with pytest.raises(ProtocolError, match="larger than 8 MiB"):
        call(make_client(scripted.url))


def bomb(packings, mib):
    """Return so many MiB of zeros, packed by gzip so many times over."""
    data = gzip.compress(b"\0" * 2**20 * mib, 1)
    for _ in range(packings - 1):
        data = gzip.compress(data, 9)
    return data


@pytest.mark.parametrize(("packings", "mib"), [(1, 100), (2, 100), (3, 100)])
def test_a_decompression_bomb_costs_little_memory(packings, mib, scripted, make_client, monkeypatch):
    monkeypatch.setattr("kiwoom_provider.api.retrying_transport.ATTEMPTS", 1)
    encoding = ", ".join(["gzip"] * packings)
    scripted.answers = [scripted.plain(bomb(packings, mib), Content_Encoding=encoding)]
    client = make_client(scripted.url)
    tracemalloc.start()
    try:
        with pytest.raises(ProtocolError, match="larger than 8 MiB"):
            call(client)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 32 * 2**20


def test_an_answer_packed_more_often_than_anyone_would_is_an_error(scripted, make_client):
    scripted.answers = [scripted.plain(bomb(6, 1), Content_Encoding=", ".join(["gzip"] * 6))]
    with pytest.raises(KiwoomError):
        call(make_client(scripted.url))


def test_a_body_without_end_is_given_up(scripted, make_client):
    def endless(handler):
        handler.send_response(200)
        handler.send_header("Connection", "close")
        handler.end_headers()
        for _ in range(40):
            handler.wfile.write(b" " * 2**20)

    scripted.answers = [endless]
    with pytest.raises(ProtocolError, match="larger than 8 MiB"):
        call(make_client(scripted.url))


def dripping_body(handler):
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    for _ in range(200):
        handler.wfile.write(b" ")
        time.sleep(0.05)


def dripping_head(handler):
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    for _ in range(200):
        handler.wfile.write(b"x")
        time.sleep(0.05)


def silent(handler):
    handler.rfile.read(1)
    raise ConnectionResetError


@pytest.mark.parametrize("slow", [dripping_body, dripping_head, silent])
def test_a_slow_answer_is_given_up_when_the_whole_takes_too_long(slow, scripted, make_client, monkeypatch):
    monkeypatch.setattr("kiwoom_provider.api.retrying_transport.ATTEMPTS", 1)
    sent = []
    scripted.answers = [lambda handler: sent.append(slow(handler))]
    client = make_client(scripted.url, timeout_s=0.4)
    with pytest.raises(TransientError, match=r"no whole answer within 0\.4 s"):
        call(client)
    assert sent == []  # it goes on for ten seconds


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_maintenance_and_is_not_followed(status, scripted, make_client):
    scripted.answers = [scripted.plain(b"<html>", status, Location=f"{scripted.url}/elsewhere")]
    with pytest.raises(TransientError, match=f"HTTP {status}"):
        call(make_client(scripted.url))
    assert {path for path, _, _ in scripted.requests} == {"/oauth2/token", "/api/dostk/mrkcond"}


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_of_the_token_endpoint_never_takes_the_secret_elsewhere(status, scripted, make_client):
    scripted.grants = False
    with scripted_elsewhere() as elsewhere:
        scripted.answers = [scripted.plain(b"", status, Location=f"http://localhost:{elsewhere.port}/oauth2/token")]
        with pytest.raises(TransientError, match=f"au10001.*HTTP {status}"):
            call(make_client(scripted.url))
        assert elsewhere.connections == 0
    assert {path for path, _, _ in scripted.requests} == {"/oauth2/token"}


def test_a_server_whose_certificate_nobody_vouches_for_is_told_nothing(make_host, tmp_path):
    with tls_server(tmp_path) as (port, heard), pytest.raises(RejectedError, match=r'not trusted.*"verify"') as caught:
        call(make_host(f"https://localhost:{port}", tmp_path / "state"))
    assert heard == []
    assert_holds_no_secret(caught.value)


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"\xef\xbb\xbf" + GOOD, {}),
        (GOOD.decode().encode("euc-kr"), {"Content_Type": "application/json;charset=EUC-KR"}),
        (b'{"return_code": true}', {}),
        (b'{"return_code": "zero"}', {}),
        (b'{"return_code": 1.5}', {}),
        (b'{"return_msg": "ok"}', {}),
        (GOOD, {"cont_yn": "maybe", "next_key": "k"}),
        (GOOD, {"api_id": "ka10059"}),
    ],
)
def test_an_answer_outside_the_spec_is_a_protocol_error_with_the_page(body, headers, scripted, make_client):
    scripted.answers = [scripted.plain(body, **headers)]
    with pytest.raises(ProtocolError) as caught:
        call(make_client(scripted.url))
    assert caught.value.response_page.body == body


def test_a_wrong_content_type_does_not_matter(scripted, make_client):
    scripted.answers = [scripted.plain(GOOD, Content_Type="text/html")]
    assert call(make_client(scripted.url)).payload["return_code"] == 0


def test_the_vendors_text_is_cut_and_cleared_of_secrets(scripted, make_client):
    message = "token-of-the-test simulator-secret-key [1517:" + "긴" * 5000 + "]"
    scripted.answers = [scripted.plain(json.dumps({"return_code": 2, "return_msg": message}).encode())]
    with pytest.raises(RejectedError) as caught:
        call(make_client(scripted.url))
    assert caught.value.code == "1517"
    assert len(str(caught.value)) < 600
    assert_holds_no_secret(caught.value)


def test_a_refusal_hidden_in_http_200_is_still_one(scripted, make_client, monkeypatch):
    monkeypatch.setattr("kiwoom_provider.api.retrying_transport.MAX_REFUSALS", 2)
    message = "허용된 요청 개수를 초과하였습니다[1700:허용된 API 요청 개수를 초과하였습니다. 유량=3, API ID=ka10066]"
    scripted.answers = [scripted.plain(json.dumps({"return_code": 5, "return_msg": message}).encode())]
    client = make_client(scripted.url)
    with pytest.raises(RateLimitedError) as caught:
        call(client)
    assert caught.value.quota == 3.0
    assert client.refused == 2


def test_a_key_that_no_header_can_hold_is_rejected_before_it_is_sent(scripted, make_client):
    scripted.answers = [scripted.plain(GOOD)]
    with pytest.raises(RejectedError, match="cannot be sent"):
        call(make_client(scripted.url), next_key="a\r\nx: y")
    assert [path for path, _, _ in scripted.requests] == ["/oauth2/token"]


def test_an_unreachable_host_says_so_with_host_free_of_secrets(make_client):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(TransientError, match=r"au10001 page 1: no answer: .*refused.* Check host, port") as caught:
            call(make_client(url))
    assert_holds_no_secret(caught.value)


@pytest.mark.parametrize(
    "answer",
    [
        Ellipsis,
        (b"", 500),
        (b"<html>", 200),
        (b"{", 200),
        (b'{"return_code": 3, "return_msg": "[8050:]"}', 200),
    ],
)
def test_after_a_failure_no_secret_is_left_in_error_traceback_or_log(answer, scripted, make_client, caplog):
    def reset(handler):
        handler.connection.shutdown(socket.SHUT_RDWR)

    scripted.answers = [reset if answer is Ellipsis else scripted.plain(*answer)]
    with caplog.at_level(0), pytest.raises(KiwoomError) as caught:
        call(make_client(scripted.url))
    assert_holds_no_secret(caught.value)
    assert not [secret for secret in SECRETS if secret in caplog.text]


@pytest.mark.parametrize(
    "body",
    [
        b'{"token": "token-of-the-test", "return_code": 0}',
        b'{"token": "token-of-the-test", "expires_dt": "tomorrow", "return_code": 0}',
        b'{"token": "token-of-the-test", "expires_dt": "00010101000000", "return_code": 0}',
        b'{"token": "' + b"t" * 5000 + b'", "expires_dt": "20991231235959", "return_code": 0}',
        b'{"token": "token-of-the-test", ',
        b'{"expires_dt": "20991231235959", "return_code": 0}',
        b'{"token": 5, "expires_dt": "20991231235959", "return_code": 0}',
        b'{"token": "a\\nb", "expires_dt": "20991231235959", "return_code": 0}',
    ],
)
def test_a_token_answer_that_breaks_the_spec_is_not_kept(body, scripted, make_client):
    scripted.grants = False
    scripted.answers = [scripted.plain(body)]
    with pytest.raises(ProtocolError) as caught:
        call(make_client(scripted.url))
    assert caught.value.response_page is None
    assert_holds_no_secret(caught.value)


@contextmanager
def listening(serve):
    """Listen on a free port, and serve each connection until the end."""
    listener = socket.create_server(("127.0.0.1", 0))

    def run():
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with connection, suppress(OSError):
                    serve(connection)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


@contextmanager
def scripted_elsewhere():
    """Another host, which only counts who comes."""
    seen = SimpleNamespace(connections=0, port=0)

    def count(_):
        seen.connections += 1

    with listening(count) as seen.port:
        yield seen


@contextmanager
def tls_server(place):
    """A server with a certificate that it made itself; yields its port, and what it was told."""
    heard = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(self_made_certificate(place))

    def serve(connection):
        connection.settimeout(5)
        with context.wrap_socket(connection, server_side=True) as talk:
            heard.append(talk.recv(65536))

    with listening(serve) as port:
        yield port, heard


def self_made_certificate(place):
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now).not_valid_after(now + timedelta(days=1))
    names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    certificate = builder.add_extension(names, critical=False).sign(key, hashes.SHA256())
    path = place / "self-made.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return path


def assert_holds_no_secret(error):
    told = str(error) + repr(error) + repr(vars(error))
    while error is not None:
        told += "".join(traceback.format_exception(error)) + repr(error.args) + repr(vars(error))
        request = getattr(error, "request", None)
        told += repr(getattr(request, "headers", "")) + repr(getattr(request, "body", ""))
        error = error.__cause__ or error.__context__
    assert not [secret for secret in SECRETS if secret in told]


def test_only_the_headers_that_are_of_use_are_kept(scripted, make_client):
    cookies = {"Set-Cookie": "session=abc", "X-Trace": "10.0.0.1", "Authorization": "Bearer x", "Server": "s"}
    scripted.answers = [scripted.plain(GOOD, **cookies, api_id="ka10066", cont_yn="N", next_key="")]
    kept = call(make_client(scripted.url)).headers
    assert set(kept) <= {"api-id", "cont-yn", "next-key", "content-type", "date"}
    assert (kept["api-id"], kept["cont-yn"]) == ("ka10066", "N")


def test_a_next_key_longer_than_any_is_refused(scripted, make_client):
    scripted.answers = [scripted.plain(GOOD, cont_yn="Y", next_key="k" * 4001)]
    with pytest.raises(ProtocolError, match="next-key of more than 4000 characters"):
        call(make_client(scripted.url))


def test_control_characters_of_a_message_do_not_reach_the_log(scripted, make_client, caplog):
    answer = {"return_code": 1, "return_msg": "no\n2026-11-20 INFO all is well\x1b[2J\x00" + "x" * 5000}
    scripted.answers = [scripted.plain(json.dumps(answer).encode())]
    with caplog.at_level(0), pytest.raises(RejectedError) as caught:
        call(make_client(scripted.url))
    said = str(caught.value) + caplog.text.replace("\n", "")
    assert said.isprintable()
    assert len(str(caught.value)) < 700
