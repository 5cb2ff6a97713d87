"""
A stand-in for Kiwoom's REST API over real HTTP, for tests and demonstrations.

Served: au10001 (token), au10002 (revoke), ka10066 (after-close trading by investor) and ka10059 (its
dated sibling). Run it with ``python -m kiwoom_simulator --help``, or in process with
:func:`kiwoom_simulator.server.serve`. :func:`kiwoom_simulator.market.truth` gives the numbers behind
the answers without the wire. A fault is written as a line of text, see :mod:`kiwoom_simulator.faults`.

What it does **not** imitate:

* TLS, websockets, and every api-id but the four above. Registered calling IPs are not checked (8010,
  8050): such answers are to be had as an ``error`` fault.
* The true texts of most errors. Recorded are 1700's and 8005's; the others carry the documented code
  in the recorded shape ``class text[code:text]`` with wording of our own.
* The limits over all api-ids (1701) and over a group (1702), likewise to be had as a fault. The limit
  per api-id is a sliding second that counts admitted calls only; how Kiwoom counts is not known.
* The true form of ``next-key`` and of tokens. Here both are opaque, bounded, and checked.
* Trading itself: live prices and volumes move on a straight line from 08:00 to 15:30 and from 16:00 to
  20:00 KST, on CSAT days too, on both venues; NXT's rows do not begin with NXT. A limit-up day happens now
  and then; splits, suspensions on a day and ETN ticks do not.
* Closed days before 2025, of which only 2024-10-01 is known here.
* The moment of settlement, which is unknown: here it is a setting, 18:10 KST unless told otherwise, with
  the after-market in the figures; ``16:00/20:50`` lets them come in the two steps that were seen.
* Real history. Names and codes of some well-known stocks are real; every number is made up.
"""

__version__ = "1"
