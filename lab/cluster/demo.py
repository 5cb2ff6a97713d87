"""
`make cluster`: Airflow with PostgreSQL, Redis and Celery workers on hosts of their own, on this machine.

Brings it up, runs an undisturbed night of 36 sets and one during which a worker is cut off from the
network, says what came of both, and brings it down. With --stay it stays up for a person until Ctrl-C
instead; --down removes what a run that was itself killed has left.
"""

from __future__ import annotations

import signal
import time
from argparse import ArgumentParser, Namespace

from lab.cluster.lab import alone, clear, cluster
from lab.cluster.layout import WORKERS
from lab.cluster.nights import Night, Outcome
from lab.cluster.roots import FILE, ROOTS
from lab.cluster.tables import is_well

NIGHT_TIMEOUT_S = 900


def main(arguments: list[str]) -> int:
    """Run, and return the process's exit status."""
    parser = ArgumentParser("make cluster", description=__doc__)
    parser.add_argument("--stay", action="store_true", help="stay up until Ctrl-C, and run nothing")
    parser.add_argument("--down", action="store_true", help="remove what is left, and end")
    parser.add_argument("--root", choices=ROOTS, default=FILE, help="kind of data root (default: %(default)s)")
    parser.add_argument("--stocks", default="KOSPI=1330,KOSDAQ=1824", help="size of the market (default: %(default)s)")
    parser.add_argument("--cut-after-s", type=float, default=30, help="when the worker is cut off (default: 30)")
    parser.add_argument("--cut-for-s", type=float, default=60, help="for how long (default: 60)")
    options = parser.parse_args(arguments)
    with alone():
        return _serve(options)


def _serve(options: Namespace) -> int:
    if options.down:
        clear()
        return 0
    with cluster(options.root, "--stocks", options.stocks) as lab:
        if options.stay:
            signal.pause()
        whole = Night(lab, "undisturbed").run(NIGHT_TIMEOUT_S)
        _say(whole, whole)
        cut = Night(lab, "cut-off").run(NIGHT_TIMEOUT_S, Cut(options.cut_after_s, options.cut_for_s))
        _say(cut, whole)
    return 0 if is_well(whole, whole) and is_well(cut, whole) else 1


class Cut:
    """Cuts one worker off for a while, when called every second; another part of the night is left alone."""

    def __init__(self, after_s: float, for_s: float) -> None:
        self._begin, self._end = time.monotonic() + after_s, time.monotonic() + after_s + for_s
        self._host, self._is_cut = WORKERS[0], False

    def __call__(self) -> None:
        """Pull or put back the cable when it is time."""
        wanted = self._begin <= time.monotonic() < self._end
        if wanted != self._is_cut:
            (self._host.cut if wanted else self._host.mend)()
            print(f"{self._host.name} is {'cut off' if wanted else 'back'}", flush=True)
            self._is_cut = wanted


def _say(night: Outcome, reference: Outcome) -> None:
    seen = night.traffic
    same = "identical" if is_well(night, reference) else "NOT IDENTICAL"
    hosts = ", ".join(f"{count} tasks on {host}" for host, count in night.tasks_by_host.items())
    print(
        f"""
Night      {night.name}: {night.state} after {night.seconds:.0f} s; {hosts}
Calls      {seen.calls} of ka10066 ({seen.repeated} again), {seen.reference_calls} of ka10059, {seen.refused} refused
Budget     at most {seen.most_in_a_second} calls of one api-id in any second
Tokens     {seen.tokens} issued so far
Tries      {night.tries} beyond the first{"; failed for good: " + ", ".join(night.failed) if night.failed else ""}
Published  {same}, {night.digest[:16] or "nothing"}
""",
        flush=True,
    )
