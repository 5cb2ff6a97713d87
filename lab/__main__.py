"""`python -m lab COMMAND [OPTIONS]`: one command line for everything in the laboratory; README.md has the times."""

from __future__ import annotations

import sys
from importlib import import_module

COMMANDS = {
    "run": ("lab.local.run", "collect one session with the real DAG (`make run`)"),
    "ui": ("lab.local.ui", "Airflow's UI with the simulator, until Ctrl-C (`make ui`)"),
    "pictures": ("lab.local.screenshots", "take docs/images of a running `ui`"),
    "archive": ("lab.archive.archive", "lay years of simulated sessions"),
    "year": ("lab.year.year", "a year of healthy nights: withheld ones and wrong cells"),
    "pairs": ("lab.year.pairs", "what a real night may bring, alone and in pairs, as a table"),
    "witnesses": ("lab.year.witnesses", "each witness right, silent, late, contradicting, alone and in pairs"),
    "calls": ("lab.nights.calls", "the calls of a first and of an ordinary night, by api-id"),
    "faults": ("lab.faults.campaign", "every fault where it can strike, as a table"),
    "fuzz": ("lab.fuzz", "hostile inputs"),
    "store": ("lab.stores.object_store", "an object store until the Enter key"),
    "cluster": ("lab.cluster.demo", "PostgreSQL, Redis, Celery, two workers as hosts of their own"),
    "kills": ("lab.cluster.kills", "SIGKILL to every part of that cluster, as a table"),
    "history": ("lab.history.command", "the history from ka10059: its figures, its cells against the nights"),
    "growth": ("lab.growth.campaign", "ten years of sessions against one, as a table"),
}
USAGE = "usage: python -m lab COMMAND [OPTIONS]; python -m lab COMMAND --help\n\n"


def main(arguments: list[str]) -> int:
    """Hand on to a command, and return its exit status."""
    if not arguments or arguments[0] not in COMMANDS:
        listed = "".join(f"  {name:10}{text}\n" for name, (_, text) in COMMANDS.items())
        print(USAGE + listed, end="")
        return 0 if arguments in ([], ["--help"], ["-h"]) else 2
    command, *options = arguments
    return int(import_module(COMMANDS[command][0]).main(options))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
