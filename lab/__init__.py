"""
The laboratory: real Airflow, faults, clusters, object stores, archives and measurements around the package.

None of it is in the wheel or the image. It imports the package and the simulator; tests import it, never the reverse.
"""
