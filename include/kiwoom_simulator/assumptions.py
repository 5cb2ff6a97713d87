"""
What is not known of the live API, and each way that it may be: the table of open assumptions.

Written ``NAME=VALUE``, as in ``--assume sells=negative``; ``otherwise`` takes every one the other way at
once. The first value of each is what the simulator does unless told.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

OTHERWISE = "otherwise"


def _one_of(*values: str, text: str) -> str:
    chosen: str = field(default=values[0], metadata={"values": values, "text": text})
    return chosen


@dataclass(frozen=True, slots=True)
class Assumptions:
    """One value of each open assumption."""

    dated_rate: str = _one_of("percent", "hundredths", text="flu_rt of ka10059: -1.10, or -110 for the same")
    unsettled_row: str = _one_of(
        "zeros", "broken", text="the day's row of ka10059 before it settles: zeros, or 개인 0 and others in thousands"
    )

    @classmethod
    def parse(cls, texts: Iterable[str]) -> Assumptions:
        """
        Read ``NAME=VALUE`` texts, the later over the earlier.

        :raises ValueError: naming what is not known.
        """
        chosen = cls()
        for text in texts:
            chosen = otherwise() if text == OTHERWISE else replace(chosen, **_pair(text))
        return chosen


def values_of(name: str) -> tuple[str, ...]:
    """Return the values that an assumption can have, the simulator's own first."""
    found: tuple[str, ...] = _METADATA[name]["values"]
    return found


def texts() -> dict[str, str]:
    """Return what each assumption is about, by name."""
    return {name: f"{' | '.join(values_of(name))}: {about['text']}" for name, about in _METADATA.items()}


def otherwise() -> Assumptions:
    """Return every assumption taken the other way: its second value."""
    return Assumptions(**{name: values_of(name)[1] for name in _METADATA})


def _pair(text: str) -> dict[str, str]:
    name, _, value = text.partition("=")
    if name not in _METADATA:
        raise ValueError(f"{text!r}: there is no assumption {name!r}; there are: {', '.join(_METADATA)}, {OTHERWISE}")
    if value not in values_of(name):
        raise ValueError(f"{text!r}: {value!r} is not one of: {', '.join(values_of(name))}")
    return {name: value}


_METADATA = {one.name: one.metadata for one in fields(Assumptions)}
