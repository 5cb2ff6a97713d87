"""The base of every error of the package: each one knows itself whether another try could cure it."""

from __future__ import annotations

from typing import ClassVar


class KiwoomProviderError(Exception):
    """
    Base of all the package's errors. ``str()`` says what happened, where, and what to do; never a secret.

    ``remedy`` says what a person can do, for the run book's list of errors, which is made of the classes.
    ``is_final`` says that no later try can help, so Airflow fails the task at once. It is a class's default
    and may be set on an instance, where only the occasion tells.
    ``is_final_without_server`` says it of ``airflow dags test``, where no API server can be away.
    """

    is_final: bool = False
    is_final_without_server: ClassVar[bool] = False
    remedy: ClassVar[str] = ""
