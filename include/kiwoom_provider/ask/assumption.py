"""How an assumption is written: one decorated function, which looks at the answers and says what it found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kiwoom_provider.ask.questions import Answers, NotAskedError
from kiwoom_provider.ask.report import AssumptionState, Finding
from kiwoom_provider.documents import MOST_TEXT
from kiwoom_provider.errors import KiwoomProviderError

if TYPE_CHECKING:
    from collections.abc import Callable

GO_NOT_LIVE = "send this report to the maintainers"


@dataclass(frozen=True, slots=True)
class Seen:
    """What a function found: the state, the very values, and what to do."""

    state: AssumptionState
    values: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Assumption:
    """
    One assumption.

    :param name: in the table, in ``docs/first-night.md`` and of the function.
    :param assumed: in a sentence.
    :param look: finds out how it stands.
    """

    name: str
    assumed: str
    look: Callable[[Answers], Seen]

    def find(self, answers: Answers) -> Finding:
        """Return the table's line; an answer that the package's own readers refuse is not handled."""
        try:
            seen = self.look(answers)
        except NotAskedError as error:
            seen = Seen(AssumptionState.NOT_ASKED, "", str(error))
        except KiwoomProviderError as error:
            seen = breaks(str(error))
        except (LookupError, TypeError, ValueError, ArithmeticError) as error:  # one line must not cost the report
            seen = breaks(f"the answers are of a shape that nobody foresaw ({type(error).__name__})")
        cut = {"seen": seen.values[:MOST_TEXT], "advice": seen.advice[:MOST_TEXT]}
        return Finding(name=self.name, assumed=self.assumed, state=seen.state, **cut)


ASSUMPTIONS: dict[str, Assumption] = {}
"""All of them by name, in the order of the table."""


def assumption(assumed: str) -> Callable[[Callable[[Answers], Seen]], Callable[[Answers], Seen]]:
    """Declare a function an assumption, under its own name."""

    def declare(look: Callable[[Answers], Seen]) -> Callable[[Answers], Seen]:
        ASSUMPTIONS[look.__name__] = Assumption(look.__name__, assumed, look)
        return look

    return declare


def agrees(values: object) -> Seen:
    """Return what was expected."""
    return Seen(AssumptionState.AS_ASSUMED, str(values))


def differs(values: object, advice: str) -> Seen:
    """Return what the package copes with."""
    return Seen(AssumptionState.HANDLED, str(values), advice)


def breaks(values: object, advice: str = GO_NOT_LIVE) -> Seen:
    """Return what it does not cope with."""
    return Seen(AssumptionState.NOT_HANDLED, str(values), advice)
