"""Airflow provider for Kiwoom's REST API: KRX after-close trading by investor, proved and audited."""

__version__ = "1.0.0"
