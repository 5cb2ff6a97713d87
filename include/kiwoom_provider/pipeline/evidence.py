"""What is known of a session's data: the dated rows, the session before, and a proof once found."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kiwoom_provider.datasets import layout
from kiwoom_provider.pipeline import references
from kiwoom_provider.pipeline.choice import reference_stocks
from kiwoom_provider.pipeline.previous import Before, read_tables
from kiwoom_provider.quality.proof import SessionProof

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from kiwoom_provider.datasets.store import Store
    from kiwoom_provider.parameters import ParameterSet
    from kiwoom_provider.pipeline.references import CallSource, Reference


@dataclass(frozen=True, slots=True)
class Evidence:
    """
    A session's evidence, as it is stored.

    :param session_before: the session right before, by the calendar.
    """

    store: Store
    session_date: date
    session_before: date

    def before(self, sets: Iterable[ParameterSet]) -> Before:
        """Return the newest earlier session that is stored."""
        return Before.read(self.store, self.session_date, self.session_before, sets)

    def dated(self) -> dict[ParameterSet, list[Reference]]:
        """Return the dated rows that are kept, by set."""
        return references.load(self.store, self.session_date)

    def gather(self, source: CallSource, parameters: ParameterSet, *, anew: bool = False) -> int:
        """
        Ask ka10059 for the stocks that a stored set is to be proved by; return the calls made.

        :param anew: ask again for rows that are kept already.
        """
        table = read_tables(self.store, self.session_date, [parameters])[parameters]
        codes = reference_stocks(table, self.before([parameters]).trusted_table(parameters))
        return references.fetch_quietly(source, self.store, self.session_date, parameters, codes, anew=anew)

    def keep(self, proof: SessionProof, sweeps: Mapping[ParameterSet, str]) -> None:
        """Keep the proof of these raw sweeps, so that a rebuild from raw alone says the same."""
        record = {"sweeps": {p.path: folder for p, folder in sorted(sweeps.items())}, "proof": proof.to_json()}
        self.store.write(self._key, json.dumps(record, ensure_ascii=False, indent=1).encode())

    def kept(self, sweeps: Mapping[ParameterSet, str]) -> SessionProof | None:
        """Return the proof that was found of these very sweeps, if any."""
        try:
            record = json.loads(self.store.read(self._key))
        except FileNotFoundError:
            return None
        same = all(record["sweeps"].get(p.path) == folder for p, folder in sweeps.items())
        return SessionProof.from_json(record["proof"]) if same else None

    @property
    def _key(self) -> str:
        return f"{layout.session_prefix(layout.RAW_REFERENCE, self.session_date)}/proved.json"
