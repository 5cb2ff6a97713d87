"""Faults of the paging headers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiwoom_simulator.faults.fault import Fault

LOOP = 3


@dataclass(frozen=True, slots=True)
class Turn:
    """
    Where paging stands: this page, the key that was sent, whether there is more, and what is answered.

    ``key_of`` makes the key of any page.
    """

    page: int
    sent_key: str
    more: bool
    key_of: Callable[[int], str]

    def headers(self) -> tuple[str, str]:
        """Return ``cont-yn`` and ``next-key`` as they should be."""
        return ("Y", self.key_of(self.page + 1)) if self.more else ("N", "")


if TYPE_CHECKING:
    Change: TypeAlias = Callable[[Turn], tuple[str, str]]


def turned(fault: Fault, turn: Turn) -> tuple[str, str]:
    """Return ``cont-yn`` and ``next-key`` as the fault leaves them."""
    return CHANGES[fault.kind](turn)


def _same_key(turn: Turn) -> tuple[str, str]:
    return ("Y", turn.sent_key) if turn.sent_key else turn.headers()


def _key_loop(turn: Turn) -> tuple[str, str]:
    return ("Y", turn.key_of(1)) if turn.page >= LOOP else turn.headers()


CHANGES: dict[str, Change] = {
    "no-key": lambda _turn: ("Y", ""),
    "same-key": _same_key,
    "key-loop": _key_loop,
    "endless": lambda turn: ("Y", turn.key_of(turn.page + 1)),
    "cut-short": lambda _turn: ("N", ""),
}
