"""Columns: are they there, of their types, and do their cells keep the column rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiwoom_provider.quality.sheet import ELEMENTS, TYPES, column_problems
from kiwoom_provider.quality.tally import Finding, Tally

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiwoom_provider.quality.subject import Subject

NOTHING = "no set was asked for"
_COLUMNS = {
    "investor_nulls": len(ELEMENTS),
    "investor_range": len(ELEMENTS),
    "gross_not_negative": len(ELEMENTS),
    "other_nulls": len(TYPES) - len(ELEMENTS) - 1,
    "stock_codes": 1,
    "pre_sig_codes": 1,
    "price_range": 3,
}
"""Columns that each column rule looks at."""


def columns_and_types(subject: Subject) -> Finding:
    """Check that every table has every column of the partition, of its type."""
    tally = Tally(entered=bool(subject.given.tables))
    for parameters, table in subject.given.tables.items():
        tally.checked += len(TYPES)
        for name, problem in column_problems(table).items():
            tally.fault(1, parameters.label, f"{name}: {TYPES.get(name, 'once')}", problem)
    return tally.finding("no table is there")


def new_elements(subject: Subject) -> Finding:
    """Check that the API sends no element that its sheet does not name."""
    tally = Tally(entered=bool(subject.given.tables))
    for parameters, table in subject.given.tables.items():
        tally.checked += 1
        sent = subject.given.extra_elements.get(parameters, ())
        for name in sorted({*sent, *table.column_names} - set(TYPES)):
            tally.fault(1, parameters.label, "no such element", name)
    return tally.finding("no table is there")


def column_rule(rule_id: str, *, gross_only: bool = False) -> Callable[[Subject], Finding]:
    """Return the law that reads one column rule's share of what pandera found."""

    def law(subject: Subject) -> Finding:
        tally = Tally()
        for sheet in subject.each(tally):
            if not gross_only or sheet.parameters.side != "net":
                tally.checked += subject.given.tables[sheet.parameters].num_rows * _COLUMNS[rule_id]
        if gross_only and not tally.checked and not tally.broken:
            return Tally().finding("neither buy nor sell was asked for")
        found = subject.column_failures.get(rule_id)
        if found:
            tally.failing = found.failing
        finding = tally.finding(NOTHING)
        return Finding(
            finding.checked,
            finding.failing,
            found.offenders if found else (),
            finding.broken,
            finding.not_applicable,
        )

    return law
