"""Real API servers of Airflow on this machine, each with an auth manager, a database and users of its own."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import time
import zlib
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import requests
from filelock import FileLock

from lab.local.components import Components
from lab.nights.home import make_home
from lab.nights.stage import environment

if TYPE_CHECKING:
    from collections.abc import Iterator

START_TIMEOUT_S = 150
READER, OTHER, ADMIN = "reader", "other", "boss"
"""Who may read the DAG and nothing else, who is logged in and may not, and who may do everything."""

PASSWORD = "of everybody in these tests"

FAB = "airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager"
MAKE_FAB_USERS = """
import sys
from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder

with get_application_builder() as builder:
    security = builder.sm
    for name, resource in (("reader", "DAG:ka10066_investor_trading"), ("other", "DAG:another")):
        security.add_permission_to_role(security.add_role(name), security.create_permission("can_read", resource))
    for name, role in (("reader", "reader"), ("other", "other"), ("boss", "Admin")):
        found = security.find_role(role)
        assert security.add_user(name, name, name, f"{name}@example.org", found, password=sys.argv[1])
"""


@dataclass(frozen=True)
class Server:
    """A running API server. Tokens are made for it alone."""

    url: str
    _tokens: dict[str, str] = field(default_factory=dict, repr=False)

    def ask(self, path: str, user: str | None = None, method: str = "GET", **headers: str) -> requests.Response:
        """Ask as ``user`` by the cookie that Airflow's login leaves, or without a login; redirects are not followed."""
        cookies = {"_token": self.token(user)} if user else {}
        return self.send(method, path, cookies=cookies, headers=headers, allow_redirects=False)

    def token(self, user: str) -> str:
        """Log in, once a user."""
        if user not in self._tokens:
            answer = self.send("POST", "/auth/token", json={"username": user, "password": PASSWORD})
            answer.raise_for_status()
            self._tokens[user] = answer.json()["access_token"]
        return self._tokens[user]

    def show(self, data_root: str) -> None:
        """Have the page show a data root."""
        bearer = {"Authorization": f"Bearer {self.token(ADMIN)}"}
        body = {"key": "kiwoom_data_root", "value": data_root}
        answer = self.send("PATCH", "/api/v2/variables/kiwoom_data_root", json=body, headers=bearer)
        if answer.status_code == requests.codes.not_found:
            answer = self.send("POST", "/api/v2/variables", json=body, headers=bearer)
        answer.raise_for_status()

    def send(self, method: str, path: str, **options) -> requests.Response:
        """Send, and never through a proxy."""
        with requests.Session() as session:
            session.trust_env = False
            return session.request(method, f"{self.url}{path}", timeout=60, **options)


@contextmanager
def api_server(folder: Path, database: Path, manager: str, **variables: str) -> Iterator[Server]:
    """
    Run an API server; it is stopped on leaving.

    :param database: a migrated one, to be copied.
    :param manager: ``simple`` or ``fab``.
    :param variables: more of its environment.
    """
    make_home(folder, _with_fab(database) if manager == "fab" else database)
    port = _free_port()
    settings = environment(folder) | {
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": f"http://127.0.0.1:{port}",
        "AIRFLOW__API__WORKERS": "1",
        **_users_of_simple(folder),
        **({"AIRFLOW__CORE__AUTH_MANAGER": FAB} if manager == "fab" else {}),
        **variables,
    }
    components = Components(settings, folder)
    server = Server(f"http://127.0.0.1:{port}")
    try:
        components.start("api-server")
        _await(server, components)
        yield server
    finally:
        components.stop()


def _with_fab(database: Path) -> Path:
    """Return a database with the tables of FAB and the users, made once and kept beside the one that it is made of."""
    made_of = f"{version('apache-airflow-providers-fab')}-{zlib.crc32(MAKE_FAB_USERS.encode())}"
    kept = database.with_name(f"{database.stem}-fab-{made_of}.db")
    with FileLock(kept.with_suffix(".lock")), TemporaryDirectory() as folder:
        if not kept.exists():
            home = make_home(Path(folder), database)
            settings = environment(home) | {"AIRFLOW__CORE__AUTH_MANAGER": FAB}
            for command in (("-m", "airflow", "db", "migrate"), ("-c", MAKE_FAB_USERS, PASSWORD)):
                subprocess.run([sys.executable, *command], env=settings, check=True, capture_output=True)
            shutil.copy(home / "airflow.db", kept.with_suffix(".new"))
            kept.with_suffix(".new").rename(kept)
    return kept


def _users_of_simple(folder: Path) -> dict[str, str]:
    passwords = folder / "passwords.json"
    passwords.write_text(json.dumps(dict.fromkeys((READER, OTHER, ADMIN), PASSWORD)))
    return {
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{READER}:viewer,{OTHER}:,{ADMIN}:admin",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords),
    }


def _await(server: Server, components: Components) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline and components.dead() is None:
        try:
            server.send("GET", "/api/v2/version")
        except requests.ConnectionError:
            time.sleep(0.5)
        else:
            return
    raise RuntimeError(f"the API server is not there:\n{components.log('api-server').read_text()[-4000:]}")


def _free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return trial.getsockname()[1]
