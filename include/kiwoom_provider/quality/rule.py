"""A rule as data: what people read of it, how grave it is, and the law that it applies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kiwoom_provider.locale import Language

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiwoom_provider.quality.results import Severity
    from kiwoom_provider.quality.subject import Subject
    from kiwoom_provider.quality.tally import Finding


__all__ = ["Language", "Rule", "Text"]


@dataclass(frozen=True, slots=True)
class Text:
    """One text in both languages."""

    en: str
    ko: str

    def to(self, language: Language) -> str:
        """Return the text in ``language``."""
        return self.ko if language is Language.KOREAN else self.en


@dataclass(frozen=True, slots=True)
class Rule:
    """
    One rule of the audit.

    :param looks_at: what is counted as checked.
    :param reason: why the tolerance is what it is.
    :param severity: the default; a deployment can change it.
    :param remedy: what to do when it fires.
    :param allowed_share: share of what is checked that may fail with a warning only.
    :param fixed: whether no deployment can change the severity: the rule keeps one session's data
        from being published under another's day.
    """

    id: str
    title: Text
    looks_at: Text
    tolerance: Text
    reason: Text
    severity: Severity
    remedy: Text
    law: Callable[[Subject], Finding]
    allowed_share: float = 0.0
    fixed: bool = False


EXACT = Text("none", "없음")
REFETCH = Text(
    "Fetch the named sets again while the window is open; the raw pages show what was served.",
    "수집 시간이 남아 있으면 표시된 세트를 다시 수집하십시오. 받은 그대로의 페이지가 raw에 있습니다.",
)
LOOK = Text(
    "Look at the named stocks in the raw pages; release with a reason only if the figures are right.",
    "raw 페이지에서 표시된 종목을 확인하고, 값이 맞을 때에만 사유를 적어 공개하십시오.",
)
WATCH = Text(
    "Nothing is withheld; look at the named stocks, and make the rule block once it holds on live data.",
    "공개는 막지 않습니다. 표시된 종목을 확인하고, 실데이터에서 계속 지켜지면 차단 규칙으로 바꾸십시오.",
)
API_CHANGED = Text(
    "The API or our parser changed: compare a raw page with the sheet; raise an issue, replay when mended.",
    "API 또는 해석 코드가 바뀌었습니다. raw 페이지를 명세와 비교하고, 고친 뒤 raw에서 다시 만드십시오.",
)
NEVER = Text(
    "The evidence contradicts the data: no release under this day. Fetch again while the window is open.",
    "증거와 어긋나므로 이 날짜로는 공개할 수 없습니다. 수집 시간이 남아 있으면 다시 수집하십시오.",
)
