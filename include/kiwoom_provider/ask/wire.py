"""What is assumed of the protocol: token, headers, paging, codes of answers and forms of numbers."""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from kiwoom_provider.api import ka10066
from kiwoom_provider.api.errors import KiwoomError, RateLimitedError
from kiwoom_provider.api.numbers import SATURATED, parse_int
from kiwoom_provider.ask.assumption import Seen, as_assumed, assumption, handled, not_handled
from kiwoom_provider.ask.questions import BASE, Answers, NotAskedError
from kiwoom_provider.parameters import Market, Measure, ParameterSet, Side, Venue
from kiwoom_provider.settings import HostKind

if TYPE_CHECKING:
    from collections.abc import Iterator

TOKEN_ELEMENTS = {"expires_dt", "token_type", "token", "return_code", "return_msg"}
MOST_SKEW_S = 120
PAGE_ROWS = 100
_FORMS = {
    "one minus": r"-[0-9][0-9,]*(\.[0-9]+)?",
    "two minus signs": r"--[0-9,.]+",
    "plus": r"\+[0-9,.]+",
    "padded with zeros": r"[+-]{0,2}0[0-9]+(\.[0-9]+)?",
    "thousands commas": r"[+-]{0,2}[0-9]{1,3}(,[0-9]{3})+",
    "padded with spaces": r" +\S+ *|\S+ +",
    "blank": r" *",
}


@assumption("The token endpoint answers expires_dt, token_type and token")
def token_elements(answers: Answers) -> Seen:
    """Names only, never a value."""
    if not answers.token_elements:
        raise NotAskedError("a stored token was used")
    seen = ", ".join(answers.token_elements)
    extra = set(answers.token_elements) - TOKEN_ELEMENTS
    return handled(seen, "more than the sheet names: not read") if extra else as_assumed(seen)


@assumption("A token lives 24 hours by expires_dt, in KST")
def token_life(answers: Answers) -> Seen:
    """Compare its end with this machine's clock."""
    hours = (answers.token.expires_at - answers.token.issued_at).total_seconds() / 3600
    seen = f"until {answers.token.expires_at:%Y-%m-%d %H:%M:%S} UTC, {hours:.1f} hours from now"
    return as_assumed(seen) if 23 <= hours <= 25 else handled(seen, "expires_dt is trusted")  # noqa: PLR2004


@assumption("This machine's clock agrees with the server's to two minutes")
def clock(answers: Answers) -> Seen:
    """Compare the Date header with when the page was here."""
    page = answers.pages(BASE)[0]
    if answers.kind is HostKind.SIMULATOR:
        raise NotAskedError("a simulator's clock is its own")
    try:
        skew_s = (page.fetched_at - parsedate_to_datetime(page.headers["date"])).total_seconds()
    except (KeyError, ValueError, TypeError):
        raise NotAskedError("the answers have no Date header") from None
    seen = f"{skew_s:+.0f} s"
    return as_assumed(seen) if abs(skew_s) <= MOST_SKEW_S else not_handled(seen, "set this machine's clock right (NTP)")


@assumption("Issuing a token again leaves one that works")
def token_reissue(answers: Answers) -> Seen:
    """Asked with ``--reissue`` only."""
    if not answers.reissued:
        raise NotAskedError("asked with --reissue only: it may stop whatever else uses the key")
    advice = "one token is shared by all; let nothing else issue tokens for this key"
    return as_assumed(answers.reissued) if "same" in answers.reissued else handled(answers.reissued, advice)


@assumption("return_code is a number")
def return_code(answers: Answers) -> Seen:
    """Or a text that holds one."""
    values = {repr(page.payload.get("return_code")) for page in answers.pages(BASE)}
    seen = ", ".join(sorted(values))
    return handled(seen, "read as a number") if any("'" in value for value in values) else as_assumed(seen)


@assumption("Every answer carries the headers api-id, cont-yn and next-key")
def headers(answers: Answers) -> Seen:
    """Their names are matched without regard to case."""
    names = [sorted({"api-id", "cont-yn", "next-key"} & set(page.headers)) for page in answers.pages(BASE)]
    seen = "; ".join(sorted({", ".join(found) for found in names}))
    return as_assumed(seen) if all(len(found) == 3 for found in names) else handled(seen, "absent is read as no")  # noqa: PLR2004


@assumption("A page of ka10066 has 100 rows")
def page_rows(answers: Answers) -> Seen:
    """All but the last page."""
    sizes = {len(page.rows(ka10066.LIST_ELEMENT)) for page in answers.pages(BASE)[:-1]}
    seen = ", ".join(map(str, sorted(sizes)))
    if not sizes:
        raise NotAskedError("the set has one page only")
    return as_assumed(seen) if sizes == {PAGE_ROWS} else not_handled(seen, "the audit takes other pages for cut ones")


@assumption("Rows are ordered by stock code")
def page_order(answers: Answers) -> Seen:
    """Over all pages of one set."""
    codes = [str(row.get("stk_cd")) for row in answers.rows(BASE)]
    seen = f"{codes[0]} to {codes[-1]}, {len(codes)} rows"
    return as_assumed(seen) if codes == sorted(codes) else handled(seen, "rows are sorted before they are stored")


@assumption("No stock comes twice")
def no_stock_twice(answers: Answers) -> Seen:
    """Pages that overlap are refused, and the set is fetched again."""
    codes = [str(row.get("stk_cd")) for row in answers.rows(BASE)]
    twice = sorted({code for code in codes if codes.count(code) > 1})
    return not_handled(", ".join(twice[:5])) if twice else as_assumed(f"{len(codes)} stocks")


