"""The kinds of faults: each is declared once, where it is done."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    Change = TypeVar("Change", bound=Callable[..., Any])


class Stage(StrEnum):
    """What of an answer a kind of fault touches."""

    INSTEAD = "instead"
    SOURCE = "source"
    ROWS = "rows"
    ENVELOPE = "envelope"
    PAGING = "paging"
    WIRE = "wire"


@dataclass(frozen=True, slots=True)
class FaultKind:
    """
    A kind: what it touches, what it does, in words and in fact.

    ``change`` takes the fault's value, what the stage works on, and the stage's context; it returns the
    changed thing, or an equal one when there is nothing that it can change.
    """

    name: str
    stage: Stage
    text: str
    change: Callable[..., Any]


KINDS: dict[str, FaultKind] = {}
"""Every kind by name."""


def kind(stage: Stage, name: str, text: str) -> Callable[[Change], Change]:
    """Declare a kind of fault that the decorated function does."""

    def declare(change: Change) -> Change:
        KINDS[name] = FaultKind(name, stage, text, change)
        return change

    return declare
