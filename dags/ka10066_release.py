"""Release a quarantined session: a person publishes it in spite of named findings, after looking at the report."""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import DAG, Param

from kiwoom_provider.alerts import run_failed
from kiwoom_provider.assets import INVESTOR_TRADING
from kiwoom_provider.dag_docs import RELEASE_DOC, TASK_DOCS
from kiwoom_provider.operators.investor_trading import QualityCheckOperator
from kiwoom_provider.operators.release import ResolveReleaseOperator
from kiwoom_provider.retries import RETRY_ARGUMENTS

with DAG(
    dag_id="ka10066_release",
    dag_display_name="ka10066 릴리스 · Release a session",
    description="A person publishes a quarantined session in spite of named findings",
    doc_md=RELEASE_DOC,
    schedule=None,
    dagrun_timeout=timedelta(days=1),
    max_active_runs=1,
    on_failure_callback=run_failed,
    tags=["krx", "kiwoom", "ka10066", "투자자별매매"],
    default_args={"owner": "market-data", "execution_timeout": timedelta(minutes=30), **RETRY_ARGUMENTS},
    params={
        "session_date": Param(type="string", format="date", title="Session"),
        "report": Param(
            type="string",
            title="Report",
            description_md="Name of the audit's report that you looked at, as the log and the Kiwoom page show it: "
            "`20261120T113005.123456Z-0a1b2c3d4e5f`. Only what that report is of is published.",
        ),
        "rules": Param(
            type="array",
            items={"type": "string"},
            title="Rules",
            description_md="Ids of the rules that block, from the report: all of them, one a line. "
            "A disproved session cannot be released.",
        ),
        "reason": Param(
            type="string",
            title="Reason",
            description_md="What you looked at, and why the figures are right. Kept with your name in the report, "
            "the summary, the asset event and the file.",
        ),
    },
) as dag:
    resolve_release = ResolveReleaseOperator(
        task_id="resolve_release",
        conf_names=dag.params,
        session_date=dag.param("session_date"),
        report=dag.param("report"),
        rules=dag.param("rules"),
        reason=dag.param("reason"),
        doc_md=TASK_DOCS["resolve_release"],
    )
    QualityCheckOperator(
        task_id="quality_check",
        plan=resolve_release.output,
        outlets=[INVESTOR_TRADING],
        doc_md=TASK_DOCS["quality_check"],
    )
