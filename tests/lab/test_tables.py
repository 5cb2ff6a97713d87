from __future__ import annotations

from dataclasses import replace

from lab.cluster.killer import Kill
from lab.cluster.nights import Outcome
from lab.cluster.simulator import Traffic
from lab.cluster.tables import night_row, targets_table

TRAFFIC = Traffic(calls=72, repeated=0, reference_calls=6, refused=0, most_in_a_second=5, tokens=1)
UNDISTURBED = Outcome("undisturbed", "success", 40.4, "abc", TRAFFIC, {"worker-1": 40}, 0, ())
KILLS = [Kill("task", 7.2, 1), Kill("worker", 15.9, 3)]


def test_a_night_is_told_against_the_undisturbed_one():
    outcome = replace(UNDISTURBED, name="kills-1", seconds=81.6, traffic=replace(TRAFFIC, calls=75), tries=4)
    assert night_row(outcome, KILLS, UNDISTURBED) == (
        "| kills-1 | task (7), worker (16) | 4 | success | 82 | identical | 3, 0 | 0 | 5 | 4 |"
    )


def test_other_bytes_are_told():
    row = night_row(replace(UNDISTURBED, digest="xyz"), [], UNDISTURBED)
    assert "| not identical |" in row


def test_a_failed_night_names_what_failed():
    row = night_row(replace(UNDISTURBED, state="failed", digest="", failed=("fetch[3]",)), [], UNDISTURBED)
    assert "| failed: fetch[3] | 40 | none |" in row


def test_targets_are_counted_over_all_nights():
    broken = replace(UNDISTURBED, state="failed", digest="")
    table = targets_table([(UNDISTURBED, KILLS), (broken, [Kill("task", 3.0, 1)])], UNDISTURBED)
    assert table.splitlines()[2:] == [
        "| task | 2 | 2 | 2 | 1 |",
        "| worker | 1 | 3 | 1 | 1 |",
        "| **all** | 3 | 5 | 2 | 1 |",
    ]
