"""Faults of a page's rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from kiwoom_simulator.faults.kinds import Stage, kind
from kiwoom_simulator.flows import INVESTORS

if TYPE_CHECKING:
    from collections.abc import Callable

    Rows: TypeAlias = list[dict[str, Any]]

_SATURATED = "4294967295"
_CODES = ("stk_cd", "code", "inds_cd", "dt")
_PRICES = ("cur_prc", "pred_pre", "flu_rt")


@kind(Stage.ROWS, "empty-page", "no rows, paging goes on")
def _empty_page(_value: str, _rows: Rows, _before: Rows) -> Rows:
    return []


@kind(Stage.ROWS, "page-again", "the rows of the page before")
def _page_again(_value: str, rows: Rows, before: Rows) -> Rows:
    return before or rows


@kind(Stage.ROWS, "overlap", "begins with the last VALUE (10) rows of the page before")
def _overlap(value: str, rows: Rows, before: Rows) -> Rows:
    count = int(value or 10)
    return [*before[-count:], *rows[: len(rows) - count]] if before else rows


@kind(Stage.ROWS, "disorder", "rows in reverse order")
def _disorder(_value: str, rows: Rows, _before: Rows) -> Rows:
    return rows[::-1]


@kind(Stage.ROWS, "twice", "the first row once more at the end")
def _twice(_value: str, rows: Rows, _before: Rows) -> Rows:
    return [*rows, *rows[:1]]


@kind(Stage.ROWS, "half-list", "the first half of the rows")
def _half_list(_value: str, rows: Rows, _before: Rows) -> Rows:
    return rows[: len(rows) // 2]


@kind(Stage.ROWS, "missing-stock", "without the stock VALUE (the first row)")
def _missing_stock(value: str, rows: Rows, _before: Rows) -> Rows:
    gone = value or (_code(rows[0]) if rows else "")
    return [row for row in rows if gone not in {_code(row), _code(row).partition("_")[0]}]


@kind(Stage.ROWS, "extra-element", "an element VALUE (new_elmt) that nobody knows")
def _extra_element(value: str, rows: Rows, _before: Rows) -> Rows:
    return [{**row, value or "new_elmt": "1"} for row in rows]


@kind(Stage.ROWS, "missing-element", "without the element VALUE (natn)")
def _missing_element(value: str, rows: Rows, _before: Rows) -> Rows:
    return [{name: cell for name, cell in row.items() if name != (value or "natn")} for row in rows]


@kind(Stage.ROWS, "renamed-element", "the element VALUE (natn) under another name")
def _renamed_element(value: str, rows: Rows, _before: Rows) -> Rows:
    old = value or "natn"
    return [{f"{name}_new" if name == old else name: cell for name, cell in row.items()} for row in rows]


@kind(Stage.ROWS, "cell-off", "one cell wrong: element VALUE (frgnr_invsr) of the first row, plus 1000")
def _cell_off(value: str, rows: Rows, _before: Rows) -> Rows:
    return _with_cell(rows, value or "frgnr_invsr", lambda text: str(_number(text) + 1000))


@kind(Stage.ROWS, "blank-cell", "element VALUE (natn) of the first row blank")
def _blank_cell(value: str, rows: Rows, _before: Rows) -> Rows:
    return _with_cell(rows, value or "natn", lambda _text: "")


@kind(Stage.ROWS, "null-cell", "element VALUE (natn) of the first row null")
def _null_cell(value: str, rows: Rows, _before: Rows) -> Rows:
    return _with_cell(rows, value or "natn", lambda _text: None)


@kind(Stage.ROWS, "garbage-cell", "element VALUE (natn) of the first row is no number")
def _garbage_cell(value: str, rows: Rows, _before: Rows) -> Rows:
    return _with_cell(rows, value or "natn", lambda _text: "1,23x")


@kind(Stage.ROWS, "number-cell", "element VALUE (natn) of the first row is a JSON number")
def _number_cell(value: str, rows: Rows, _before: Rows) -> Rows:
    return _with_cell(rows, value or "natn", lambda _text: 17)


@kind(Stage.ROWS, "saturated", "VALUE = element[/counter] (trde_qty/4294967295) of the first row: a counter run over")
def _saturated(value: str, rows: Rows, _before: Rows) -> Rows:
    name, _, counter = (value or "trde_qty").partition("/")
    return _with_cell(rows, name, lambda _text: counter or _SATURATED)


@kind(Stage.ROWS, "pre-sig", "pre_sig VALUE (0) in the first three rows, as where a reference price is reset")
def _pre_sig(value: str, rows: Rows, _before: Rows) -> Rows:
    return [{**row, "pre_sig": value or "0"} if n < 3 else row for n, row in enumerate(rows)]  # noqa: PLR2004


@kind(Stage.ROWS, "zero-prices", "price 0 and no change in every row")
def _zero_prices(_value: str, rows: Rows, _before: Rows) -> Rows:
    return [{name: "0" if name in _PRICES else cell for name, cell in row.items()} for row in rows]


@kind(Stage.ROWS, "zero-flows", "every investor field 0")
def _zero_flows(_value: str, rows: Rows, _before: Rows) -> Rows:
    return [{name: "0" if name in INVESTORS else cell for name, cell in row.items()} for row in rows]


@kind(Stage.ROWS, "mixed-signs", "every second row with the sign of its investors turned")
def _mixed_signs(_value: str, rows: Rows, _before: Rows) -> Rows:
    return [
        {name: _flip_sign(cell) if n % 2 and name in INVESTORS else cell for name, cell in row.items()}
        for n, row in enumerate(rows)
    ]


def _code(row: dict[str, Any]) -> str:
    return str(next(row[name] for name in _CODES if name in row))


def _with_cell(rows: Rows, name: str, change: Callable[[str], object]) -> Rows:
    if not rows or name not in rows[0]:
        return rows
    return [{**rows[0], name: change(rows[0][name])}, *rows[1:]]


def _number(text: str) -> int:
    return int(text.strip().replace(",", "").replace("--", "-"))


def _flip_sign(text: str) -> str:
    return text[1:] if text.startswith("-") else f"-{text}" if text.strip("0") else text
