"""A small Airflow on this machine, with the simulator: `make run`, `make ui`, and the pictures of it."""
