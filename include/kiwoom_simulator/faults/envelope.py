"""Faults of the JSON around the rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiwoom_simulator.faults.fault import Fault

    Payload: TypeAlias = dict[str, Any]
    Change: TypeAlias = Callable[[Payload, str], Any]


def wrapped(fault: Fault, payload: Payload, element: str) -> Any:  # noqa: ANN401
    """Return the payload as the fault leaves it; ``element`` names the list."""
    return CHANGES[fault.kind](payload, element)


def _without(payload: Payload, *names: str) -> Payload:
    return {name: value for name, value in payload.items() if name not in names}


CHANGES: dict[str, Change] = {
    "empty-list": lambda payload, element: {**payload, element: []},
    "no-list": _without,
    "null-list": lambda payload, element: {**payload, element: None},
    "string-code": lambda payload, _element: {**payload, "return_code": str(payload["return_code"])},
    "no-code": lambda payload, _element: _without(payload, "return_code", "return_msg"),
    "bare-list": lambda payload, element: payload[element],
}
