"""What the evidence says, in sentences for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiwoom_provider.proof.documents import FinalityLaw, Outcome, ProofSetting

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from kiwoom_provider.proof.documents import SetProof

LAWS = {
    FinalityLaw.VOLUME: "final: their flows cover the volume",
    FinalityLaw.CLOCK: "final: unchanged since 21:10 KST",
}


def describe(session_date: date, sets: Sequence[SetProof], has_trusted: bool, setting: ProofSetting) -> str:  # noqa: FBT001
    """Say how a session was proved, or what is missing, or whose the rows are."""
    if stale := [entry for entry in sets if entry.is_stale]:
        first = stale[0]
        return f"{len(stale)} of {len(sets)} sets are another session's, first {_label(first)}: {_whose(first)}"

    def count(has: Callable[[SetProof], object]) -> str:
        return f"{sum(bool(has(entry)) for entry in sets)} of {len(sets)} sets"

    parts = [
        f"{count(lambda e: e.agreeing)} equal ka10059's settled rows dated {session_date}",
        f"{count(lambda e: e.changed)} differ from the session before",
    ]
    parts += [f"{count(lambda e, law=law: e.finality is law)} are {text}" for law, text in LAWS.items() if any(e.finality is law for e in sets)]
    if any(entry.is_refused for entry in sets):
        refused = count(lambda e: e.is_refused)
        parts.append(f"for {refused} the host does not serve ka10059: change alone decides, if asked for both")
    if not has_trusted:
        parts.append("the session before is not stored and published, so there is no change to tell")
    parts += [f"{count(has)} {text}" for has, text in _DOUBTS if any(has(entry) for entry in sets)]
    if lacking := [entry for entry in sets if entry.outcome is not Outcome.PROVED]:
        parts.append(f"not proved: {len(lacking)} sets, first {_label(lacking[0])}: {doubt(lacking[0])}")
    return "; ".join(parts) + f" (proof: {setting})"


_DOUBTS: tuple[tuple[Callable[[SetProof], object], str], ...] = (
    (lambda e: e.silent_pages, "have pages that nothing speaks for"),
    (lambda e: e.unexplained, "have rows that equal none of the dated ones"),
    (lambda e: e.not_final or e.is_late, "are not shown to be the day's last figures"),
)


def describe_look(
    entry: SetProof,
    codes: Sequence[str],
    trouble: str,
    *,
    asked: bool,
    has_row: bool,
    has_earlier: bool,
    has_trusted: bool,
) -> str:
    """
    Say what a look saw of a market and venue.

    :param codes: the stocks that ka10059 was asked for.
    :param trouble: why it could not be asked, or nothing.
    """
    place = f"{entry.market} · {entry.venue}"
    return f"{place}: {_dated(entry, codes, trouble, asked=asked, has_row=has_row)}; {_changed(entry, has_earlier, has_trusted)}"


def _dated(entry: SetProof, codes: Sequence[str], trouble: str, *, asked: bool, has_row: bool) -> str:
    stocks = f"({', '.join(codes)})"
    whose = "".join(f", which is that of {day}" for day in [*entry.earlier_days.values()][:1])
    if not asked:
        return f"ka10059 is not asked {stocks}"
    if not codes:
        return "no stock on the first page has any flow"
    if trouble:
        return f"ka10059 could not be asked {stocks}: {trouble}"
    if entry.is_refused:
        return f"this host does not serve ka10059 for them {stocks}"
    if not has_row:
        return f"ka10059 has no settled row for the day yet {stocks}" + whose.replace("which", "and ka10066's")
    if entry.earlier_days or entry.unexplained or not (entry.agreeing or entry.not_final):
        return f"ka10059's settled row for the day differs from ka10066's {stocks}{whose}"
    equal = f"ka10059 has the day's settled rows and they equal ka10066's {stocks}"
    return equal if entry.outcome is Outcome.PROVED else f"{equal}, but {doubt(entry)}"


def _changed(entry: SetProof, has_earlier: bool, has_trusted: bool) -> str:  # noqa: FBT001
    if not has_earlier:
        return "no earlier session is stored to compare with"
    if entry.unchanged_since:
        return f"the investor fields still equal the previous stored session's ({entry.unchanged_since})"
    if not has_trusted:
        return "the session before is not stored and published, so a difference would show nothing"
    return "the investor fields differ from the previous session's" if entry.changed else "no change can be told"


def doubt(entry: SetProof) -> str:
    """Say what keeps a set from being proved."""
    if entry.coverage is not None:
        return f"the flows cover {100 * entry.coverage:.1f} % of the volume: the after-market is not in yet"
    if entry.late_stocks:
        return f"{entry.late_stocks} stocks traded and have no figures yet"
    if entry.unexplained:
        return f"the rows of {', '.join(entry.unexplained[:3])} equal none of ka10059's dated rows"
    if entry.not_final:
        return f"nothing shows yet that the dated rows of {', '.join(entry.not_final[:3])} are the day's last"
    if entry.silent_pages:
        return f"{entry.silent_pages} pages that nothing speaks for"
    return "no dated row speaks for it, and no change"


def _whose(entry: SetProof) -> str:
    if entry.earlier_days:
        code, day = next(iter(entry.earlier_days.items()))
        return f"the row of {code} is that of {day}"
    return f"it still equals the stored session {entry.unchanged_since}"


def _label(entry: SetProof) -> str:
    return entry.parameters.label
