"""When Airflow runs a DAG."""
