"""The real DAG's night in a worker process that notes what every task took, listed, read and wrote."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

from lab.growth.file_calls import KINDS, FileCalls
from lab.nights import worker

FOLDER, NOTES = "GROWTH_FOLDER", "GROWTH_NOTES"
"""Environment: the folder of all roots, and the file to note in."""
MEASURED = ("s", "s of CPU", *KINDS)


class DagRunner(worker.DagRunner):
    """Notes every task, one JSON line each."""

    def __init__(self, answers: Any) -> None:
        super().__init__(answers)
        self.calls, self.perform_task = FileCalls(os.environ[FOLDER]), self.run_task
        self.run_task = self._note

    def _note(self, *, ti: Any, **given: Any) -> Any:
        self.calls.take()
        began, spent = time.perf_counter(), time.process_time()
        done = self.perform_task(ti=ti, **given)
        taken = (time.perf_counter() - began, time.process_time() - spent)
        note = {"task": ti.task_id} | dict(zip(MEASURED, taken, strict=False)) | self.calls.take()
        with Path(os.environ[NOTES]).open("a") as file:
            file.write(json.dumps(note) + "\n")
        return done


if __name__ == "__main__":
    worker.main(DagRunner)
