"""Years of simulated sessions in one data root, by the real pipeline and without Airflow."""
