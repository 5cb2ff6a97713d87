"""``python -m kiwoom_provider.months``: put finished months of the published table into one file each."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import TYPE_CHECKING

from kiwoom_provider import __version__
from kiwoom_provider.clock import SystemClock
from kiwoom_provider.data_root import ROOT_IN_ENVIRONMENT, exit_status, open_named_root
from kiwoom_provider.datasets.monthly import finished_months, make_month
from kiwoom_provider.datasets.window import read_window
from kiwoom_provider.krx import calendar, overrides_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kiwoom_provider.clock import Clock


def main(arguments: Sequence[str] | None = None, clock: Clock | None = None) -> int:
    """Make what is lacking or old, one line a month; return 0, or 2 when it could not be done."""
    made = ArgumentParser("python -m kiwoom_provider.months", description="Finished months in one file each.")
    made.add_argument("months", nargs="*", help="such as 2026-11 (default: every month that is over)")
    made.add_argument("--root", help=f"the data root, a path or URL (default: ${ROOT_IN_ENVIRONMENT})")
    asked = made.parse_args(arguments)
    return exit_status(lambda: _make(asked.root, asked.months, clock or SystemClock()))


def _make(root: str | None, months: list[str], clock: Clock) -> int:
    store = open_named_root(root)
    krx = calendar(read_window(store), overrides=overrides_path())
    finished = finished_months(store, krx, clock.now())
    if not finished:
        sys.stderr.write(f"no month that is over has a published session under {store.name}\n")
    for month in months or finished:
        if month not in finished:
            sys.stderr.write(f"{month} is not over yet, or nothing of it is published\n")
            return 2
        file = make_month(store, month, __version__)
        said = f"{file['sessions']} sessions, {file['rows']:,} rows" if file else "is of the daily files as they are"
        sys.stdout.write(f"{month}  {said}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
