"""Named mixtures of faults, and of settlements. One table."""

from __future__ import annotations

from dataclasses import dataclass

from kiwoom_simulator.faults.fault import Fault


@dataclass(frozen=True, slots=True)
class Scenario:
    """Faults to switch on (as text) and, when not empty, a settlement to set."""

    text: str
    faults: tuple[str, ...] = ()
    settlement: str = ""

    def parse(self) -> list[Fault]:
        """Return the faults as values."""
        return [Fault.parse(fault) for fault in self.faults]


_SECOND = "@ka10066:page=2,market=KOSPI,venue=KRX,measure=amount,side=net"

SCENARIOS: dict[str, Scenario] = {
    "calm": Scenario("nothing goes wrong"),
    "unsettled": Scenario("investor fields stay the previous session's", settlement="never"),
    "late": Scenario("investor fields appear at 01:30 the next day", settlement="25:30"),
    "nxt-unsettled": Scenario(
        "settled for KRX, never for NXT", settlement="18:10,NXT=never,CONSOLIDATED=never"
    ),
    "dated-unsettled": Scenario(
        "ka10066 settles, ka10059 never does", settlement="18:10,ka10059=never"
    ),
    "mid-sweep": Scenario("settlement falls after the 20th page", settlement="after=20"),
    "dated-down": Scenario("ka10059 answers HTTP 503", ("http=503@ka10059",)),
    "dated-unsupported": Scenario("ka10059 is not served: 8104, return_code 20", ("unsupported@ka10059",)),
    "dated-no-data": Scenario("ka10059 answers return_code 20 without a code", ("error=0/20@ka10059",)),
    "hiccups": Scenario(
        "a few of everything that passes by itself",
        ("http=500@ka10066:call=3", "http=502@ka10066:call=9", "http=503@ka10066:call=15",
         "reset@ka10066:call=21", "html@ka10066:call=27", "half-body@ka10066:call=33",
         "cut-json@ka10066:call=39"),
    ),
    "flaky-page": Scenario("one page fails three times, then comes", (f"http=503{_SECOND}*3",)),
    "broken-page": Scenario("one page never comes", (f"http=500{_SECOND}",)),
    "hang": Scenario("one page hangs once", (f"hang{_SECOND}*1",)),
    "drip": Scenario("one page arrives in drips once", (f"drip{_SECOND}*1",)),
    "burst": Scenario("ten refusals in a row in mid-sweep", ("limit=1@ka10066:page=2*10",)),
    "burst-bare": Scenario("refusals that name no quota", ("limit-bare@ka10066:page=2*3",)),
    "limit-200": Scenario("refusals with HTTP 200", ("limit-200@ka10066:page=2*3",)),
    "maintenance": Scenario("HTML with HTTP 200 for everything", ("html",)),
    "token-dies": Scenario("every token dies at the 20th page, once", ("dead-tokens@ka10066:call=20",)),
    "token-down": Scenario("the token endpoint answers HTTP 503", ("http=503@au10001",)),
    "token-limited": Scenario("the token endpoint refuses three times", ("limit=1@au10001*3",)),
    "token-redirect": Scenario("the token endpoint answers 302 to a page", ("redirect@au10001",)),
    "no-key": Scenario("cont-yn Y without a key", (f"no-key{_SECOND}",)),
    "same-key": Scenario("a repeated key", ("same-key@ka10066:page=2",)),
    "key-loop": Scenario("a loop of three keys", ("key-loop@ka10066:market=KOSPI",)),
    "endless": Scenario("pages never end", ("endless@ka10066:market=KOSPI",)),
    "key-refused": Scenario("a next-key dies with its token", ("key-refused=token@ka10066",)),
    "cut-short": Scenario("one sweep ends early and looks complete", (f"cut-short{_SECOND}",)),
    "empty-page": Scenario("an empty page in the middle", (f"empty-page{_SECOND}",)),
    "empty-list": Scenario("one set is an empty list", ("empty-list@ka10066:market=KOSPI,venue=NXT",)),
    "page-again": Scenario("a page is served twice", (f"page-again{_SECOND}",)),
    "overlap": Scenario("pages overlap by ten rows", (f"overlap{_SECOND}",)),
    "disorder": Scenario("rows out of order", (f"disorder{_SECOND}",)),
    "stale-set": Scenario(
        "one set is the previous session's",
        ("stale@ka10066:market=KOSDAQ,venue=KRX,measure=amount,side=buy",),
    ),
    "swapped-sides": Scenario(
        "buys and sells swapped in one measure", ("swapped-sides@ka10066:measure=amount,venue=KRX",)
    ),
    "wrong-units": Scenario("amounts in thousand won", ("wrong-units@ka10066:measure=amount",)),
    "cell-off": Scenario("one cell is wrong", (f"cell-off{_SECOND}",)),
    "missing-stock": Scenario("one stock is missing from one set", (f"missing-stock{_SECOND}",)),
    "missing-element": Scenario("an element is gone", ("missing-element@ka10066",)),
    "renamed-element": Scenario("an element has a new name", ("renamed-element@ka10066",)),
    "extra-element": Scenario("a new element, harmless", ("extra-element@ka10066",)),
    "string-code": Scenario("return_code as a string, harmless", ("string-code",)),
}  # fmt: skip
"""By name; ``--scenario`` takes several."""


def scenario(name: str) -> Scenario:
    """
    Return a scenario.

    :raises ValueError: when there is none of that name, naming all.
    """
    if name not in SCENARIOS:
        raise ValueError(f"scenario {name!r} is not one of: {', '.join(SCENARIOS)}")
    return SCENARIOS[name]
