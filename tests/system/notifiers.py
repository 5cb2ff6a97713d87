"""A notifier of a deployment, for the tests of the deadline alert."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from airflow.sdk import BaseNotifier

if TYPE_CHECKING:
    from airflow.sdk import Context


class FileNotifier(BaseNotifier):
    """Writes the message into a file."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path

    def notify(self, context: Context) -> None:
        """Write ``context["message"]``."""
        Path(self.path).write_text(context["message"])  # type: ignore[typeddict-item]
