"""
How much of a market a rebuilt session holds: delisted stocks answer nothing, so an old session lacks them.

ka10051 has the market's volume of any day since 2014, without ETNs; the rebuilt stocks' volume is held against it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiwoom_provider.api.ka10051 import UNIT
from kiwoom_provider.datasets.parquet import file_metadata, to_metadata
from kiwoom_provider.datasets.set_metadata import SetMetadata
from kiwoom_provider.parameters import Measure, Side
from kiwoom_provider.quality.results import Coverage

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    import pyarrow as pa

    from kiwoom_provider.api.ka10051 import Total
    from kiwoom_provider.datasets.published import CoverageNote
    from kiwoom_provider.parameters import ParameterSet

TOTALS_SINCE_YEAR = 2014
"""ka10051 was used back to July 2014 by public clients; nothing is known of earlier days."""


def sets_with_totals(day: date, sets: Iterable[ParameterSet], known: Iterable[ParameterSet]) -> list[ParameterSet]:
    """Return the net sets of which ka10051's total is to be asked for: one a market, venue and measure."""
    if day.year < TOTALS_SINCE_YEAR:
        return []
    return sorted({p for p in sets if p.side is Side.NET} - set(known))


def coverage_of(tables: Mapping[ParameterSet, pa.Table], totals: Mapping[ParameterSet, Total]) -> tuple[Coverage, ...]:
    """
    Return what the rebuilt markets and venues cover.

    :param tables: typed sets; those that were swept say nothing of coverage, and are left out.
    """
    volumes = {(p.market, p.venue): total.volume for p, total in totals.items() if total.volume}
    found = {}
    for parameters, table in sorted(tables.items()):
        note = SetMetadata.of(table, parameters.label).coverage
        place = parameters.market, parameters.venue
        if note and place not in found:
            volume = volumes.get(place)
            share = _volume(table) / (volume * UNIT[Measure.QUANTITY]) if volume else None
            found[place] = Coverage(
                market=place[0],
                venue=place[1],
                stocks=note.stocks,
                of=note.of,
                asked=note.asked,
                volume=None if share is None else round(share, 4),
            )
    return tuple(found.values())


def with_coverage(tables: Mapping[ParameterSet, pa.Table], covered: Iterable[Coverage]) -> dict[ParameterSet, pa.Table]:
    """Return the tables with the coverage in what they say of themselves, as the published file will."""
    said = {(one.market, one.venue): one.brief() for one in covered}
    return {p: _with_note(table, said.get((p.market, p.venue))) for p, table in tables.items()}


def _with_note(table: pa.Table, covered: CoverageNote | None) -> pa.Table:
    said = file_metadata(table.schema)
    if covered is None or "coverage" not in said:
        return table
    return table.replace_schema_metadata(to_metadata(said | {"coverage": covered.model_dump(exclude_none=True)}))


def _volume(table: pa.Table) -> int:
    """Return the shares traded of all stocks but ETNs, which say so in their names."""
    import pyarrow.compute as pc

    counted = pc.invert(pc.match_substring(table["stk_nm"], "ETN"))
    return int(pc.sum(table["trde_qty"].filter(counted)).as_py() or 0)
