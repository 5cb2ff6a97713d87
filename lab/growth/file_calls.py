"""How often this process lists folders and opens files under a root: counts, which do not wobble with the load."""

from __future__ import annotations

import os
import sys
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

LISTED, READ, WRITTEN = "folders listed", "files read", "files written"
KINDS = (LISTED, READ, WRITTEN)
_LISTING = ("os.scandir", "os.listdir")
_WRITING = os.O_WRONLY | os.O_RDWR


@dataclass
class FileCalls:
    """
    Counts from the moment that it is made, for the rest of the process: an audit hook cannot be taken out.

    What pyarrow opens by itself is counted where it is asked to.

    :param root: files and folders outside are not counted.
    """

    root: str
    counted: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        sys.addaudithook(self._hear)
        self._hear_pyarrow()

    def take(self) -> dict[str, int]:
        """Return the counts since the last time, every kind named, and begin anew."""
        taken = {kind: self.counted[kind] for kind in KINDS}
        self.counted.clear()
        return taken

    def _hear(self, event: str, details: tuple[Any, ...]) -> None:
        if event in _LISTING and self._is_inside(details[0]):
            self.counted[LISTED] += 1
        elif event == "open" and self._is_inside(details[0]):
            self.counted[WRITTEN if details[2] & _WRITING else READ] += 1

    def _is_inside(self, path: object) -> bool:
        with suppress(TypeError):  # a descriptor, or the present folder
            return os.fsdecode(path).startswith(self.root)  # type: ignore[arg-type]
        return False

    def _hear_pyarrow(self) -> None:
        import pyarrow.parquet as pq

        made = pq.ParquetFile.__init__

        def hear(file: Any, source: Any, *given: Any, **named: Any) -> None:
            self._hear("open", (source, None, 0))
            made(file, source, *given, **named)

        pq.ParquetFile.__init__ = hear
