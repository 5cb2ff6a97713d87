"""
One parameter set of a session rebuilt from the dated sibling: ka10066's columns and ``natfor`` (기타외국인).

Names and markets are as of the day of the rebuilding, and ``natfor`` is KRW million or shares
as the other investors are.
"""

from __future__ import annotations

import io
import json
from functools import cache
from typing import TYPE_CHECKING

from kiwoom_provider import __version__
from kiwoom_provider.api.ka10059 import OTHER_FOREIGN_ELEMENT
from kiwoom_provider.datasets import ka10066
from kiwoom_provider.datasets.columns import UNITS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    import pyarrow as pa

    from kiwoom_provider.parameters import ParameterSet


@cache
def schema(measure: str) -> pa.Schema:
    """Return the typed schema; field metadata names unit, Korean term and API element."""
    import pyarrow as pa

    metadata = {"unit": UNITS[measure], "korean": "기타외국인", "element": OTHER_FOREIGN_ELEMENT}
    return ka10066.schema(measure).append(pa.field(OTHER_FOREIGN_ELEMENT, pa.int64(), metadata=metadata))


def encode(table: pa.Table, session_date: date, parameters: ParameterSet, facts: Mapping[str, object]) -> bytes:
    """
    Return the partition file's bytes: the same answers give the same bytes.

    :param facts: what else the file says of itself, JSON-ready by name: the digest of the answers, refused rows.
    """
    import pyarrow.parquet as pq

    metadata = {
        "kiwoom.session_date": session_date.isoformat(),
        "kiwoom.parameters": parameters.path,
        "kiwoom.package_version": __version__,
        "kiwoom.page_sizes": "[]",
        "kiwoom.extra_elements": "[]",
        **{
            f"kiwoom.{name}": value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            for name, value in facts.items()
        },
    }
    buffer = io.BytesIO()
    pq.write_table(
        table.replace_schema_metadata(metadata), buffer, compression="zstd", compression_level=3, use_dictionary=False
    )
    return buffer.getvalue()
