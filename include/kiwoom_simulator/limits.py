"""The rate limit: a sliding second per app key and api-id, exact."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

WINDOW_S = 1.0


@dataclass(frozen=True, slots=True)
class Rates:
    """Admitted calls a second per app key and api-id; 0 is no limit."""

    default: int = 0
    by_api: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> Rates:
        """
        Read ``5``, ``0`` or ``5,ka10066=1,au10001=2``.

        :raises ValueError: naming the part that is neither.
        """
        default, by_api = 0, {}
        for part in filter(None, re.split(r"[,\s]+", text)):
            name, _, number = part.rpartition("=")
            if not number.isascii() or not number.isdecimal():
                raise ValueError(f"rate {part!r} is neither N nor API-ID=N with a whole number of calls a second")
            if name:
                by_api[name] = int(number)
            else:
                default = int(number)
        return cls(default, by_api)

    def quota(self, api_id: str) -> int:
        """Return the quota of one api-id."""
        return self.by_api.get(api_id, self.default)

    def __str__(self) -> str:
        return ",".join([str(self.default), *(f"{name}={quota}" for name, quota in self.by_api.items())])


class Limiter:
    """Counts admitted calls over the last second."""

    def __init__(self) -> None:
        self._admitted: dict[tuple[str, str], deque[float]] = {}

    def admits(self, app_key: str, api_id: str, quota: int, arrived_s: float) -> bool:
        """Admit a call that arrived at ``arrived_s`` of a monotonic clock, unless the window is full."""
        window = self._admitted.setdefault((app_key, api_id), deque())
        while window and window[0] <= arrived_s - WINDOW_S:
            window.popleft()
        if quota and len(window) >= quota:
            return False
        window.append(arrived_s)
        return True
