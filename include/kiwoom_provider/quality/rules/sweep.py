"""Was everything fetched that was asked for, whole, once and in its time."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from kiwoom_provider.datasets.arrow import column_values
from kiwoom_provider.locale import label, message
from kiwoom_provider.quality.audit_input import NOTHING_ASKED
from kiwoom_provider.quality.check import NotApplicable
from kiwoom_provider.quality.results import Severity
from kiwoom_provider.quality.rule import API_CHANGED, LOOK, REFETCH, rule
from kiwoom_provider.quality.table import column_problems, text_values
from kiwoom_provider.quality.tolerances import PAGE_ROWS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kiwoom_provider.parameters import ParameterSet
    from kiwoom_provider.quality.audit_input import AuditInput
    from kiwoom_provider.quality.check import CheckResult

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@rule(
    title=message("Every set that was asked for is there and not empty"),
    looks_at=message("each parameter set"),
    reason=message("an empty list comes with a success code, too"),
    severity=Severity.BLOCK,
    remedy=REFETCH,
)
def sets_present(given: AuditInput, result: CheckResult) -> None:
    """Check that every asked set has at least one row, and no other set is there."""
    if not (every := dict.fromkeys((*given.asked, *given.tables))):
        raise NotApplicable(NOTHING_ASKED)
    for parameters in every:
        result.checked += 1
        table = given.tables.get(parameters)
        if parameters not in given.asked:
            seen = message("{count} rows", count=given.tables[parameters].num_rows)
            result.fault(label(parameters), message("not asked for"), seen)
        elif table is None or not table.num_rows:
            seen = message("no table") if table is None else message("no rows")
            result.fault(label(parameters), message("at least one row"), seen)


@rule(
    title=message("No stock stands twice in a set"),
    looks_at=message("each stock of each set"),
    reason=message("a page served twice would count its stocks twice"),
    severity=Severity.BLOCK,
    remedy=REFETCH,
)
def unique_stocks(given: AuditInput, result: CheckResult) -> None:
    """Check that no stock stands twice in a set."""
    for parameters, codes in _codes(given, result):
        found, counts = np.unique(codes, return_counts=True)
        result.checked += len(found)
        for code, count in zip(found[counts > 1], counts[counts > 1].tolist(), strict=True):
            result.fault(label(parameters), 1, count, size=count, stock={"stock_code": str(code)}, difference=count - 1)


@rule(
    title=message("Rows stand in the order of their codes"),
    looks_at=message("each row of each set"),
    reason=message("the partition is written so; readers rely on it"),
    severity=Severity.BLOCK,
    remedy=API_CHANGED,
)
def ordered_by_code(given: AuditInput, result: CheckResult) -> None:
    """Check that rows stand in the order of their codes."""
    for parameters, codes in _codes(given, result):
        result.checked += len(codes)
        for row in np.flatnonzero(codes[1:] < codes[:-1]):
            before, after = str(codes[row]), str(codes[row + 1])
            result.fault(
                label(parameters), message("a code after {code}", code=before), after, stock={"stock_code": after}
            )


@rule(
    title=message("Every page of a sweep but the last has the same number of rows"),
    looks_at=message("each page of each sweep, and their sum"),
    tolerance=message("the last page has 1 to as many rows"),
    reason=message("a short page inside a sweep is a cut one"),
    severity=Severity.BLOCK,
    remedy=REFETCH,
)
def page_sizes(given: AuditInput, result: CheckResult) -> None:
    """Check that a sweep's pages but the last are of one size, whatever it is, and make up the table."""
    pages = _needed_pages(given)
    for parameters in given.asked:
        sizes, table = pages.get(parameters), given.tables.get(parameters)
        if sizes is None or table is None:
            result.cannot_check(message("{set}: its page sizes are not known", set=label(parameters)))
            continue
        result.checked += len(sizes) + 1
        full = _full_page(sizes)
        for number, size in enumerate(sizes, start=1):
            if not size or size > full or (size != full and number < len(sizes)):
                page = message("{set} · page {number}", set=label(parameters), number=number)
                result.fault(page, full, size)
        if sum(sizes) != table.num_rows:
            expected = message("{count} rows on its pages", count=sum(sizes))
            seen = message("{count} rows in the table", count=table.num_rows)
            result.fault(label(parameters), expected, seen, size=2)


