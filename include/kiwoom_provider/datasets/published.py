"""The published table's file of a session: what it says of itself, and since when its figures could be known."""

from __future__ import annotations

import io
import json
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from kiwoom_provider.datasets import layout
from kiwoom_provider.datasets.parquet import file_metadata
from kiwoom_provider.documents import Document, DocumentError, Instant, Text
from kiwoom_provider.parameters import ParameterSet

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from kiwoom_provider.datasets.store import Store

log = logging.getLogger(__name__)

_FIRST_PUBLICATIONS = "first_publications"


@dataclass(frozen=True, slots=True)
class Provenance:
    """
    Where a published file comes from; stored as the file's metadata.

    :param sweeps: the raw sweep's folder by parameter set.
    :param collected_by: ids of the runs that fetched those sweeps.
    :param proof: how the session was proved, JSON-ready.
    :param withheld: venues that are stored, not proved, and so not in the file.
    :param coverage: of rebuilt markets and venues, how many of the stocks that are listed now have rows.
    """

    session_date: date
    sweeps: Mapping[ParameterSet, str]
    collected_by: tuple[str, ...]
    proof: Mapping[str, Any]
    package_version: str
    release: Mapping[str, Any] | None = None
    withheld: tuple[str, ...] = ()
    coverage: Mapping[str, Any] | None = None

    def to_metadata(self) -> dict[str, str]:
        """Return the file metadata, by name without prefix; the same input gives the same text."""
        metadata = {
            "session_date": self.session_date.isoformat(),
            "collected_by_run": ", ".join(self.collected_by),
            "package_version": self.package_version,
            "proof": json.dumps(self.proof, ensure_ascii=False, sort_keys=True),
            "sweeps": json.dumps({p.path: folder for p, folder in sorted(self.sweeps.items())}),
        }
        if self.withheld:
            metadata["withheld"] = json.dumps(self.withheld)
        for name, said in (("release", self.release), ("coverage", self.coverage)):
            if said:
                metadata[name] = json.dumps(said, ensure_ascii=False, sort_keys=True)
        return metadata


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
                text = published_metadata(store, session_date).get(_FIRST_PUBLICATIONS)
                return cls.from_bytes(text.encode(), layout.published_key(session_date)) if text else cls()
        except DocumentError as error:
            log.warning("%s; the figures count as known from now", error)
            return cls()

    def publishing(self, sweeps: Mapping[ParameterSet, str], now: datetime) -> FirstPublications:
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

    def to_metadata(self) -> dict[str, str]:
        """Return the published file's metadata, by name without prefix."""
        return {_FIRST_PUBLICATIONS: self.model_dump_json()}

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


def published_sweeps(store: Store, session_date: date) -> dict[ParameterSet, str]:
    """
    Return the raw sweep's folder of every set in the published file; empty when none is published.

    :raises DocumentError: when the file is damaged.
    """
    folders = json.loads(published_metadata(store, session_date).get("sweeps", "{}"))
    return {ParameterSet.from_path(path): folder for path, folder in folders.items()}


def last_published_sweeps(store: Store, session_date: date) -> dict[ParameterSet, str]:
    """Return :func:`published_sweeps`, and of a damaged file what the record beside raw says: a replay mends it."""
    try:
        return published_sweeps(store, session_date)
    except DocumentError as error:
        log.warning("%s; what it was made of is taken from the record beside raw", error)
        kept = FirstPublications.read(store, session_date).publications
        return {ParameterSet.from_path(path): folder for entry in kept for path, folder in entry.sweeps.items()}


def published_metadata(store: Store, session_date: date) -> dict[str, str]:
    """
    Return what the published file says of itself, by name without prefix; empty when none is published.

    :raises DocumentError: when the file is damaged.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    key = layout.published_key(session_date)
    try:
        return file_metadata(pq.read_schema(io.BytesIO(store.read(key))))
    except FileNotFoundError:
        return {}
    except pa.ArrowException as error:
        raise DocumentError(f"{store.url(key)} cannot be read: {error}") from error
