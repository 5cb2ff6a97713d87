"""
The deadline alert: a session's run that has not succeeded while there is still time to act.

Airflow's triggerer calls :func:`session_is_late`. Who is told is the deployment's choice, in the Airflow
Variable ``kiwoom_notifier``, a JSON object with the path of an Airflow notifier and its arguments::

    {"path": "airflow.providers.slack.notifications.slack.SlackNotifier", "kwargs": {"text": "{{ message }}"}}

Without it, and whenever the notifier fails, the alert stands in the triggerer's log.
"""

from __future__ import annotations

import logging
from importlib import import_module
from typing import TYPE_CHECKING, Any

from asgiref.sync import sync_to_async

if TYPE_CHECKING:
    from collections.abc import Mapping

NOTIFIER_VARIABLE = "kiwoom_notifier"

log = logging.getLogger(__name__)


async def session_is_late(context: Mapping[str, Any]) -> str:
    """
    Tell the deployment's notifier, or the log, that a run is late.

    :param context: what Airflow gives a deadline's callback: ``dag_run`` and ``deadline``.
    :returns: what was said, and who was told.
    """
    message = late_message(context)
    log.error("%s", message)
    try:
        told = await _notify(dict(context) | {"message": message})
    except Exception as error:  # whatever breaks in a notifier must not hide the alert
        log.exception("%s could not be told: see the Airflow Variable %s", type(error).__name__, NOTIFIER_VARIABLE)
        told = "the log only"
    return f"{message} (told: {told})"


def late_message(context: Mapping[str, Any]) -> str:
    """Return what people read: which run, in which state, and what to do."""
    run = context.get("dag_run") or {}
    session = run.get("partition_key") or (run.get("conf") or {}).get("session_date") or "whose window is open"
    return (
        f"Session {session} is not published: run {run.get('dag_run_id')} of {run.get('dag_id')} is "
        f"{run.get('state')}. The API can serve the session only until its window ends (07:00 KST of the next "
        "session by default). Read the log of the task that waits or failed, mend what it names, and clear it."
    )


async def _notify(context: dict[str, Any]) -> str:
    from airflow.sdk import Variable

    chosen = await sync_to_async(Variable.get)(NOTIFIER_VARIABLE, default=None, deserialize_json=True)
    if not chosen:
        return "the log"
    path = str(chosen["path"])
    module, _, name = path.rpartition(".")
    notifier = getattr(import_module(module), name)(**chosen.get("kwargs", {}))
    await sync_to_async(notifier)(context)
    return path
