"""The stages of a session, without Airflow: plan, settlement, sweep, assembly, audit and publication."""
