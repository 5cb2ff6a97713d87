"""
Our own dated facts, which stand above the public calendar: read from a YAML file and checked.

::

    days:
      - day: 2026-11-20
        kind: closed           # or open
        reason: declared on …  # why, and where it can be looked up: both are required
        source: https://…

A deployment's file is named by the environment variable ``KIWOOM_KRX_OVERRIDES``. The package's own file
also states under ``known`` which days the calendar may speak about.
"""

from __future__ import annotations

import os
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator, StringConstraints, ValidationError

from kiwoom_provider.documents import MOST_TEXT, Document, first_problem
from kiwoom_provider.krx.errors import OverrideError

if TYPE_CHECKING:
    from collections.abc import Mapping

OVERRIDES_VARIABLE = "KIWOOM_KRX_OVERRIDES"
SHIPPED = Path(__file__).with_name("overrides.yaml")

SATURDAY = 5


def _plain_day(value: object) -> object:
    """Take a day that YAML reads as one; a number would be taken for seconds since 1970."""
    if type(value) is not date:
        raise ValueError(f"{value!r} is not a day written YYYY-MM-DD")
    return value


_Day = Annotated[date, BeforeValidator(_plain_day)]
_Words = Annotated[str, StringConstraints(min_length=1, max_length=MOST_TEXT, strip_whitespace=True)]


class OverrideKind(StrEnum):
    """What an override says about its day."""

    CLOSED = "closed"
    OPEN = "open"


class Override(Document):
    """One dated fact."""

    day: _Day
    kind: OverrideKind
    reason: _Words
    source: _Words
    file: Path = SHIPPED


class KnownDays(Document):
    """First and last day that the calendar may speak about, both inclusive."""

    first: _Day
    last: _Day
    reason: str = ""
    source: str = ""


class _File(Document):
    days: tuple[Override, ...]


class _ShippedFile(_File):
    known: KnownDays


def shipped_facts() -> tuple[KnownDays, Mapping[date, Override]]:
    """Read the package's own file: the range that it speaks about, and its overrides by day."""
    read = _ShippedFile.model_validate(_load(SHIPPED))
    return read.known, _by_day(SHIPPED, read.days, read.known)


def read_overrides(file: Path, known: KnownDays) -> Mapping[date, Override]:
    """
    Read a deployment's override file, by day.

    :raises OverrideError: naming the file, the entry, and what is wrong there.
    """
    try:
        read = _File.model_validate(_load(file))
    except ValidationError as error:
        raise OverrideError(file, first_problem(error)) from None
    return _by_day(file, read.days, known)


def overrides_path(environment: Mapping[str, str] = os.environ) -> Path | None:
    """
    Return the file that ``KIWOOM_KRX_OVERRIDES`` names, None when it is unset or empty.

    Set it alike for the scheduler, DAG processor, API server, triggerer and workers.

    :raises OverrideError: when the path is not absolute, since those run in different directories.
    """
    text = environment.get(OVERRIDES_VARIABLE, "").strip()
    if not text:
        return None
    path = Path(text)
    if not path.is_absolute():
        raise OverrideError(path, f"{OVERRIDES_VARIABLE} must hold an absolute path")
    return path


def check_overrides(path: Path | None) -> str:
    """
    Read a deployment's file for its errors only, without building a calendar (no heavy import).

    :returns: what was found, in a sentence.
    :raises OverrideError: naming the file, the entry, and what is wrong there.
    """
    if path is None:
        return f"No override file: {OVERRIDES_VARIABLE} is not set."
    known, _ = shipped_facts()
    return f"{path}: all is well, {len(read_overrides(path, known))} overridden days."


def _load(file: Path) -> Any:  # noqa: ANN401 - whatever the YAML holds
    import yaml

    try:
        return yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as error:
        problem = f"the override file cannot be read ({error.strerror}); {OVERRIDES_VARIABLE} may name another"
        raise OverrideError(file, problem) from None
    except UnicodeDecodeError as error:
        raise OverrideError(file, f"the override file is not UTF-8 text: {error.reason}") from None
    except (yaml.YAMLError, ValueError) as error:  # a day such as 2026-11-31 is a ValueError
        raise OverrideError(file, f"this is not YAML: {' '.join(str(error).split())}") from None


def _by_day(file: Path, days: tuple[Override, ...], known: KnownDays) -> Mapping[date, Override]:
    found: dict[date, Override] = {}
    for override in days:
        day = override.day
        if day in found:
            raise OverrideError(file, f"{day} stands there twice")
        if not known.first <= day <= known.last:
            raise OverrideError(
                file, f"{day} is outside the days that the calendar knows, {known.first} to {known.last}"
            )
        if day.weekday() >= SATURDAY:
            raise OverrideError(file, f"{day} is a {day:%A}: KRX has no sessions on weekends, nothing to override")
        found[day] = override.model_copy(update={"file": file})
    return found
