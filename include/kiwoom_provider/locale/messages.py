"""Messages: an English text with named places and the values for them; and their translation."""

from __future__ import annotations

import gettext
import re
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

from pydantic import Field

from kiwoom_provider.documents import MOST_NUMBER, Document, Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiwoom_provider.parameters import ParameterSet

DOMAIN = "kiwoom_provider"
CATALOGUES = Path(__file__).parent
JOINTS = (" · ", "; ")
"""Between the terms of a label, such as ``KOSPI · KRX · amount · net``, and between the holidays of one day."""
_PLACE = re.compile(r"\{(\w+)\}")


class Language(StrEnum):
    """A language that reports and pages are written in."""

    ENGLISH = "en"
    KOREAN = "ko"


_BOUNDS = Field(ge=-MOST_NUMBER, le=MOST_NUMBER)


class Message(Document):
    """
    One text for people, in no language yet.

    :param id: the English text, with values' places in braces: ``{count} of {all} fail``; the catalogue's msgid.
    :param arguments: the values by name. Numbers are written with their thousands apart, texts stand for
        themselves (names, codes, dates), messages are translated too, and several values are joined by commas.
    """

    id: Text
    arguments: dict[str, Argument] = Field(default_factory=dict)

    def __str__(self) -> str:
        """Return the English text."""
        return translate(self, Language.ENGLISH)


_Single: TypeAlias = Annotated[int, _BOUNDS] | Annotated[float, _BOUNDS] | Text | Message
Argument: TypeAlias = _Single | tuple[_Single, ...]
Message.model_rebuild()


def message(text: str, /, **arguments: Argument) -> Message:
    """
    Return the message of an English ``text``; the first argument is what ``make locale`` collects.

    :param arguments: values for the places that ``text`` names.
    """
    return Message(id=text, arguments=arguments)


def label(parameters: ParameterSet) -> Message:
    """Return a parameter set's label; its terms are translated one by one."""
    return Message(id=parameters.label)


def investor(name: str) -> Message:
    """Return an investor's name for people, from the name in the published table."""
    return Message(id=name.replace("_", " "))


def translate(text: Message | str | tuple[Message, ...], language: Language | str) -> str:
    """
    Return a message, or the text of one without arguments, in ``language``; several are joined by semicolons.

    A text that the catalogue does not have stays English; what consists of terms is translated term by term.

    :raises ValueError: for a language other than ``en`` and ``ko``.
    """
    if isinstance(text, tuple):
        return "; ".join(translate(one, language) for one in text)
    given = text if isinstance(text, Message) else Message(id=text)
    language = Language(language)
    return _PLACE.sub(lambda found: _write(given, found, language), _template(given.id, language))


def translator(language: Language | str) -> Callable[..., str]:
    """
    Return what templates call ``_``: :func:`translate` into ``language``, with values by name.

    In a template: ``{{ _("Rows") }}``, ``{{ _("{count} older", count=n) }}``, ``{{ _(result.found) }}``.
    """

    def say(text: Message | str | tuple[Message, ...], /, **arguments: Argument) -> str:
        return translate(Message(id=text, arguments=arguments) if isinstance(text, str) else text, language)

    return say


def _template(text: str, language: Language) -> str:
    if not text or language is Language.ENGLISH:
        return text
    found = _catalogue(language).gettext(text)
    joint = next((joint for joint in JOINTS if joint in text), None)
    if joint is None or found != text:
        return found
    return joint.join(_catalogue(language).gettext(term) if term else "" for term in text.split(joint))


def _write(given: Message, place: re.Match[str], language: Language) -> str:
    """Return one place's value; a place without one stays as it is written."""
    return _value(given.arguments[place[1]], language) if place[1] in given.arguments else place[0]


def _value(value: Argument, language: Language) -> str:
    if isinstance(value, Message):
        return translate(value, language)
    if isinstance(value, tuple):
        return ", ".join(_value(one, language) for one in value)
    return value if isinstance(value, str) else f"{value:,}"


@cache
def _catalogue(language: Language) -> gettext.NullTranslations:
    return gettext.translation(DOMAIN, CATALOGUES, [language])
