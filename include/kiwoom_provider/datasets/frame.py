"""From the published table's Arrow form to pandas, with every number exact."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiwoom_provider.datasets.investor_trading import FLOWS, SOURCES
from kiwoom_provider.datasets.securities import SecurityKind
from kiwoom_provider.datasets.selection import INVESTOR_NAMES, KEYS
from kiwoom_provider.parameters import Market, Venue

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    import numpy as np
    import pandas as pd
    import pyarrow as pa

CATEGORIES = {
    "market": tuple(map(str, Market)),
    "venue": tuple(map(str, Venue)),
    "investor": INVESTOR_NAMES,
    "source": SOURCES,
    "kind": tuple(map(str, SecurityKind)),
}
"""Columns of few names become categoricals, always of these, so that two frames go together."""

_PLACE = ["session_date", "market", "venue", "stock_code"]
_FLOW_NAMES = tuple(name for name, _, _ in FLOWS)
_RATE_SCALE = 100.0


def long_frame(tables: Mapping[date, pa.Table]) -> pd.DataFrame:
    """Return the rows of all sessions below each other, with ``session_date`` in front."""
    return _frame(_join(tables))


def wide_frame(tables: Mapping[date, pa.Table], investors: tuple[str, ...]) -> pd.DataFrame:
    """
    Return one row a session, market, venue and stock, with a column an investor and flow.

    :param investors: those that were asked for.
    :raises ValueError: when an investor's stocks are not those of the others.
    """
    import pyarrow.compute as pc

    table = _join(tables)
    flows = [name for name in _FLOW_NAMES if name in table.column_names]
    names = [name for name in INVESTOR_NAMES if name in investors]
    parts = [table.filter(pc.equal(table["investor"], name)) for name in names]
    wide = parts[0].drop_columns(["investor", *flows])
    for name, part in zip(names, parts, strict=True):
        if not part.select(_PLACE).equals(parts[0].select(_PLACE)):
            raise ValueError(f"the sessions and stocks of {name} are not those of the other investors")
        for flow in flows:
            wide = wide.append_column(f"{name}_{flow}", part[flow])
    return _frame(wide)


def securities_frame(table: pa.Table) -> pd.DataFrame:
    """Return a session's securities."""
    return _frame(table)


def reindex_sessions(frame: pd.DataFrame, days: Sequence[date]) -> pd.DataFrame:
    """Return a row for each of the frame's keys and each of ``days``, in the table's order; NA where there was none."""
    import pandas as pd

    keys = [name for name in KEYS if name in frame.columns]
    seen = frame[keys].drop_duplicates().sort_values(keys, key=lambda column: column.astype(str))
    sessions = pd.DataFrame({"session_date": pd.Series(list(days), dtype="datetime64[us]")})
    return sessions.merge(seen, how="cross").merge(frame, on=["session_date", *keys], how="left")


def _join(tables: Mapping[date, pa.Table]) -> pa.Table:
    import numpy as np
    import pyarrow as pa

    days = np.repeat(np.array(list(tables), "datetime64[us]"), [table.num_rows for table in tables.values()])
    joined = pa.concat_tables(tables.values()).unify_dictionaries().combine_chunks()  # pandas goes chunk by chunk
    return joined.add_column(0, "session_date", pa.array(days))


def _frame(table: pa.Table) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame({name: _series(name, table[name]) for name in table.column_names})


def _series(name: str, column: pa.ChunkedArray) -> pd.Series:
    import pandas as pd
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_boolean(column.type):
        return pd.Series(column.to_numpy(zero_copy_only=False), dtype="bool")
    if pa.types.is_temporal(column.type):
        instants = pd.Series(column.cast(pa.timestamp("us")).to_numpy())
        return instants.dt.tz_localize(getattr(column.type, "tz", None))
    if name in CATEGORIES:
        codes = pc.index_in(column, pa.array(CATEGORIES[name], pa.string())).fill_null(-1).to_numpy()
        return pd.Series(pd.Categorical.from_codes(codes, pd.Index(CATEGORIES[name])))
    if pa.types.is_decimal(column.type):
        return pd.Series(_nearest_doubles(column))
    if pa.types.is_integer(column.type):
        return pd.Series(column.to_pandas(types_mapper=lambda _: pd.Int64Dtype()))
    return pd.Series(column.cast(pa.string()).to_pandas(), dtype="str")


def _nearest_doubles(column: pa.ChunkedArray) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return the doubles nearest to the decimals: Arrow's own cast can be one step off."""
    import pyarrow as pa
    import pyarrow.compute as pc

    hundredths = pc.multiply(column, pa.scalar(100, pa.decimal128(3, 0))).cast(pa.int64())
    doubles: np.ndarray[tuple[int], np.dtype[np.float64]] = hundredths.cast(pa.float64()).to_numpy()
    return doubles / _RATE_SCALE
