"""What is audited: a session's typed tables, what is known of earlier ones, and the evidence."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from kiwoom_provider.locale import Message, message
from kiwoom_provider.quality.check import NotApplicable
from kiwoom_provider.quality.master import SecuritiesMaster
from kiwoom_provider.quality.table import SetTable, UnreadableTableError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date, datetime

    import pyarrow as pa

    from kiwoom_provider.api.ka10051 import Total
    from kiwoom_provider.parameters import Market, ParameterSet, Venue
    from kiwoom_provider.proof.session_proof import SessionProof, SetProof
    from kiwoom_provider.quality.check import CheckResult

NOTHING_ASKED = message("no set was asked for")


@dataclass(frozen=True)
class AuditInput:
    """
    Everything that an audit reads, and the same as aligned numpy arrays.

    :param asked: the sets that the run was asked for; a law that needs others does not apply.
    :param tables: the typed ka10066 partition of each set, see :mod:`kiwoom_provider.datasets.ka10066`.
    :param published: the sets of the newest published session before this one, to tell what is usual; may be empty.
    :param published_on: that session's day.
    :param page_sizes: rows of each page of a sweep, in order; may be empty when not known.
    :param proof: the settlement evidence; without it the session cannot pass.
    :param extra_elements: row elements that the API sent and its sheet does not name, by set.
    :param securities: the securities master (ka10099) as :mod:`kiwoom_provider.datasets.securities` keeps it; None
        where it could not be had.
    :param totals: the session's dated totals of markets (ka10051), by net set; may be empty.
    :param window: the first and last instant (aware) at which the API serves this session.
    """

    session_date: date
    asked: tuple[ParameterSet, ...]
    tables: Mapping[ParameterSet, pa.Table]
    published: Mapping[ParameterSet, pa.Table] = field(default_factory=dict)
    published_on: date | None = None
    page_sizes: Mapping[ParameterSet, tuple[int, ...]] = field(default_factory=dict)
    proof: SessionProof | None = None
    extra_elements: Mapping[ParameterSet, tuple[str, ...]] = field(default_factory=dict)
    window: tuple[datetime, datetime] | None = None
    securities: pa.Table | None = None
    totals: Mapping[ParameterSet, Total] = field(default_factory=dict)

    @property
    def set_proofs(self) -> tuple[SetProof, ...]:
        """What the proof says of each set; nothing without one."""
        return self.proof.sets if self.proof else ()

    @cached_property
    def sets(self) -> Mapping[ParameterSet, SetTable]:
        """The asked sets that can be read."""
        return self._read[0]

    @cached_property
    def unreadable(self) -> Mapping[ParameterSet, Message]:
        """The asked sets that cannot be read, each with the reason."""
        return self._read[1]

    @cached_property
    def master(self) -> SecuritiesMaster | None:
        """The securities master of the session, or an older copy; None where it could not be had."""
        return None if self.securities is None else SecuritiesMaster.of(self.securities)

    def each(self, result: CheckResult) -> Iterator[SetTable]:
        """
        Yield every readable asked set, telling the result which cannot be read.

        :raises NotApplicable: when no set was asked for.
        """
        if not self.asked:
            raise NotApplicable(NOTHING_ASKED)
        for parameters in self.asked:
            yield from self._together(result, {parameters: parameters}).values()

    def along(
        self, name: str, members: tuple[Any, ...], result: CheckResult, otherwise: Message
    ) -> Iterator[dict[Any, SetTable]]:
        """
        Yield sets that differ in parameter ``name`` alone, by member.

        Only groups of which every member was asked; one with an unreadable member goes to the result.

        :raises NotApplicable: with ``otherwise``, when no such group was asked for.
        """
        first = (parameters for parameters in self.asked if getattr(parameters, name) == members[0])
        groups = [{member: replace(parameters, **{name: member}) for member in members} for parameters in first]
        whole = [group for group in groups if set(self.asked).issuperset(group.values())]
        if not whole:
            raise NotApplicable(otherwise)
        yield from filter(None, (self._together(result, group) for group in whole))

    def places(self, result: CheckResult) -> Mapping[tuple[Market, Venue], list[SetTable]]:
        """Return the readable sets of each market and venue. :raises NotApplicable: when no set was asked for."""
        groups: dict[tuple[Market, Venue], list[SetTable]] = {}
        for table in self.each(result):
            groups.setdefault((table.parameters.market, table.parameters.venue), []).append(table)
        return groups

    def universes(self, result: CheckResult) -> dict[tuple[Market, Venue], SetTable]:
        """Return one readable set of each market and venue. :raises NotApplicable: when no set was asked for."""
        return {place: tables[0] for place, tables in self.places(result).items()}

    def against_published(self, result: CheckResult) -> Iterator[tuple[SetTable, SetTable]]:
        """
        Yield each readable asked set with the newest published session's; an unreadable one is told as lost.

        :raises NotApplicable: when none of the asked sets is published for an earlier session.
        """
        shared = [parameters for parameters in self.asked if parameters in self.published]
        if not shared:
            raise NotApplicable(message("none of these sets is published for an earlier session"))
        for parameters in shared:
            now = self._together(result, {parameters: parameters})
            if now and (before := _readable(parameters, self.published, result)):
                yield now[parameters], before

    def published_set(self, parameters: ParameterSet, result: CheckResult) -> SetTable | None:
        """Return the newest published session's set, None where there is none or it cannot be read."""
        return _readable(parameters, self.published, result) if parameters in self.published else None

    def published_universes(self, result: CheckResult) -> dict[tuple[Market, Venue], SetTable]:
        """
        Return one readable set of each market and venue of the newest published session.

        :raises NotApplicable: when none of the asked markets and venues is published for an earlier session.
        """
        before = {(p.market, p.venue): p for p in sorted(self.published, reverse=True)}
        if not any((parameters.market, parameters.venue) in before for parameters in self.asked):
            raise NotApplicable(message("no set of these markets and venues is published for an earlier session"))
        tables = {place: _readable(parameters, self.published, result) for place, parameters in before.items()}
        return {place: table for place, table in tables.items() if table}

    def universe_changes(self, result: CheckResult) -> Iterator[tuple[SetTable, SetTable]]:
        """
        Yield one set of each market and venue with one of the newest published session's.

        :raises NotApplicable: as :meth:`published_universes`.
        """
        before = self.published_universes(result)
        for place, now in self.universes(result).items():
            if place in before:
                yield now, before[place]

    def _together(self, result: CheckResult, group: Mapping[Any, ParameterSet]) -> dict[Any, SetTable]:
        lost = [self.unreadable[parameters] for parameters in group.values() if parameters in self.unreadable]
        for reason in lost:
            result.cannot_check(reason)
        return {} if lost else {member: self.sets[parameters] for member, parameters in group.items()}

    @cached_property
    def _read(self) -> tuple[dict[ParameterSet, SetTable], dict[ParameterSet, Message]]:
        sets, unreadable = {}, {}
        for parameters in self.asked:
            try:
                sets[parameters] = SetTable.of(parameters, self.tables.get(parameters))
            except UnreadableTableError as error:
                unreadable[parameters] = error.reason
        return sets, unreadable


def _readable(
    parameters: ParameterSet, tables: Mapping[ParameterSet, pa.Table], result: CheckResult
) -> SetTable | None:
    """Read an earlier session's table; one that cannot be read costs the comparison, not the night."""
    try:
        return SetTable.of(parameters, tables[parameters])
    except UnreadableTableError as error:
        result.cannot_compare(error.reason)
        return None
