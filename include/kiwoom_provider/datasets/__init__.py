"""The datasets: where they lie, how they look, how they are written and read. Knows no Airflow."""