def _needed_pages(given: AuditInput) -> Mapping[ParameterSet, tuple[int, ...]]:
    """Return the rows of each page by set. :raises NotApplicable: when they are not known."""
    if not given.page_sizes:
        raise NotApplicable(message("page sizes were not given"))
    return given.page_sizes


def _full_page(sizes: tuple[int, ...]) -> int:
    """Return the size of most pages but the last; of a single page its own."""
    return Counter(sizes[:-1] or sizes).most_common(1)[0][0] if sizes else 0


@rule(
    title=message("A full page has {rows} rows", rows=PAGE_ROWS),
    looks_at=message("the pages of each sweep"),
    reason=message("measured on real accounts; the vendor may choose another size"),
    severity=Severity.WARN,
    remedy=LOOK,
)
def page_rows(given: AuditInput, result: CheckResult) -> None:
    """Check that full pages have the 100 rows that were measured."""
    for parameters, sizes in _needed_pages(given).items():
        result.checked += 1
        full = _full_page(sizes)
        if full > PAGE_ROWS or (full != PAGE_ROWS and len(sizes) > 1):
            result.fault(label(parameters), PAGE_ROWS, full)


@rule(
    title=message("On a first night: no sweep ends on a full page"),
    looks_at=message("the last page of each sweep"),
    reason=message("a sweep cut short between pages ends on a full one; by chance one in a hundred does"),
    severity=Severity.WARN,
    remedy=LOOK,
)
def full_last_page(given: AuditInput, result: CheckResult) -> None:
    """Check that no sweep of a first night ends on a full page, where it may have been cut short."""
    if given.published:
        raise NotApplicable(message("the stocks are compared with the session published before"))
    for parameters, pages in _needed_pages(given).items():
        result.checked += 1
        if pages and pages[-1] == (_full_page(pages) if len(pages) > 1 else PAGE_ROWS):
            seen = message("{count} full pages", count=len(pages))
            result.fault(label(parameters), message("a last page that is not full"), seen)


@rule(
    title=message("Every row was fetched while the API served this session"),
    looks_at=message("each row's fetch time"),
    reason=message("outside the window the API serves another session"),
    severity=Severity.BLOCK,
    remedy=LOOK,
)
def fetched_in_window(given: AuditInput, result: CheckResult) -> None:
    """Check that every row was fetched while the API served this session."""
    if given.window is None:
        raise NotApplicable(message("the session's window was not given"))
    opens, ends = given.window
    for table in given.each(result):
        fetched = given.tables[table.parameters]["fetched_at"]
        result.checked += len(fetched)
        first, last = _span(fetched)
        if fetched.null_count or first < opens or last > ends:
            expected = message("{first} to {last}", first=opens.isoformat(), last=ends.isoformat())
            said = {"first": str(first), "last": str(last)}
            seen = message("{first} to {last}, {count} without", **said, count=fetched.null_count)
            result.fault(table.label, expected, seen)


def _span(instants: pa.ChunkedArray) -> tuple[datetime, datetime]:
    """Return the first and the last of some instants; of none, the first there is."""
    values, there = column_values(instants.cast(pa.int64()))
    known = values[there] if there.any() else np.zeros(1, dtype=np.int64)
    first, last = (_EPOCH + timedelta(microseconds=int(us)) for us in (known.min(), known.max()))
    return first, last


def _codes(given: AuditInput, result: CheckResult) -> Iterator[tuple[ParameterSet, np.ndarray]]:
    """Yield each asked set's codes as they stand, also where another column is broken."""
    if not given.asked:
        raise NotApplicable(NOTHING_ASKED)
    for parameters in given.asked:
        table = given.tables.get(parameters)
        if table is None or "stk_cd" in column_problems(table):
            result.cannot_check(given.unreadable[parameters])
        else:
            yield parameters, text_values(table["stk_cd"])
