"""What every task of a session needs: the connection, the data root, how a session is proved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator

from kiwoom_provider.retries import end_dags_test

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from airflow.sdk import Context

    from kiwoom_provider.clock import Clock
    from kiwoom_provider.datasets.store import Store
    from kiwoom_provider.hooks.kiwoom import KiwoomHook
    from kiwoom_provider.krx import KrxCalendar, Window
    from kiwoom_provider.pipeline.plan import Plan
    from kiwoom_provider.proof.session_proof import ProofSetting


class SessionOperator(BaseOperator):
    """
    Base of the tasks of a session.

    :param kiwoom_conn_id: the Kiwoom connection (templated).
    :param conf_names: the only names that a run's conf may hold, a DAG's ``params``; None lets it hold anything.
    """

    template_fields: Sequence[str] = ("kiwoom_conn_id",)

    def __init__(
        self, *, kiwoom_conn_id: str = "kiwoom_default", conf_names: Iterable[str] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.kiwoom_conn_id = kiwoom_conn_id
        self.conf_names = None if conf_names is None else [*conf_names]

    def check_conf(self, context: Context) -> None:
        """
        Refuse a run whose conf holds another name than it may, before anything is done.

        :raises ParameterError: naming it, and every name that may stand there.
        """
        from kiwoom_provider.parameters import check_names

        if self.conf_names is not None:
            check_names(context["dag_run"].conf or {}, self.conf_names)

    def on_kill(self) -> None:
        """End a run of ``airflow dags test``; elsewhere nothing has to be tidied up."""
        end_dags_test()

    def hook(self) -> KiwoomHook:
        """Return the hook of the task's connection."""
        from kiwoom_provider.hooks.kiwoom import KiwoomHook

        return KiwoomHook(self.kiwoom_conn_id)

    def store(self) -> Store:
        """
        Open the data root that the Airflow Variable ``kiwoom_data_root`` names.

        :raises DataRootError: when the Variable is missing or is no URL that can be opened.
        """
        from kiwoom_provider.data_root import open_data_root

        return open_data_root()


class PlannedOperator(SessionOperator):
    """
    Base of the tasks that follow a plan.

    :param plan: what the first task of the run returned: a plan, or the key of one in the data root (templated).
    """

    template_fields: Sequence[str] = (*SessionOperator.template_fields, "plan")

    def __init__(self, *, plan: Any, **kwargs: Any) -> None:  # noqa: ANN401  of a session, or the key of a history's
        super().__init__(**kwargs)
        self.plan = plan


def optional_variable(name: str, default: str) -> str:
    """
    Return the text of the Airflow Variable ``name`` in a task, ``default`` when there is none.

    A task of Airflow 3.3 is told that a Variable does not exist also while the API server is away. So the
    database is asked for the name, which fails when it cannot be asked, before the default is believed.

    :raises AirflowRuntimeError: when it cannot be told whether there is one; the task is tried again.
    """
    from airflow.sdk import Variable

    value = Variable.get(name, default=None)
    if value is None and name in Variable.keys(prefix=name):
        value = Variable.get(name)
    return default if value is None else str(value)


def proof_setting() -> ProofSetting:
    """
    Return how a session must be proved, as the Airflow Variable ``kiwoom_proof`` says.

    :raises ParameterError: when there is no such way.
    """
    from kiwoom_provider.proof.session_proof import ProofSetting

    return ProofSetting.parse(optional_variable("kiwoom_proof", ProofSetting.BOTH))


def changed_severities() -> dict[str, str]:
    """
    Return the rules whose severity the deployment changed, as the Airflow Variable ``kiwoom_severities`` says.

    :raises SettingError: for text that is no JSON object.
    """
    from kiwoom_provider.quality.rule_settings import parse_severities

    return parse_severities(optional_variable("kiwoom_severities", "{}"))


def session_clock(hook: KiwoomHook) -> Clock:
    """Return the connection's clock; the machine's where there is no connection, which a replay does not need."""
    from kiwoom_provider.clock import SystemClock
    from kiwoom_provider.settings import ConnectionAbsentError

    try:
        return hook.clock
    except ConnectionAbsentError:
        return SystemClock()


def read_plan(given: Mapping[str, Any]) -> Plan:
    """
    Read the plan that ``resolve_session`` returned.

    :raises DocumentError: when it is anything else.
    """
    from kiwoom_provider.pipeline.plan import Plan

    return Plan.from_json(given, "the plan")


def open_calendar(window: Window | None = None) -> KrxCalendar:
    """
    Return the KRX calendar with a window and the deployment's own overrides.

    :raises CalendarError: for a window or an override file that cannot be right.
    """
    from kiwoom_provider.krx import calendar, overrides_path

    return calendar(window, overrides=overrides_path())
