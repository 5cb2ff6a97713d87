"""The published table's file of a session: what it says of itself, and since when its figures could be known."""

from __future__ import annotations

import io
import json
import logging
from datetime import date
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import BeforeValidator, ConfigDict, Field, PlainSerializer
from pydantic_core import from_json

from kiwoom_provider.datasets import layout
from kiwoom_provider.datasets.parquet import file_metadata
from kiwoom_provider.documents import Count, Document, DocumentError, Instant, Text
from kiwoom_provider.parameters import ParameterSet, Venue

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from kiwoom_provider.datasets.store import Store

log = logging.getLogger(__name__)

MOST_HOW = 100_000
"""Characters of how a session was proved: a sentence a venue, as a rule."""
MOST_RUNS = 20_000
"""Characters of the runs' ids: 250 each, and never more runs than the 54 sets."""
_MOST_ENTRIES = 1000
_MOST_PATH = 100


class Release(Document):
    """
    A person's decision to publish in spite of named findings, and why.

    :param by: the user who triggered the release.
    :param report: name of the audit's report that was looked at.
    :param sweeps: the raw sweep's folder of every set that it covers, by the set's path.
    """

    rule_ids: Annotated[tuple[Text, ...], Field(max_length=_MOST_ENTRIES)]
    reason: Text
    by: Text = ""
    report: Text = ""
    sweeps: Annotated[dict[Text, Text], Field(max_length=_MOST_ENTRIES)] = Field(default_factory=dict)


class FirstPublication(Document):
    """
    When a market's figures of one venue, made of these very sweeps, were published first.

    :param place: market and venue, such as ``KOSPI/KRX``.
    :param sweeps: the raw sweep's folder by the set's path.
    """

    place: Text
    sweeps: Annotated[dict[Text, Text], Field(max_length=6)]
    published_at: Instant


class FirstPublications(Document):
    """Every first publication of a session, oldest first; kept with the evidence, so that a replay says the same."""

    format: Literal[1] = 1
    publications: Annotated[tuple[FirstPublication, ...], Field(max_length=1000)] = ()

    @classmethod
    def read(cls, store: Store, session_date: date) -> FirstPublications:
        """
        Read what is kept; where that is lost, what the published file says of itself.

        A damaged one counts as absent: figures then count as known from their next publication, never earlier.
        """
        key = layout.first_publications_key(session_date)
        try:
            try:
                return cls.from_bytes(store.read(key), key)
            except FileNotFoundError:
                return PublishedMetadata.read(store, session_date).first_publications or cls()
        except DocumentError as error:
            log.warning("%s; the figures count as known from now", error)
            return cls()

    def with_published(self, sweeps: Mapping[ParameterSet, str], now: datetime) -> FirstPublications:
        """Return these with what is published now; what was published before keeps its instant."""
        added = [
            FirstPublication(place=place, sweeps=folders, published_at=now)
            for place, folders in _by_place(sweeps).items()
            if self._find(place, folders) is None
        ]
        return self.model_copy(update={"publications": (*self.publications, *added)})

    def instants(self, sweeps: Mapping[ParameterSet, str]) -> dict[str, datetime]:
        """Return since when each place of these sweeps is published; one that never was is left out."""
        found = {place: self._find(place, folders) for place, folders in _by_place(sweeps).items()}
        return {place: entry.published_at for place, entry in found.items() if entry}

    def keep(self, store: Store, session_date: date) -> None:
        """Write them beside the raw sweeps; do so after the publication, since one that fails was none."""
        store.write(layout.first_publications_key(session_date), self.to_bytes())

    def _find(self, place: str, folders: Mapping[str, str]) -> FirstPublication | None:
        return next((entry for entry in self.publications if (entry.place, entry.sweeps) == (place, folders)), None)


def _by_place(sweeps: Mapping[ParameterSet, str]) -> dict[str, dict[str, str]]:
    places: dict[str, dict[str, str]] = {}
    for parameters, folder in sorted(sweeps.items()):
        places.setdefault(parameters.place, {})[parameters.path] = folder
    return places


def _from_text(entry: object) -> object:
    return from_json(entry) if isinstance(entry, str) else entry


