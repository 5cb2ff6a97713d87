"""
Everything that the Connection says, validated, in one frozen object.

The host tells live from mock; login is the app key, password the secret key; the extra field is a
JSON object, each of its keys in :data:`EXTRAS`. Nothing else in the package reads the Connection.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from kiwoom_provider.address import (
    ALLOWED_HOSTS_VARIABLE,
    LIVE_HOST,
    MOCK_HOST,
    AddressError,
    ConnectionLike,
    base_url,
    check_may_have_key,
    host_of,
    is_loopback,
    redis_url,
)
from kiwoom_provider.clock import DEMO_CLOCK_VARIABLE, Clock, ClockError, DemoClock, SystemClock
from kiwoom_provider.errors import KiwoomProviderError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

UNLIMITED = "unlimited"
MAX_PAGES = 200  # ka10066 over all markets takes 32
MIN_REQUESTS_PER_SECOND = 0.01
MAX_REQUESTS_PER_SECOND = 1000
DEFAULT_TIMEOUT_S = 20.0
MAX_TIMEOUT_S = 600
MAX_PAGES_LIMIT = 100_000


class SettingsError(KiwoomProviderError, ValueError):
    """The Connection is missing, half-filled or wrong; the message names the field and the remedy."""

    is_final = True
    remedy = "correct the field of the connection that is named, and clear resolve_session"


class ConnectionAbsentError(SettingsError):
    """No Connection of this name was found; Airflow 3.3 says so too while its API server is away."""

    is_final = False
    is_final_without_server = True
    remedy = "make the connection; it is looked for again, since Airflow says so too while its API server is away"


class HostKind(StrEnum):
    """What stands behind the host."""

    LIVE = "live"
    MOCK = "mock"
    SIMULATOR = "simulator"


# Calls a second: Kiwoom's terms give 5 live and 1 mock; the simulator imitates the live host.
DEFAULT_RATES = {HostKind.LIVE: 5.0, HostKind.MOCK: 1.0, HostKind.SIMULATOR: 5.0}


@dataclass(frozen=True, slots=True)
class Settings:
    """
    How to talk to Kiwoom.

    :param base_url: ``https://api.kiwoom.com``, without a trailing slash.
    :param app_key: never shown.
    :param secret_key: never shown.
    :param state_dir: where this machine's processes share token and rate.
    :param requests_per_second: per api-id; None is without limit (only towards this machine).
    :param timeout_s: a call is given up when its answer is not complete after so many seconds.
    :param max_pages: a sweep that would grow beyond this is an error.
    :param redis_url: ``redis://…`` where workers on several hosts share token and rate; else ``""``.
    :param verify: True, or the path of a CA bundle. TLS is always verified.
    """

    base_url: str
    app_key: str = field(repr=False)
    secret_key: str = field(repr=False)
    state_dir: Path
    requests_per_second: float | None
    timeout_s: float = DEFAULT_TIMEOUT_S
    max_pages: int = MAX_PAGES
    redis_url: str = field(default="", repr=False)  # may hold a password
    verify: bool | str = True

    @classmethod
    def from_connection(
        cls,
        connection: ConnectionLike,
        home: Path,
        find_connection: Callable[[str], ConnectionLike],
        environ: Mapping[str, str] = os.environ,
    ) -> Self:
        """
        Build the settings from an Airflow Connection.

        :param connection: of type ``kiwoom``.
        :param home: where ``kiwoom/`` is made for shared state, unless extra names a ``state_dir``.
        :param find_connection: returns the Connection of the Redis that extra names.
        :param environ: may allow further hosts.
        :raises SettingsError: naming the connection, the field and the remedy.
        """
        try:
            return cls._build(connection, home, find_connection, environ.get(ALLOWED_HOSTS_VARIABLE, ""))
        except ConnectionAbsentError:
            raise
        except (SettingsError, AddressError) as error:
            raise SettingsError(f"connection {connection.conn_id!r}: {error}") from None

    @classmethod
    def _build(
        cls,
        connection: ConnectionLike,
        home: Path,
        find_connection: Callable[[str], ConnectionLike],
        allowed_hosts: str,
    ) -> Self:
        extra = read_extra(connection.extra)
        url = base_url(connection.host, connection.schema, connection.port)
        allow_plain = extra.pop("allow_plain_http", False)
        check_may_have_key(url, allowed_hosts, allow_plain=allow_plain)
        rate = extra.pop("requests_per_second", DEFAULT_RATES[_kind(url)])
        redis_conn_id = extra.pop("redis_conn_id", "")
        return cls(
            base_url=url,
            app_key=_require_value(connection.login, "login", "app key"),
            secret_key=_require_value(connection.password, "password", "secret key"),
            state_dir=extra.pop("state_dir", home / "kiwoom"),
            requests_per_second=_rate(rate, url),
            redis_url=redis_url(find_connection(redis_conn_id), allow_plain=allow_plain) if redis_conn_id else "",
            **extra,
        )

    @property
    def kind(self) -> HostKind:
        """Live, mock, or something else, taken for a simulator."""
        return _kind(self.base_url)

    @property
    def account_id(self) -> str:
        """Names this app key on this host in file names, without telling the key."""
        return sha256(f"{self.base_url}\n{self.app_key}".encode()).hexdigest()[:16]

    def clock(self, environ: Mapping[str, str] = os.environ) -> Clock:
        """
        Return the clock to live by: the machine's, or a demonstration's towards this machine only.

        :raises SettingsError: when a demonstration clock is set but the host is not this machine,
            or when it cannot be read.
        """
        spec = environ.get(DEMO_CLOCK_VARIABLE)
        if not spec:
            return SystemClock()
        if not is_loopback(self.base_url):
            raise SettingsError(
                f"{DEMO_CLOCK_VARIABLE} is set, but {self.base_url} is not a simulator on this machine: "
                "real data must never be filed by a demonstration clock. Unset it"
            )
        try:
            return DemoClock.parse(spec)
        except ClockError as error:
            raise SettingsError(f"{DEMO_CLOCK_VARIABLE}: {error}") from None


def read_extra(text: str | None) -> dict[str, Any]:
    """
    Read the extra field; a key that is null or empty counts as not given, as the form leaves it.

    :raises SettingsError: naming the key and what it may be.
    """
    try:
        given = json.loads(text) if text and text.strip() else {}
    except (ValueError, RecursionError):
        raise SettingsError('extra is not JSON: give an object such as {"requests_per_second": 5}') from None
    if not isinstance(given, dict):
        raise SettingsError('extra is not a JSON object: give one such as {"requests_per_second": 5}')
    if unknown := sorted(set(given) - set(EXTRAS)):
        raise SettingsError(f"extra has unknown key {_cut(unknown[0])}: known are {', '.join(sorted(EXTRAS))}")
    return {key: EXTRAS[key](value) for key, value in given.items() if value not in (None, "")}


def _kind(url: str) -> HostKind:
    return {LIVE_HOST: HostKind.LIVE, MOCK_HOST: HostKind.MOCK}.get(host_of(url), HostKind.SIMULATOR)


def _require_value(value: str | None, field_name: str, meaning: str) -> str:
    text = (value or "").strip()
    if not text:
        raise SettingsError(f"{field_name} is empty: fill in the {meaning} from Kiwoom's REST API page")
    if not (text.isascii() and text.isprintable()):
        raise SettingsError(f"{field_name} holds characters that no {meaning} has: copy it again")
    return text


def _rate(value: object, url: str) -> float | None:
    if value == UNLIMITED:
        if not is_loopback(url):
            raise SettingsError(
                f'requests_per_second "{UNLIMITED}" is only for a simulator on this machine: give a number'
            )
        return None
    return _number("requests_per_second", MAX_REQUESTS_PER_SECOND, MIN_REQUESTS_PER_SECOND)(value)


def _number(name: str, limit: float, least: float = 0) -> Callable[[object], float]:
    def read(value: object) -> float:
        try:
            number = float(value) if not isinstance(value, bool) else 0.0  # type: ignore[arg-type]
        except (TypeError, ValueError, OverflowError):
            number = 0.0
        if not (0 < number <= limit and number >= least):
            lower = f"of at least {least}" if least else "above 0"
            raise SettingsError(f"{name} is {_cut(value)}: give a number {lower} and at most {limit}")
        return number

    return read


def _whole(name: str, limit: int) -> Callable[[object], int]:
    def read(value: object) -> int:
        number = _number(name, limit)(value)
        if not number.is_integer():
            raise SettingsError(f"{name} is {_cut(value)}: give a whole number")
        return int(number)

    return read


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise SettingsError(f"allow_plain_http is {_cut(value)}: give true or false")
    return value


def _absolute(value: object) -> Path:
    text = str(value)
    with suppress(RuntimeError):  # ~someone who is not there
        path = Path(text).expanduser()
        if path.is_absolute() and text.isprintable():
            return path
    raise SettingsError(f"state_dir is {_cut(value)}: give an absolute path")


def _bundle(value: object) -> bool | str:
    if value is True:
        return True
    if not isinstance(value, str) or not Path(value).is_file():
        raise SettingsError(f"verify is {_cut(value)}, but TLS is always verified: name a CA bundle, or nothing")
    return value


def _connection_id(value: object) -> str:
    if not (isinstance(value, str) and value.isprintable() and "://" not in value):
        raise SettingsError("redis_conn_id is no id: name an Airflow connection of type Redis")
    return value


def _cut(value: object) -> str:
    return ascii(value)[:100]


EXTRAS: Mapping[str, Callable[[Any], Any]] = {
    "requests_per_second": lambda value: value,  # checked with the host
    "timeout_s": _number("timeout_s", MAX_TIMEOUT_S),
    "max_pages": _whole("max_pages", MAX_PAGES_LIMIT),
    "state_dir": _absolute,
    "redis_conn_id": _connection_id,
    "verify": _bundle,
    "allow_plain_http": _flag,
}
"""The keys of the extra field, each with what reads it."""
