"""Ask the API what only it can tell, from Airflow."""

from __future__ import annotations

import logging
from contextlib import closing
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator

from kiwoom_provider.errors import KiwoomProviderError
from kiwoom_provider.operators.base import check_conf

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow.sdk import Context

log = logging.getLogger(__name__)


class NotAsAssumedError(KiwoomProviderError):
    """The API is in some point other than the package can handle; the report in the log names it."""

    is_final = True
    remedy = "do not go live; send the report to the maintainers"


class AskOperator(BaseOperator):
    """
    Make at most 80 calls at one a second, and write into the log how every assumption about the API stands.

    :param kiwoom_conn_id: the Kiwoom connection (templated).
    :returns: the report, JSON-ready.
    :raises NotAsAssumedError: when something was seen that the package cannot handle.
    """

    template_fields: Sequence[str] = ("kiwoom_conn_id",)

    def __init__(self, *, kiwoom_conn_id: str = "kiwoom_default", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.kiwoom_conn_id = kiwoom_conn_id

    def execute(self, context: Context) -> dict[str, Any]:
        """Ask, and tell."""
        from airflow.sdk.log import mask_secret

        from kiwoom_provider.api.client import KiwoomClient
        from kiwoom_provider.ask.inquiry import ask, at_one_a_second
        from kiwoom_provider.hooks.kiwoom import KiwoomHook

        check_conf(context)
        with closing(KiwoomHook(self.kiwoom_conn_id)) as hook:
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
