"""The simulator of the cluster, through its control over HTTP, and what its own count says of a night."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import requests

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

TIMEOUT_S = 30
WINDOW_S = 1.0


@dataclass(frozen=True)
class Traffic:
    """
    What the simulator saw of one night.

    :param calls: of ka10066 from when the session had settled; looks before that are as many as one waits for.
    :param repeated: how many of them asked for a page that had been served already.
    :param reference_calls: of ka10059, from then on.
    :param refused: as too many, of all api-ids, all night.
    :param most_in_a_second: of one api-id, in any second of the night.
    :param tokens: issued since the simulator started.
    """

    calls: int
    repeated: int
    reference_calls: int
    refused: int
    most_in_a_second: int
    tokens: int


class Simulator:
    """:param url: without a trailing slash."""

    def __init__(self, url: str) -> None:
        self._url = f"{url}/_simulator"
        self._session = requests.Session()
        self._session.trust_env = False

    def answers(self) -> bool:
        """Tell whether it is there. :raises requests.RequestException: while it is not."""
        return bool(self._get("state"))

    def act(self, action: str, **arguments: object) -> None:
        """Take one of the control's actions."""
        self._session.post(f"{self._url}/{action}", json=arguments, timeout=TIMEOUT_S).raise_for_status()

    def traffic(self, settled_s: float) -> Traffic:
        """Return what came in since the counts were reset; ``settled_s`` is of this machine's monotonic clock."""
        return traffic(self._get("log"), settled_s, self._get("state")["tokens_issued"])

    def _get(self, what: str) -> Any:
        answer = self._session.get(f"{self._url}/{what}", timeout=TIMEOUT_S)
        answer.raise_for_status()
        return answer.json()


def traffic(log: Iterable[Mapping[str, Any]], settled_s: float, tokens: int) -> Traffic:
    """Count a simulator's log, oldest call first."""
    entries = list(log)
    settled = [entry for entry in entries if entry["arrived_s"] >= settled_s]
    swept = [entry for entry in settled if entry["api_id"] == "ka10066"]
    pages = {(entry["asked"], entry["page"]) for entry in swept}
    return Traffic(
        calls=len(swept),
        repeated=len(swept) - len(pages),
        reference_calls=sum(entry["api_id"] == "ka10059" for entry in settled),
        refused=sum(entry["outcome"] == "refused" for entry in entries),
        most_in_a_second=most_in_a_second(entries),
        tokens=tokens,
    )


def most_in_a_second(entries: Iterable[Mapping[str, Any]]) -> int:
    """Return the most calls of one api-id that arrived within any second."""
    windows: dict[str, deque[float]] = {}
    most = 0
    for entry in entries:
        window = windows.setdefault(entry["api_id"], deque())
        window.append(entry["arrived_s"])
        while window[0] <= entry["arrived_s"] - WINDOW_S:
            window.popleft()
        most = max(most, len(window))
    return most
