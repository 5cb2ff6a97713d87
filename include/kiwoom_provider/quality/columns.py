"""
Column rules: nulls, ranges, patterns and codes, checked by pandera with every failure reported at once.

Facts about ranges: codes are six characters, some alphanumeric (``0156T0``); ``pre_sig`` is 1 upper
limit, 2 up, 3 unchanged, 4 lower limit, 5 down (Kiwoom's sheet and recorded rows).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import pandas as pd
import pandera.pandas as pandera
import pyarrow as pa

from kiwoom_provider.datasets.columns import INVESTORS
from kiwoom_provider.parameters import Side
from kiwoom_provider.quality.sheet import ELEMENTS, TYPES
from kiwoom_provider.quality.tally import WORST, offender

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kiwoom_provider.parameters import ParameterSet

CODE_PATTERN = r"^[0-9A-Z]{6}$"
LARGEST_PRICE = 10**9
LARGEST_VOLUME = 10**12
LARGEST_FLOW = 10**13
"""Beyond any day's figures of any market by orders of magnitude: 원, shares, KRW million or shares."""

_NAMES = {investor.element: investor.name for investor in INVESTORS}


@dataclass(frozen=True)
class ColumnFailures:
    """What one column rule found: how many cells failed, and the first of them."""

    failing: int
    offenders: tuple[dict[str, Any], ...]


def validate(tables: Mapping[ParameterSet, pa.Table]) -> dict[str, ColumnFailures]:
    """
    Check every cell of readable tables and return the failures by rule id.

    Buy and sell sets are checked together, net sets together, so that each check runs twice in all.
    """
    cases = []
    for gross in (True, False):
        chosen = {p: table for p, table in tables.items() if (p.side is not Side.NET) is gross}
        if chosen:
            cases.append(_failures(chosen, gross=gross))
    found = pd.concat(cases) if cases else _no_cases()
    return {str(rule): _summary(group) for rule, group in found.groupby("rule", sort=False)}


def _failures(tables: Mapping[ParameterSet, pa.Table], *, gross: bool) -> pd.DataFrame:
    frame = pa.concat_tables([t.select(list(TYPES)).replace_schema_metadata() for t in tables.values()])
    try:
        _schema(gross=gross).validate(frame.to_pandas(types_mapper=pd.ArrowDtype), lazy=True)
    except pandera.errors.SchemaErrors as errors:
        cases = errors.failure_cases[["column", "check", "failure_case", "index"]].copy()
    else:
        return _no_cases()
    labels = [p.label for p, table in tables.items() for _ in range(table.num_rows)]
    rows = pa.array(cases["index"].astype("int64"))
    cases["rule"] = [_rule(column, check) for column, check in zip(cases["column"], cases["check"], strict=True)]
    cases["set"] = [labels[row] for row in cases["index"].astype("int64")]
    for name in ("stk_cd", "stk_nm"):
        cases[name] = frame[name].take(rows).to_pylist()
    return cases  # type: ignore[no-any-return]


def _no_cases() -> pd.DataFrame:
    return pd.DataFrame({"rule": pd.Series([], dtype="object")})


def _summary(cases: pd.DataFrame) -> ColumnFailures:
    first = [
        offender(
            case["set"],
            None if case["check"] == "not_nullable" else case["check"],
            None if pd.isna(case["failure_case"]) else str(case["failure_case"]),
            stock_code=case["stk_cd"],
            stock_name=case["stk_nm"],
            investor=_NAMES.get(case["column"], case["column"]),
        )
        for case in cases.head(WORST).to_dict("records")
    ]
    return ColumnFailures(len(cases), tuple(first))


def _rule(column: str, check: str) -> str:
    """Say which rule a failure belongs to."""
    if check == "not_nullable":
        by_column = dict.fromkeys(ELEMENTS, "investor_nulls") | {"stk_cd": "stock_codes"}
        return by_column.get(column, "other_nulls")
    if column in ELEMENTS:
        return "gross_not_negative" if check.startswith("greater_than") else "investor_range"
    return {"stk_cd": "stock_codes", "pre_sig": "pre_sig_codes"}.get(column, "price_range")


@cache
def _schema(*, gross: bool) -> pandera.DataFrameSchema:
    check = pandera.Check
    within = {
        "stk_cd": [check.str_matches(CODE_PATTERN)],
        "cur_prc": [check.in_range(0, LARGEST_PRICE)],
        "pre_sig": [check.isin([1, 2, 3, 4, 5])],
        "pred_pre": [check.in_range(-LARGEST_PRICE, LARGEST_PRICE)],
        "trde_qty": [check.in_range(0, LARGEST_VOLUME)],
        **{name: [check.in_range(-LARGEST_FLOW, LARGEST_FLOW)] for name in ELEMENTS},
    }
    if gross:
        for name in ELEMENTS:
            within[name].append(check.ge(0))
    return pandera.DataFrameSchema(
        {name: pandera.Column(pd.ArrowDtype(kind), within.get(name, [])) for name, kind in TYPES.items()},
        unique_column_names=True,
    )
