"""Collects the texts that people read into the catalogues, and compiles them: ``make locale``."""

from __future__ import annotations

import calendar
import io
import re
import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import normalize, read_po

from kiwoom_provider.datasets.columns import INVESTORS, UNITS
from kiwoom_provider.krx.overrides import shipped_facts
from kiwoom_provider.krx.rules import exchange_holidays
from kiwoom_provider.locale import investor
from kiwoom_provider.parameters import Market, Measure, Side, Venue

SOURCE = Path(__file__).resolve().parents[1] / "include" / "kiwoom_provider"
KOREAN = SOURCE / "locale" / "ko" / "LC_MESSAGES" / "kiwoom_provider.po"
METHODS = [("**.py", "python"), ("**.html", "jinja2")]
KEYWORDS = {"_": None, "message": None}
HEAD = """\
# Korean of every text that people read. `make locale` adds new texts: fill in their msgstr, then run it again.
msgid ""
msgstr ""
"Language: ko\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"""
PLACE = re.compile(r"\{\w*\}")


def texts() -> set[str]:
    """Return every text that is to be translated."""
    return texts_in_code() | terms()


def terms() -> set[str]:
    """Return the terms of the data: parameters, units, investors, and why KRX is closed, as ``holidays`` says it."""
    parameters = {str(member) for kind in (Market, Venue, Measure, Side) for member in kind}
    known, _ = shipped_facts()
    holidays = {name for names in exchange_holidays(known).values() for name in names.split("; ")}
    investors = {investor(one.name).id for one in INVESTORS}
    return parameters | investors | holidays | {*UNITS.values(), *calendar.day_name[calendar.SATURDAY :]}


def texts_in_code() -> set[str]:
    """Return every text that the package's code and templates ask to be translated."""
    found = extract_from_dir(SOURCE, METHODS, keywords=KEYWORDS)
    return {text for _, _, text, _, _ in found if isinstance(text, str) and text}


def translations() -> dict[str, str]:
    """Return the catalogue's translations by English text; what is not translated yet is empty."""
    with KOREAN.open("rb") as stream:
        return {str(entry.id): str(entry.string) for entry in read_po(stream, "ko") if entry.id}


def source_of(texts: dict[str, str]) -> str:
    """Return a catalogue's source, sorted, so that it changes where texts change and nowhere else."""
    entries = (
        f"\nmsgid {normalize(en, width=0)}\nmsgstr {normalize(ko, width=0)}\n" for en, ko in sorted(texts.items())
    )
    return HEAD + "".join(entries)


class _Compiled(Catalog):
    """A catalogue whose compiled header has no dates and no names."""

    mime_headers = (("Content-Type", "text/plain; charset=utf-8"),)


def compile_catalogue(texts: dict[str, str]) -> bytes:
    """Return the compiled form of a catalogue."""
    catalogue, stream = _Compiled(), io.BytesIO()
    for english, korean in texts.items():
        catalogue.add(english, korean)
    write_mo(stream, catalogue)
    return stream.getvalue()


def wrong(texts: dict[str, str]) -> list[str]:
    """Return the texts that lack a translation, or whose translation has other places for values."""
    return [en for en, ko in texts.items() if not ko or sorted(PLACE.findall(en)) != sorted(PLACE.findall(ko))]


def main() -> int:
    """Write the catalogue anew; 1 when a text is left to translate."""
    known = translations()
    entries = {text: known.get(text, "") for text in texts()}
    KOREAN.write_text(source_of(entries), "utf-8")
    KOREAN.with_suffix(".mo").write_bytes(compile_catalogue(entries))
    left = wrong(entries)
    print(f"{len(entries)} texts, {len(left)} to translate in {KOREAN}", *left, sep="\n- ")
    return bool(left)


if __name__ == "__main__":
    sys.exit(main())
