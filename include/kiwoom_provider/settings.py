"""
Everything that the Connection says, validated, in one frozen object.

The host tells live from mock; login is the app key, password the secret key; the extra field is a
JSON object, see :mod:`kiwoom_provider.extras`. Nothing else in the package reads the Connection.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING, Protocol, Self

from kiwoom_provider.address import AddressError, base_url, host_of, is_loopback, is_plain_http
from kiwoom_provider.api.pages import MAX_PAGES
from kiwoom_provider.clock import DEMO_CLOCK_VARIABLE, Clock, ClockError, DemoClock, SystemClock
from kiwoom_provider.extras import SettingsError, read_extra, requests_per_second

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["ConnectionAbsentError", "ConnectionLike", "HostKind", "Settings", "SettingsError"]

LIVE_HOST = "api.kiwoom.com"
MOCK_HOST = "mockapi.kiwoom.com"
UNLIMITED = "unlimited"


class ConnectionAbsentError(SettingsError):
    """No Connection of this name was found; Airflow 3.3 says so too while its API server is away."""

    is_final = False


class HostKind(StrEnum):
    """What stands behind the host."""

    LIVE = "live"
    MOCK = "mock"
    SIMULATOR = "simulator"


# Calls a second: Kiwoom's terms give 5 live and 1 mock; the simulator imitates the live host.
DEFAULT_RATES = {HostKind.LIVE: 5.0, HostKind.MOCK: 1.0, HostKind.SIMULATOR: 5.0}


class ConnectionLike(Protocol):
    """The parts of an Airflow Connection that are read here."""

    conn_id: str
    host: str | None
    schema: str | None
    port: int | None
    login: str | None
    password: str | None
    extra: str | None


@dataclass(frozen=True, slots=True)
class Settings:
    """
    How to talk to Kiwoom.

    :param base_url: ``https://api.kiwoom.com``, without a trailing slash.
    :param app_key: never shown.
    :param secret_key: never shown.
    :param state_dir: where this machine's processes share token and budget.
    :param requests_per_second: per api-id; None is without limit (only towards this machine).
    :param timeout_s: a call is given up when its answer is not complete after so many seconds.
    :param max_pages: a sweep that would grow beyond this is an error.
    :param budget_url: ``redis://…`` where workers on several hosts share token and budget; else ``""``.
    :param verify: True, or the path of a CA bundle. TLS is always verified.
    """

    base_url: str
    app_key: str = field(repr=False)
    secret_key: str = field(repr=False)
    state_dir: Path
    requests_per_second: float | None
    timeout_s: float = 20.0
    max_pages: int = MAX_PAGES
    budget_url: str = field(default="", repr=False)  # may hold a password
    verify: bool | str = True

    @classmethod
    def from_connection(cls, connection: ConnectionLike, home: Path) -> Self:
        """
        Build the settings from an Airflow Connection.

        :param connection: of type ``kiwoom``.
        :param home: where ``kiwoom/`` is made for shared state, unless extra names a ``state_dir``.
        :raises SettingsError: naming the connection, the field and the remedy.
        """
        try:
            return cls._build(connection, home)
        except (SettingsError, AddressError) as error:
            raise SettingsError(f"connection {connection.conn_id!r}: {error}") from None

    @classmethod
    def _build(cls, connection: ConnectionLike, home: Path) -> Self:
        extra = read_extra(connection.extra)
        url = base_url(connection.host, connection.schema, connection.port)
        if is_plain_http(url) and not (is_loopback(url) or extra.pop("allow_plain_http", False)):
            raise SettingsError(
                f"host {url} would send the secret key unencrypted: use https://, "
                'or set "allow_plain_http": true in extra if that is meant'
            )
        extra.pop("allow_plain_http", None)
        rate = extra.pop("requests_per_second", DEFAULT_RATES[_kind(url)])
        return cls(
            base_url=url,
            app_key=_filled(connection.login, "login", "app key"),
            secret_key=_filled(connection.password, "password", "secret key"),
            state_dir=extra.pop("state_dir", home / "kiwoom"),
            requests_per_second=_rate(rate, url),
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


def _kind(url: str) -> HostKind:
    return {LIVE_HOST: HostKind.LIVE, MOCK_HOST: HostKind.MOCK}.get(host_of(url), HostKind.SIMULATOR)


def _filled(value: str | None, field_name: str, meaning: str) -> str:
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
    return requests_per_second(value)
