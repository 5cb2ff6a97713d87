"""Addresses: the API's, from the host, schema and port of a Connection, and Redis's, from a Connection of its own."""

from __future__ import annotations

import json
from ipaddress import ip_address
from typing import Any, Protocol
from urllib.parse import quote, urlencode, urlsplit

from kiwoom_provider.errors import KiwoomProviderError

LIVE_HOST = "api.kiwoom.com"
MOCK_HOST = "mockapi.kiwoom.com"
ALLOWED_HOSTS_VARIABLE = "KIWOOM_ALLOWED_HOSTS"
_MAX_PORT = 65535
_DEFAULT_PORTS = {"https": 443, "http": 80}
_REDIS_PORT = 6379
_REDIS_FILES = ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile")
_REDIS_VERIFIED = {"ssl_cert_reqs": "required", "ssl_check_hostname": True}
"""What these options must be when they are given: anything else would weaken TLS."""


class ConnectionLike(Protocol):
    """The parts of an Airflow Connection that are read here."""

    conn_id: str
    host: str | None
    schema: str | None
    port: int | None
    login: str | None
    password: str | None
    extra: str | None


class AddressError(KiwoomProviderError, ValueError):
    """Host, schema and port do not make an address; the message names the field and the remedy."""

    is_final = True
    remedy = (
        "correct host, scheme or port of the connection; "
        "further hosts are allowed by KIWOOM_ALLOWED_HOSTS in the environment"
    )


def base_url(host: str | None, schema: str | None, port: int | None) -> str:
    """
    Return ``scheme://host[:port]``. The scheme is https unless the host or the schema field says http.

    The scheme's own port is left out, so that one host has one token and one rate however it is written.

    :raises AddressError: when the host is missing, or holds more than scheme, name and port.
    """
    text = (host or "").strip().rstrip("/")
    if not text:
        raise AddressError("host is empty: give api.kiwoom.com, mockapi.kiwoom.com or a full URL")
    if "://" not in text:
        text = f"{(schema or 'https').strip()}://{text}"
    parts, given_port = _split(text)
    if port and given_port and port != given_port:
        raise AddressError(f"host names port {given_port}, but the port field says {port}: keep one of them")
    chosen = given_port or port
    if chosen is not None and not 0 < chosen <= _MAX_PORT:
        raise AddressError(f"port is {chosen}: give a number from 1 to {_MAX_PORT}")
    scheme = urlsplit(text).scheme.lower()
    port_part = f":{chosen}" if chosen and chosen != _DEFAULT_PORTS[scheme] else ""
    return f"{scheme}://{_bracket(parts)}{port_part}"


def check_may_have_key(url: str, allowed_hosts: str, *, allow_plain: bool) -> None:
    """
    Refuse an address to which the stored key may not be sent.

    :param allowed_hosts: names of further hosts, with commas, as the deployment's environment gives them: who may
        edit a Connection must not be able to have its key sent elsewhere.
    :param allow_plain: the Connection lets the key travel unencrypted to another machine.
    :raises AddressError: naming the remedy.
    """
    allowed = {LIVE_HOST, MOCK_HOST, *(name.strip().lower() for name in allowed_hosts.split(","))}
    if not (is_loopback(url) or host_of(url) in allowed):
        raise AddressError(
            f"host {url} is neither Kiwoom's ({LIVE_HOST}, {MOCK_HOST}) nor this machine, so no key is sent there: "
            f"correct it, or name it in the environment variable {ALLOWED_HOSTS_VARIABLE} of Airflow's components"
        )
    if urlsplit(url).scheme != "https" and not (is_loopback(url) or allow_plain):
        raise AddressError(
            f"host {url} would send the secret key unencrypted: use https://, "
            'or set "allow_plain_http": true in extra if that is meant'
        )


