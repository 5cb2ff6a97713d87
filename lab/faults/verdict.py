"""What became of a night: survived, refused or wrong."""

from __future__ import annotations

import hashlib
import io
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq

from kiwoom_provider.datasets import raw
from kiwoom_provider.datasets.parquet import file_metadata, read_table

if TYPE_CHECKING:
    from kiwoom_provider.datasets.store import Store
    from lab.faults.matrix import Cell
    from lab.faults.night import TroubledNight
    from lab.nights.stage import Outcome

PUBLISHED = "investor_trading/session_date=2026-11-17/part-0.parquet"
OTHER_EVIDENCE = "proved by other evidence"
_NAMES_OF_THE_RUN = ("sweeps", "collected_by_run", "first_publications")
_INSTANT = re.compile(r"\.\d{8}T\d{6}\.\d+Z")
_LINE = re.compile(r"^\d{4}-\d\d-\d\dT\S+ \[(\w+)\s*\]", re.MULTILINE)


def content(data: bytes) -> str:
    """
    Return the SHA-256 of a published file, written anew without what names its run.

    Those are ids and instants, and what the session was proved by: of the proof only its outcome counts.
    """
    table = read_table(data).drop_columns("published_at")
    kept = {name: text for name, text in file_metadata(table.schema).items() if name not in _NAMES_OF_THE_RUN}
    kept["proof"] = json.loads(kept["proof"])["outcome"]
    buffer = io.BytesIO()
    pq.write_table(table.replace_schema_metadata(kept), buffer, compression="zstd")
    return hashlib.sha256(buffer.getvalue()).hexdigest()


def evidence(data: bytes) -> str:
    """Return what a published session was proved by, as the file says."""
    return file_metadata(pq.read_schema(io.BytesIO(data)))["proof"]


def read_published(store: Store) -> bytes | None:
    """Return the session's published file, if there is one."""
    try:
        return store.read(PUBLISHED)
    except FileNotFoundError:
        return None


def answers(store: Store) -> set[tuple[str, str, str]]:
    """
    Return every stored answer, as dataset and set, name and checksum; of equal ones any instant will do.

    :raises RawError: for one that cannot be read or is not what it was when it was stored.
    """
    found = set()
    for key in store.list("raw"):
        if key.endswith(".json.gz"):
            page, _ = raw.unpack(store.read(key))
            place, name = _INSTANT.sub("", key).partition("/sweep=")[0], _INSTANT.sub("", key).rpartition("/")[2]
            found.add((place, name, hashlib.sha256(page.body).hexdigest()))
    return found


def outcome_text(outcome: Outcome) -> str:
    """Return the log without what is only information: warnings, errors, and the errors' own texts."""
    log, kept = outcome.log, []
    marks = [*_LINE.finditer(log)]
    for mark, following in zip(marks, [*marks[1:], None], strict=True):
        if mark[1] not in ("info", "debug"):
            kept.append(log[mark.start() : following.start() if following else None])
    return "\n".join(kept)


@dataclass
class Verdict:
    """
    What became of one night.

    :ivar end: ``survived``, ``refused``, ``wrong``, or ``unmet`` when the fault had nothing to strike.
    :ivar extra_calls: calls beyond those of a whole fault-free night.
    :ivar why: what is wrong.
    :ivar note: what is unusual.
    :ivar said: warnings and errors of the run with the fault.
    """

    cell: Cell
    end: str = ""
    extra_calls: int = 0
    seconds: float = 0.0
    why: list[str] = field(default_factory=list)
    note: str = ""
    said: str = field(default="", repr=False)

    def figures(self) -> dict[str, object]:
        """Return what a table needs, JSON-ready."""
        kept = ("end", "extra_calls", "seconds", "why", "note")
        return {"name": self.cell.name} | {name: getattr(self, name) for name in kept}

    @classmethod
    def of(cls, cell: Cell, figures: dict[str, Any]) -> Verdict:
        """Return a verdict from its figures."""
        return cls(cell, **{name: value for name, value in figures.items() if name != "name"})

    def must(self, holds: object, sentence: str) -> bool:
        """Note that something is wrong unless it holds."""
        if not holds:
            self.why.append(sentence)
        return bool(holds)


@dataclass(frozen=True)
class Judge:
    """
    Holds a night against the fault-free one.

    :param content: :func:`content` of the fault-free night's published file.
    :param evidence: :func:`evidence` of it.
    :param calls: calls of the fault-free night.
    :param before: what was stored before the night, by key.
    """

    content: str
    evidence: str
    calls: int
    before: dict[str, bytes]

    def judge(self, verdict: Verdict, night: TroubledNight, outcome: Outcome) -> Verdict:
        """Judge the run with the fault."""
        cell, data = verdict.cell, read_published(night.store)
        calls = sum(counts.calls for counts in night.control.counts().values())
        verdict.extra_calls = max(0, calls - self.calls)
        verdict.end = "survived" if data else "refused"
        if data:
            verdict.must(content(data) == self.content, "published something else")
            verdict.note = "" if evidence(data) == self.evidence else OTHER_EVIDENCE
            if outcome.state != "success":
                verdict.note = f"published; the run ended {outcome.state}"
        else:
            verdict.must(outcome.state == "failed", f"published nothing and ended as {outcome.state}")
        if outcome.state != "success":
            verdict.said = outcome_text(outcome)
            verdict.must(any(words in verdict.said for words in cell.says), f"does not say any of {cell.says}")
        if not night.struck(outcome):
            verdict.end = "unmet"
        return verdict

    def judge_again(self, verdict: Verdict, night: TroubledNight, before: set[tuple[str, str, str]]) -> None:
        """Judge what stands after the second run; ``before`` are the answers that were stored when it began."""
        now = read_published(night.store)
        verdict.must(now and content(now) == self.content, "without the fault: published something else")
        gone = before - answers(night.store)
        verdict.must(not gone, f"answers that were stored are gone: {sorted(gone)[:3]}")
        same = all(night.store.read(key) == data for key, data in self.before.items())
        verdict.must(same, "what was stored before the night has changed")
