"""The one place that asks the environment for a deployment's own override file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from kiwoom_provider.krx.errors import OverrideError
from kiwoom_provider.krx.overrides import read_overrides, shipped_facts

if TYPE_CHECKING:
    from collections.abc import Mapping

OVERRIDES_VARIABLE = "KIWOOM_KRX_OVERRIDES"


def overrides_path(environment: Mapping[str, str] = os.environ) -> Path | None:
    """
    Return the file that ``KIWOOM_KRX_OVERRIDES`` names, None when it is unset or empty.

    Set it alike for the scheduler, DAG processor, API server, triggerer and workers.

    :raises OverrideError: when the path is not absolute, since those run in different directories.
    """
    text = environment.get(OVERRIDES_VARIABLE, "").strip()
    if not text:
        return None
    path = Path(text)
    if not path.is_absolute():
        raise OverrideError(path, None, f"{OVERRIDES_VARIABLE} must hold an absolute path")
    return path


def check_overrides(path: Path | None) -> None:
    """
    Read a deployment's file for its errors only, without building a calendar (no heavy import).

    :raises OverrideError: naming the file, the line, and what is wrong there.
    """
    if path is not None:
        known, _ = shipped_facts()
        read_overrides(path, known)
