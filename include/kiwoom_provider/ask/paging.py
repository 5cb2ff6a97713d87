"""What is assumed of ka10066's sets: each market and venue, its pages, their order and ends, and the codes in them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from kiwoom_provider.api import ka10066
from kiwoom_provider.api.errors import KiwoomError, RateLimitedError
from kiwoom_provider.api.ka10059 import STOCK_SUFFIX
from kiwoom_provider.ask.assumption import Seen, agrees, assumption, breaks, differs
from kiwoom_provider.ask.questions import BASE, MOST_PAGES, Answers, NotAskedError
from kiwoom_provider.parameters import Market, Measure, ParameterSet, Side, Venue
from kiwoom_provider.quality.tolerances import PAGE_ROWS
from kiwoom_provider.settings import HostKind

if TYPE_CHECKING:
    from collections.abc import Iterable


@assumption("Every market is served on every venue, page after page to an end")
def sweeps(answers: Answers) -> Seen:
    """Count rows and pages of each; of 통합 the first pages only, for want of calls."""
    lines, endless = [], []
    for parameters, pages in answers.nets.items():
        rows = len(answers.rows(parameters))
        lines.append(f"{_name(parameters)}: {rows:,} rows on {len(pages)} page{'s' * (len(pages) > 1)}")
        if not pages[-1].is_last:
            is_broken = len(pages) == MOST_PAGES or not pages[-1].next_key
            lines[-1] += ", and no end" if is_broken else ", not asked to the end"
            endless += [parameters] if is_broken else []
    seen = "; ".join(lines)
    return breaks(seen) if endless else agrees(seen)


@assumption("A page of ka10066 has 100 rows")
def page_rows(answers: Answers) -> Seen:
    """All but the last page of each market and venue; whatever the size, it is the same."""
    sizes = {
        parameters: [len(page.rows(ka10066.LIST_ELEMENT)) for page in pages]
        for parameters, pages in answers.nets.items()
    }
    full = {
        parameters: set(found if answers.nets[parameters][-1].next_key else found[:-1])
        for parameters, found in sizes.items()
    }
    if not any(full.values()):
        raise NotAskedError("every set has one page only")
    seen = "; ".join(f"{_name(one)}: {', '.join(map(str, sorted(found)))}" for one, found in full.items() if found)
    if any(len(found) > 1 for found in full.values()):
        return breaks(seen, "pages of several sizes are taken for cut ones")
    is_usual = all(found <= {PAGE_ROWS} for found in full.values())
    return agrees(seen) if is_usual else differs(seen, "the audit warns of it")


@assumption("Rows are ordered by stock code")
def page_order(answers: Answers) -> Seen:
    """Over all pages of each market and venue."""
    seen, is_ordered = [], True
    for parameters in answers.nets:
        codes = _codes(answers.rows(parameters))
        seen.append(f"{_name(parameters)}: {codes[0]} to {codes[-1]}" if codes else f"{_name(parameters)}: none")
        is_ordered &= codes == sorted(codes)
    found = "; ".join(seen)
    return agrees(found) if is_ordered else differs(found, "rows are sorted before they are stored")


@assumption("No stock comes twice")
def no_stock_twice(answers: Answers) -> Seen:
    """Pages that overlap are refused, and the set is fetched again."""
    counts = {parameters: Counter(_codes(answers.rows(parameters))) for parameters in answers.nets}
    twice = [f"{_name(one)}: {code}" for one, found in counts.items() for code, count in found.items() if count > 1]
    seen = f"{sum(map(len, counts.values())):,} stocks of {len(counts)} sets"
    return breaks(", ".join(twice[:5])) if twice else agrees(seen)


@assumption("The last page says cont-yn N and has no next-key")
def last_page(answers: Answers) -> Seen:
    """Look at how the sweeps ended: on cont-yn alone."""
    lasts = {one: pages[-1] for one, pages in answers.nets.items() if pages[-1].is_last}
    if not lasts:
        raise NotAskedError("no set came to its end")
    seen = "; ".join(
        f"{_name(one)}: cont-yn {page.headers.get('cont-yn', 'absent')!r}, next-key {page.next_key!r}"
        for one, page in lasts.items()
    )
    has_key = any(page.next_key for page in lasts.values())
    return differs(seen, "ends all the same") if has_key else agrees(seen)


@assumption("A next-key outlives a pause of a minute")
def next_key(answers: Answers) -> Seen:
    """Ask for the second page once more by a key that is older than a minute."""
    key, again = answers.pages(BASE)[0].next_key, answers.page_after_pause
    if again is None:
        raise NotAskedError("the set has one page only")
    if isinstance(again, KiwoomError):
        if isinstance(again, RateLimitedError):
            raise NotAskedError(str(again))
        return differs(f"{key!r}: {again}", "a set starts over when its key is not taken any more")
    if len(answers.pages(BASE)) == 1:
        raise NotAskedError("the second page was refused before the pause")
    if again.rows(ka10066.LIST_ELEMENT) and _codes(again.rows(ka10066.LIST_ELEMENT)) == _codes(
        answers.pages(BASE)[1].rows(ka10066.LIST_ELEMENT)
    ):
        return agrees(repr(key))
    return breaks(f"{key!r} brings other stocks than before")


@assumption("stk_cd ends in nothing on KRX, _NX on NXT and _AL for 통합")
def code_suffixes(answers: Answers) -> Seen:
    """Look at every market and venue; the plain code is taken everywhere."""
    found = {one: {"".join(code.partition("_")[1:]) for code in _codes(answers.rows(one))} for one in answers.nets}
    seen = "; ".join(f"{_name(one)}: {', '.join(map(repr, sorted(ends)))}" for one, ends in found.items())
    if all(ends <= {STOCK_SUFFIX[one.venue]} for one, ends in found.items()):
        return agrees(seen)
    is_known = all(ends <= {STOCK_SUFFIX[one.venue], ""} for one, ends in found.items())
    return differs(seen, "codes are stored without suffix") if is_known else breaks(seen)


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
        return breaks(seen)
    others = [found.get(venue, False) for venue in (Venue.NXT, Venue.CONSOLIDATED)]
    if answers.kind is HostKind.MOCK:
        return differs(seen, "on the mock host KRX alone is asked for") if any(others) else agrees(seen)
    return agrees(seen) if all(others) else differs(seen, "set venues in the trigger form to those that are served")


def _name(parameters: ParameterSet) -> str:
    return f"{parameters.market} {parameters.venue}"


def _codes(rows: Iterable[dict[str, object]]) -> list[str]:
    return [str(row.get("stk_cd")) for row in rows]
