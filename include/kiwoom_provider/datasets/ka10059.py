"""
One parameter set of a session rebuilt from the dated sibling: ka10066's columns and ``natfor`` (기타외국인).

Names and markets are as of the day of the rebuilding, and ``natfor`` is KRW million or shares
as the other investors are.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from kiwoom_provider import __version__
from kiwoom_provider.api.ka10059 import OTHER_FOREIGN_ELEMENT
from kiwoom_provider.datasets import ka10066
from kiwoom_provider.datasets.columns import UNITS
from kiwoom_provider.datasets.parquet import encode_table

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
    own = {
        "session_date": session_date.isoformat(),
        "parameters": parameters.path,
        "package_version": __version__,
        "page_sizes": [],
        "extra_elements": [],
    }
    return encode_table(table, own | dict(facts), **ka10066.WRITER_OPTIONS)
