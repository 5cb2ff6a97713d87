"""The published table's file of a session: read what it says of itself, replace it whole."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kiwoom_provider.datasets import layout
from kiwoom_provider.parameters import ParameterSet

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    import pyarrow as pa

    from kiwoom_provider.datasets.store import Store

_PREFIX = "kiwoom."


@dataclass(frozen=True, slots=True)
class Provenance:
    """
    Where a published file comes from; stored as the file's metadata.

    :param sweeps: the raw sweep's folder by parameter set.
    :param collected_by: ids of the runs that fetched those sweeps.
    :param proof: how the session was proved, JSON-ready.
    """

    session_date: date
    sweeps: Mapping[ParameterSet, str]
    collected_by: tuple[str, ...]
    proof: Mapping[str, Any]
    package_version: str
    release: Mapping[str, Any] | None = None

    def to_metadata(self) -> dict[str, str]:
        """Return the file metadata, by name without prefix; the same input gives the same text."""
        metadata = {
            "session_date": self.session_date.isoformat(),
            "collected_by_run": ", ".join(self.collected_by),
            "package_version": self.package_version,
            "proof": json.dumps(self.proof, ensure_ascii=False, sort_keys=True),
            "sweeps": json.dumps({p.path: folder for p, folder in sorted(self.sweeps.items())}),
        }
        if self.release:
            metadata["release"] = json.dumps(self.release, ensure_ascii=False, sort_keys=True)
        return metadata


def published_sweeps(store: Store, session_date: date) -> dict[ParameterSet, str]:
    """Return the raw sweep's folder of every set in the published file; empty when none is published."""
    import pyarrow.parquet as pq

    try:
        data = store.read(layout.published_key(session_date))
    except FileNotFoundError:
        return {}
    metadata = pq.read_schema(io.BytesIO(data)).metadata
    folders = json.loads(metadata[f"{_PREFIX}sweeps".encode()])
    return {ParameterSet.from_path(path): folder for path, folder in folders.items()}


def file_metadata(table_schema: pa.Schema) -> dict[str, str]:
    """Return the project's own entries of a file's metadata, without their prefix."""
    entries = table_schema.metadata or {}
    return {
        name.decode().removeprefix(_PREFIX): value.decode()
        for name, value in entries.items()
        if name.startswith(_PREFIX.encode())
    }
