"""The extra field of the Connection: a JSON object, each key with what it may be."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from kiwoom_provider.errors import KiwoomProviderError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MIN_REQUESTS_PER_SECOND = 0.01
MAX_REQUESTS_PER_SECOND = 1000
MAX_TIMEOUT_S = 600
MAX_PAGES_LIMIT = 100_000


class SettingsError(KiwoomProviderError, ValueError):
    """The Connection is missing, half-filled or wrong; the message names the field and the remedy."""

    is_final = True


def _number(name: str, limit: float, least: float = 0) -> Callable[[object], float]:
    def read(value: object) -> float:
        try:
            number = float(value) if not isinstance(value, bool) else 0.0  # type: ignore[arg-type]
        except (TypeError, ValueError, OverflowError):
            number = 0.0
        if not (0 < number <= limit and number >= least):
            lower = f"of at least {least}" if least else "above 0"
            raise SettingsError(f"{name} is {_cut(value)}: give a number {lower} and at most {limit}")
        return number

    return read


def _whole(name: str, limit: int) -> Callable[[object], int]:
    def read(value: object) -> int:
        number = _number(name, limit)(value)
        if not number.is_integer():
            raise SettingsError(f"{name} is {_cut(value)}: give a whole number")
        return int(number)

    return read


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise SettingsError(f"allow_plain_http is {_cut(value)}: give true or false")
    return value


def _absolute(value: object) -> Path:
    text = str(value)
    with suppress(RuntimeError):  # ~someone who is not there
        path = Path(text).expanduser()
        if path.is_absolute() and text.isprintable():
            return path
    raise SettingsError(f"state_dir is {_cut(value)}: give an absolute path")


def _bundle(value: object) -> bool | str:
    if value is True:
        return True
    if not isinstance(value, str) or not Path(value).is_file():
        raise SettingsError(f"verify is {_cut(value)}, but TLS is always verified: name a CA bundle, or nothing")
    return value


def _redis_url(value: object) -> str:
    text = str(value)
    if not text.startswith(("redis://", "rediss://", "unix://")):
        raise SettingsError("budget_url must begin with redis://, rediss:// or unix://")
    with suppress(ValueError):
        if text.isprintable() and urlsplit(text).port != 0:
            return text
    raise SettingsError("budget_url is no address of a Redis: give one such as redis://host:6379/0")


def _cut(value: object) -> str:
    return ascii(value)[:100]


requests_per_second = _number("requests_per_second", MAX_REQUESTS_PER_SECOND, MIN_REQUESTS_PER_SECOND)
"""Reads a rate, in calls a second."""

EXTRAS: Mapping[str, Callable[[Any], Any]] = {
    "requests_per_second": lambda value: value,  # judged with the host
    "timeout_s": _number("timeout_s", MAX_TIMEOUT_S),
    "max_pages": _whole("max_pages", MAX_PAGES_LIMIT),
    "state_dir": _absolute,
    "budget_url": _redis_url,
    "verify": _bundle,
    "allow_plain_http": _flag,
}


def read_extra(text: str | None) -> dict[str, Any]:
    """
    Read the extra field; a key that is null or empty counts as not given, as the form leaves it.

    :raises SettingsError: naming the key and what it may be.
    """
    try:
        given = json.loads(text) if text and text.strip() else {}
    except (ValueError, RecursionError):
        raise SettingsError('extra is not JSON: give an object such as {"requests_per_second": 5}') from None
    if not isinstance(given, dict):
        raise SettingsError('extra is not a JSON object: give one such as {"requests_per_second": 5}')
    if unknown := sorted(set(given) - set(EXTRAS)):
        raise SettingsError(f"extra has unknown key {unknown[0]!r}: known are {', '.join(sorted(EXTRAS))}")
    return {key: EXTRAS[key](value) for key, value in given.items() if value not in (None, "")}
