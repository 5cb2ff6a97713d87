"""Write, audit, publish: one step, or nothing changes."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pyarrow.parquet as pq
import pytest

from kiwoom_provider.datasets import layout
from kiwoom_provider.datasets.store import Store, StoreError
from kiwoom_provider.krx import calendar
from kiwoom_provider.parameters import ParameterSet, Venue
from kiwoom_provider.pipeline.assemble import stored_sets
from kiwoom_provider.pipeline.errors import AuditFailedError, IncompleteSessionError, UnprovedSessionError
from kiwoom_provider.pipeline.fetch import replay_set
from kiwoom_provider.pipeline.plan import Mode, Plan
from kiwoom_provider.pipeline.publish import Publisher
from kiwoom_provider.pipeline.refetch import Refetch
from kiwoom_provider.pipeline.summary import read_summaries, summarise, write_summary
from kiwoom_provider.quality.results import AuditReport, Release, ReleaseError

SESSION = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SIDES = tuple(ParameterSet.parse("KOSPI", "KRX", "quantity", side) for side in ("net", "buy", "sell"))
PLAN = Plan.of(calendar(), SESSION, Mode.LIVE, SIDES)
PUBLISHED = "investor_trading/session_date=2026-11-20/part-0.parquet"


@pytest.fixture
def publisher(store):
    return Publisher(store, PLAN, "run-a")


@pytest.fixture
def fetched(collector, hook, store, publisher, clock):
    """Three sets as `fetch` leaves them, with all that they are proved by."""
    for parameters in SIDES:
        collector.collect(parameters)
        publisher.evidence.gather(hook, parameters)
    Refetch(publisher, hook, clock).improve(publisher.examine())
    return store


def publish(publisher, now=NOW):
    examined = publisher.examine()
    report, _ = publisher.audit_and_report(examined, NOW)
    return publisher.publish(examined, report, now)


def test_a_damaged_published_file_is_written_anew_by_a_replay(fetched, publisher):
    publish(publisher)
    whole = fetched.read(PUBLISHED)
    fetched.write(PUBLISHED, whole[:-100])

    for parameters in SIDES:
        replay_set(fetched, PLAN.session, parameters)
    assert stored_sets(fetched, PLAN) == sorted(SIDES)
    publish(publisher, NOW + timedelta(days=1))
    assert fetched.read(PUBLISHED) == whole


def test_a_sound_session_is_published_and_nothing_is_quarantined(fetched, publisher):
    published = publish(publisher)

    assert published.rows == 230 * 12
    assert fetched.list("investor_trading") == [PUBLISHED]
    assert fetched.list("quarantine") == []


def test_a_run_leaves_its_report_in_both_languages_and_the_largest_trades(fetched, publisher):
    publish(publisher)

    stem = "quality/session_date=2026-11-20/20261120T120000.000000Z-66b1eb530fb7"
    assert fetched.list("quality") == [f"{stem}.{kind}" for kind in ("html", "json", "ko.html", "top.json")]
    assert len(json.loads(fetched.read(f"{stem}.top.json"))["lists"]) == 12


def test_the_published_file_says_how_it_was_proved_and_where_it_comes_from(fetched, publisher):
    publish(publisher)

    metadata = pq.read_schema(io.BytesIO(fetched.read(PUBLISHED))).metadata

    assert metadata[b"kiwoom.session_date"] == b"2026-11-20"
    assert metadata[b"kiwoom.collected_by_run"] == b"run-a"
    proof = json.loads(metadata[b"kiwoom.proof"])
    assert (proof["outcome"], proof["reference_rows"]) == ("proved", 7)  # two a set, and one of the ETNs
    assert proof["how"].startswith("3 of 3 sets equal ka10059's settled rows dated 2026-11-20; 0 of 3 sets differ")
    assert list(json.loads(metadata[b"kiwoom.sweeps"])) == sorted(p.path for p in SIDES)


def test_publishing_again_from_the_same_raw_gives_the_same_bytes(fetched, publisher):
    publish(publisher)
    first = fetched.read(PUBLISHED)
    session = calendar().session(SESSION)
    for parameters in SIDES:
        replay_set(fetched, session, parameters)

    publish(replace(publisher, run_id="run-replay", plan=PLAN.model_copy(update={"mode": Mode.REPLAY})))

    assert fetched.read(PUBLISHED) == first


def test_a_replay_on_a_later_day_gives_the_same_bytes_with_the_first_instant(fetched, publisher):
    publish(publisher)
    first = fetched.read(PUBLISHED)
    fetched.remove([PUBLISHED])

    publish(
        replace(publisher, run_id="run-replay", plan=PLAN.model_copy(update={"mode": Mode.REPLAY})),
        NOW + timedelta(days=9),
    )

    assert fetched.read(PUBLISHED) == first
    assert set(pq.read_table(io.BytesIO(first))["published_at"].to_pylist()) == {NOW}


def test_a_publication_that_failed_was_none(fetched, publisher, monkeypatch):
    examined = publisher.examine()
    report = publisher.audit(examined, NOW)
    write = Store.write

    def refuse(store, key, data):
        if key == PUBLISHED:
            raise StoreError("no")
        write(store, key, data)

    with monkeypatch.context() as broken:
        broken.setattr(Store, "write", refuse)
        with pytest.raises(StoreError):
            publisher.publish(examined, report, NOW)
    publisher.publish(examined, report, NOW + timedelta(hours=3))

    known = pq.read_table(io.BytesIO(fetched.read(PUBLISHED)))["published_at"].to_pylist()
    assert set(known) == {NOW + timedelta(hours=3)}


def test_a_quarantine_that_cannot_be_written_hides_no_refusal(collector, publisher, store, monkeypatch, caplog):
    for parameters in SIDES:
        collector.collect(parameters)
    examined = publisher.examine()
    report = publisher.audit(examined, NOW)

    def refuse(_self, _key, _data):
        raise StoreError("no")

    monkeypatch.setattr(Store, "write", refuse)
    with pytest.raises(UnprovedSessionError):
        publisher.publish(examined, report, NOW)

    assert "could not be kept: no" in caplog.text
    assert not store.exists(PUBLISHED)


@pytest.mark.usefixtures("fetched")
def test_trades_that_cannot_be_listed_hold_up_nothing(publisher, monkeypatch, caplog):
    monkeypatch.setattr("kiwoom_provider.pipeline.top.top_lists", lambda _tables: 1 / 0)

    publisher.write_top(publisher.examine(), NOW)

    assert "the largest trades could not be listed" in caplog.text


def test_a_blocked_session_leaves_the_published_one_and_is_quarantined(fetched, publisher, collector, control):
    publish(publisher)
    before = fetched.read(PUBLISHED)
    control.fault("cell-off=frgnr_invsr@ka10066:side=buy*1")
    collector.collect(SIDES[1], anew=True)

    with pytest.raises(AuditFailedError, match="the audit blocks session 2026-11-20"):
        publish(publisher)

    assert fetched.read(PUBLISHED) == before
    (quarantined,) = fetched.list("quarantine")
    assert quarantined == layout.candidate_key(SESSION, "run-a")
    assert pq.read_table(io.BytesIO(fetched.read(quarantined))).num_rows == 230 * 12


def test_the_report_of_a_blocked_session_is_kept_for_machines_and_people(fetched, publisher, collector, control):
    control.fault("cell-off=frgnr_invsr@ka10066:side=buy*1")
    collector.collect(SIDES[1], anew=True)
    with pytest.raises(AuditFailedError):
        publish(publisher)

    html_key, json_key, korean_key, _ = fetched.list("quality")
    report = AuditReport.from_bytes(fetched.read(json_key), json_key)
    assert "buy_minus_sell_is_net" in [result.id for result in report.blocking]
    assert b'<html lang="en">' in fetched.read(html_key)
    assert b'<html lang="ko">' in fetched.read(korean_key)


def test_without_any_proof_nothing_is_published(collector, publisher, store):
    for parameters in SIDES:
        collector.collect(parameters)

    with pytest.raises(UnprovedSessionError, match="session_proof"):
        publish(publisher)

    assert store.list("investor_trading") == []


def test_a_set_that_is_not_stored_is_named(collector, store):
    collector.collect(SIDES[0])

    with pytest.raises(IncompleteSessionError, match=r"2 of 3 sets .* first KOSPI · KRX · quantity · buy"):
        stored_sets(store, PLAN)


def test_a_set_that_is_listed_late_is_not_missing(fetched, monkeypatch):
    monkeypatch.setattr(Store, "list", lambda _self, _prefix: [])

    assert stored_sets(fetched, PLAN) == sorted(SIDES)


def test_a_run_that_leaves_the_failing_set_out_audits_it_all_the_same(fetched, publisher, collector, control):
    control.fault("cell-off=frgnr_invsr@ka10066:side=buy*1")
    collector.collect(SIDES[1], anew=True)
    narrow = Plan.of(calendar(), SESSION, Mode.LIVE, (SIDES[0], SIDES[2]))

    with pytest.raises(AuditFailedError, match="buy_minus_sell_is_net"):
        publish(replace(publisher, plan=narrow, run_id="run-b"))

    assert fetched.list("investor_trading") == []


def test_a_run_for_fewer_sets_never_narrows_what_is_published(fetched, publisher):
    publish(publisher)

    narrow = Plan.of(calendar(), SESSION, Mode.LIVE, SIDES[:1])
    publish(replace(publisher, plan=narrow, run_id="run-b"))

    table = pq.read_table(io.BytesIO(fetched.read(PUBLISHED)))
    assert table["buy_quantity"].null_count == 0


def test_what_is_published_is_what_was_audited_whatever_is_stored_meanwhile(fetched, publisher, collector, control):
    examined = publisher.examine()
    audited = examined.session.metadata("sweep")[SIDES[0]]
    control.fault("extra-element@ka10066:side=net*1")
    collector.collect(SIDES[0], anew=True)

    publisher.publish(examined, publisher.audit(examined, NOW), NOW)

    metadata = pq.read_schema(io.BytesIO(fetched.read(PUBLISHED))).metadata
    assert json.loads(metadata[b"kiwoom.sweeps"])[SIDES[0].path] == audited


def test_a_runs_summary_is_kept_beside_its_report_and_read_back(fetched, publisher):
    examined = publisher.examine()
    report = publisher.audit(examined, NOW)
    counted = {"rows": 230, "pages": 3, "calls": 3, "reference_calls": 2, "refused": 1, "bytes": 10}

    summary = summarise(PLAN, report, [counted, counted], {"calls": 1, "reference_calls": 2, "refused": 0}, None)
    write_summary(fetched, summary)

    assert read_summaries(fetched) == [summary]
    assert (summary.pages, summary.calls, summary.reference_calls, summary.refused) == (6, 7, 6, 2)
    assert summary.proof.outcome == "proved"


def releasing(publisher, *rules, reason="ka10059 was down; compared ten stocks by hand", **changes):
    """Return the publisher of a release of what is stored now."""
    sweeps = publisher.examine().session.sweeps()
    release = Release(rule_ids=rules, reason=reason, by="hana", report="a report", sweeps=sweeps | changes)
    plan = PLAN.model_copy(update={"mode": Mode.RELEASE, "release": release})
    return replace(publisher, plan=plan, run_id="run-release")


def test_an_unproved_session_is_published_when_a_person_releases_it_and_the_file_says_so(collector, publisher, store):
    for parameters in SIDES:
        collector.collect(parameters)

    publish(releasing(publisher, "session_proof"))

    metadata = pq.read_schema(io.BytesIO(store.read(PUBLISHED))).metadata
    release = json.loads(metadata[b"kiwoom.release"])
    assert (release["rule_ids"], release["by"], release["report"]) == (["session_proof"], "hana", "a report")
    assert release["reason"] == "ka10059 was down; compared ten stocks by hand"
    assert list(release["sweeps"]) == sorted(p.path for p in SIDES)
    assert json.loads(metadata[b"kiwoom.proof"])["outcome"] == "unproved"


@pytest.mark.parametrize("rules", [("session_proof",), ("buy_minus_sell_is_net", "session_proof")])
def test_a_release_of_other_rules_than_those_that_block_publishes_nothing(
    fetched, publisher, collector, control, rules
):
    control.fault("cell-off=frgnr_invsr@ka10066:side=buy*1")
    collector.collect(SIDES[1], anew=True)

    with pytest.raises(ReleaseError, match="name exactly the rules that block"):
        publish(releasing(publisher, *rules))

    assert fetched.list("investor_trading") == []


def test_a_release_covers_the_very_sweeps_that_were_looked_at(collector, publisher, store):
    for parameters in SIDES:
        collector.collect(parameters)

    with pytest.raises(ReleaseError, match="it was fetched again since"):
        publish(releasing(publisher, "session_proof", **{SIDES[0].path: "another sweep"}))

    assert store.list("investor_trading") == []


def test_a_disproved_session_is_never_released(fetched, publisher, collector, control):
    control.fault("stale@ka10066:side=net*9")
    collector.collect(SIDES[0], anew=True)
    blocking = publisher.audit(publisher.examine(), NOW).blocking

    with pytest.raises(ReleaseError, match="session 2026-11-20 is disproved"):
        publish(releasing(publisher, *[result.id for result in blocking]))

    assert fetched.list("investor_trading") == []


@pytest.mark.usefixtures("fetched")
def test_a_release_without_a_reason_is_refused(publisher):
    with pytest.raises(ReleaseError, match="needs a reason"):
        publish(releasing(publisher, "session_proof", reason=" "))


# A venue that is not proved

NXT = tuple(replace(p, venue=Venue.NXT) for p in SIDES)
EVIDENCE_TIME = datetime(2026, 11, 22, 20, 20, tzinfo=UTC)


@pytest.fixture
def half_proved(fetched, collector, publisher):  # noqa: ARG001 - KRX comes first
    """KRX with its dated references, and NXT without any."""
    for parameters in NXT:
        collector.collect(parameters)
    return replace(publisher, plan=Plan.of(calendar(), SESSION, Mode.LIVE, (*SIDES, *NXT)))


def test_while_there_is_time_no_venue_is_withheld(half_proved):
    examined = half_proved.withhold(half_proved.examine(), EVIDENCE_TIME - timedelta(seconds=1))

    assert examined.session.withheld == ()
    with pytest.raises(UnprovedSessionError):
        half_proved.publish(examined, half_proved.audit(examined, NOW), NOW)


def test_at_the_evidence_time_the_proved_venues_are_published_and_the_withheld_one_is_named(half_proved, store):
    examined = half_proved.withhold(half_proved.examine(), EVIDENCE_TIME)
    report = half_proved.audit(examined, EVIDENCE_TIME)
    half_proved.publish(examined, report, EVIDENCE_TIME)

    data = store.read(PUBLISHED)
    assert set(pq.read_table(io.BytesIO(data))["venue"].to_pylist()) == {"KRX"}
    assert pq.read_schema(io.BytesIO(data)).metadata[b"kiwoom.withheld"] == b'["NXT"]'
    assert report.withheld == ("NXT",)


def test_a_withheld_venue_is_added_by_a_later_run_that_proves_it(half_proved, hook, store, clock):
    withheld = half_proved.withhold(half_proved.examine(), EVIDENCE_TIME)
    half_proved.publish(withheld, half_proved.audit(withheld, EVIDENCE_TIME), EVIDENCE_TIME)
    for parameters in NXT:
        half_proved.evidence.gather(hook, parameters)
    Refetch(half_proved, hook, clock).improve(half_proved.examine())

    again = half_proved.withhold(half_proved.examine(), EVIDENCE_TIME)
    half_proved.publish(again, half_proved.audit(again, EVIDENCE_TIME), EVIDENCE_TIME)

    assert set(pq.read_table(io.BytesIO(store.read(PUBLISHED)))["venue"].to_pylist()) == {"KRX", "NXT"}
    assert b"kiwoom.withheld" not in pq.read_schema(io.BytesIO(store.read(PUBLISHED))).metadata


def test_a_blocking_rule_still_withholds_the_whole_session(half_proved, collector, control, store):
    control.fault("cell-off=frgnr_invsr@ka10066:side=buy*1")
    collector.collect(SIDES[1], anew=True)
    examined = half_proved.withhold(half_proved.examine(), EVIDENCE_TIME)

    with pytest.raises((AuditFailedError, UnprovedSessionError)):
        half_proved.publish(examined, half_proved.audit(examined, EVIDENCE_TIME), EVIDENCE_TIME)

    assert store.list("investor_trading") == []


def test_a_session_of_which_no_venue_is_proved_is_refused_as_a_whole(collector, publisher):
    for parameters in SIDES:
        collector.collect(parameters)

    assert publisher.withhold(publisher.examine(), EVIDENCE_TIME).session.withheld == ()
