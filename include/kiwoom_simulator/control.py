"""What a test may change and read while the simulator runs."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import date
from typing import TYPE_CHECKING

from kiwoom_simulator.clock import parse_moment
from kiwoom_simulator.events import Event
from kiwoom_simulator.faults import Fault
from kiwoom_simulator.limits import Rates
from kiwoom_simulator.parameters import Venue
from kiwoom_simulator.request_log import Counts
from kiwoom_simulator.settlement import Settlement

if TYPE_CHECKING:
    from datetime import datetime

    from kiwoom_simulator.request_log import LogEntry
    from kiwoom_simulator.simulator import Simulator


class Control:
    """The handle on a running simulator. Every method may be called from any thread."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator

    def now(self) -> datetime:
        """Return the simulated moment, in KST."""
        return self._simulator.clock.now()

    def set_clock(self, now: str | datetime | None = None, speed: float | None = None) -> None:
        """Move the clock to ``now`` (ISO; KST when it has no offset), change its speed, or both."""
        self._simulator.clock.set(parse_moment(now) if now else None, speed)

    def advance(self, seconds: float) -> None:
        """Move the clock on by ``seconds``."""
        self._simulator.clock.advance(seconds)

    def settle(self, text: str) -> None:
        """Say when investor fields settle, as text of :class:`~kiwoom_simulator.settlement.Settlement`."""
        self._simulator.settle(Settlement.parse(text))

    def settle_after_calls(self, calls: int) -> None:
        """Let the next ``calls`` ka10066 answers be the previous session's, later ones the live one's."""
        self._simulator.settle(replace(Settlement(), after_calls=(calls,)))

    def close_day(self, day: str | date) -> None:
        """Make a day closed that no calendar knows to be."""
        self._close_days({*self._simulator.world.sessions.closed_days, date.fromisoformat(str(day))})

    def open_day(self, day: str | date) -> None:
        """Take back :meth:`close_day`."""
        self._close_days(self._simulator.world.sessions.closed_days - {date.fromisoformat(str(day))})

    def fault(self, fault: str | Fault) -> None:
        """Switch a fault on, given as text or as a value."""
        self._simulator.switches.add(Fault.parse(fault) if isinstance(fault, str) else fault)

    def event(self, event: str | Event) -> None:
        """Let an event happen, given as text or as a value; it stays."""
        told = Event.parse(event) if isinstance(event, str) else event
        world = self._simulator.world
        self._simulator.world = replace(world, events=(*world.events, told))

    def clear_faults(self) -> None:
        """Switch every fault off; a settlement that a scenario set stays."""
        self._simulator.switches.clear()

    def faults(self) -> dict[str, int]:
        """Return how often each fault that is on has struck, by its text."""
        return self._simulator.switches.counts()

    def scenario(self, name: str) -> None:
        """Switch a scenario on."""
        self._simulator.play(name)

    def rate(self, text: str | int) -> None:
        """Set quotas: ``0`` for no limit, ``5``, or ``5,ka10066=1``."""
        self._simulator.rates = Rates.parse(str(text))

    def latency(self, milliseconds: float) -> None:
        """Set how long every answer waits, in real milliseconds."""
        self._simulator.latency_s = milliseconds / 1000

    def kill_tokens(self) -> int:
        """End every token, as another program with the same key does; return how many there were."""
        return self._simulator.tokens.end_all()

    def tokens_issued(self) -> int:
        """Return how many tokens were issued."""
        return len(self._simulator.tokens.texts)

    def tokens(self) -> list[str]:
        """Return every token that was issued, for a search for leaks. No control over HTTP tells them."""
        return list(self._simulator.tokens.texts)

    def counts(self) -> dict[str, Counts]:
        """Return calls, served, refused and failed by api-id."""
        return self._simulator.log.totals()

    def count(self, api_id: str) -> Counts:
        """Return the counters of one api-id."""
        return self.counts().get(api_id, Counts())

    def log(self, api_id: str | None = None) -> list[LogEntry]:
        """Return the calls of an api-id, or all, oldest first. It holds no key, secret or token."""
        return self._simulator.log.select(api_id)

    def arrivals(self, api_id: str) -> list[float]:
        """Return when calls of an api-id arrived, in seconds of the machine's monotonic clock."""
        return [entry.arrived_s for entry in self.log(api_id)]

    def reset_counts(self) -> None:
        """Forget counters and log."""
        self._simulator.log.clear()

    def state(self) -> dict[str, object]:
        """Return everything above that can be read, JSON-ready."""
        simulator = self._simulator
        moments = {venue: simulator.moment("ka10066", venue) for venue in Venue}
        return {
            "now": self.now().isoformat(),
            "live_session": str(moments[Venue.KRX].live),
            "settled_session": {str(venue): str(moment.settled) for venue, moment in moments.items()},
            "settled_step": {str(venue): moment.step.name.lower() for venue, moment in moments.items()},
            "settlement": str(simulator.settlement),
            "closed_days": sorted(map(str, simulator.world.sessions.closed_days)),
            "rate": str(simulator.rates),
            "latency_ms": simulator.latency_s * 1000,
            "faults": self.faults(),
            "events": [str(event) for event in simulator.world.events],
            "tokens_issued": self.tokens_issued(),
            "counts": {api_id: asdict(counts) for api_id, counts in self.counts().items()},
        }

    def _close_days(self, days: set[date] | frozenset[date]) -> None:
        world = self._simulator.world
        self._simulator.world = replace(world, sessions=replace(world.sessions, closed_days=frozenset(days)))