@assumption("The last page says cont-yn N and has no next-key")
def last_page(answers: Answers) -> Seen:
    """Look at how the sweep ended: on cont-yn alone."""
    page = answers.pages(BASE)[-1]
    seen = f"page {page.number}: cont-yn {page.headers.get('cont-yn', 'absent')!r}, next-key {page.next_key!r}"
    if not page.is_last:
        return not_handled(f"{seen}: the set was not ended by page {page.number}")
    return handled(seen, "ends all the same") if page.next_key else as_assumed(seen)


@assumption("A next-key outlives a pause of a minute")
def next_key(answers: Answers) -> Seen:
    """Ask for the second page once more by a key that is older than a minute."""
    key, again = answers.pages(BASE)[0].next_key, answers.page_after_pause
    if again is None:
        raise NotAskedError("the set has one page only")
    if isinstance(again, KiwoomError):
        if isinstance(again, RateLimitedError):
            raise NotAskedError(str(again))
        return handled(f"{key!r}: {again}", "a set starts over when its key is not taken any more")
    if again.rows(ka10066.LIST_ELEMENT) and _codes(again.rows(ka10066.LIST_ELEMENT)) == _codes(
        answers.pages(BASE)[1].rows(ka10066.LIST_ELEMENT)
    ):
        return as_assumed(repr(key))
    return not_handled(f"{key!r} brings other stocks than before")


@assumption("stk_cd ends in nothing on KRX, _NX on NXT and _AL for 통합")
def code_suffixes(answers: Answers) -> Seen:
    """Look at every venue; the plain code is taken everywhere."""
    expected, found = {Venue.KRX: {""}, Venue.NXT: {"_NX"}, Venue.CONSOLIDATED: {"_AL"}}, {}
    for venue in Venue:
        parameters = ParameterSet(Market.KOSPI, venue, Measure.QUANTITY, Side.NET)
        if isinstance(answers.sets.get(parameters), list):
            found[venue] = {"".join(code.partition("_")[1:]) for code in _codes(answers.rows(parameters))}
    if not found:
        raise NotAskedError("no set was answered")
    seen = "; ".join(f"{venue}: {', '.join(repr(end) for end in sorted(ends))}" for venue, ends in found.items())
    if all(found[venue] == expected[venue] for venue in found):
        return as_assumed(seen)
    known = all(ends <= expected[venue] | {""} for venue, ends in found.items())
    return handled(seen, "codes are stored without suffix") if known else not_handled(seen)


@assumption("Numbers have at most one sign and no padding, commas or blanks")
def number_forms(answers: Answers) -> Seen:
    """Each element's forms, of every page that came."""
    forms: dict[str, set[str]] = {}
    for element, text in _numbers(answers):
        parse_int(text.replace(".", "")) if element == "flu_rt" else parse_int(text)
        for form, pattern in _FORMS.items():
            if form != "one minus" and re.fullmatch(pattern, text):
                forms.setdefault(form, set()).add(f"{element} {text!r}")
    forms.pop("plus", None) if set(forms) == {"plus"} else None
    seen = "; ".join(f"{form}: {', '.join(sorted(cells)[:3])}" for form, cells in sorted(forms.items()))
    return handled(seen, "all of these forms are read") if forms else as_assumed("plain numbers")


@assumption("No counter has overflowed")
def saturated(answers: Answers) -> Seen:
    """Such a cell is no figure."""
    cells = sorted(
        {f"{element} {text}" for element, text in _numbers(answers) if parse_int(text.replace(".", "")) in SATURATED}
    )
    return handled(", ".join(cells), "read as blank, and named") if cells else as_assumed("none")


@assumption("pre_sig is 1 to 5")
def pre_sig(answers: Answers) -> Seen:
    """Other values stand at resets of the reference price."""
    counts: dict[str, int] = {}
    for row in answers.rows(BASE):
        value = str(row.get("pre_sig")).strip()
        counts[value] = counts.get(value, 0) + 1
    seen = ", ".join(f"{value!r}: {count}" for value, count in sorted(counts.items()))
    return as_assumed(seen) if set(counts) <= set("12345") else handled(seen, "the audit warns of them")


@assumption("The host serves NXT and 통합 too; the mock host KRX only")
def venues_served(answers: Answers) -> Seen:
    """Name what each venue was answered with."""
    found = {}
    for venue in Venue:
        answer = answers.sets.get(ParameterSet(Market.KOSPI, venue, Measure.QUANTITY, Side.NET))
        if answer is not None:
            found[venue] = isinstance(answer, list) and bool(answer[0].rows(ka10066.LIST_ELEMENT))
    seen = ", ".join(f"{venue} {'served' if is_served else 'not served'}" for venue, is_served in found.items())
    if not found.get(Venue.KRX):
        return not_handled(seen)
    others = [found.get(venue, False) for venue in (Venue.NXT, Venue.CONSOLIDATED)]
    if answers.kind is HostKind.MOCK:
        return handled(seen, "on the mock host KRX alone is asked for") if any(others) else as_assumed(seen)
    return as_assumed(seen) if all(others) else handled(seen, "set venues in the trigger form to those that are served")


@assumption("One call a second is never too many")
def quota(answers: Answers) -> Seen:
    """No refusal is provoked: only the calls that were made anyway can have met one."""
    if not answers.refusal:
        return as_assumed("no refusal")
    return handled(answers.refusal, "the quota that an answer names is obeyed, by all that share the key")


def _codes(rows: list[dict[str, object]]) -> list[str]:
    return [str(row.get("stk_cd")) for row in rows]


def _numbers(answers: Answers) -> Iterator[tuple[str, str]]:
    for answer in answers.sets.values():
        for page in answer if isinstance(answer, list) else ():
            for row in page.rows(ka10066.LIST_ELEMENT):
                yield from ((name, str(row.get(name, ""))) for name in ka10066.ROW_ELEMENTS[2:])
