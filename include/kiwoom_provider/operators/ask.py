"""Ask the API what only it can tell, from Airflow."""

from __future__ import annotations

import logging
from contextlib import closing
from typing import TYPE_CHECKING, Any

from kiwoom_provider.errors import KiwoomProviderError
from kiwoom_provider.operators.base import SessionOperator

if TYPE_CHECKING:
    from airflow.sdk import Context

log = logging.getLogger(__name__)


class NotAsAssumedError(KiwoomProviderError):
    """The API is in some point other than the package can handle; the report in the log names it."""

    is_final = True
    remedy = "do not go live; send the report to the maintainers"


class AskOperator(SessionOperator):
    """
    Make at most 80 calls at one a second, and write into the log how every assumption about the API stands.

    :returns: the report, JSON-ready.
    :raises NotAsAssumedError: when something was seen that the package cannot handle.
    """

    def execute(self, context: Context) -> dict[str, Any]:
        """Ask, and tell."""
        from airflow.sdk.log import mask_secret

        from kiwoom_provider.api.client import KiwoomClient
        from kiwoom_provider.ask.inquiry import ask, at_one_a_second

        self.check_conf(context)
        with closing(self.hook()) as hook:
            settings = at_one_a_second(hook.settings)
            with KiwoomClient(hook.get_conn(), settings, hook.clock, on_token=mask_secret) as client:
                report = ask(client, settings, hook.clock)
        for line in report.to_markdown().splitlines():
            log.info("%s", line)
        if not report.is_safe:
            raise NotAsAssumedError(
                "the API is other than the package can handle: see the lines 'not handled' above, do not go live, and "
                "send the report to the maintainers"
            )
        return report.to_json()
