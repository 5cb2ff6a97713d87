"""What must hold inside one set."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from kiwoom_provider.parameters import Measure
from kiwoom_provider.quality import tolerances
from kiwoom_provider.quality.subject import INVESTOR_NAMES
from kiwoom_provider.quality.tally import Cells, Tally, named

if TYPE_CHECKING:
    from kiwoom_provider.quality.sheet import Sheet
    from kiwoom_provider.quality.subject import Subject
    from kiwoom_provider.quality.tally import Finding

NOTHING = "no set was asked for"
INSTITUTION = INVESTOR_NAMES.index("institution")
PARTS = slice(INSTITUTION + 1, INSTITUTION + 9)
MAIN = [INVESTOR_NAMES.index(n) for n in ("individual", "foreigner", "institution", "other_corporation")]
"""개인, 외국인, 기관계, 기타법인: with 기타외국인, which the answer lacks, they are everyone."""
_NEVER_SILENT = MAIN[:3]


def institution_is_its_parts(subject: Subject) -> Finding:
    """Check that 기관계 is the sum of its eight parts."""
    tally = Tally()
    for sheet in subject.each(tally):
        parts = sheet.flows[:, PARTS].sum(axis=1, keepdims=True)
        valid = sheet.known[:, INSTITUTION : PARTS.stop].min(axis=1, keepdims=True)
        rows, seen = np.arange(len(sheet.codes)), sheet.flows[:, [INSTITUTION]]
        tolerance = tolerances.ROUNDED_PARTS[sheet.parameters.measure]
        tally.compare(Cells(sheet, rows, ["institution"], parts, seen, valid, tolerance))
    return tally.finding(NOTHING)


def main_investors_trade(subject: Subject) -> Finding:
    """Check that in no set are all of 개인, 외국인 or 기관계 zero."""
    tally = Tally()
    for sheet in subject.each(tally):
        _silent(tally, sheet, _NEVER_SILENT)
    return tally.finding(NOTHING)


def investors_trade(subject: Subject) -> Finding:
    """Check that no smaller investor's column is all zero that was not so in the previous session."""
    tally = Tally()
    for sheet in subject.each(tally):
        before = subject.previous.get(sheet.parameters)
        spoke = np.count_nonzero(before.flows, axis=0) if before else np.ones(len(INVESTOR_NAMES))
        _silent(tally, sheet, [c for c in range(len(INVESTOR_NAMES)) if c not in _NEVER_SILENT and spoke[c]])
    return tally.finding(NOTHING)


def columns_distinct(subject: Subject) -> Finding:
    """Check that no two investors of a set have the same figures throughout."""
    tally = Tally()
    for sheet in subject.each(tally):
        for one, other in combinations(range(len(INVESTOR_NAMES)), 2):
            tally.checked += 1
            same = (sheet.flows[:, one] == sheet.flows[:, other]) & (sheet.flows[:, one] != 0)
            differ = sheet.flows[:, one] != sheet.flows[:, other]
            if same.sum() >= tolerances.UNIVERSE_LEAST and not differ.any():
                pair = f"{INVESTOR_NAMES[one]} = {INVESTOR_NAMES[other]}"
                tally.fault(float(same.sum()), sheet.label, "different figures", f"{same.sum()} equal", investor=pair)
    return tally.finding(NOTHING)


def no_zero_stretch(subject: Subject) -> Finding:
    """Check that no stretch of neighbouring active stocks has all investors zero."""
    tally = Tally()
    for sheet in subject.each(tally):
        tally.checked += 1
        rows, silent = _silent_rows(sheet)
        first, length = _longest(silent)
        if length >= tolerances.ZERO_STRETCH:
            code = str(sheet.codes[rows[first]])
            tally.fault(
                length,
                sheet.label,
                f"fewer than {tolerances.ZERO_STRETCH}",
                f"{length} from {code}",
                stock_code=code,
            )
    return tally.finding(NOTHING)


def active_stocks_have_flows(subject: Subject) -> Finding:
    """Check that stocks with turnover have buyers and sellers."""
    tally = Tally()
    for sheet in subject.each(tally):
        if sheet.parameters.side != "net":
            rows, silent = _silent_rows(sheet)
            tally.checked += len(rows)
            for row in rows[silent]:
                seen = named(sheet, row)
                tally.fault(float(turnover(sheet)[row]), sheet.label, "some investor above zero", "all zero", **seen)
    if not tally.checked and not tally.broken:
        return Tally().finding("neither buy nor sell was asked for, or no stock was active")
    return tally.finding(NOTHING)


def turnover(sheet: Sheet) -> np.ndarray:
    """Return each stock's traded volume times its price, in KRW million; 0 where not known."""
    return np.asarray(sheet.prices["trde_qty"] * (sheet.prices["cur_prc"] / 1e6))


def traded(sheet: Sheet) -> np.ndarray:
    """Return each stock's trading in the unit of the set's investor fields: shares, or KRW million."""
    return sheet.prices["trde_qty"].astype(float) if sheet.parameters.measure is Measure.QUANTITY else turnover(sheet)


def _silent(tally: Tally, sheet: Sheet, columns: list[int]) -> None:
    tally.checked += len(columns)
    for column in columns:
        if not sheet.flows[:, column].any():
            tally.fault(1, sheet.label, "not all zero", "all zero", investor=INVESTOR_NAMES[column])


def _silent_rows(sheet: Sheet) -> tuple[np.ndarray, np.ndarray]:
    rows = np.flatnonzero(turnover(sheet) >= tolerances.ACTIVE_TURNOVER)
    return rows, np.count_nonzero(sheet.flows[rows], axis=1) == 0


def _longest(flags: np.ndarray) -> tuple[int, int]:
    """Return where the longest stretch of true begins, and its length."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], flags.astype(np.int8), [0]))))
    if not len(edges):
        return 0, 0
    lengths = edges[1::2] - edges[::2]
    best = int(lengths.argmax())
    return int(edges[::2][best]), int(lengths[best])
