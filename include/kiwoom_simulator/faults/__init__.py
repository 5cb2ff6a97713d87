"""
Faults that can be switched on: what goes wrong with an answer, where, and how often.

Written ``KIND[=VALUE][@API-ID[:FIELD=VALUE,…]][*TIMES]``, for example::

    http=503@ka10066:page=2,venue=KRX*3    three times HTTP 503 on the second page of KRX sets
    stale@ka10066:market=KOSDAQ,page=3-    from page 3 on the previous session's investors
    dead-tokens@ka10066:call=20            the 20th call finds every token dead
    hang@au10001*1                         the token endpoint hangs once

Fields: ``page`` (``3``, ``last``, ``2-4``, ``3-``, ``-3``), ``market``, ``venue``, ``measure``, ``side``
(words such as KOSDAQ, NXT, amount, sell), ``stock`` (ka10059), ``call`` (the n-th call that fits
everything else) and ``after`` (so many calls that fit pass first). Without ``*TIMES`` a fault strikes always.
A call that a fault cannot touch is not counted: no fault is used up by it. Named mixtures are in
:mod:`kiwoom_simulator.faults.scenarios`.
"""

from __future__ import annotations

from kiwoom_simulator.faults import instead, paging, rows, source, wire  # noqa: F401  they declare the kinds
from kiwoom_simulator.faults.fault import LAST, Fault
from kiwoom_simulator.faults.kinds import KINDS, Stage
from kiwoom_simulator.faults.switches import Asked, Struck, Switches

__all__ = ["KINDS", "LAST", "Asked", "Fault", "Stage", "Struck", "Switches"]
