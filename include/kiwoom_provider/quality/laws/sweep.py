"""Was everything fetched that was asked for, whole, once and in its time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow.compute as pc

from kiwoom_provider.quality import tolerances
from kiwoom_provider.quality.sheet import column_problems
from kiwoom_provider.quality.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from kiwoom_provider.parameters import ParameterSet
    from kiwoom_provider.quality.subject import Subject
    from kiwoom_provider.quality.tally import Finding

NOTHING = "no set was asked for"


def sets_present(subject: Subject) -> Finding:
    """Check that every asked set has at least one row, and no other set is there."""
    tally = Tally(entered=True)
    tables = subject.given.tables
    for parameters in dict.fromkeys((*subject.given.asked, *tables)):
        tally.checked += 1
        rows = tables[parameters].num_rows if parameters in tables else None
        if parameters not in subject.given.asked:
            tally.fault(1, parameters.label, "not asked for", f"{rows} rows")
        elif not rows:
            tally.fault(2, parameters.label, "at least one row", "no rows" if rows == 0 else "no table")
    return tally.finding(NOTHING)


def unique_stocks(subject: Subject) -> Finding:
    """Check that no stock stands twice in a set."""
    tally = Tally()
    for parameters, codes in _codes(subject, tally):
        found, counts = np.unique(codes, return_counts=True)
        tally.checked += len(found)
        for code, count in zip(found[counts > 1], counts[counts > 1], strict=True):
            tally.fault(count, parameters.label, 1, int(count), stock_code=str(code), difference=int(count) - 1)
    return tally.finding(NOTHING)


def ordered_by_code(subject: Subject) -> Finding:
    """Check that rows stand in the order of their codes."""
    tally = Tally()
    for parameters, codes in _codes(subject, tally):
        tally.checked += len(codes)
        for row in np.flatnonzero(codes[1:] < codes[:-1]):
            before, after = str(codes[row]), str(codes[row + 1])
            tally.fault(1, parameters.label, f"a code after {before}", after, stock_code=after)
    return tally.finding(NOTHING)


def page_sizes(subject: Subject) -> Finding:
    """Check that every page but the last has 100 rows, and the pages make up the table."""
    tally = Tally(entered=bool(subject.given.page_sizes))
    for parameters in subject.given.asked if tally.entered else ():
        sizes, table = subject.given.page_sizes.get(parameters), subject.given.tables.get(parameters)
        if sizes is None or table is None:
            tally.broken[f"{parameters.label}: its page sizes are not known"] = None
            continue
        tally.checked += len(sizes) + 1
        for number, size in enumerate(sizes, start=1):
            if size != tolerances.PAGE_ROWS and (number < len(sizes) or not 0 < size < tolerances.PAGE_ROWS):
                tally.fault(1, f"{parameters.label} · page {number}", tolerances.PAGE_ROWS, size)
        if sum(sizes) != table.num_rows:
            tally.fault(2, parameters.label, f"{sum(sizes)} rows on its pages", f"{table.num_rows} rows in the table")
    return tally.finding("page sizes were not given")


def full_last_page(subject: Subject) -> Finding:
    """Check that no sweep of a first night ends on a full page, where it may have been cut short."""
    sizes = subject.given.page_sizes
    if subject.given.previous or not sizes:
        return Tally().finding("the stocks are compared with the previous session, or page sizes were not given")
    tally = Tally(entered=True)
    for parameters, pages in sizes.items():
        tally.checked += 1
        if pages and pages[-1] == tolerances.PAGE_ROWS:
            tally.fault(1, parameters.label, "a last page that is not full", f"{len(pages)} full pages")
    return tally.finding(NOTHING)


def fetched_in_window(subject: Subject) -> Finding:
    """Check that every row was fetched while the API served this session."""
    if subject.given.window is None:
        return Tally().finding("the session's window was not given")
    opens, ends = subject.given.window
    tally = Tally()
    for sheet in subject.each(tally):
        fetched = subject.given.tables[sheet.parameters]["fetched_at"]
        tally.checked += len(fetched)
        span = pc.min_max(fetched).as_py()
        if fetched.null_count or span["min"] < opens or span["max"] > ends:
            window = f"{opens.isoformat()} to {ends.isoformat()}"
            tally.fault(1, sheet.label, window, f"{span['min']} to {span['max']}, {fetched.null_count} without")
    return tally.finding(NOTHING)


def _codes(subject: Subject, tally: Tally) -> Iterator[tuple[ParameterSet, np.ndarray]]:
    """Yield each asked set's codes as they stand, also where another column is broken."""
    tally.entered = True
    for parameters in subject.given.asked:
        table: pa.Table | None = subject.given.tables.get(parameters)
        if table is None or "stk_cd" in column_problems(table):
            tally.broken[subject.broken[parameters]] = None
        else:
            yield parameters, np.array([code or "" for code in table["stk_cd"].to_pylist()], dtype=np.str_)
