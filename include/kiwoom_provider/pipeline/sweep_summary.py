"""What a fetch returns: its figures, on their way through XCom to the run's summary."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Annotated

from pydantic import ConfigDict, Field

from kiwoom_provider.documents import Count, Document, DocumentError, Instant, Text

if TYPE_CHECKING:
    from collections.abc import Iterable

log = logging.getLogger(__name__)

Seconds = Annotated[float, Field(ge=0, le=1e9)]
Rate = Annotated[float, Field(gt=0, le=1e6)]


class FetchFigures(Document):
    """
    What fetching took.

    :param calls: calls that brought a page.
    :param bytes: of raw stored.
    :param began: when the first of them was asked for; None without a call.
    :param ended: when the last one was answered, alike.
    :param waited_s: seconds of it spent waiting for the rate budget.
    """

    calls: Count = 0
    bytes: Count = 0
    began: Instant | None = None
    ended: Instant | None = None
    waited_s: Seconds = 0.0


class SweepSummary(FetchFigures):
    """
    What fetching one set took, what is stored of it now, and where its typed partition lies.

    Read leniently, since a release may be changed while a night runs: what is lacking is 0, what is more is left alone.

    :param reference_calls: calls of ka10059.
    :param total_calls: calls of ka10051.
    :param refused: calls refused as too many.
    :param rate: permitted calls a second in the end, None without a limit.
    """

    model_config = ConfigDict(extra="ignore")

    label: Text = ""
    rows: Count = 0
    pages: Count = 0
    path: Text = ""
    reference_calls: Count = 0
    total_calls: Count = 0
    refused: Count = 0
    rate: Rate | None = None


def read_sweep_summaries(fetched: Iterable[object]) -> list[SweepSummary]:
    """Read what every ``fetch`` task returned; one that is damaged is logged and left out: figures, no more."""
    found = []
    for number, entry in enumerate(fetched):
        try:
            found.append(SweepSummary.from_json(entry, f"what fetch {number} returned"))
        except DocumentError as error:
            log.warning("%s: the run's figures go without it", error)
    return found
