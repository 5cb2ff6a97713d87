"""How it was established whose session the fetched rows are: the outcome, and what was seen of every set."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Self

from pydantic import Field, field_validator

from kiwoom_provider.datasets.published import MOST_HOW, ProofNote
from kiwoom_provider.documents import Count, Document, Figure, Instant, Text
from kiwoom_provider.locale import Message
from kiwoom_provider.parameters import Market, Measure, ParameterError, ParameterSet, Side, Venue

if TYPE_CHECKING:
    from collections.abc import Mapping


class ProofSetting(StrEnum):
    """Which proof a deployment asks for."""

    DATED = "dated"
    CHANGED = "changed"
    BOTH = "both"

    @classmethod
    def parse(cls, name: object) -> ProofSetting:
        """
        Return the setting called ``name``.

        :raises ParameterError: when there is none.
        """
        try:
            return cls(str(name))
        except ValueError:
            raise ParameterError(
                f"proof {name!r} (Airflow Variable kiwoom_proof) is not one of: {', '.join(cls)}"
            ) from None


class Outcome(StrEnum):
    """Whether the rows are the session's: shown, not shown, or shown to be another session's."""

    PROVED = "proved"
    UNPROVED = "unproved"
    DISPROVED = "disproved"

    @classmethod
    def worst(cls, outcomes: list[Outcome]) -> Outcome:
        """Return the worst of several; unproved where there is none."""
        return max(outcomes, key=list(cls).index, default=cls.UNPROVED)


class FinalityLaw(StrEnum):
    """What shows that a day's figures are its last: they cover the volume, or they stood still late enough."""

    VOLUME = "volume"
    CLOCK = "clock"


class OfSet(Document):
    """What speaks of one parameter set."""

    market: Market
    venue: Venue
    measure: Measure
    side: Side

    @property
    def parameters(self) -> ParameterSet:
        """The set."""
        return ParameterSet(self.market, self.venue, self.measure, self.side)

    @staticmethod
    def of(parameters: ParameterSet) -> dict[str, Any]:
        """Return the elements that name a set."""
        names = ("market", "venue", "measure", "side")
        return {name: getattr(parameters, name) for name in names}


class ReferenceRow(OfSet):
    """
    One reference stock's dated row (ka10059), which the fetched row equals.

    :param dated: the investor elements by name, in the set's unit (KRW million or shares).
    :param fetched_at: when this version of the row was answered; None where an older release kept it.
    :param versions: how many different figures ka10059 has given for the day so far; the newest counts.
    """

    stock_code: Text
    dated: dict[str, Figure]
    fetched_at: Instant | None = None
    versions: Count = 1


class SetProof(OfSet):
    """
    What the evidence says of one set.

    :param agreeing: reference stocks whose fetched row equals the session's dated row.
    :param earlier_days: reference stocks whose fetched row is an earlier day's, with that day.
    :param unexplained: reference stocks whose fetched row equals none of the dated rows.
    :param not_final: reference stocks of which the dated row is not shown to be the day's last word.
    :param refused: reference stocks that the host does not serve ka10059 for.
    :param compared_with: the earlier sessions that it was compared with, newest first.
    :param unchanged_since: the one of them that a page, or several stocks, still equal.
    :param unchanged_stocks: how many stocks do.
    :param changed: whether it differs from the session right before, as that was published.
    :param silent_pages: pages with trades that no witness speaks for, each by its busiest stock.
    :param total_agrees: whether ka10051's total of the market says the same; None where there is none.
    :param total_pages: pages of net figures that only the total speaks for.
    :param tied_pages: pages of buys or sells that only the net set speaks for, whose difference they are.
    :param late_stocks: stocks that traded and have no figures at all.
    :param coverage: the part of the volume that the flows of a reference stock, or of the set, cover, where less than
        they must.
    :param finality: by which law the figures are the day's last.
    """

    outcome: Outcome
    agreeing: tuple[Text, ...] = ()
    earlier_days: dict[str, date] = Field(default_factory=dict)
    unexplained: tuple[Text, ...] = ()
    not_final: tuple[Text, ...] = ()
    refused: tuple[Text, ...] = ()
    compared_with: tuple[date, ...] = ()
    unchanged_since: date | None = None
    unchanged_stocks: Count = 0
    changed: bool = False
    silent_pages: tuple[Text, ...] = ()
    total_agrees: bool | None = None
    total_pages: Count = 0
    tied_pages: Count = 0
    late_stocks: Count = 0
    coverage: float | None = None
    finality: FinalityLaw | None = None

    @property
    def is_stale(self) -> bool:
        """Whether the set, or a part of it, is another session's."""
        return bool(self.earlier_days) or self.unchanged_since is not None

    @property
    def is_refused(self) -> bool:
        """Whether the host serves ka10059 for none of the reference stocks."""
        return bool(self.refused) and not (self.agreeing or self.earlier_days or self.unexplained or self.not_final)

    @property
    def is_late(self) -> bool:
        """Whether its figures are not, or not all, the day's last: to be fetched again."""
        return self.late_stocks > 0 or self.coverage is not None


class SessionProof(Document):
    """
    Whose session the fetched rows are.

    :param how: for people: which evidence there is, and what it says.
    :param rows: the dated rows that the fetched ones equal.
    :param sets: what was seen of every set.
    """

    outcome: Outcome
    how: tuple[Message, ...]
    rows: tuple[ReferenceRow, ...] = ()
    sets: tuple[SetProof, ...] = ()

    @property
    def venues(self) -> dict[Venue, Outcome]:
        """The outcome of each venue: the worst of its sets."""
        found: dict[Venue, list[Outcome]] = {}
        for entry in self.sets:
            found.setdefault(entry.venue, []).append(entry.outcome)
        return {venue: Outcome.worst(outcomes) for venue, outcomes in found.items()}

    @property
    def sentence(self) -> str:
        """How it was established, in English."""
        return "; ".join(str(part) for part in self.how)

    def brief(self) -> ProofNote:
        """Return the outcome and how it was reached, without the rows themselves."""
        return ProofNote(outcome=self.outcome, how=self.sentence[:MOST_HOW], reference_rows=len(self.rows))

    @field_validator("how", mode="before")
    @classmethod
    def _read_older(cls, how: object) -> object:
        """Take the one English sentence that releases before 0.4 kept."""
        return (Message(id=how),) if isinstance(how, str) else how


class KeptProof(Document):
    """The proof that let a session be published, bound to the raw sweeps that it is of (folder by set's path)."""

    sweeps: dict[str, Text]
    proof: SessionProof

    @classmethod
    def of(cls, proof: SessionProof, sweeps: Mapping[ParameterSet, str]) -> Self:
        """Bind a proof to sweeps."""
        return cls(sweeps={p.path: folder for p, folder in sorted(sweeps.items())}, proof=proof)


class Refusal(Document):
    """That the host does not serve ka10059 for a stock: the vendor's code, or none where the answer is empty."""

    code: Text
    message: Text
