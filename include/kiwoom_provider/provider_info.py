"""What Airflow's providers manager reads: the Kiwoom connection type and its form."""

from __future__ import annotations

from typing import Any

import kiwoom_provider
from kiwoom_provider.settings import (
    DEFAULT_RATES,
    DEFAULT_TIMEOUT_S,
    MAX_PAGES,
    MAX_PAGES_LIMIT,
    MAX_REQUESTS_PER_SECOND,
    MAX_TIMEOUT_S,
    MIN_REQUESTS_PER_SECOND,
    HostKind,
)

_INTEGRATION = "Kiwoom REST API"
_TEXT = {"type": ["string", "null"]}
_CONNECTION_FIELDS: dict[str, Any] = {
    "requests_per_second": {
        "label": "Requests per second",
        "description": (
            "Calls a second per API, shared by everything that uses this app key. "
            f"Empty: {DEFAULT_RATES[HostKind.LIVE]:g} live, {DEFAULT_RATES[HostKind.MOCK]:g} mock. "
            "An answer that names a lower quota is obeyed at once."
        ),
        "schema": {
            "type": ["number", "null"],
            "minimum": MIN_REQUESTS_PER_SECOND,
            "maximum": MAX_REQUESTS_PER_SECOND,
        },
    },
    "timeout_s": {
        "label": "Timeout (s)",
        "description": (
            f"A call is given up when its answer is not complete after so many seconds. Empty: {DEFAULT_TIMEOUT_S:g}."
        ),
        "schema": {"type": ["number", "null"], "exclusiveMinimum": 0, "maximum": MAX_TIMEOUT_S},
    },
    "max_pages": {
        "label": "Most pages of a sweep",
        "description": f"A sweep that would grow beyond this is an error. Empty: {MAX_PAGES}.",
        "schema": {"type": ["integer", "null"], "minimum": 1, "maximum": MAX_PAGES_LIMIT},
    },
    "state_dir": {
        "label": "State directory",
        "description": (
            "Where this machine's processes share the token (encrypted) and the rate, "
            "on a local disk. Empty: kiwoom/ in AIRFLOW_HOME."
        ),
        "schema": _TEXT,
    },
    "redis_conn_id": {
        "label": "Redis connection id",
        "description": (
            "An Airflow connection of type Redis, where workers run on several hosts: they share the token "
            "(encrypted) and the rate. Empty: files in the state directory of this machine."
        ),
        "schema": _TEXT,
    },
    "verify": {
        "label": "CA bundle",
        "description": "Path of a CA bundle. Empty: the system's. TLS is always verified.",
        "schema": _TEXT,
    },
    "allow_plain_http": {
        "label": "Allow plain http",
        "description": "Lets the secret key, or the password of Redis, travel unencrypted to another machine.",
        "schema": {"type": ["boolean", "null"], "default": False},
    },
}
_FORM = {
    "hidden-fields": ["schema"],
    "relabeling": {"host": "Host", "login": "App key", "password": "Secret key"},
    "placeholders": {
        "host": "api.kiwoom.com (live) or mockapi.kiwoom.com (mock)",
        "port": "443 (without one, Airflow 3.3.2 cannot test a saved connection)",
        "login": "appkey from Kiwoom's REST API page",
        "password": "secretkey from Kiwoom's REST API page",
    },
}


def get_provider_info() -> dict[str, Any]:
    """Return the provider's metadata, in the form of Airflow's provider_info schema."""
    return {
        "package-name": "airflow-provider-kiwoom",
        "name": "Kiwoom",
        "description": kiwoom_provider.__doc__,
        "integrations": [
            {
                "integration-name": _INTEGRATION,
                "external-doc-url": "https://openapi.kiwoom.com",
                "tags": ["service"],
            }
        ],
        "hooks": _modules("hooks.kiwoom"),
        "operators": _modules(
            "operators.ask",
            "operators.calendar",
            "operators.history",
            "operators.investor_trading",
            "operators.ka10066",
            "operators.monthly",
            "operators.release",
            "operators.session",
        ),
        "sensors": _modules("sensors.settlement"),
        "triggers": _modules("triggers.settlement"),
        "extra-links": [
            f"kiwoom_provider.links.session.{name}" for name in ("AuditReportLink", "SessionLink", "DataLink")
        ],
        "connection-types": [
            {
                "connection-type": "kiwoom",
                "hook-class-name": "kiwoom_provider.hooks.kiwoom.KiwoomHook",
                "hook-name": "Kiwoom",
                "ui-field-behaviour": _FORM,
                "conn-fields": _CONNECTION_FIELDS,
            }
        ],
    }


def _modules(*names: str) -> list[dict[str, Any]]:
    return [{"integration-name": _INTEGRATION, "python-modules": [f"kiwoom_provider.{name}" for name in names]}]
