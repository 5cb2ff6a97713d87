"""Airflow's API server warns of its own dependencies when it is imported; that is not ours to be stopped by."""

from __future__ import annotations

import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import airflow.api_fastapi.core_api.security  # noqa: F401
