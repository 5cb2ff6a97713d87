"""Price, change, sign and rate of one row agree with each other."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from kiwoom_provider.quality.tally import Cells, Tally

if TYPE_CHECKING:
    from kiwoom_provider.quality.sheet import Sheet
    from kiwoom_provider.quality.subject import Subject
    from kiwoom_provider.quality.tally import Finding

NOTHING = "no set was asked for"
_DIRECTION = np.array([0, 1, 1, 0, -1, -1])
"""Direction by ``pre_sig``: 1 upper limit, 2 up, 3 unchanged, 4 lower limit, 5 down."""


def change_has_its_sign(subject: Subject) -> Finding:
    """Check that the change's direction is the one that the sign code names."""
    tally = Tally()
    for sheet in subject.universes(tally).values():
        codes = sheet.prices["pre_sig"]
        valid = sheet.priced["pre_sig"] & sheet.priced["pred_pre"] & (codes > 0) & (codes < len(_DIRECTION))
        named = _DIRECTION[np.where(valid, codes, 0)]
        tally.compare(_cells(sheet, "pre_sig", named, np.sign(sheet.prices["pred_pre"]), valid), sheet.place)
    return tally.finding(NOTHING)


def change_is_its_rate(subject: Subject) -> Finding:
    """Check that the rate is change ÷ base price, in hundredths of a %, within its last digit."""
    tally = Tally()
    for sheet in subject.universes(tally).values():
        base = sheet.base_price
        valid = (base > 0) & sheet.priced["flu_rt"]
        rate = np.rint(10_000 * sheet.prices["pred_pre"] / np.where(base > 0, base, 1)).astype(np.int64)
        cells = _cells(sheet, "flu_rt", rate, sheet.prices["flu_rt"], valid)
        tally.compare(replace(cells, tolerance=1), sheet.place)
    return tally.finding(NOTHING)


def base_price_is_positive(subject: Subject) -> Finding:
    """Check that the price less the change is above zero."""
    tally = Tally()
    for sheet in subject.universes(tally).values():
        valid = sheet.priced["cur_prc"] & sheet.priced["pred_pre"] & (sheet.prices["cur_prc"] > 0)
        base = sheet.base_price
        tally.compare(_cells(sheet, "pred_pre", np.maximum(base, 1), base, valid), sheet.place)
    return tally.finding(NOTHING)


def _cells(sheet: Sheet, name: str, expected: np.ndarray, seen: np.ndarray, valid: np.ndarray) -> Cells:
    """Return one column's cells, with no tolerance."""
    rows = np.arange(len(sheet.codes))
    return Cells(sheet, rows, [name], expected[:, None], seen[:, None], valid[:, None])
