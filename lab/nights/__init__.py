"""The real DAG in real Airflow against the simulator, one night at a time, and what became of it."""
