"""What was asked, what was seen, and what follows: as JSON, and as a table for people."""

from __future__ import annotations

from enum import StrEnum

from kiwoom_provider.documents import Count, Document, Instant, Text


class AssumptionState(StrEnum):
    """How an assumption stands."""

    AS_ASSUMED = "as assumed"
    HANDLED = "otherwise: handled"
    NOT_HANDLED = "otherwise: not handled, do not go live, send this report"
    NOT_ASKED = "could not be asked now"


class Finding(Document):
    """
    One line of the table.

    :param name: of the assumption.
    :param assumed: in a sentence.
    :param seen: the very values; never a key or a token.
    :param advice: what to set or expect, or when it can be asked.
    """

    name: Text
    assumed: Text
    state: AssumptionState
    seen: Text
    advice: Text = ""


class AskReport(Document):
    """
    All findings about one host.

    :param host: its address.
    :param moment: what could be asked at that time of day.
    :param calls: attempts that were sent, those for a token included.
    :param refused: attempts that were refused as too many.
    """

    host: Text
    asked_at: Instant
    moment: Text
    calls: Count
    refused: Count
    package_version: Text
    findings: tuple[Finding, ...]

    @property
    def is_safe(self) -> bool:
        """Whether nothing was seen that the package cannot handle."""
        return all(finding.state is not AssumptionState.NOT_HANDLED for finding in self.findings)

    def to_markdown(self) -> str:
        """Return the table, the worst lines first."""
        worst_first = (
            AssumptionState.NOT_HANDLED,
            AssumptionState.HANDLED,
            AssumptionState.AS_ASSUMED,
            AssumptionState.NOT_ASKED,
        )
        counts = ", ".join(
            f"{sum(finding.state is state for finding in self.findings)} {state}" for state in worst_first
        )
        lines = [
            f"# What {self.host} answered",
            "",
            (
                f"Asked at {self.asked_at:%Y-%m-%d %H:%M} UTC, {self.calls} calls, {self.refused} refused, "
                f"airflow-provider-kiwoom {self.package_version}. {self.moment}"
            ),
            "",
            counts + ".",
            "",
            "| assumption | state | seen | what to do |",
            "| --- | --- | --- | --- |",
        ]
        for state in worst_first:
            for found in self.findings:
                if found.state is state:
                    cells = (f"{found.assumed} (`{found.name}`)", found.state, found.seen, found.advice)
                    lines.append("| " + " | ".join(_cell(cell) for cell in cells) + " |")
        return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
