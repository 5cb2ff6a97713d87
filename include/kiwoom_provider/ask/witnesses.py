"""What is assumed of the dated sibling, the dated totals and the securities master, and of ka10066 beside them."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING, cast

from kiwoom_provider.api import ka10051, ka10059, ka10099
from kiwoom_provider.api.errors import KiwoomError, RejectedError
from kiwoom_provider.api.identities import five_sum
from kiwoom_provider.api.ka10066 import INVESTOR_ELEMENTS, MAIN
from kiwoom_provider.api.numbers import parse_int
from kiwoom_provider.ask.assumption import Seen, agrees, assumption, breaks, differs
from kiwoom_provider.ask.moment import FINAL_FROM
from kiwoom_provider.ask.questions import (
    BASE,
    LONG_AGO,
    OTHER_TOTAL,
    SAMSUNG,
    UNKNOWN_CODE,
    Answers,
    Dated,
    NotAskedError,
)
from kiwoom_provider.parameters import Market, Measure, ParameterSet, Side, Venue

if TYPE_CHECKING:
    from datetime import date

    from kiwoom_provider.api.ka10059 import DatedRow
    from kiwoom_provider.api.page import Page

MOST_MISSING = 1


@assumption("ka10066's figures are those of ka10059's row of the newest final session")
def dated_equal(answers: Answers) -> Seen:
    """For the busiest stock of each venue: which day's row equals it."""
    days = {venue: _day_served(answers, venue) for venue in answers.busy}
    if not days:
        raise NotAskedError("no stock has a flow")
    seen = ", ".join(f"{answers.busy[venue]} on {venue}: {day or 'no row equals it'}" for venue, day in days.items())
    if any(day is None for day in days.values()):
        return breaks(seen, "no night could be proved: send this report to the maintainers")
    final, today = answers.moment.final, answers.moment.unsettled
    if set(days.values()) == {final}:
        return agrees(seen)
    if today and set(days.values()) <= {final, today}:
        return differs(seen, f"the switch is under way: ask once more after {FINAL_FROM:%H:%M}")
    return differs(seen, "settlement is waited for, market by market")


@assumption("ka10059's buys of all investors are the day's volume, to the share, and so are its sells")
def coverage(answers: Answers) -> Seen:
    """On final days; else a row counts as final when it stays the same over two looks once it may be."""
    sold = {row.session_date: row for row in _rows(answers, Side.SELL)}
    final = [
        (row, sold[row.session_date])
        for row in _rows(answers, Side.BUY)
        if row.session_date <= answers.moment.final and row.volume and row.session_date in sold
    ]
    if not final:
        raise NotAskedError("no final row has a volume")
    whole = [buy for buy, sell in final if abs(_all(buy)) == abs(_all(sell)) == buy.volume]
    buy, sell = final[0]
    seen = (
        f"{len(whole)} of {len(final)} days; {buy.session_date}: bought {abs(_all(buy)):,}, sold {abs(_all(sell)):,} "
        f"of {buy.volume:,}"
    )
    advice = f"a row counts as final when it stays the same over two looks ten minutes apart, after {FINAL_FROM:%H:%M}"
    return agrees(seen) if len(whole) == len(final) else differs(seen, advice)


@assumption("ka10059's net figures of all investors sum to zero")
def balance(answers: Answers) -> Seen:
    """On final days, to the share."""
    final = [row for row in _rows(answers, Side.NET) if row.session_date <= answers.moment.final]
    off = [f"{row.session_date}: {_all(row):+d}" for row in final if _all(row)]
    return breaks(", ".join(off[:3])) if off else agrees(f"{len(final)} days")


@assumption("ka10059's sells are positive")
def dated_sells(answers: Answers) -> Seen:
    """Either sign is taken."""
    values = [value for row in _rows(answers, Side.SELL) for value in row.flows if value]
    negative = sum(value < 0 for value in values)
    seen = f"{len(values) - negative} positive, {negative} negative, such as {values[0] if values else 'none'}"
    if negative and negative < len(values):
        return breaks(seen)
    return differs(seen, "compared without the sign") if negative else agrees(seen)


@assumption("ka10059's flu_rt comes in hundredths of a percent without a point")
def dated_rate(answers: Answers) -> Seen:
    """Held against the change of price."""
    page = answers.dated.get(Dated(_stock(answers)))
    if page is None or isinstance(page, KiwoomError):
        raise NotAskedError("ka10059 was not answered")
    for cells, row in zip(page.rows(ka10059.LIST_ELEMENT), _rows(answers, Side.NET), strict=False):
        base = (row.close_price or 0) - (row.change or 0)
        if row.change and base:
            text, true = str(cells.get("flu_rt")).strip(), Decimal(row.change * 100) / base
            seen = f"{text!r} for {true:+.2f} %"
            return differs(seen, "either is read") if "." in text else agrees(seen)
    raise NotAskedError("the price did not change on any day")


