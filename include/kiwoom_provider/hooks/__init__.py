"""The Airflow face of the wire layer."""