def _from_path(path: object) -> object:
    return ParameterSet.from_path(path[:_MOST_PATH]) if isinstance(path, str) else path


JsonEntry = BeforeValidator(_from_text)
"""An entry that is stored as JSON text."""
_SetPath = Annotated[ParameterSet, BeforeValidator(_from_path), PlainSerializer(lambda parameters: parameters.path)]


class ProofNote(Document):
    """
    How the published session was proved, in English; what else early releases noted of it is not read.

    :param reference_rows: how many dated rows the fetched ones equal.
    """

    model_config = ConfigDict(extra="ignore")

    outcome: Text | None = None
    how: Annotated[str, Field(max_length=MOST_HOW)] | None = None
    reference_rows: Count | None = None


class CoverageNote(Document):
    """How many stocks a rebuilt market and venue has; see :class:`kiwoom_provider.quality.results.Coverage`."""

    stocks: Count
    of: Count
    asked: Count | None = None
    volume: Annotated[float, Field(ge=0, le=1e6)] | None = None


class PublishedMetadata(Document):
    """
    What a published file says of itself: the entries ``kiwoom.*`` of its metadata, in the order in which they stand.

    Releases add entries: one that is absent has its default, and one that is not known is left alone.

    :param collected_by_run: ids of the runs that fetched the sweeps, separated by commas.
    :param sweeps: the raw sweep's folder by parameter set.
    :param withheld: venues that are stored, not proved, and so not in the file.
    :param coverage: of rebuilt markets and venues (``KOSPI/KRX``), how much of their stocks they have.
    :param rebuilt: markets and venues that are no sweep's; the table's encoder adds it.
    """

    model_config = ConfigDict(extra="ignore")

    session_date: date | None = None
    collected_by_run: Annotated[str, Field(max_length=MOST_RUNS)] = ""
    package_version: Text = ""
    proof: Annotated[ProofNote | None, JsonEntry] = None
    sweeps: Annotated[dict[_SetPath, Text], Field(max_length=_MOST_ENTRIES), JsonEntry] = Field(default_factory=dict)
    withheld: Annotated[tuple[Venue, ...], Field(max_length=len(Venue)), JsonEntry] = ()
    release: Annotated[Release | None, JsonEntry] = None
    coverage: Annotated[dict[Text, Annotated[CoverageNote, JsonEntry]], Field(max_length=_MOST_ENTRIES), JsonEntry] = (
        Field(default_factory=dict)
    )
    first_publications: Annotated[FirstPublications | None, JsonEntry] = None
    rebuilt: Annotated[tuple[Text, ...], Field(max_length=_MOST_ENTRIES), JsonEntry] = ()

    @classmethod
    def read(cls, store: Store, session_date: date) -> Self:
        """
        Return what the published file of a session says of itself; nothing when none is published.

        :raises DocumentError: when the file, or an entry, is damaged.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        key = layout.published_key(session_date)
        try:
            return cls.from_json(file_metadata(pq.read_schema(io.BytesIO(store.read(key)))), store.url(key))
        except FileNotFoundError:
            return cls()
        except (pa.ArrowException, UnicodeDecodeError) as error:
            raise DocumentError(f"{store.url(key)} cannot be read: {error}") from error

    def to_metadata(self) -> dict[str, str]:
        """Return the entries by name without prefix, without those that are empty; the same input, the same text."""
        told = self.model_dump(mode="json", exclude_none=True)
        entries = {name: entry if isinstance(entry, str) else _to_text(entry) for name, entry in told.items() if entry}
        first = self.first_publications
        return entries | ({"first_publications": first.model_dump_json()} if first else {})


def _to_text(entry: object) -> str:
    return json.dumps(entry, ensure_ascii=False, sort_keys=True)


def last_published_sweeps(store: Store, session_date: date) -> dict[ParameterSet, str]:
    """Return the published file's sweeps, and of a damaged one what the record beside raw says: a replay mends it."""
    try:
        return PublishedMetadata.read(store, session_date).sweeps
    except DocumentError as error:
        log.warning("%s; what it was made of is taken from the record beside raw", error)
        kept = FirstPublications.read(store, session_date).publications
        return {ParameterSet.from_path(path): folder for entry in kept for path, folder in entry.sweeps.items()}
