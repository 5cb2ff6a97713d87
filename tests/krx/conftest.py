from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kiwoom_provider.krx import KrxCalendar, calendar

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def krx() -> KrxCalendar:
    return calendar()


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    """Write an override file and return its path."""

    def _write(text: str) -> Path:
        file = tmp_path / "closures.yaml"
        file.write_text(text, encoding="utf-8")
        return file

    return _write
