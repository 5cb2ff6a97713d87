"""Faults of the JSON around the rows, and of the paging headers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from kiwoom_simulator.faults.kinds import Stage, kind

if TYPE_CHECKING:
    from collections.abc import Callable

    Payload: TypeAlias = dict[str, Any]

LOOP = 3


@dataclass(frozen=True, slots=True)
class PagingState:
    """
    Where paging stands: this page (1-based), the key that was sent, and what is answered.

    ``key_of`` makes the key of any page.
    """

    page: int
    sent_key: str
    key_of: Callable[[int], str]
    cont_yn: str = "N"
    next_key: str = ""


@kind(Stage.ENVELOPE, "empty-list", "an empty list, and no more pages")
def _empty_list(_value: str, payload: Payload, element: str) -> Payload:
    return {**payload, element: []}


@kind(Stage.ENVELOPE, "no-list", "no list element at all")
def _no_list(_value: str, payload: Payload, element: str) -> Payload:
    return _without(payload, element)


@kind(Stage.ENVELOPE, "null-list", "null for the list")
def _null_list(_value: str, payload: Payload, element: str) -> Payload:
    return {**payload, element: None}


@kind(Stage.ENVELOPE, "string-code", "return_code as a string")
def _string_code(_value: str, payload: Payload, _element: str) -> Payload:
    return {**payload, "return_code": str(payload["return_code"])}


@kind(Stage.ENVELOPE, "no-code", "no return_code and no return_msg")
def _no_code(_value: str, payload: Payload, _element: str) -> Payload:
    return _without(payload, "return_code", "return_msg")


@kind(Stage.ENVELOPE, "bare-list", "a JSON list instead of an object")
def _bare_list(_value: str, payload: Payload, element: str) -> Any:  # noqa: ANN401
    return payload[element]


@kind(Stage.PAGING, "no-key", "cont-yn: Y without a next-key")
def _no_key(_value: str, paging: PagingState) -> PagingState:
    return replace(paging, cont_yn="Y", next_key="")


@kind(Stage.PAGING, "same-key", "the next-key that was sent, again")
def _same_key(_value: str, paging: PagingState) -> PagingState:
    return replace(paging, cont_yn="Y", next_key=paging.sent_key) if paging.sent_key else paging


@kind(Stage.PAGING, "key-loop", "after page 3, on to page 1: a loop of three keys")
def _key_loop(_value: str, paging: PagingState) -> PagingState:
    return replace(paging, cont_yn="Y", next_key=paging.key_of(1)) if paging.page >= LOOP else paging


@kind(Stage.PAGING, "endless", "never a last page, always a new key")
def _endless(_value: str, paging: PagingState) -> PagingState:
    return replace(paging, cont_yn="Y", next_key=paging.key_of(paging.page + 1))


@kind(Stage.PAGING, "cut-short", "cont-yn: N although there is more")
def _cut_short(_value: str, paging: PagingState) -> PagingState:
    return replace(paging, cont_yn="N", next_key="")


def _without(payload: Payload, *names: str) -> Payload:
    return {name: value for name, value in payload.items() if name not in names}
