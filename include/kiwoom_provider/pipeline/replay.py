"""Rebuild a typed partition from stored raw, without a call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiwoom_provider.datasets import raw
from kiwoom_provider.datasets.published import last_published_sweeps
from kiwoom_provider.pipeline.errors import SessionOverError
from kiwoom_provider.pipeline.sweep import write_partition
from kiwoom_provider.pipeline.sweep_summary import SweepSummary

if TYPE_CHECKING:
    from kiwoom_provider.datasets.store import Store
    from kiwoom_provider.krx import SessionWindow
    from kiwoom_provider.parameters import ParameterSet


def rebuild(store: Store, session: SessionWindow, parameters: ParameterSet) -> SweepSummary:
    """
    Write the typed partition anew from the sweep that was published, else from the newest complete one.

    :raises SessionOverError: when no sweep of the set is complete.
    """
    sweep = _choose(store, session, parameters)
    path, table = write_partition(store, session, sweep)
    return SweepSummary(label=parameters.label, rows=table.num_rows, pages=len(sweep.pages), path=path)


def _choose(store: Store, session: SessionWindow, parameters: ParameterSet) -> raw.Sweep:
    stored = raw.load_sweeps(store, session.session_date, parameters).get(parameters, [])
    complete = [sweep for sweep in stored if sweep.is_complete]
    if not complete:
        raise SessionOverError(f"{parameters.label}: no complete raw is stored for session {session.key}")
    folder = last_published_sweeps(store, session.session_date).get(parameters)
    return next((sweep for sweep in complete if sweep.prefix == folder), complete[-1])
