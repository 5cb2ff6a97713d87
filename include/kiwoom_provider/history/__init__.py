"""Sessions that were not swept, rebuilt from ka10059: plan, fetch, laws, pivot, publish. Knows no Airflow."""
