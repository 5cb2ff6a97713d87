"""
A stand-in for Kiwoom's REST API over real HTTP, for tests and demonstrations.

Served: au10001 (token), au10002 (revoke), ka10066 (after-close trading by investor), ka10059 (its dated
sibling), ka10099 (the securities master) and ka10051 (the dated totals of a market). Run it with
``python -m kiwoom_simulator --help``, or in process with :func:`kiwoom_simulator.server.serve`.
:func:`kiwoom_simulator.market.truth` gives the numbers behind the answers without the wire. What goes wrong
with an answer is a fault, see :mod:`kiwoom_simulator.faults`; what happens to the market an event, see
:mod:`kiwoom_simulator.events`; what is not known of the API an assumption, see
:mod:`kiwoom_simulator.assumptions`. Each is written as a line of text. What a year brings by itself, without
being told, is in :mod:`kiwoom_simulator.year`.

What it does **not** imitate:

* TLS, websockets, and every api-id but the six above. Registered calling IPs are not checked (8010,
  8050): such answers are to be had as an ``error`` fault.
* The true texts of most errors. Recorded are 1700's and 8005's; the others carry the documented code
  in the recorded shape ``class text[code:text]`` with wording of our own.
* The limits over all api-ids (1701) and over a group (1702), likewise to be had as a fault. The limit
  per api-id is a sliding second that counts admitted calls only; how Kiwoom counts is not known.
* The true form of ``next-key`` and of tokens. Here both are opaque, bounded, and checked.
* Trading itself: live prices and volumes move on a straight line from 08:00 to 15:30 and from 16:00 to
  20:00 KST, on CSAT days too, on both venues. A limit-up day, a split, a first and a last day beyond the
  limit happen now and then; ETNs have the stocks' ticks and limits.
* The moments of settlement, which are not known to the minute: here they are a setting, 16:00 KST for the
  regular session and 20:50 for the after-market, for every api-id and venue at once, unless told otherwise.
* How the first figures of a day differ from its last: 1 to 12 % of each stock's volume is after-market,
  ETNs have none; a revision gives individuals' trade to foreigners in a tenth of the stocks.
* NXT's true list and how it is chosen: here the most traded, and about 800 stocks of both markets, as many as
  before its cuts of 2026, instead of the 606 of late 2026, so that a night has 450 calls; it is cut in February
  and August, and made anew each quarter. Rows of ``_NX`` go back to 2016.
* Late venues, settlement stock by stock, revisions at dawn, witnesses that are away: they are told, as
  settlements and faults, and happen on no night by themselves. Maintenance hours of the hosts do, but not on
  the real clock: a demonstration can be started at any hour.
* The securities master's fields that nobody needs: listed shares, sectors, classes and warnings are made up,
  and ELWs, warrants and parts of ETNs (70, 90) are missing. Index levels of ka10051 are one constant.
* Delisted stocks have no history and those that moved market have it on the new one, as live. Where one is
  listed another is delisted in the same night, so that a market keeps its size; notes have no first-day prices.
* Closed days before 2025, of which only 2024-10-01 is known here.
* Real history. Names and codes of some well-known stocks are real; every other number is made up, but for
  the prices and volumes of a universe that is given.
"""

__version__ = "1"
