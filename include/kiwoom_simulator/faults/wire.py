"""Faults of bytes and connection."""

from __future__ import annotations

import gzip
from dataclasses import replace
from typing import TYPE_CHECKING

from kiwoom_simulator.answers import HTML, Answer, Delivery
from kiwoom_simulator.faults.kinds import Stage, kind

if TYPE_CHECKING:
    from collections.abc import Callable

_MIB = 1024 * 1024


def _deliver(how: Delivery) -> Callable[[str, Answer], Answer]:
    def change(_value: str, answer: Answer) -> Answer:
        return replace(answer, delivery=how)

    return change


kind(Stage.WIRE, "hang", "never an answer")(_deliver(Delivery.HANG))
kind(Stage.WIRE, "reset", "connection reset")(_deliver(Delivery.RESET))
kind(Stage.WIRE, "half-body", "connection closed in the middle of the body")(_deliver(Delivery.HALF))


@kind(Stage.WIRE, "delay", "the answer comes VALUE (1) real seconds late")
def _delay(value: str, answer: Answer) -> Answer:
    return replace(answer, wait_s=float(value or 1))


@kind(Stage.WIRE, "drip", "the body arrives in twenty pieces over VALUE (20) real seconds")
def _drip(value: str, answer: Answer) -> Answer:
    return replace(answer, delivery=Delivery.DRIP, wait_s=float(value or 20))


@kind(Stage.WIRE, "cut-json", "a whole answer whose JSON breaks off")
def _cut_json(_value: str, answer: Answer) -> Answer:
    return replace(answer, body=answer.body[: len(answer.body) * 2 // 3])


@kind(Stage.WIRE, "content-type", "JSON under Content-Type text/html")
def _content_type(_value: str, answer: Answer) -> Answer:
    return _with_header(answer, "Content-Type", HTML)


@kind(Stage.WIRE, "charset", "body in EUC-KR under charset=UTF-8")
def _charset(_value: str, answer: Answer) -> Answer:
    return replace(answer, body=answer.body.decode().encode("euc-kr", "replace"))


@kind(Stage.WIRE, "gzip", "body compressed, unasked")
def _gzip(_value: str, answer: Answer) -> Answer:
    return _with_header(replace(answer, body=gzip.compress(answer.body)), "Content-Encoding", "gzip")


@kind(Stage.WIRE, "bomb", "compressed body of VALUE (64) MiB once opened")
def _bomb(value: str, answer: Answer) -> Answer:
    packed = gzip.compress(b" " * (int(value or 64) * _MIB))
    return _with_header(replace(answer, body=packed), "Content-Encoding", "gzip")


@kind(Stage.WIRE, "no-headers", "without api-id, cont-yn and next-key")
def _no_headers(_value: str, answer: Answer) -> Answer:
    return replace(answer, headers={"Content-Type": answer.headers["Content-Type"]})


def _with_header(answer: Answer, name: str, value: str) -> Answer:
    return replace(answer, headers={**answer.headers, name: value})
