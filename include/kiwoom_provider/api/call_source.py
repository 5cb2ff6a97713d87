"""What gives single answers of any TR, as the stages see the hook; and one that counts what it is asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from kiwoom_provider.api import ka10051, ka10059, ka10066

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kiwoom_provider.api.page import Page


class CallSource(Protocol):
    """What asking for single answers needs of the hook."""

    def call(self, api_id: str, path: str, body: Mapping[str, str], *, number: int = 1) -> Page:
        """Return one page; ``number`` is its 1-based place among those that belong together."""


@dataclass(slots=True)
class CallCounter:
    """A source that counts the calls by api-id, those that failed included."""

    source: CallSource
    calls: dict[str, int] = field(default_factory=dict)

    def call(self, api_id: str, path: str, body: Mapping[str, str], *, number: int = 1) -> Page:
        """Return one page."""
        self.calls[api_id] = self.calls.get(api_id, 0) + 1
        return self.source.call(api_id, path, body, number=number)

    def counts(self) -> dict[str, int]:
        """Return what was called, under the names of :data:`kiwoom_provider.pipeline.summary.CALLS`."""
        named = {"calls": ka10066.API_ID, "reference_calls": ka10059.API_ID, "total_calls": ka10051.API_ID}
        return {name: self.calls[api_id] for name, api_id in named.items() if api_id in self.calls}
