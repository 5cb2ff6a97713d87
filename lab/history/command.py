"""`python -m lab history WHAT [OPTIONS]`: the history's figures, and its proof against the nights."""

from __future__ import annotations

from importlib import import_module

WHAT = {
    "large": ("lab.history.large", "a whole market's sessions without a limit: seconds, memory, calls"),
    "year": ("lab.history.year", "the same sessions by nights and rebuilt, cell by cell"),
    "month": ("lab.history.month", "a lost, an unproved and a withheld night, repaired"),
    "faults": ("lab.history.faults", "every fault of the night's matrix on this road"),
    "beside": ("lab.history.beside", "twelve months of history while nights go on"),
}


def main(arguments: list[str]) -> int:
    """Hand on, and return the exit status."""
    if not arguments or arguments[0] not in WHAT:
        listed = "".join(f"  {name:8}{text}\n" for name, (_, text) in WHAT.items())
        print(f"usage: python -m lab history WHAT [OPTIONS]\n\n{listed}", end="")
        return 0 if arguments in ([], ["--help"], ["-h"]) else 2
    return int(import_module(WHAT[arguments[0]][0]).main(arguments[1:]))
