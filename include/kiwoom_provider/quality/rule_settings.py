"""What a deployment, or a person, says of rules: severities, and the rules that a release names."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from kiwoom_provider.errors import KiwoomProviderError
from kiwoom_provider.quality.results import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kiwoom_provider.quality.rule import Rule


class SettingError(KiwoomProviderError, ValueError):
    """A severity, or a release, names no rule, or a severity does not exist; the message says which."""

    is_final = True
    remedy = "correct the Airflow Variable, or the field of the trigger form, that the message names"


def parse_severities(given: Mapping[str, str] | str) -> dict[str, str]:
    """
    Read severities by rule id, from a mapping or from JSON text of one.

    :raises SettingError: for text that is no JSON object.
    """
    try:
        found = json.loads(given) if isinstance(given, str) else dict(given)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise SettingError(f'severities {given!r} is not a JSON object such as {{"within_volume": "block"}}')
    return found


def severities_of(severities: Mapping[str, str], rules: Sequence[Rule]) -> dict[str, Severity]:
    """
    Return every rule's severity, with a deployment's own in place of the defaults.

    :raises SettingError: for a rule id or a severity that does not exist, and for a rule whose
        severity is fixed because it keeps data from being published under another session's day.
    """
    known = {rule.id: rule.severity for rule in rules}
    _refuse_unknown(severities, known)
    fixed = {rule.id for rule in rules if rule.fixed}
    for rule_id, name in severities.items():
        if name not in list(Severity):
            raise SettingError(f"severity {name!r} of rule {rule_id} is not one of: {', '.join(Severity)}")
        if rule_id in fixed and name != known[rule_id]:
            raise SettingError(f"rule {rule_id} always blocks: it keeps data from being filed under another day")
        known[rule_id] = Severity(name)
    return known


def parse_release_rules(given: Iterable[object] | str | None) -> tuple[str, ...]:
    """
    Return the rule ids of a release form: a list, or text of one a line; blanks and repeats do not count.

    :raises SettingError: for an id that no rule has.
    """
    from kiwoom_provider.quality.rules import RULES  # numpy, pyarrow: not for every task

    entries = given.splitlines() if isinstance(given, str) else [str(entry or "") for entry in given or ()]
    names = dict.fromkeys(name for entry in entries for name in entry.replace(",", " ").split())
    _refuse_unknown(names, [rule.id for rule in RULES])
    return tuple(names)


def _refuse_unknown(names: Iterable[str], known: Iterable[str]) -> None:
    if unknown := sorted(set(names) - set(known)):
        raise SettingError(f"no rule is called {', '.join(unknown)}; the rules are: {', '.join(known)}")
