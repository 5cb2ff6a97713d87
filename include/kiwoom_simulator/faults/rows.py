"""Faults of a page's rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiwoom_simulator.faults.fault import Fault

    Rows: TypeAlias = list[dict[str, Any]]
    Change: TypeAlias = Callable[[Rows, str, Rows], Rows]


def spoiled(fault: Fault, rows: Rows, before: Rows) -> Rows:
    """Return the rows as the fault leaves them; ``before`` are the rows of the page before."""
    return CHANGES[fault.kind](rows, fault.value, before)


def _overlap(rows: Rows, value: str, before: Rows) -> Rows:
    count = int(value or 10)
    return [*before[-count:], *rows[: len(rows) - count]] if before else rows


def _missing_stock(rows: Rows, value: str, _before: Rows) -> Rows:
    gone = value or rows[0]["stk_cd"]
    return [row for row in rows if row["stk_cd"].partition("_")[0] != gone and row["stk_cd"] != gone]


def _extra_element(rows: Rows, value: str, _before: Rows) -> Rows:
    return [{**row, value or "new_elmt": "1"} for row in rows]


def _missing_element(rows: Rows, value: str, _before: Rows) -> Rows:
    return [{name: cell for name, cell in row.items() if name != (value or "natn")} for row in rows]


def _renamed_element(rows: Rows, value: str, _before: Rows) -> Rows:
    old = value or "natn"
    return [{f"{name}_new" if name == old else name: cell for name, cell in row.items()} for row in rows]


def _cell(rows: Rows, name: str, change: Callable[[str], object]) -> Rows:
    return [{**rows[0], name: change(rows[0][name])}, *rows[1:]]


def _cell_off(rows: Rows, value: str, _before: Rows) -> Rows:
    return _cell(rows, value or "frgnr_invsr", lambda text: str(int(text.replace(",", "").replace("--", "-")) + 1000))


def _blank_cell(rows: Rows, value: str, _before: Rows) -> Rows:
    return _cell(rows, value or "natn", lambda _text: "")


def _null_cell(rows: Rows, value: str, _before: Rows) -> Rows:
    return _cell(rows, value or "natn", lambda _text: None)


def _garbage_cell(rows: Rows, value: str, _before: Rows) -> Rows:
    return _cell(rows, value or "natn", lambda _text: "1,23x")


def _number_cell(rows: Rows, value: str, _before: Rows) -> Rows:
    return _cell(rows, value or "natn", lambda _text: 17)


CHANGES: dict[str, Change] = {
    "empty-page": lambda _rows, _value, _before: [],
    "page-again": lambda rows, _value, before: before or rows,
    "overlap": _overlap,
    "disorder": lambda rows, _value, _before: rows[::-1],
    "twice": lambda rows, _value, _before: [*rows, rows[0]],
    "missing-stock": _missing_stock,
    "extra-element": _extra_element,
    "missing-element": _missing_element,
    "renamed-element": _renamed_element,
    "cell-off": _cell_off,
    "blank-cell": _blank_cell,
    "null-cell": _null_cell,
    "garbage-cell": _garbage_cell,
    "number-cell": _number_cell,
}
