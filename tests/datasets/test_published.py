"""Since when published figures could be known: kept at the first publication, the same in every replay."""

from __future__ import annotations

import io
import re
from datetime import UTC, date, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kiwoom_provider.datasets.published import (
    CoverageNote,
    FirstPublications,
    ProofNote,
    PublishedMetadata,
    Release,
    last_published_sweeps,
)
from kiwoom_provider.datasets.store import Store
from kiwoom_provider.documents import DocumentError
from kiwoom_provider.parameters import ParameterSet, Venue

SESSION = date(2026, 11, 20)
KEY = "raw/published/session_date=2026-11-20/first.json"
FILE = "investor_trading/session_date=2026-11-20/part-0.parquet"
KRX, NXT = (ParameterSet.parse("KOSPI", venue, "amount", "net") for venue in ("KRX", "NXT"))
NIGHT, LATER = datetime(2026, 11, 20, 12, 30, tzinfo=UTC), datetime(2026, 12, 1, 3, 0, tzinfo=UTC)


@pytest.fixture
def store(tmp_path):
    return Store.open(tmp_path)


def write(store, entries):
    """Publish a table with these entries."""
    file = io.BytesIO()
    said = {f"kiwoom.{name}": text for name, text in entries.items()}
    pq.write_table(pa.table({"a": [1]}).replace_schema_metadata(said), file)
    store.write(FILE, file.getvalue())


def publish(store, sweeps, now):
    first = FirstPublications.read(store, SESSION).with_published(sweeps, now)
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
    first = FirstPublications().with_published({KRX: "sweep=1"}, NIGHT)
    write(store, PublishedMetadata(first_publications=first).to_metadata())

    assert publish(store, {KRX: "sweep=1"}, LATER) == {"KOSPI/KRX": NIGHT}


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"format": 2}'])
def test_a_damaged_record_makes_figures_known_later_and_never_earlier(store, damage, caplog):
    publish(store, {KRX: "sweep=1"}, NIGHT)
    store.write(KEY, damage)

    assert publish(store, {KRX: "sweep=1"}, LATER) == {"KOSPI/KRX": LATER}
    assert f"{KEY} cannot be read" in caplog.text


WHOLE = PublishedMetadata(
    session_date=SESSION,
    collected_by_run="run-a, run-b",
    package_version="1.2.3",
    proof=ProofNote(outcome="proved", how="행 'x'", reference_rows=72),
    sweeps={NXT: "raw/ka10066/0", KRX: "raw/ka10066/1"},
    withheld=(Venue.CONSOLIDATED,),
    release=Release(rule_ids=("a", "b"), reason="비교했다", by="kim"),
    coverage={
        "KOSPI/KRX": CoverageNote(stocks=9, of=10, asked=10, volume=1.0),
        "KOSPI/NXT": CoverageNote(stocks=1, of=2),
    },
    first_publications=FirstPublications().with_published({KRX: "raw/ka10066/1"}, NIGHT),
)
TEXTS = {
    "session_date": "2026-11-20",
    "collected_by_run": "run-a, run-b",
    "package_version": "1.2.3",
    "proof": '{"how": "행 \'x\'", "outcome": "proved", "reference_rows": 72}',
    "sweeps": '{"market=KOSPI/venue=KRX/measure=amount/side=net": "raw/ka10066/1", '
    '"market=KOSPI/venue=NXT/measure=amount/side=net": "raw/ka10066/0"}',
    "withheld": '["CONSOLIDATED"]',
    "release": '{"by": "kim", "reason": "비교했다", "report": "", "rule_ids": ["a", "b"], "sweeps": {}}',
    "coverage": '{"KOSPI/KRX": {"asked": 10, "of": 10, "stocks": 9, "volume": 1.0}, '
    '"KOSPI/NXT": {"of": 2, "stocks": 1}}',
    "first_publications": '{"format":1,"publications":[{"place":"KOSPI/KRX","sweeps":'
    '{"market=KOSPI/venue=KRX/measure=amount/side=net":"raw/ka10066/1"},"published_at":"2026-11-20T12:30:00Z"}]}',
}
"""As every release has written them: the bytes of files that lie in stores depend on it."""


def test_the_entries_are_written_as_ever_and_read_back(store):
    assert list(WHOLE.to_metadata().items()) == list(TEXTS.items())

    write(store, TEXTS)
    assert PublishedMetadata.read(store, SESSION) == WHOLE


def test_what_an_early_release_wrote_and_what_a_later_one_adds_is_read(store):
    early = {
        "proof": '{"how": "seen", "outcome": "proved", "rows": [{"market": "KOSPI"}]}',
        "release": '{"reason": "compared", "rule_ids": ["a"]}',
        "added_later": "whatever",
    }
    write(store, early)

    found = PublishedMetadata.read(store, SESSION)

    assert (found.proof.outcome, found.proof.how, found.proof.reference_rows) == ("proved", "seen", None)
    assert found.release == Release(rule_ids=("a",), reason="compared")
    assert (found.sweeps, found.withheld, found.coverage, found.first_publications) == ({}, (), {}, None)


def test_nothing_is_said_of_a_session_that_is_not_published(store):
    assert PublishedMetadata.read(store, SESSION) == PublishedMetadata()


NAIVE = TEXTS["first_publications"].replace("12:30:00Z", "12:30:00")
DAMAGED = {
    "no JSON": ("sweeps", "{", "sweeps: "),
    "deep JSON": ("proof", "[" * 100_000, "proof: "),
    "another type": ("sweeps", "[]", "sweeps: Input should be a valid dictionary"),
    "no set": ("sweeps", '{"market=KOSPI": "raw"}', "sweeps.market=KOSPI"),
    "no name": ("sweeps", '{"' + "x" * 5000 + '": 1}', "sweeps.xxx"),
    "a long text": ("sweeps", f'{{"{KRX.path}": "{"x" * 2001}"}}', "String should have at most 2000 characters"),
    "no venue": ("withheld", '["KRX", "NYSE"]', "withheld.1: "),
    "a number below 0": ("coverage", '{"KOSPI/KRX": {"stocks": -1, "of": 2}}', "coverage.KOSPI/KRX.stocks: "),
    "a number beyond the bound": ("proof", '{"reference_rows": 1e300}', "proof.reference_rows: "),
    "an unknown element": ("release", '{"rule_ids": [], "reason": "", "also": 1}', "release.also: Extra inputs"),
    "a naive instant": ("first_publications", NAIVE, "first_publications.publications.0.published_at: .* timezone"),
    "no day": ("session_date", "yesterday", "session_date: "),
    "long names of runs": ("collected_by_run", "x" * 20_001, "collected_by_run: "),
    "no UTF-8": ("sweeps", b"\xff\xfe", "utf-8"),
}


@pytest.mark.parametrize(("name", "text", "said"), DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_entry_is_one_error_that_names_the_file_and_the_entry(store, name, text, said):
    write(store, TEXTS | {name: text})

    with pytest.raises(DocumentError) as refused:
        PublishedMetadata.read(store, SESSION)

    assert re.match(f"{re.escape(store.url(FILE))} cannot be read: .*{said}", str(refused.value))
    assert len(str(refused.value)) < 500


def test_of_a_file_with_a_damaged_entry_the_record_says_what_it_was_made_of(store, caplog):
    publish(store, {KRX: "sweep=1"}, NIGHT)
    write(store, TEXTS | {"withheld": "{"})

    assert last_published_sweeps(store, SESSION) == {KRX: "sweep=1"}
    assert f"{store.url(FILE)} cannot be read: withheld: " in caplog.text