@assumption("ka10059 has its history from 2010 on, a hundred rows a page, newest first")
def history(answers: Answers) -> Seen:
    """One call far back, and the page that was asked for anyway."""
    rows, page = _rows(answers, Side.NET), answers.dated[Dated(_stock(answers))]
    old = answers.dated.get(Dated(SAMSUNG, newest=LONG_AGO))
    found = _how_served(old)
    more = not isinstance(page, KiwoomError) and not page.is_last
    seen = f"{len(rows)} rows, {'more by next-key' if more else 'no next-key'}; asked for {LONG_AGO}: {found}"
    if found.startswith("row of") and more and len(rows) == ka10059.PAGE_ROWS:
        return agrees(seen)
    return differs(seen, "rebuilding asks by date; it reaches as far back as there are rows")


@assumption("ka10059 has an empty list for a code that it does not know")
def unknown_code(answers: Answers) -> Seen:
    """Take an empty list, none at all, a row of blanks and the refusals 1902 and 1903 for the same."""
    answer = answers.dated.get(Dated(UNKNOWN_CODE))
    if answer is None:
        raise NotAskedError("it was not asked")
    seen = _how_served(answer)
    if isinstance(answer, RejectedError) and not ka10059.is_not_served(answer):
        return breaks(seen)
    if _is_served(answer):
        return breaks(f"{UNKNOWN_CODE}: {seen}")
    return agrees(seen) if seen == "an empty list" else differs(seen, "counts as not served")


@assumption("ka10059 serves ETNs, and preferred stocks on KRX")
def dated_kinds(answers: Answers) -> Seen:
    """Where it does not, the totals and the sessions before speak for them."""
    asked = [one for one in answers.dated if one.stock_code not in (UNKNOWN_CODE, SAMSUNG, *answers.busy.values())]
    if not asked:
        raise NotAskedError("the securities master named none")
    seen = ", ".join(f"{one.stock_code} on {one.venue}: {_how_served(answers.dated[one])}" for one in asked)
    is_served = all(_is_served(answers.dated[one]) for one in asked if one.venue is Venue.KRX)
    return agrees(seen) if is_served else differs(seen, "the totals and the sessions before speak for them")


def _is_served(answer: Page | KiwoomError) -> bool:
    """
    Tell whether ka10059 knows a stock.

    :raises NotAskedError: when it was refused for another reason.
    """
    if isinstance(answer, KiwoomError):
        if not ka10059.is_not_served(answer):
            raise NotAskedError(str(answer))
        return False
    return bool(ka10059.read_rows(answer))


def _how_served(answer: Page | KiwoomError | None) -> str:
    """Say how ka10059 answered about a stock."""
    if answer is None:
        return "not asked"
    if isinstance(answer, KiwoomError):
        return f"refused: {answer}"
    if rows := ka10059.read_rows(answer):
        return f"row of {rows[0].session_date}"
    listed = answer.payload.get(ka10059.LIST_ELEMENT)
    return "an empty list" if listed == [] else "no list" if listed is None else "a row of blanks"


@assumption("Today's row of ka10059 is there before settlement, with zeros")
def unsettled_row(answers: Answers) -> Seen:
    """Asked on a session's day before its figures are final only."""
    today = answers.moment.unsettled
    if today is None:
        raise NotAskedError(f"ask on a session's day, from 16:00 to {FINAL_FROM:%H:%M} KST")
    row = next((row for row in _rows(answers, Side.NET) if row.session_date == today), None)
    if row is None:
        return differs("no row yet", "waited for")
    seen = f"개인 {row.flows[0]}, sum {_all(row):+d}, volume {row.volume}"
    return differs(seen, "a row is not believed before it is final") if any(row.flows) else agrees(seen)


