"""The securities master (ka10099) as a witness of which stocks there are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from kiwoom_provider.datasets.parquet import file_metadata
from kiwoom_provider.parameters import Market
from kiwoom_provider.quality.tolerances import MASTER_LACKS

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

    from kiwoom_provider.quality.table import SetTable


@dataclass(frozen=True)
class SecuritiesMaster:
    """
    The stocks that are listed, by market.

    :param as_of: the session that the copy is of, None where that is not known.
    :param names: name by code of each market, ETFs left out.
    :param on_nxt: codes that NXT trades.
    """

    as_of: date | None
    names: Mapping[Market, Mapping[str, str]]
    on_nxt: frozenset[str]

    @classmethod
    def of(cls, table: pa.Table) -> SecuritiesMaster:
        """Read a session's securities, see :mod:`kiwoom_provider.datasets.securities`."""
        rows = table.select(["market", "stock_code", "stock_name", "is_on_nxt"]).to_pylist()
        names: dict[Market, dict[str, str]] = {}
        for row in rows:
            names.setdefault(Market.parse(row["market"]), {})[row["stock_code"]] = row["stock_name"] or ""
        facts = file_metadata(table.schema)
        day = facts.get("as_of", facts.get("session_date"))
        return cls(
            as_of=date.fromisoformat(day) if day else None,
            names=names,
            on_nxt=frozenset(row["stock_code"] for row in rows if row["is_on_nxt"]),
        )

    @cached_property
    def codes(self) -> Mapping[Market, np.ndarray]:
        """Codes of each market, sorted."""
        return {market: np.array(sorted(names), dtype=np.str_) for market, names in self.names.items()}

    def is_of(self, session_date: date) -> bool:
        """Whether it is a session's own, and no copy that is known to be another's."""
        return self.as_of in (None, session_date)

    def lacks(self, table: SetTable) -> np.ndarray:
        """Return the codes of a set that the master does not have in its market."""
        return np.setdiff1d(table.codes, self.codes.get(table.parameters.market, np.array([], dtype=np.str_)))

    def knows(self, table: SetTable) -> bool:
        """Whether the master can be the board of a set's market: it has all but a few of its stocks."""
        return len(self.lacks(table)) <= MASTER_LACKS * len(table.codes)
