"""How things are timed: in turns, since the machine is never quite quiet, and by their medians."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ROOT = Path(__file__).resolve().parents[1]


def say(text: str) -> None:
    """Tell how far a long measurement is, beside the table."""
    print(f"  {text}", file=sys.stderr, flush=True)


def in_turns(works: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Do each work in turn, ``rounds`` times over after one for warming up; return median seconds by name."""
    taken: dict[str, list[float]] = {name: [] for name in works}
    for turn in range(rounds + 1):
        for name, work in works.items():
            began = time.perf_counter()
            work()
            if turn:
                taken[name].append(time.perf_counter() - began)
    return {name: median(times) for name, times in taken.items()}


def fresh_python(*arguments: str, **environment: str) -> dict[str, Any]:
    """Run Python anew with compiled modules at hand; return what it printed last, as JSON."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(
        [sys.executable, *arguments], env=kept | environment, cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"python {' '.join(arguments)[:200]} failed:\n{done.stderr[-2000:]}")
    return dict(json.loads(done.stdout.splitlines()[-1]))
