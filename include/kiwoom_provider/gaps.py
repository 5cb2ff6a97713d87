"""``python -m kiwoom_provider.gaps``: list sessions that were due and are not published."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import TYPE_CHECKING

from kiwoom_provider.clock import SystemClock
from kiwoom_provider.data_root import ROOT_IN_ENVIRONMENT, exit_status, open_named_root
from kiwoom_provider.datasets import layout
from kiwoom_provider.datasets.layout import published_sessions, stored_sessions
from kiwoom_provider.datasets.store import DataRootError
from kiwoom_provider.datasets.window import read_window
from kiwoom_provider.history.estimate import estimate_rebuild
from kiwoom_provider.krx import calendar, overrides_path, parse_session_date
from kiwoom_provider.pipeline.gap_list import gaps
from kiwoom_provider.pipeline.summary import newest_summary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kiwoom_provider.clock import Clock


def main(arguments: Sequence[str] | None = None, clock: Clock | None = None) -> int:
    """Print one line a gap; return 1 when there is any, 2 when it could not be found out, so that cron can tell."""
    made = ArgumentParser("python -m kiwoom_provider.gaps", description="Sessions that were due and are not published.")
    made.add_argument("--root", help=f"the data root, a path or URL (default: ${ROOT_IN_ENVIRONMENT})")
    made.add_argument("--since", help="first session to look at, YYYY-MM-DD (default: the first that is stored)")
    chosen = made.parse_args(arguments)
    return exit_status(lambda: _tell(chosen.root, chosen.since, clock or SystemClock()))


def _tell(root: str | None, first: str | None, clock: Clock) -> int:
    since = parse_session_date(first) if first else None
    store = open_named_root(root)
    krx = calendar(read_window(store), overrides=overrides_path())
    found = gaps(store, krx, clock.now(), since)
    if not (found or since or published_sessions(store) or stored_sessions(store, layout.RAW)):
        raise DataRootError(f"nothing is stored under {store.name}: give the data root itself, the folder above raw/")
    for gap in found:
        sys.stdout.write(f"{gap.sentence()}\n")
    if rebuild := estimate_rebuild(found, krx, newest_summary(store) if found else None):
        sys.stdout.write(f"{rebuild.sentence}\n")
    if not found:
        sys.stdout.write("Every session that was due is published.\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
