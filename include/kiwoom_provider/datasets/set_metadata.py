"""What a typed set's file says of itself beyond plain texts: the entries ``kiwoom.*`` that hold JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Self

from pydantic import ConfigDict, Field

from kiwoom_provider.datasets.parquet import MOST_ROWS, file_metadata
from kiwoom_provider.datasets.published import CoverageNote, JsonEntry
from kiwoom_provider.documents import Count, Document, Text

if TYPE_CHECKING:
    import pyarrow as pa

_MOST_PAGES = _MOST_ELEMENTS = 100_000


class SetMetadata(Document):
    """
    The entries, each with its default where it is absent; those that are not known are left alone.

    :param page_sizes: rows of each page of the sweep, in order; none of a rebuilt set.
    :param extra_elements: row elements that the API sent and its sheet does not name.
    :param saturated: element, stock and text of every cell whose counter stood at its end.
    :param coverage: of a rebuilt set, how much of its market's stocks it has.
    """

    model_config = ConfigDict(extra="ignore")

    page_sizes: Annotated[tuple[Count, ...], Field(max_length=_MOST_PAGES), JsonEntry] = ()
    extra_elements: Annotated[tuple[Text, ...], Field(max_length=_MOST_ELEMENTS), JsonEntry] = ()
    saturated: Annotated[tuple[tuple[Text, Text, Text], ...], Field(max_length=MOST_ROWS), JsonEntry] = ()
    coverage: Annotated[CoverageNote | None, JsonEntry] = None

    @classmethod
    def of(cls, table: pa.Table, name: str) -> Self:
        """
        Read the metadata on a typed set's schema.

        :param name: what the error calls the set.
        :raises DocumentError: when an entry is damaged.
        """
        return cls.from_json(file_metadata(table.schema), name)
