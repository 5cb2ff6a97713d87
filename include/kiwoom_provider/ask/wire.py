"""What is assumed of the protocol: token, headers, return codes, quota and forms of numbers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kiwoom_provider.api import ka10051, ka10059, ka10066
from kiwoom_provider.api.errors import KiwoomError
from kiwoom_provider.api.numbers import SATURATED, parse_int
from kiwoom_provider.api.page import MOST_SKEW
from kiwoom_provider.api.transport import PAGING_HEADERS
from kiwoom_provider.ask.assumption import Seen, agrees, assumption, breaks, differs
from kiwoom_provider.ask.questions import BASE, Answers, NotAskedError
from kiwoom_provider.settings import HostKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

TOKEN_ELEMENTS = {"expires_dt", "token_type", "token", "return_code", "return_msg"}
_TEXTS = {"dt", "inds_cd", "inds_nm"}
_PLAIN = re.compile("0|[1-9][0-9]*")
_FORMS = {
    "one minus": re.compile(r"-[0-9][0-9,]*(\.[0-9]+)?"),
    "two minus signs": re.compile(r"--[0-9,.]+"),
    "plus": re.compile(r"\+[0-9,.]+"),
    "padded with zeros": re.compile(r"[+-]{0,2}0[0-9]+(\.[0-9]+)?"),
    "thousands commas": re.compile(r"[+-]{0,2}[0-9]{1,3}(,[0-9]{3})+"),
    "padded with spaces": re.compile(r" +\S+ *|\S+ +"),
    "blank": re.compile(r" *"),
}


@assumption("The token endpoint answers expires_dt, token_type and token")
def token_elements(answers: Answers) -> Seen:
    """Names only, never a value."""
    if not answers.token_elements:
        raise NotAskedError("a stored token was used")
    seen = ", ".join(answers.token_elements)
    extra = set(answers.token_elements) - TOKEN_ELEMENTS
    return differs(seen, "more than the sheet names: not read") if extra else agrees(seen)


@assumption("A token lives 24 hours by expires_dt, in KST")
def token_life(answers: Answers) -> Seen:
    """Compare its end with this machine's clock."""
    hours = (answers.token.expires_at - answers.token.issued_at).total_seconds() / 3600
    seen = f"until {answers.token.expires_at:%Y-%m-%d %H:%M:%S} UTC, {hours:.1f} hours from now"
    return agrees(seen) if 23 <= hours <= 25 else differs(seen, "expires_dt is trusted")  # noqa: PLR2004


@assumption("This machine's clock agrees with the server's to two minutes")
def clock(answers: Answers) -> Seen:
    """Compare the Date header with when the page was here."""
    page = answers.pages(BASE)[0]
    if answers.kind is HostKind.SIMULATOR:
        raise NotAskedError("a simulator's clock is its own")
    skew = page.clock_skew
    if skew is None:
        raise NotAskedError("the answers have no Date header")
    seen = f"{skew.total_seconds():+.0f} s"
    return agrees(seen) if abs(skew) <= MOST_SKEW else breaks(seen, "set this machine's clock right (NTP)")


@assumption("Issuing a token again leaves one that works")
def token_reissue(answers: Answers) -> Seen:
    """Asked with ``--reissue`` only."""
    if not answers.reissued:
        raise NotAskedError("asked with --reissue only: it may stop whatever else uses the key")
    advice = "one token is shared by all; let nothing else issue tokens for this key"
    return agrees(answers.reissued) if "same" in answers.reissued else differs(answers.reissued, advice)


@assumption("return_code is a number")
def return_code(answers: Answers) -> Seen:
    """Or a text that holds one."""
    values = {repr(page.payload.get("return_code")) for page in answers.pages(BASE)}
    seen = ", ".join(sorted(values))
    return differs(seen, "read as a number") if any("'" in value for value in values) else agrees(seen)


