"""
One parameter set of a session: swept from the API, or typed anew from its stored raw.

With a sweep comes what it, and the session before, are held against; a replay makes no call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiwoom_provider.api.call_source import CallCounter
from kiwoom_provider.datasets import raw
from kiwoom_provider.datasets.published import last_published_sweeps
from kiwoom_provider.pipeline.errors import SessionOverError
from kiwoom_provider.pipeline.sweep import SweepRunner, write_partition
from kiwoom_provider.pipeline.sweep_summary import SweepSummary
from kiwoom_provider.proof.evidence import EvidenceStore
from kiwoom_provider.proof.restatements import ask_ahead

if TYPE_CHECKING:
    from kiwoom_provider.clock import Clock
    from kiwoom_provider.datasets.store import Store
    from kiwoom_provider.krx import SessionWindow
    from kiwoom_provider.parameters import ParameterSet
    from kiwoom_provider.pipeline.plan import Plan
    from kiwoom_provider.pipeline.sweep import Api


def fetch_set(
    store: Store, api: Api, clock: Clock, plan: Plan, parameters: ParameterSet, *, run_id: str
) -> SweepSummary:
    """
    Take one set into the store, with its evidence; return its summary, with the calls made beside the sweep's.

    The session before is looked at again here, a set at a time, since ka10059 has time while ka10066 is swept.

    :raises SessionOverError: when the session's window closes before the sweep ends.
    :raises KiwoomError: as the API fails; pages that arrived are kept.
    """
    evidence = EvidenceStore(store, plan.session.session_date, plan.session_before)
    before = EvidenceStore(store, plan.session_before, plan.session_before)
    asked = CallCounter(api)
    if plan.begins_implied(parameters) and plan.can_fetch(clock.now()):
        evidence.gather_sides(asked, parameters)
    summary, table = SweepRunner(store, api, plan.session, run_id, clock).collect(parameters)
    tonight = evidence.gather(asked, parameters, table=table)
    ask_ahead(before, tonight, asked, parameters, since=plan.session.settles_at)
    return summary.model_copy(update=asked.counts())


def replay_set(store: Store, session: SessionWindow, parameters: ParameterSet) -> SweepSummary:
    """
    Write the typed partition anew from the sweep that was published, else from the newest complete one.

    :raises SessionOverError: when no sweep of the set is complete.
    """
    sweep = _choose_sweep(store, session, parameters)
    path, table = write_partition(store, session, sweep)
    return SweepSummary(label=parameters.label, rows=table.num_rows, pages=len(sweep.pages), path=path)


def _choose_sweep(store: Store, session: SessionWindow, parameters: ParameterSet) -> raw.Sweep:
    stored = raw.load_sweeps(store, session.session_date, parameters).get(parameters, [])
    complete = [sweep for sweep in stored if sweep.is_complete]
    if not complete:
        raise SessionOverError(f"{parameters.label}: no complete raw is stored for session {session.key}")
    folder = last_published_sweeps(store, session.session_date).get(parameters)
    return next((sweep for sweep in complete if sweep.prefix == folder), complete[-1])
