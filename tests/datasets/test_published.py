"""Since when published figures could be known: kept at the first publication, the same in every replay."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kiwoom_provider.datasets.published import FirstPublications
from kiwoom_provider.datasets.store import Store
from kiwoom_provider.parameters import ParameterSet

SESSION = date(2026, 11, 20)
KEY = "raw/published/session_date=2026-11-20/first.json"
KRX, NXT = (ParameterSet.parse("KOSPI", venue, "amount", "net") for venue in ("KRX", "NXT"))
NIGHT, LATER = datetime(2026, 11, 20, 12, 30, tzinfo=UTC), datetime(2026, 12, 1, 3, 0, tzinfo=UTC)


@pytest.fixture
def store(tmp_path):
    return Store.open(tmp_path)


def publish(store, sweeps, now):
    first = FirstPublications.read(store, SESSION).publishing(sweeps, now)
    first.keep(store, SESSION)
    return first.instants(sweeps)


def test_the_first_publication_is_from_when_figures_are_known(store):
    assert publish(store, {KRX: "sweep=1"}, NIGHT) == {"KOSPI/KRX": NIGHT}


def test_publishing_the_same_sweeps_again_keeps_the_instant(store):
    publish(store, {KRX: "sweep=1"}, NIGHT)

    assert publish(store, {KRX: "sweep=1"}, LATER) == {"KOSPI/KRX": NIGHT}


def test_a_venue_that_is_added_later_is_known_later_and_the_other_is_not(store):
    publish(store, {KRX: "sweep=1"}, NIGHT)

    assert publish(store, {KRX: "sweep=1", NXT: "sweep=2"}, LATER) == {"KOSPI/KRX": NIGHT, "KOSPI/NXT": LATER}


def test_other_figures_of_the_same_venue_are_known_later(store):
    publish(store, {KRX: "sweep=1"}, NIGHT)

    assert publish(store, {KRX: "sweep=9"}, LATER) == {"KOSPI/KRX": LATER}
    assert publish(store, {KRX: "sweep=1"}, datetime(2027, 1, 1, tzinfo=UTC)) == {"KOSPI/KRX": NIGHT}


def test_what_was_not_published_has_no_instant(store):
    assert FirstPublications.read(store, SESSION).instants({KRX: "sweep=1"}) == {}


def test_an_instant_that_was_not_kept_is_read_from_the_published_file(store):
    """The publisher was killed between its two writes."""
    metadata = FirstPublications().publishing({KRX: "sweep=1"}, NIGHT).to_metadata()
    file = io.BytesIO()
    table = pa.table({"a": [1]}).replace_schema_metadata({f"kiwoom.{name}": text for name, text in metadata.items()})
    pq.write_table(table, file)
    store.write("investor_trading/session_date=2026-11-20/part-0.parquet", file.getvalue())

    assert publish(store, {KRX: "sweep=1"}, LATER) == {"KOSPI/KRX": NIGHT}


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"format": 2}'])
def test_a_damaged_record_makes_figures_known_later_and_never_earlier(store, damage, caplog):
    publish(store, {KRX: "sweep=1"}, NIGHT)
    store.write(KEY, damage)

    assert publish(store, {KRX: "sweep=1"}, LATER) == {"KOSPI/KRX": LATER}
    assert f"{KEY} cannot be read" in caplog.text
