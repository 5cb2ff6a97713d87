"""Every rule of the audit, one decorated function each, in the order in which the report shows them."""

from __future__ import annotations

from kiwoom_provider.locale import message
from kiwoom_provider.quality.rule import Rule
from kiwoom_provider.quality.rules import (
    agreement,
    cells,
    changes,
    investors,
    listing,
    prices,
    session,
    sums,
    sweep,
    totals,
    units,
    universe,
    volume,
    zeros,
)

SECTIONS = tuple(
    (title, tuple(one for one in vars(module).values() if isinstance(one, Rule)))
    for title, module in (
        (message("The session"), session),
        (message("The sweep"), sweep),
        (message("Columns and cells"), cells),
        (message("Prices"), prices),
        (message("Sums"), sums),
        (message("Agreement of sets"), agreement),
        (message("Investors"), investors),
        (message("Zeros"), zeros),
        (message("Units"), units),
        (message("Flows against the volume"), volume),
        (message("The universe"), universe),
        (message("Changes since the session published before"), changes),
        (message("The securities master"), listing),
        (message("Dated totals"), totals),
    )
)
"""The rules by theme."""
RULES = tuple(one for _, rules in SECTIONS for one in rules)
