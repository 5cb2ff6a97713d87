"""The little of Airflow's REST API that the laboratory needs, on this machine."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import requests

if TYPE_CHECKING:
    from pathlib import Path

TIMEOUT_S = 30


@dataclass(frozen=True)
class Access:
    """Where a running Airflow is, and how to log in."""

    url: str
    user: str
    password: str = field(repr=False)

    def save(self, path: Path) -> None:
        """Keep it for other commands, readable by this user alone."""
        path.touch(mode=0o600)
        path.write_text(json.dumps(vars(self)))

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read what :meth:`save` wrote."""
        return cls(**json.loads(path.read_text()))


class AirflowApi:
    """Calls the REST API as one user."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._session = requests.Session()
        self._session.trust_env = False  # no proxy to this machine

    def log_in(self) -> None:
        """Get a token. :raises requests.RequestException: while the server is not there."""
        token = self._send("POST", "/auth/token", {"username": self._access.user, "password": self._access.password})
        self._session.headers["Authorization"] = f"Bearer {token['access_token']}"

    def get(self, path: str) -> dict[str, Any]:
        """Read a resource below ``/api/v2``."""
        return self._send("GET", f"/api/v2{path}")

    def patch(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Change a resource below ``/api/v2``."""
        return self._send("PATCH", f"/api/v2{path}", body)

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Make a resource below ``/api/v2``."""
        return self._send("POST", f"/api/v2{path}", body)

    def put(self, collection: str, name: str, body: dict[str, Any]) -> None:
        """Change the resource of this name, or make it where there is none."""
        try:
            self.patch(f"{collection}/{name}", body)
        except requests.HTTPError as error:
            if error.response.status_code != requests.codes.not_found:
                raise
            self.post(collection, body)

    def _send(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        answer = self._session.request(method, self._access.url + path, json=body, timeout=TIMEOUT_S)
        answer.raise_for_status()
        return dict(answer.json())
