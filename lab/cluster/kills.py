"""
`make kills`: nights through the cluster while its processes are killed, and what was published in spite of it.

An undisturbed night first; then nights in which a process gets SIGKILL every few seconds, at random moments
of a seeded generator. What was killed is started again, as systemd or Kubernetes does; nothing else helps.
"""

from __future__ import annotations

import random
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from lab.cluster.killer import OBJECT_STORE, TARGETS, Kill, Killer, TargetOrder
from lab.cluster.lab import Lab, alone, cluster
from lab.cluster.nights import Night, Outcome
from lab.cluster.roots import FILE, ROOTS, S3
from lab.cluster.tables import NIGHTS_HEAD, is_well, night_row, targets_table

if TYPE_CHECKING:
    from collections.abc import Iterator

NIGHT_TIMEOUT_S = 900


def main(arguments: list[str]) -> int:
    """Run the nights, print the tables, and return the process's exit status."""
    parser = ArgumentParser("make kills", description=__doc__)
    parser.add_argument("--kills", type=int, default=60, help="in all nights together (default: %(default)s)")
    parser.add_argument("--per-night", type=int, default=6, help="at most (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of the random moments (default: %(default)s)")
    parser.add_argument("--every-s", type=float, nargs=2, default=(5, 15), help="between two kills (default: 5 15)")
    parser.add_argument("--root", choices=ROOTS, default=FILE, help="kind of data root (default: %(default)s)")
    parser.add_argument(
        "--only", action="append", choices=(*TARGETS, OBJECT_STORE), help="kill nothing else; may be repeated"
    )
    parser.add_argument("--stocks", default="KOSPI=300,KOSDAQ=300", help="size of the market (default: %(default)s)")
    options = parser.parse_args(arguments)
    with alone(), cluster(options.root, "--stocks", options.stocks) as lab:
        return _campaign(lab, options)


def _campaign(lab: Lab, options: Namespace) -> int:
    reference = Night(lab, "undisturbed").run(NIGHT_TIMEOUT_S)
    calls = f"{reference.traffic.calls} calls of ka10066 and {reference.traffic.reference_calls} of ka10059"
    print(
        f"Seed {options.seed}, {options.stocks}. Undisturbed: {reference.state} in {reference.seconds:.0f} s, {calls}"
    )
    print(f"\n{NIGHTS_HEAD}", flush=True)
    nights: list[tuple[Outcome, list[Kill]]] = []
    try:
        for outcome, kills in _nights(lab, options):
            nights.append((outcome, kills))
            print(night_row(outcome, kills, reference), flush=True)
    finally:  # also what was seen until Ctrl-C
        print(f"\n{targets_table(nights, reference)}\n\nTokens issued: {lab.simulator.traffic(0).tokens}", flush=True)
    return 0 if all(is_well(outcome, reference) for outcome, _ in nights) else 1


def _nights(lab: Lab, options: Namespace) -> Iterator[tuple[Outcome, list[Kill]]]:
    """Yield each night with its kills, until there have been enough."""
    rng = random.Random(options.seed)  # noqa: S311 - moments, not secrets
    usual = (*TARGETS, OBJECT_STORE) if options.root == S3 else TARGETS
    order, left, number = TargetOrder(rng, options.only or usual), options.kills, 0
    while left > 0:
        number += 1
        killer = Killer(lab.supervisor, rng, order, min(left, options.per_night), tuple(options.every_s))
        outcome = Night(lab, f"kills-{number}").run(NIGHT_TIMEOUT_S, killer)
        left -= len(killer.done)
        yield outcome, killer.done
