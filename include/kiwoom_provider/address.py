"""The API's address, from the host, schema and port of a Connection."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from kiwoom_provider.errors import KiwoomProviderError

_MAX_PORT = 65535
_DEFAULT_PORTS = {"https": 443, "http": 80}


class AddressError(KiwoomProviderError, ValueError):
    """Host, schema and port do not make an address; the message names the field and the remedy."""

    is_final = True


def base_url(host: str | None, schema: str | None, port: int | None) -> str:
    """
    Return ``scheme://host[:port]``. The scheme is https unless the host or the schema field says http.

    The scheme's own port is left out, so that one host has one token and one budget however it is written.

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
    name = f"[{parts}]" if ":" in parts else parts
    scheme = urlsplit(text).scheme.lower()
    port_part = f":{chosen}" if chosen and chosen != _DEFAULT_PORTS[scheme] else ""
    return f"{scheme}://{name}{port_part}"


def host_of(url: str) -> str:
    """Return the host name in lower case."""
    return urlsplit(url).hostname or ""


def is_plain_http(url: str) -> bool:
    """Tell whether the address is not encrypted."""
    return urlsplit(url).scheme != "https"


def is_loopback(url: str) -> bool:
    """Tell whether the address is this machine's own, by its form alone: names are not resolved."""
    host = host_of(url)
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


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
