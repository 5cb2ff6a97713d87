"""Which faults are on, which of them a call meets, and how often each has struck."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from kiwoom_simulator.faults.fault import LAST, Fault

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kiwoom_simulator.faults.kinds import Stage
    from kiwoom_simulator.words import Selection


@dataclass(frozen=True, slots=True)
class Asked:
    """What a call asks for, as far as it can be read; ``pages`` is how many there are (0: unknown)."""

    api_id: str
    selection: Selection | None = None
    stock: str = ""
    page: int = 0
    pages: int = 0

    def __str__(self) -> str:
        return str(self.selection or "") or self.stock


@dataclass(frozen=True, slots=True)
class Struck:
    """The faults that one call meets."""

    faults: tuple[Fault, ...] = ()

    def at(self, stage: Stage) -> list[Fault]:
        """Return those of one stage."""
        return [fault for fault in self.faults if fault.stage is stage]

    def of(self, kind: str) -> list[Fault]:
        """Return those of one kind."""
        return [fault for fault in self.faults if fault.kind == kind]


@dataclass(slots=True)
class _Line:
    fault: Fault
    met: int = 0
    struck: int = 0

    def meets(self, asked: Asked) -> bool:
        if not _fits(self.fault, asked):
            return False
        self.met += 1
        is_turn = self.fault.call in (0, self.met) and self.met > self.fault.after
        due = is_turn and (not self.fault.times or self.struck < self.fault.times)
        self.struck += due
        return due


class Ledger:
    """Keeps the faults that are on; a fault is counted as struck when a call meets it."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._lines = [_Line(fault) for fault in faults]
        self._lock = Lock()

    def add(self, fault: Fault) -> None:
        """Switch a fault on."""
        with self._lock:
            self._lines.append(_Line(fault))

    def clear(self) -> None:
        """Switch every fault off."""
        with self._lock:
            self._lines.clear()

    def strike(self, asked: Asked) -> Struck:
        """Return the faults that a call meets, and count them."""
        with self._lock:
            return Struck(tuple(line.fault for line in self._lines if line.meets(asked)))

    def struck(self) -> dict[str, int]:
        """Return how often each fault has struck, by its text."""
        with self._lock:
            return {str(line.fault): line.struck for line in self._lines}


def _fits(fault: Fault, asked: Asked) -> bool:
    words = {"market": fault.market, "venue": fault.venue, "measure": fault.measure, "side": fault.side}
    return (
        fault.api_id in ("", asked.api_id)
        and fault.stock in ("", asked.stock)
        and all(not word or _word(asked, name) == word for name, word in words.items())
        and _on_page(fault.pages, asked)
    )


def _word(asked: Asked, name: str) -> str:
    return str(getattr(asked.selection, name, ""))


def _on_page(pages: tuple[int, int], asked: Asked) -> bool:
    first, last = pages
    if first == LAST:
        return asked.page == asked.pages > 0
    return pages == (0, 0) or (asked.page >= max(first, 1) and (not last or asked.page <= last))