@assumption("Every answer carries the headers api-id, cont-yn and next-key, in lower case")
def headers(answers: Answers) -> Seen:
    """Their names are matched without regard to case."""
    absent = {
        name for pages in answers.nets.values() for page in pages for name in PAGING_HEADERS if name not in page.headers
    }
    seen = ", ".join(answers.header_names) + (f"; absent: {', '.join(sorted(absent))}" if absent else "")
    if absent:
        return differs(seen, "absent is read as no")
    lower = set(answers.header_names) == set(PAGING_HEADERS)
    return agrees(seen) if lower else differs(seen, "matched without regard to case")


@assumption("Numbers of ka10066 have at most one sign and no padding, commas or blanks")
def number_forms(answers: Answers) -> Seen:
    """Name every element that comes in a form, with examples."""
    for element, text in dict.fromkeys(_numbers(answers)):
        parse_int(text.replace(".", "")) if element == "flu_rt" else parse_int(text)
    return _forms(_numbers(answers))


@assumption("Numbers of ka10059 and ka10051 are written so, too")
def number_forms_of_witnesses(answers: Answers) -> Seen:
    """Name every element that comes in a form, with examples."""
    return _forms(_numbers_of_witnesses(answers))


def _forms(cells: Iterable[tuple[str, str]]) -> Seen:
    forms: dict[str, dict[str, str]] = {}
    for element, text in dict.fromkeys(cells):
        for form, pattern in () if _PLAIN.fullmatch(text) else _FORMS.items():
            if pattern.fullmatch(text):
                forms.setdefault(form, {}).setdefault(element, text)
    seen = "; ".join(f"{form}: {_examples(found)}" for form, found in sorted(forms.items()))
    is_plain = forms.keys() <= {"one minus", "plus"}
    return agrees(seen or "no sign at all") if is_plain else differs(seen, "all of these forms are read")


def _examples(found: dict[str, str]) -> str:
    """Show three of a form's elements with what they held, and name the others."""
    shown = ", ".join(f"{element} {text!r}" for element, text in list(found.items())[:3])
    return f"{shown}, and {', '.join(list(found)[3:])}" if len(found) > 3 else shown  # noqa: PLR2004


@assumption("No counter has overflowed")
def saturated(answers: Answers) -> Seen:
    """Such a cell is no figure."""
    numbers = sorted(set(_numbers(answers)))
    cells = [f"{element} {text}" for element, text in numbers if parse_int(text.replace(".", "")) in SATURATED]
    return differs(", ".join(cells), "read as blank, and named") if cells else agrees("none")


@assumption("pre_sig is 1 to 5")
def pre_sig(answers: Answers) -> Seen:
    """Other values stand at resets of the reference price."""
    counts: dict[str, int] = {}
    for row in answers.rows(BASE):
        value = str(row.get("pre_sig")).strip()
        counts[value] = counts.get(value, 0) + 1
    seen = ", ".join(f"{value!r}: {count}" for value, count in sorted(counts.items()))
    return agrees(seen) if set(counts) <= set("12345") else differs(seen, "the audit warns of them")


@assumption("One call a second is never too many")
def quota(answers: Answers) -> Seen:
    """No refusal is provoked: only the calls that were made anyway can have met one."""
    if not answers.refusal:
        return agrees("no refusal")
    return differs(answers.refusal, "the quota that an answer names is obeyed, by all that share the key")


def _numbers(answers: Answers) -> Iterator[tuple[str, str]]:
    """Yield every figure of ka10066: element and text."""
    for answer in answers.sets.values():
        for page in answer if isinstance(answer, list) else ():
            for row in page.rows(ka10066.LIST_ELEMENT):
                yield from ((name, str(row.get(name, ""))) for name in ka10066.ROW_ELEMENTS[2:])


def _numbers_of_witnesses(answers: Answers) -> Iterator[tuple[str, str]]:
    for module, pages in ((ka10059, answers.dated.values()), (ka10051, answers.totals.values())):
        for page in pages:
            if isinstance(page, KiwoomError) or not page.payload.get(module.LIST_ELEMENT):
                continue
            for row in page.rows(module.LIST_ELEMENT):
                yield from ((name, str(cell)) for name, cell in row.items() if name not in _TEXTS)
