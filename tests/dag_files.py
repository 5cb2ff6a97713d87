"""DAG files as a scheduler knows them."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[1]


def parse_folder(folder) -> dict:
    """Parse a folder and store its DAGs as the DAG processor does."""
    from airflow.dag_processing.bundles.manager import DagBundlesManager
    from airflow.dag_processing.dagbag import DagBag, sync_bag_to_db
    from airflow.models.dag import DagModel
    from airflow.utils.session import create_session

    bag = DagBag(folder, bundle_path=folder, bundle_name="dags-folder")
    assert bag.import_errors == {}
    DagBundlesManager().sync_bundles_to_db()
    sync_bag_to_db(bag, "dags-folder", None)
    with create_session() as session:
        for dag_id in bag.dags:
            session.get(DagModel, dag_id).is_paused = False
    return dict(bag.dags)
