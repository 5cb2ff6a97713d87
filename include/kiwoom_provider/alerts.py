"""
The alerts: a session's run that has not succeeded while there is still time to act, or that has failed.

Airflow's triggerer calls :func:`session_is_late`, its DAG processor :func:`run_failed`. Who is told is the
deployment's choice, in the Airflow Variable ``kiwoom_notifier``, a JSON object with the path of an Airflow notifier
and its arguments::

    {"path": "airflow.providers.slack.notifications.slack.SlackNotifier", "kwargs": {"text": "{{ message }}"}}

Nothing but a subclass of Airflow's ``BaseNotifier`` is called: who may edit Variables must not choose what runs
in the triggerer. Without the Variable, and whenever the notifier is refused or fails, the alert stands in the
triggerer's log.
"""

from __future__ import annotations

import asyncio
import logging
from importlib import import_module
from typing import TYPE_CHECKING, Any

from asgiref.sync import sync_to_async

from kiwoom_provider.errors import KiwoomProviderError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow.sdk import BaseNotifier

NOTIFIER_VARIABLE = "kiwoom_notifier"

log = logging.getLogger(__name__)


class NotifierError(KiwoomProviderError):
    """The Variable names nothing that may be called; the message says what would be, and nothing of its arguments."""

    is_final = True
    remedy = "correct the Variable kiwoom_notifier; until then the alert stands in the triggerer's log alone"


async def session_is_late(context: Mapping[str, Any]) -> str:
    """
    Tell the deployment's notifier, or the log, that a run is late.

    :param context: what Airflow gives a deadline's callback: ``dag_run`` and ``deadline``.
    :returns: what was said, and who was told.
    """
    return await _tell(late_message(context), context)


async def _tell(message: str, context: Mapping[str, Any]) -> str:
    log.error("%s", message)
    try:
        told = await _notify(dict(context) | {"message": message})
    except NotifierError as error:
        log.error("%s", error)  # noqa: TRY400 - the message says all of it
        told = "the log only"
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
        f"{run.get('state')}. The API can serve the session only until its window ends, before the next session. "
        "Read the log of the task that waits or failed, mend what it names, and clear it."
    )


def run_failed(context: Mapping[str, Any]) -> None:
    """
    Tell the deployment's notifier, or the log, that a run has failed.

    :param context: what Airflow gives a DAG's callback, in the DAG processor.
    """
    asyncio.run(_tell(failed_message(context), context))


def failed_message(context: Mapping[str, Any]) -> str:
    """Return what people read: which run, of which session where Airflow gives it, and what to do."""
    run = context.get("dag_run")
    session = run and (run.partition_key or (run.conf or {}).get("session_date"))
    named = f"Run {context['run_id']} of {context['dag'].dag_id}" + (f" for session {session}" if session else "")
    return (
        f"{named} has failed. Read the log of "
        "the task that failed, mend what it names, and clear it. A session that the audit refused is in quarantine: "
        "the Kiwoom page shows why."
    )


async def _notify(context: dict[str, Any]) -> str:
    from airflow.sdk import Variable

    chosen = await sync_to_async(Variable.get)(NOTIFIER_VARIABLE, default=None, deserialize_json=True)
    if not chosen:
        return "the log"
    notifier = make_notifier(chosen)
    await sync_to_async(_send)(notifier, context)
    return str(chosen["path"])


def make_notifier(chosen: object) -> BaseNotifier:
    """
    Make the notifier that the Variable describes.

    :raises NotifierError: when that is anything but an object with the path of a notifier's class and its arguments.
    """
    from airflow.sdk import BaseNotifier

    path = chosen.get("path") if isinstance(chosen, dict) else None
    kwargs = chosen.get("kwargs", {}) if isinstance(chosen, dict) else None
    if not (isinstance(path, str) and isinstance(kwargs, dict)):
        raise NotifierError(f'the Airflow Variable {NOTIFIER_VARIABLE} is not {{"path": "...", "kwargs": {{...}}}}')
    module, _, name = path.rpartition(".")
    try:
        found = getattr(import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise NotifierError(
            f"the Airflow Variable {NOTIFIER_VARIABLE} names {path}, which the triggerer cannot import: {error}"
        ) from None
    if not (isinstance(found, type) and issubclass(found, BaseNotifier)):
        raise NotifierError(
            f"the Airflow Variable {NOTIFIER_VARIABLE} names {path}, which is no subclass of airflow.sdk.BaseNotifier: "
            "it is not called"
        )
    return found(**kwargs)


def _send(notifier: BaseNotifier, context: Any) -> None:  # noqa: ANN401 - a deadline's context is not a task's
    """Send as the notifier's own ``__call__`` does, which only logs its failure: here it must be known."""
    notifier.render_template_fields(context)
    notifier.notify(context)
