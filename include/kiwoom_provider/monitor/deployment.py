"""The archive of this deployment, as the API server sees it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from kiwoom_provider.clock import DEMO_CLOCK_VARIABLE, DemoClock, SystemClock
from kiwoom_provider.data_root import open_data_root
from kiwoom_provider.datasets.window import read_window
from kiwoom_provider.krx import calendar, overrides_path
from kiwoom_provider.monitor.archive import Archive

if TYPE_CHECKING:
    from kiwoom_provider.clock import Clock


def archive() -> Archive:
    """
    Return what is stored, under the data root of the Airflow Variable as it is now.

    :raises DataRootError: when the Variable is missing or is no URL that can be opened.
    :raises CalendarError: when the deployment's calendar overrides cannot be used.
    """
    store = open_data_root()
    return Archive(store, calendar(read_window(store), overrides=overrides_path()), _clock())


def _clock() -> Clock:
    """Return the clock of a demonstration where one is set: the page files nothing by it."""
    spec = os.environ.get(DEMO_CLOCK_VARIABLE)
    return DemoClock.parse(spec) if spec else SystemClock()
