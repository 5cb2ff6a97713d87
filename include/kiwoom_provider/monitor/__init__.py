"""The Kiwoom page in the Airflow UI: what it knows, who may see it, and how it looks."""
