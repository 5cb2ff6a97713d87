"""Faults of bytes and connection."""

from __future__ import annotations

import gzip
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from kiwoom_simulator.models import HTML, Answer, Delivery

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiwoom_simulator.faults.fault import Fault

    Change: TypeAlias = Callable[[Answer, str], Answer]

_MIB = 1024 * 1024


def bent(fault: Fault, answer: Answer) -> Answer:
    """Return the answer as the fault leaves it."""
    return CHANGES[fault.kind](answer, fault.value)


def _header(answer: Answer, name: str, value: str) -> Answer:
    return replace(answer, headers={**answer.headers, name: value})


def _charset(answer: Answer, _value: str) -> Answer:
    return replace(answer, body=answer.body.decode().encode("euc-kr", "replace"))


def _gzip(answer: Answer, _value: str) -> Answer:
    return _header(replace(answer, body=gzip.compress(answer.body)), "Content-Encoding", "gzip")


def _bomb(answer: Answer, value: str) -> Answer:
    return _header(replace(answer, body=gzip.compress(b" " * (int(value or 64) * _MIB))), "Content-Encoding", "gzip")


def _no_headers(answer: Answer, _value: str) -> Answer:
    kept = {"Content-Type": answer.headers["Content-Type"]}
    return replace(answer, headers=kept)


CHANGES: dict[str, Change] = {
    "delay": lambda answer, value: replace(answer, wait_s=float(value or 1)),
    "hang": lambda answer, _value: replace(answer, delivery=Delivery.HANG),
    "drip": lambda answer, value: replace(answer, delivery=Delivery.DRIP, wait_s=float(value or 20)),
    "reset": lambda answer, _value: replace(answer, delivery=Delivery.RESET),
    "half-body": lambda answer, _value: replace(answer, delivery=Delivery.HALF),
    "cut-json": lambda answer, _value: replace(answer, body=answer.body[: len(answer.body) * 2 // 3]),
    "content-type": lambda answer, _value: _header(answer, "Content-Type", HTML),
    "charset": _charset,
    "gzip": _gzip,
    "bomb": _bomb,
    "no-headers": _no_headers,
}
