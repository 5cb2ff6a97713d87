"""A small published table on disk."""

from __future__ import annotations

import pytest

from published import publish_three


@pytest.fixture
def root(tmp_path):
    """Return a data root with three sessions, Wednesday 2026-11-18 to Friday."""
    publish_three(tmp_path)
    return tmp_path
