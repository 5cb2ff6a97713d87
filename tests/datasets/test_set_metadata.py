"""What a typed set's file says of itself is read by one model, within bounds, and a damaged entry is refused."""

import pyarrow as pa
import pytest

from kiwoom_provider.datasets.published import CoverageNote
from kiwoom_provider.datasets.set_metadata import SetMetadata
from kiwoom_provider.documents import DocumentError


def table(**said):
    metadata = {f"kiwoom.{name}": text for name, text in said.items()}
    return pa.table({"stk_cd": ["005930"]}).replace_schema_metadata(metadata)


def test_the_entries_are_read():
    said = SetMetadata.of(
        table(
            page_sizes="[100, 42]",
            extra_elements='["new_elmt"]',
            saturated='[["trde_qty", "005930", "4294967295"]]',
            coverage='{"stocks": 2, "of": 3}',
            sweep="a sweep",
            source="ka10059",
        ),
        "a set",
    )
    assert said.page_sizes == (100, 42)
    assert said.extra_elements == ("new_elmt",)
    assert said.saturated == (("trde_qty", "005930", "4294967295"),)
    assert said.coverage == CoverageNote(stocks=2, of=3)


def test_absent_entries_are_empty():
    assert SetMetadata.of(pa.table({"stk_cd": ["005930"]}), "a set") == SetMetadata()


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        ("page_sizes", "[100"),
        ("page_sizes", "[-1]"),
        ("page_sizes", "100"),
        ("extra_elements", '[["nested"]]'),
        ("extra_elements", f'["{"x" * 2001}"]'),
        ("saturated", '[["trde_qty", "005930"]]'),
        ("coverage", '{"stocks": -1, "of": 3}'),
    ],
)
def test_a_damaged_entry_is_refused_by_the_sets_and_its_name(entry, text):
    with pytest.raises(DocumentError, match=f"^a set cannot be read: {entry}"):
        SetMetadata.of(table(**{entry: text}), "a set")
