"""What is audited: a session's typed tables, and the same as aligned numpy arrays."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from kiwoom_provider.datasets.columns import INVESTORS
from kiwoom_provider.quality.sheet import Sheet, SheetError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date, datetime

    import pyarrow as pa

    from kiwoom_provider.parameters import Market, ParameterSet, Venue
    from kiwoom_provider.proof.documents import SessionProof
    from kiwoom_provider.quality.columns import ColumnFailures
    from kiwoom_provider.quality.tally import Tally

INVESTOR_NAMES = tuple(investor.name for investor in INVESTORS)


@dataclass(frozen=True)
class AuditInput:
    """
    Everything that an audit reads.

    :param tables: the typed ka10066 partition of each set, see :mod:`kiwoom_provider.datasets.ka10066`.
    :param asked: the sets that the run was asked for; a law that needs others does not apply.
    :param previous: the same tables of the last stored session before this one; may be empty.
    :param page_sizes: rows of each page of a sweep, in order; may be empty when not known.
    :param proof: the settlement evidence; without it the session cannot pass.
    :param extra_elements: row elements that the API sent and its sheet does not name, by set.
    :param window: the first and last instant (aware) at which the API serves this session.
    """

    session_date: date
    asked: tuple[ParameterSet, ...]
    tables: Mapping[ParameterSet, pa.Table]
    previous: Mapping[ParameterSet, pa.Table] = field(default_factory=dict)
    page_sizes: Mapping[ParameterSet, tuple[int, ...]] = field(default_factory=dict)
    proof: SessionProof | None = None
    extra_elements: Mapping[ParameterSet, tuple[str, ...]] = field(default_factory=dict)
    window: tuple[datetime, datetime] | None = None


@dataclass(frozen=True)
class Subject:
    """
    An :class:`AuditInput` made ready for the laws.

    :param sheets: the asked sets that can be read.
    :param broken: the asked sets that cannot, each with the reason.
    """

    given: AuditInput
    sheets: Mapping[ParameterSet, Sheet]
    broken: Mapping[ParameterSet, str]

    @classmethod
    def of(cls, given: AuditInput) -> Subject:
        """Read every asked table; one that cannot be read is named, never left out silently."""
        sheets, broken = {}, {}
        for parameters in given.asked:
            try:
                sheets[parameters] = Sheet.of(parameters, given.tables.get(parameters))
            except SheetError as error:
                broken[parameters] = str(error)
        return cls(given, sheets, broken)

    @cached_property
    def previous(self) -> Mapping[ParameterSet, Sheet]:
        """
        The previous session's sheets.

        :raises SheetError: when a stored table cannot be read.
        """
        return {parameters: Sheet.of(parameters, table) for parameters, table in self.given.previous.items()}

    @cached_property
    def column_failures(self) -> Mapping[str, ColumnFailures]:
        """Failures of the column rules by rule id, found in one pass over every readable set."""
        from kiwoom_provider.quality.columns import validate  # pandas: the page reads rules without it

        return validate({parameters: self.given.tables[parameters] for parameters in self.sheets})

    def each(self, tally: Tally) -> Iterator[Sheet]:
        """Yield every asked sheet, telling the tally which cannot be read."""
        for parameters in self.given.asked:
            yield from self._together(tally, {parameters: parameters}).values()

    def along(self, name: str, members: tuple[Any, ...], tally: Tally) -> Iterator[dict[Any, Sheet]]:
        """
        Yield sheets that differ in parameter ``name`` alone, by member.

        Only groups of which every member was asked; one with an unreadable member goes to the tally.
        """
        asked = set(self.given.asked)
        for parameters in self.given.asked:
            group = {member: replace(parameters, **{name: member}) for member in members}
            complete = getattr(parameters, name) == members[0] and asked.issuperset(group.values())
            if complete and (sheets := self._together(tally, group)):
                yield sheets

    def places(self, tally: Tally) -> Iterator[list[Sheet]]:
        """Yield the readable sheets of each market and venue."""
        groups: dict[tuple[Market, Venue], list[Sheet]] = {}
        for sheet in self.each(tally):
            groups.setdefault((sheet.parameters.market, sheet.parameters.venue), []).append(sheet)
        yield from groups.values()

    def universes(self, tally: Tally) -> dict[tuple[Market, Venue], Sheet]:
        """Return one readable sheet of each market and venue."""
        return {(s[0].parameters.market, s[0].parameters.venue): s[0] for s in self.places(tally)}

    def previous_universes(self) -> dict[tuple[Market, Venue], Sheet]:
        """Return one sheet of each market and venue of the previous session."""
        return {(p.market, p.venue): sheet for p, sheet in sorted(self.previous.items(), reverse=True)}

    def _together(self, tally: Tally, group: dict[Any, ParameterSet]) -> dict[Any, Sheet]:
        tally.entered = True
        lost = [self.broken[parameters] for parameters in group.values() if parameters in self.broken]
        tally.broken.update(dict.fromkeys(lost))
        return {} if lost else {member: self.sheets[parameters] for member, parameters in group.items()}


def common(*sheets: Sheet) -> tuple[np.ndarray, list[np.ndarray]]:
    """Return the codes that all sheets have, and for each sheet the rows where they stand."""
    codes = sheets[0].codes
    for sheet in sheets[1:]:
        if not np.array_equal(codes, sheet.codes):
            codes = np.intersect1d(codes, sheet.codes, assume_unique=True)
    return codes, [np.searchsorted(sheet.codes, codes) for sheet in sheets]