def redis_url(connection: ConnectionLike, *, allow_plain: bool) -> str:
    """
    Return the URL of the Redis that an Airflow Connection describes; it may hold a password.

    :param connection: host (or the path of a socket), port, login, password; its extra may hold ``db`` and ``ssl``,
        and with TLS the paths ``ssl_ca_certs``, ``ssl_certfile`` and ``ssl_keyfile``. TLS is always verified.
    :param allow_plain: a password may travel unencrypted to another machine.
    :raises AddressError: naming the connection, the field and the remedy.
    """
    try:
        return _redis_url(connection, allow_plain=allow_plain)
    except AddressError as error:
        raise AddressError(f"connection {connection.conn_id!r} (redis_conn_id): {error}") from None


def host_of(url: str) -> str:
    """Return the host name in lower case."""
    return urlsplit(url).hostname or ""


def is_loopback(url: str) -> bool:
    """Tell whether the address is this machine's own, by its form alone: names are not resolved."""
    host = host_of(url)
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _redis_url(connection: ConnectionLike, *, allow_plain: bool) -> str:
    options = _redis_options(connection.extra)
    host = (connection.host or "").strip()
    if not host or not host.isprintable() or any(letter in host for letter in "@?#"):
        raise AddressError("host is no name of a Redis: give a host name, or the path of a socket")
    user = f"{quote(connection.login or '', safe='')}:{quote(connection.password or '', safe='')}@"
    user = user if connection.password or connection.login else ""
    database = options.pop("db", 0)
    is_encrypted = options.pop("ssl", False)
    query = f"?{urlencode(options)}" if options else ""
    if host.startswith("/"):
        return f"unix://{user}{host}?db={database}"
    url = f"{'rediss' if is_encrypted else 'redis'}://{user}{_bracket(host)}:{connection.port or _REDIS_PORT}"
    if connection.password and not (is_encrypted or is_loopback(url) or allow_plain):
        raise AddressError(
            'the password would travel unencrypted: set "ssl": true in its extra, or "allow_plain_http": true in the '
            "extra of the Kiwoom connection if that is meant"
        )
    return f"{url}/{database}{query if is_encrypted else ''}"


def _redis_options(text: str | None) -> dict[str, Any]:
    try:
        given = json.loads(text) if text and text.strip() else {}
        options = {name: value for name, value in given.items() if value not in (None, "")}
    except (ValueError, AttributeError, RecursionError):
        raise AddressError("extra is not a JSON object") from None
    for name, value in options.items():
        known = ("db", "ssl", *_REDIS_FILES, *_REDIS_VERIFIED)
        if name not in known:
            raise AddressError(f"extra has unknown key {ascii(name)[:60]}: known are {', '.join(known)}")
        if name in _REDIS_VERIFIED and value != _REDIS_VERIFIED[name]:
            raise AddressError(f"{name} must be {_REDIS_VERIFIED[name]!r}: TLS is always verified")
        if name == "ssl" and not isinstance(value, bool):
            raise AddressError("ssl must be true or false")
        if name == "db" and not (str(value).isascii() and str(value).isdigit()):
            raise AddressError("db must be a number")
        if name in _REDIS_FILES and not isinstance(value, str):
            raise AddressError(f"{name} must be the path of a file")
    return {name: value for name, value in options.items() if name not in _REDIS_VERIFIED}


def _bracket(host: str) -> str:
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def _split(text: str) -> tuple[str, int | None]:
    try:
        parts = urlsplit(text)
        name, port = parts.hostname, parts.port
    except ValueError:
        raise AddressError(f"host {text!r} is not an address: give api.kiwoom.com or a full URL") from None
    if parts.scheme.lower() not in ("http", "https"):
        raise AddressError(f"scheme {parts.scheme!r} is not known: use https://")
    if parts.username is not None or parts.password is not None:
        raise AddressError("host holds a user name or password: put them into login and password")
    if not name or parts.path or parts.query or parts.fragment:
        raise AddressError(f"host {text!r} must be scheme, name and port only, such as https://api.kiwoom.com")
    if not all(letter.isalnum() or letter in ".-_:" for letter in name) or not name.isascii():
        raise AddressError(f"host {name!r} holds characters that no host name has")
    return name, port