@assumption("ka10051's totals are the sums of ka10066's rows without ETNs, in 억원 and 천주")
def totals(answers: Answers) -> Seen:
    """Compare shares of KOSPI and amounts of KOSDAQ, on KRX."""
    etns = {one.code for one in _board(answers, Market.KOSPI) if one.market_code in ka10099.ETN_CODES}
    seen, is_off = [], False
    for parameters in (BASE, OTHER_TOTAL):
        market, measure = parameters.market, parameters.measure
        total = ka10051.read_total(_page(answers.totals.get((market, measure)), "ka10051"), market)
        if total is None:
            return differs("no rows", "this witness is silent")
        sums, unit = _sums(answers, parameters, etns), ka10051.UNIT[measure]
        seen += [
            f"{market} {measure} {INVESTOR_ELEMENTS[i]}: {sums[i]:,} against {total.flows[i]:,} × {unit}" for i in MAIN
        ]
        is_off |= any(abs(sums[i] - total.flows[i] * unit) > unit + abs(sums[i]) // 1000 for i in MAIN)
    values = "; ".join(seen)
    return differs(values, f"the audit warns; {len(etns)} ETNs were left out") if is_off else agrees(values)


@assumption("ka10051 answers the market that was asked for")
def totals_market(answers: Answers) -> Seen:
    """Look for the total by its code."""
    page = _page(answers.totals.get((Market.KOSDAQ, Measure.AMOUNT)), "ka10051")
    try:
        total = ka10051.read_total(page, Market.KOSDAQ)
    except KiwoomError as error:
        return differs(str(error), "this witness is silent")
    return agrees("KOSDAQ" if total else "no rows")


@assumption("On a closed day ka10051 answers with the totals of the session before")
def totals_closed_day(answers: Answers) -> Seen:
    """Asked on a closed day only."""
    if not answers.moment.is_closed_day:
        raise NotAskedError("ask on a day on which the exchange is closed")
    total = ka10051.read_total(_page(answers.totals_of_closed_day, "ka10051"), Market.KOSPI)
    if total is None:
        return differs("no rows", "on such a day this witness is silent")
    before = ka10051.read_total(_page(answers.totals.get((Market.KOSPI, Measure.QUANTITY)), "ka10051"), Market.KOSPI)
    if total == before:
        return agrees(f"those of {answers.moment.final}")
    return differs(f"개인 {total.flows[0]:,}, and of {answers.moment.final} another", "nothing is proved by it alone")


@assumption("ka10099 names ka10066's stocks, ETFs apart, to one stock")
def master(answers: Answers) -> Seen:
    """KOSPI on KRX."""
    pages = answers.pages(BASE)
    if not pages[-1].is_last:
        raise NotAskedError("the set was not fetched whole")
    listed = {one.code for one in _board(answers, Market.KOSPI) if one.market_code != ka10099.ETF_CODE}
    swept = {str(row.get("stk_cd")).partition("_")[0] for row in answers.rows(BASE)}
    missing, more = sorted(listed - swept), sorted(swept - listed)
    names = [", ".join(codes[:3]) or "none" for codes in (missing, more)]
    seen = f"{len(listed)} listed, {len(swept)} swept; missing {names[0]}; more {names[1]}"
    if len(missing) <= MOST_MISSING and len(more) <= MOST_MISSING:
        return agrees(seen)
    return breaks(seen) if len(missing) > MOST_MISSING else differs(seen, "the audit warns")


@assumption("ka10099 has every element that the sheet names, and Y or N for NXT")
def master_elements(answers: Answers) -> Seen:
    """Name what each element holds, by the first security."""
    page = _page(answers.boards.get(Market.KOSPI), "ka10099")
    rows = page.rows(ka10099.LIST_ELEMENT)
    if not rows:
        return differs("an empty list", "without it the sessions before say which stocks there are")
    absent = [
        name
        for name in ("listCount", "regDay", "auditInfo", "state", "marketCode", "orderWarning", "nxtEnable")
        if name not in rows[0]
    ]
    flags = Counter(str(row.get("nxtEnable")) for row in rows)
    seen = f"nxtEnable {', '.join(f'{flag!r}: {count}' for flag, count in flags.items())}; {rows[0]}"
    return differs(f"without {', '.join(absent)}; {seen}", "stays blank in the dataset") if absent else agrees(seen)


def _sums(answers: Answers, parameters: ParameterSet, without: set[str]) -> list[int]:
    """Return what each investor's figures sum to over a set's rows."""
    if not answers.pages(parameters)[-1].is_last:
        raise NotAskedError(f"{parameters.label} was not fetched whole")
    rows = [row for row in answers.rows(parameters) if str(row.get("stk_cd")).partition("_")[0] not in without]
    return [sum(parse_int(str(row.get(name, ""))) or 0 for row in rows) for name in INVESTOR_ELEMENTS]


def _day_served(answers: Answers, venue: Venue) -> date | None:
    """Return the day whose row of ka10059 equals ka10066's of the busiest stock."""
    code = answers.busy[venue]
    rows = answers.rows(ParameterSet(Market.KOSPI, venue, Measure.QUANTITY, Side.NET))
    cells = next(row for row in rows if str(row.get("stk_cd")).partition("_")[0] == code)
    flows = tuple(parse_int(str(cells.get(name, ""))) or 0 for name in INVESTOR_ELEMENTS)
    dated = answers.dated_rows(Dated(code, venue))
    if not dated:
        raise NotAskedError(f"ka10059 does not serve {code} on {venue}")
    return next((row.session_date for row in dated if tuple(value or 0 for value in row.flows) == flows), None)


def _stock(answers: Answers) -> str:
    return answers.busy.get(Venue.KRX, SAMSUNG)


def _rows(answers: Answers, side: Side) -> tuple[DatedRow, ...]:
    rows = answers.dated_rows(Dated(_stock(answers), side=side))
    if not rows:
        raise NotAskedError(f"ka10059 does not serve {_stock(answers)}")
    return rows


def _all(row: DatedRow) -> int:
    return five_sum([value or 0 for value in row.flows], row.other_foreign or 0)


def _page(answer: object, name: str) -> Page:
    if answer is None or isinstance(answer, KiwoomError):
        raise NotAskedError(f"{name} was not answered{f': {answer}' if answer else ''}")
    return cast("Page", answer)


def _board(answers: Answers, market: Market) -> tuple[ka10099.Security, ...]:
    return ka10099.read_rows(_page(answers.boards.get(market), "ka10099"), market)
