"""
The timetable and the page where the package lies on the path without being installed.

An installed package brings them by its entry point ``airflow.plugins``. Airflow would list the second of two plugins of
one name among the import errors, so this file then brings nothing.
"""

from importlib.metadata import entry_points

if "kiwoom" not in entry_points(group="airflow.plugins").names:
    from kiwoom_provider.plugin import KiwoomPlugin  # noqa: F401 - Airflow looks for the class here
