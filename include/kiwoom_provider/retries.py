"""Which failures Airflow tries again in minutes, and which it does not, since trying cannot help."""

from __future__ import annotations

from airflow.sdk import ExceptionRetryPolicy, RetryAction, RetryRule

RETRY_POLICY = ExceptionRetryPolicy(
    rules=[
        RetryRule(
            exception="kiwoom_provider.api.errors.GarbledError",
            action=RetryAction.RETRY,
            reason="half an answer is what a bad line brings; the next one may be whole",
        ),
        RetryRule(
            exception=[
                "kiwoom_provider.datasets.root.DataRootAbsentError",
                "kiwoom_provider.settings.ConnectionAbsentError",
            ],
            action=RetryAction.RETRY,
            reason="Airflow says 'not found' too while its API server is away",
        ),
        RetryRule(
            exception=[
                "kiwoom_provider.api.errors.AuthenticationError",
                "kiwoom_provider.api.errors.RejectedError",
                "kiwoom_provider.api.errors.ProtocolError",
                "kiwoom_provider.api.errors.StateError",
                "kiwoom_provider.datasets.root.DataRootError",
                "kiwoom_provider.krx.errors.CalendarError",
                "kiwoom_provider.parameters.ParameterError",
                "kiwoom_provider.pipeline.errors.SessionError",
                "kiwoom_provider.quality.results.ReleaseError",
                "kiwoom_provider.quality.results.SeverityError",
                "kiwoom_provider.settings.SettingsError",
            ],
            action=RetryAction.FAIL,
            reason="trying again cannot help; the error's message says what can",
        ),
    ],
    default=RetryAction.RETRY,
)
