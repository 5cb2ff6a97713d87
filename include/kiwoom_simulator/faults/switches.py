"""Which faults are on, which of them a call meets, and how often each has struck."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

from kiwoom_simulator.faults.fault import LAST, Fault
from kiwoom_simulator.faults.kinds import KINDS, Stage

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kiwoom_simulator.parameters import Query

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a call asks for, as far as it can be read; ``pages`` is how many there are (0: unknown)."""

    api_id: str
    query: Query | None = None
    page: int = 0
    pages: int = 0

    def __str__(self) -> str:
        return str(self.query or "")


@dataclass(slots=True)
class _Switch:
    fault: Fault
    met: int = 0
    struck: int = 0

    def strikes(self) -> bool:
        """Count a call that the fault can touch, and tell whether it does."""
        self.met += 1
        is_turn = self.fault.call in (0, self.met) and self.met > self.fault.after
        due = is_turn and (not self.fault.times or self.struck < self.fault.times)
        self.struck += due
        return due

    @property
    def is_over(self) -> bool:
        """Whether it has struck as often as it was to."""
        return 0 < self.fault.times <= self.struck


@dataclass
class Struck:
    """The faults that may strike one call, and the kinds of those that did."""

    asked: Asked
    switches: list[_Switch]
    lock: Lock
    kinds: list[str] = field(default_factory=list)

    def any(self, *stages: Stage) -> bool:
        """Tell whether there is a fault of one of these stages."""
        return any(switch.fault.stage in stages for switch in self.switches)

    def apply(self, stage: Stage, subject: T, *context: Any) -> T:
        """Return ``subject`` as the stage's faults leave it; those that cannot change it are not used up."""
        for switch in self.switches:
            answered = stage is Stage.INSTEAD and subject is not None
            if switch.fault.stage is not stage or switch.is_over or answered:
                continue
            changed = KINDS[switch.fault.kind].change(switch.fault.value, subject, *context)
            with self.lock:
                if changed != subject and switch.strikes():
                    subject = changed
                    self.kinds.append(switch.fault.kind)
        return subject


class Switches:
    """Keeps the faults that are on."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._switches = [_Switch(fault) for fault in faults]
        self._lock = Lock()

    def add(self, fault: Fault) -> None:
        """Switch a fault on."""
        with self._lock:
            self._switches.append(_Switch(fault))

    def clear(self) -> None:
        """Switch every fault off."""
        with self._lock:
            self._switches.clear()

    def meet(self, asked: Asked) -> Struck:
        """Return the faults that a call may meet."""
        with self._lock:
            return Struck(asked, [switch for switch in self._switches if _fits(switch.fault, asked)], self._lock)

    def counts(self) -> dict[str, int]:
        """Return how often each fault has struck, by its text."""
        with self._lock:
            return {str(switch.fault): switch.struck for switch in self._switches}


def _fits(fault: Fault, asked: Asked) -> bool:
    words = {"market": fault.market, "venue": fault.venue, "measure": fault.measure, "side": fault.side}
    return (
        fault.api_id in ("", asked.api_id)
        and all(not word or _word(asked, name) == word for name, word in {**words, "stock": fault.stock}.items())
        and _on_page(fault.pages, asked)
    )


def _word(asked: Asked, name: str) -> str:
    return str(getattr(asked.query, name, ""))


def _on_page(pages: tuple[int, int], asked: Asked) -> bool:
    first, last = pages
    if first == LAST:
        return asked.page == asked.pages > 0
    return pages == (0, 0) or (asked.page >= max(first, 1) and (not last or asked.page <= last))
