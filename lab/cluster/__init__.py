"""An Airflow cluster on one machine: its hosts, its services, its processes, and nights that run through it."""
