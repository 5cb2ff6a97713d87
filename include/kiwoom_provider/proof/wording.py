"""What the evidence says, in messages for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiwoom_provider.locale import Message, label, message
from kiwoom_provider.proof.session_proof import FinalityLaw, Outcome, ProofSetting

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from kiwoom_provider.proof.session_proof import SetProof


def describe(
    session_date: date, sets: Sequence[SetProof], setting: ProofSetting, *, has_trusted: bool
) -> tuple[Message, ...]:
    """
    Say how a session was proved, or what is missing, or whose the rows are.

    :param has_trusted: whether the session before is published.
    """
    every = len(sets)
    if stale := [entry for entry in sets if entry.is_stale]:
        first = label(stale[0].parameters)
        counted = message(
            "{count} of {all} sets are another session's, first {first}", count=len(stale), all=every, first=first
        )
        return (counted, _whose(stale[0]))
    parts = [
        message(
            "{count} of {all} sets equal ka10059's settled rows dated {day}",
            count=_count(bool(entry.agreeing) for entry in sets),
            all=every,
            day=str(session_date),
        ),
        message(
            "{count} of {all} sets differ from the session before", count=_count(e.changed for e in sets), all=every
        ),
        *_finality(sets),
    ]
    if spoken := sum(entry.total_pages for entry in sets):
        parts.append(message("for {count} pages ka10051's totals of the market speak", count=spoken))
    if against := _count(entry.total_agrees is False for entry in sets):
        parts.append(message("{count} of {all} sets differ from ka10051's totals", count=against, all=every))
    if refused := _count(entry.is_refused for entry in sets):
        parts.append(
            message(
                "for {count} of {all} sets the host does not serve ka10059: change alone decides, if asked for both",
                count=refused,
                all=every,
            )
        )
    if not has_trusted:
        parts.append(message("the session before is not stored and published, so there is no change to tell"))
    if lacking := [entry for entry in sets if entry.outcome is not Outcome.PROVED]:
        first = label(lacking[0].parameters)
        parts.append(
            message(
                "not proved: {count} sets, first {first}: {reason}",
                count=len(lacking),
                first=first,
                reason=doubt(lacking[0]),
            )
        )
    return (*parts, message("proof: {setting}", setting=str(setting)))


def describe_look(
    entry: SetProof,
    codes: Sequence[str],
    trouble: str,
    *,
    asked: bool,
    has_row: bool,
    has_earlier: bool,
    has_trusted: bool,
) -> Message:
    """
    Say what a look saw of a market and venue.

    :param codes: the stocks that ka10059 was asked for.
    :param trouble: why it could not be asked, or nothing.
    :param asked: whether it was to be asked.
    :param has_row: whether it had a settled row of the day.
    :param has_earlier: whether any earlier session is stored.
    :param has_trusted: whether the session before is published.
    """
    if trouble:
        dated = message("ka10059 could not be asked ({stocks}): {trouble}", stocks=tuple(codes), trouble=trouble)
    elif asked:
        dated = next(_name_dated(entry, codes, has_row=has_row))
    else:
        dated = message("ka10059 is not asked")
    return message(
        "{market} · {venue}: {dated}; {change}",
        market=message(str(entry.market)),
        venue=message(str(entry.venue)),
        dated=dated,
        change=_change(entry, has_earlier=has_earlier, has_trusted=has_trusted),
    )


def doubt(entry: SetProof) -> Message:
    """Say what keeps a set from being proved."""
    return next(_doubts(entry))


def _doubts(entry: SetProof) -> Iterator[Message]:
    """Yield what there is to say, the most telling first."""
    if entry.coverage is not None:
        share = round(100 * entry.coverage, 1)
        yield message("the flows cover {share} % of the volume: the after-market is not in yet", share=share)
    if entry.late_stocks:
        yield message("{count} stocks traded and have no figures yet", count=entry.late_stocks)
    if entry.unexplained:
        yield message("the rows of {stocks} equal none of ka10059's dated rows", stocks=entry.unexplained[:3])
    if entry.not_final:
        yield message(
            "nothing shows yet that the dated rows of {stocks} are the day's last", stocks=entry.not_final[:3]
        )
    if entry.silent_pages:
        yield message("nothing speaks for {count} of its pages", count=len(entry.silent_pages))
    if entry.changed:
        yield message("it has changed, and that alone proves it only when it is fetched from 21:10 KST on")
    yield message("no dated row speaks for it, and no change")


def _finality(sets: Sequence[SetProof]) -> list[Message]:
    laws = [entry.finality for entry in sets]
    parts = []
    if count := laws.count(FinalityLaw.VOLUME):
        parts.append(
            message("{count} of {all} sets are final: their flows cover the volume", count=count, all=len(sets))
        )
    if count := laws.count(FinalityLaw.CLOCK):
        parts.append(
            message(
                "{count} of {all} sets are final by the clock: they stand still after 21:10 KST",
                count=count,
                all=len(sets),
            )
        )
    return parts


def _name_dated(entry: SetProof, codes: Sequence[str], *, has_row: bool) -> Iterator[Message]:
    stocks = tuple(codes)
    if not codes:
        yield message("no stock on the first page has traded")
    if entry.is_refused:
        yield message("this host does not serve ka10059 for them ({stocks})", stocks=stocks)
    if not has_row and entry.earlier_days:
        yield message(
            "ka10059 has no settled row for the day yet ({stocks}), and ka10066's row is that of {day}",
            stocks=stocks,
            day=_day(entry),
        )
    if not has_row:
        yield message("ka10059 has no settled row for the day yet ({stocks})", stocks=stocks)
    if entry.earlier_days:
        yield message(
            "ka10059's settled row for the day differs from ka10066's ({stocks}), which is that of {day}",
            stocks=stocks,
            day=_day(entry),
        )
    if not (entry.agreeing or entry.not_final):
        yield message("ka10059's settled row for the day differs from ka10066's ({stocks})", stocks=stocks)
    if entry.outcome is Outcome.PROVED or entry.is_stale:
        yield message("ka10059 has the day's settled rows and they equal ka10066's ({stocks})", stocks=stocks)
    yield message(
        "ka10059 has the day's settled rows and they equal ka10066's ({stocks}), but {reason}",
        stocks=stocks,
        reason=doubt(entry),
    )


def _change(entry: SetProof, *, has_earlier: bool, has_trusted: bool) -> Message:
    if not has_earlier:
        return message("no earlier session is stored to compare with")
    if entry.unchanged_since:
        return message(
            "the investor fields still equal the previous stored session's ({day})", day=str(entry.unchanged_since)
        )
    if not has_trusted:
        return message("the session before is not stored and published, so a difference would show nothing")
    if entry.changed:
        return message("the investor fields differ from the previous session's")
    return message("too few stocks have figures in both to tell a change")


def _whose(entry: SetProof) -> Message:
    if entry.earlier_days:
        return message("the row of {stock} is that of {day}", stock=next(iter(entry.earlier_days)), day=_day(entry))
    return message("it still equals the stored session {day}", day=str(entry.unchanged_since))


def _day(entry: SetProof) -> str:
    return str(next(iter(entry.earlier_days.values())))


def _count(flags: Iterable[bool]) -> int:
    return sum(flags)
