"""The broker's wire protocol; knows no Airflow."""
