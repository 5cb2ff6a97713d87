"""The report for people: one self-contained HTML page, in Korean or English, with no script at all."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import jinja2

from kiwoom_provider.quality.catalogue import RULES
from kiwoom_provider.quality.phrases import korean, label
from kiwoom_provider.quality.plot import plots
from kiwoom_provider.quality.results import Status
from kiwoom_provider.quality.rule import Language
from kiwoom_provider.quality.words import COUNTED, OUTCOMES, SEVERITIES, STATUSES, VERDICTS, WORDS

if TYPE_CHECKING:
    from kiwoom_provider.quality.results import AuditReport, RuleResult

KST = ZoneInfo("Asia/Seoul")
_RULES = {rule.id: rule for rule in RULES}


def render_html(report: AuditReport, language: Language | str = Language.ENGLISH) -> str:
    """
    Return the report as one HTML page; every value in it is escaped.

    :raises ValueError: for a language other than ``en`` and ``ko``.
    """
    language = Language(language)
    return _template().render(
        language=str(language),
        words={name: text.to(language) for name, text in WORDS.items()},
        report=report,
        say=korean if language is Language.KOREAN else str,
        label=label if language is Language.KOREAN else str,
        verdict=VERDICTS[report.status].to(language),
        audited_at=report.audited_at.astimezone(KST).strftime("%Y-%m-%d %H:%M:%S") if report.audited_at else "",
        counts=[(STATUSES[status].to(language), report.count(status)) for status in Status],
        rows=[row(result, language) for result in report.results],
        plots=plots(report.flows, language),
        outcome=OUTCOMES[report.proof["outcome"] if report.proof else None].to(language),
    )


def row(result: RuleResult, language: Language) -> dict[str, Any]:
    """Return what the page says of one result; a rule not known any more keeps the report's words."""
    rule = _RULES.get(result.id)
    found = korean(result.seen) if language is Language.KOREAN else result.seen
    if result.failing or result.status is Status.PASS:
        found = COUNTED.to(language).format(failing=f"{result.failing:,}", checked=f"{result.checked:,}")
    return {
        "result": result,
        "status": STATUSES[result.status].to(language),
        "severity": SEVERITIES[result.severity].to(language),
        "found": found,
        "title": rule.title.to(language) if rule else result.title,
        "looks_at": rule.looks_at.to(language) if rule else "",
        "tolerance": rule.tolerance.to(language) if rule else result.tolerance,
        "reason": rule.reason.to(language) if rule else result.reason,
        "remedy": rule.remedy.to(language) if rule else "",
    }


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["figure"] = _figure
    return environment.from_string(files("kiwoom_provider.quality").joinpath("page.html").read_text("utf-8"))


def _figure(value: object) -> str:
    """Write a number with its thousands apart, nothing for None, and a text as it is."""
    if value is None:
        return ""
    return f"{value:,}" if isinstance(value, int | float) else str(value)
