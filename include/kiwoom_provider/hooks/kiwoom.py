"""The hook: a Connection of type ``kiwoom``, and any TR of Kiwoom's REST API by api-id and path."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from airflow.providers.http.hooks.http import HttpHook

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import requests
    from airflow.sdk import Connection

    from kiwoom_provider.api.client import KiwoomClient
    from kiwoom_provider.api.page import Page
    from kiwoom_provider.clock import Clock
    from kiwoom_provider.parameters import Venue
    from kiwoom_provider.settings import HostKind, Settings


class KiwoomHook(HttpHook):
    """
    Talks to Kiwoom with one shared token and one shared rate.

    :param kiwoom_conn_id: Connection of type ``kiwoom``: host, login (app key), password (secret key).
    """

    conn_name_attr = "kiwoom_conn_id"
    default_conn_name = "kiwoom_default"
    conn_type = "kiwoom"
    hook_name = "Kiwoom"

    def __init__(self, kiwoom_conn_id: str = default_conn_name) -> None:
        from kiwoom_provider.api.http import DeadlineAdapter

        self._deadlines = DeadlineAdapter()
        super().__init__(method="POST", http_conn_id=kiwoom_conn_id, adapter=self._deadlines)
        self.kiwoom_conn_id = kiwoom_conn_id

    @cached_property
    def settings(self) -> Settings:
        """
        What the Connection says, validated.

        :raises SettingsError: naming the field and the remedy, also when there is no such Connection.
        """
        from airflow.sdk.log import mask_secret

        from kiwoom_provider.settings import Settings

        connection = self._find_connection(self.kiwoom_conn_id)
        settings = Settings.from_connection(connection, _airflow_home(), self._find_connection)
        mask_secret(settings.app_key)
        mask_secret(settings.secret_key)
        return settings

    @cached_property
    def clock(self) -> Clock:
        """The clock to live by, see :meth:`kiwoom_provider.settings.Settings.clock`."""
        return self.settings.clock()

    @cached_property
    def client(self) -> KiwoomClient:
        """The wire layer, on this hook's session."""
        from airflow.sdk.log import mask_secret

        from kiwoom_provider.api.client import KiwoomClient

        return KiwoomClient(self.get_conn(), self.settings, self.clock, on_token=mask_secret)

    def get_conn(
        self,
        headers: dict[Any, Any] | None = None,
        extra_options: dict[str, Any] | None = None,  # noqa: ARG002  the Connection says all
    ) -> requests.Session:
        """
        Return a session as :func:`kiwoom_provider.api.http.make_session` makes it.

        HttpHook would take http:// for a bare host, send login and password as basic auth, and make
        headers of the extra field.
        """
        from kiwoom_provider.api.http import make_session

        self.base_url = self.settings.base_url
        session = make_session(self.settings, self._deadlines)
        session.headers.update(headers or {})
        return session

    def run(self, *_: Any, **__: Any) -> NoReturn:
        """
        Refuse what HttpHook would send past the shared token and the shared rate.

        :raises RejectedError: always; it names what to use.
        """
        from kiwoom_provider.api.errors import RejectedError

        raise RejectedError("KiwoomHook sends with the shared token and rate only: use call() or pages()")

    run_and_check = run_with_advanced_retry = check_response = url_from_endpoint = run

    @property
    def kind(self) -> HostKind:
        """``live``, ``mock`` or ``simulator``."""
        return self.settings.kind

    @property
    def calls(self) -> int:
        """Attempts that this hook sent, the refused included."""
        return self.client.calls if "client" in self.__dict__ else 0

    @property
    def refused(self) -> int:
        """Attempts that the server refused as too many."""
        return self.client.refused if "client" in self.__dict__ else 0

    @property
    def waited_s(self) -> float:
        """Seconds that this hook spent waiting for the rate limit."""
        return self.client.waited_s if "client" in self.__dict__ else 0.0

    def rate(self, api_id: str) -> float | None:
        """Return the calls a second of an api-id that are permitted now, by setting and refusals; None is no limit."""
        return self.client.rate(api_id)

    def serves(self, venue: Venue) -> bool:
        """Tell whether the host has this venue: the spec sheet says that the mock serves KRX only."""
        from kiwoom_provider.parameters import Venue
        from kiwoom_provider.settings import HostKind

        return self.kind is not HostKind.MOCK or venue is Venue.KRX

    def call(self, api_id: str, path: str, body: Mapping[str, str], *, next_key: str = "", number: int = 1) -> Page:
        """
        Fetch one page of any TR.

        :param api_id: such as ``ka10066``.
        :param path: such as ``/api/dostk/mrkcond``.
        :param body: the request's elements.
        :param next_key: of the page before; ``""`` for the first.
        :param number: 1-based place of the page in its sweep.
        :raises KiwoomError: see :mod:`kiwoom_provider.api.errors`.
        """
        return self.client.call(api_id, path, body, next_key=next_key, number=number)

    def pages(
        self,
        api_id: str,
        path: str,
        body: Mapping[str, str],
        *,
        start: Page | None = None,
    ) -> Iterator[Page]:
        """
        Fetch all pages of one TR, one after the other as they are asked for.

        :param start: the last page that is stored already: the sweep goes on after it.
        :raises KiwoomError: see :mod:`kiwoom_provider.api.errors`.
        """
        from functools import partial

        from kiwoom_provider.api.paginator import iter_pages

        send = partial(self.call, api_id, path, body)
        return iter_pages(send, start, self.settings.max_pages)

    def ensure_token(self) -> None:
        """
        See to it that a token is there, so that many tasks need not ask for one at once.

        :raises AuthenticationError: when key, secret or calling IP is refused.
        """
        self.client.tokens.current()

    def test_connection(self) -> tuple[bool, str]:
        """Try the Connection for real, and say in words what is well or what to do."""
        from kiwoom_provider.errors import KiwoomProviderError
        from kiwoom_provider.hooks.connection_test import try_connection

        try:
            return try_connection(self.client, self.settings, self.clock.now().date())
        except KiwoomProviderError as error:
            return False, str(error)
        finally:
            self.close()

    def _find_connection(self, conn_id: str) -> Connection:
        """Return a Connection, its password masked in logs whatever its type."""
        from airflow.sdk.exceptions import AirflowNotFoundException
        from airflow.sdk.log import mask_secret

        from kiwoom_provider.settings import ConnectionAbsentError

        try:
            connection = self.get_connection(conn_id)
        except AirflowNotFoundException:
            raise ConnectionAbsentError(_absence_text(conn_id, is_own=conn_id == self.kiwoom_conn_id)) from None
        if connection.password:
            mask_secret(connection.password)
        return connection

    def close(self) -> None:
        """Close connections and shared state, and count for the metrics what was called."""
        from kiwoom_provider import metrics

        client = self.__dict__.pop("client", None)
        if client is not None:
            metrics.count_calls(client, self.kind)
            client.close()
        self._deadlines.close()


def _airflow_home() -> Path:
    return Path(os.environ.get("AIRFLOW_HOME", "~/airflow")).expanduser()


def _absence_text(conn_id: str, *, is_own: bool) -> str:
    if not is_own:
        return (
            f"connection {conn_id!r} (redis_conn_id) does not exist: make one of type Redis under Admin › Connections"
        )
    return (
        f"connection {conn_id!r} does not exist: make one of type Kiwoom under Admin › Connections, "
        "with host api.kiwoom.com or mockapi.kiwoom.com, login = app key, password = secret key"
    )
