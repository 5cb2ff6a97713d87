"""The settlement evidence: how it was established which session the fetched rows belong to."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - the report's model reads annotations
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from kiwoom_provider.locale import Message, translate
from kiwoom_provider.parameters import ParameterSet


class Outcome(StrEnum):
    """Whether the rows are the session's: shown, not shown, or shown to be another session's."""

    PROVED = "proved"
    UNPROVED = "unproved"
    DISPROVED = "disproved"


@dataclass(frozen=True, slots=True)
class ReferenceRow:
    """
    One reference stock's dated row (ka10059) for one parameter set.

    :param dated: the dated row's investor elements by name, in the set's unit (KRW million or shares).
    """

    parameters: ParameterSet
    stock_code: str
    dated: Mapping[str, int]

    def to_json(self) -> dict[str, Any]:
        """Return the JSON-ready form."""
        return {**self.parameters.names(), "stock_code": self.stock_code, "dated": dict(self.dated)}


@dataclass(frozen=True, slots=True)
class SessionProof:
    """
    The outcome of the settlement check, repeated on what was fetched.

    :param how: sentences for people: which evidence, when, what was seen.
    :param rows: the dated rows that the audit compares with the fetched ones again.
    """

    outcome: Outcome
    how: tuple[Message, ...]
    rows: tuple[ReferenceRow, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the JSON-ready form."""
        return {
            "outcome": str(self.outcome),
            "how": [sentence.to_json() for sentence in self.how],
            "rows": [row.to_json() for row in self.rows],
        }

    def brief(self) -> dict[str, Any]:
        """Return the outcome and how it was reached, without the rows themselves."""
        return {"outcome": str(self.outcome), "how": translate(self.how, "en"), "reference_rows": len(self.rows)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> SessionProof:
        """
        Read :meth:`to_json` back.

        :raises ValueError: for an unknown outcome or parameter.
        """
        rows = tuple(
            ReferenceRow(
                ParameterSet.parse(row["market"], row["venue"], row["measure"], row["side"]),
                row["stock_code"],
                row["dated"],
            )
            for row in data["rows"]
        )
        how = tuple(Message.from_json(sentence, "a proof's sentence") for sentence in data["how"])
        return cls(Outcome(data["outcome"]), how, rows)
