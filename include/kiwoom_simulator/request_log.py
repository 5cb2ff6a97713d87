"""What was asked and answered: counters by api-id and a bounded log, without secrets."""

from __future__ import annotations

from collections import deque
from dataclasses import asdict, dataclass, field, replace
from threading import Lock

KEPT = 100_000


@dataclass(frozen=True, slots=True)
class LogEntry:
    """
    One call.

    ``arrived_s`` is the machine's monotonic clock, plus what the simulated one was moved on by, ``at`` the
    simulated moment (ISO, KST), ``asked`` the parameters in words, ``page`` 1-based (0: none), ``outcome`` served,
    refused (rate limit) or failed.
    """

    arrived_s: float
    at: str
    api_id: str
    asked: str = ""
    page: int = 0
    outcome: str = "failed"
    status: int = 0
    return_code: str = ""
    rows: int = 0
    faults: tuple[str, ...] = ()

    def as_json(self) -> dict[str, object]:
        """Return the entry as plain values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Counts:
    """Calls of one api-id; ``calls`` is the sum of the others."""

    calls: int = 0
    served: int = 0
    refused: int = 0
    failed: int = 0


@dataclass
class RequestLog:
    """Counters and entries, safe to read while calls come in."""

    entries: deque[LogEntry] = field(default_factory=lambda: deque(maxlen=KEPT))
    counts: dict[str, Counts] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def add(self, entry: LogEntry) -> None:
        """Count and keep one call."""
        with self._lock:
            self.entries.append(entry)
            old = self.counts.get(entry.api_id, Counts())
            counted = {entry.outcome: getattr(old, entry.outcome) + 1}
            self.counts[entry.api_id] = replace(old, calls=old.calls + 1, **counted)

    def select(self, api_id: str | None = None) -> list[LogEntry]:
        """Return entries, oldest first, of one api-id or of all."""
        with self._lock:
            return [entry for entry in self.entries if api_id in (None, entry.api_id)]

    def totals(self) -> dict[str, Counts]:
        """Return counters by api-id."""
        with self._lock:
            return dict(self.counts)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self.entries.clear()
            self.counts.clear()
