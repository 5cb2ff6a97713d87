# The official image with this package and its DAGs. Both belong to root and are read-only for the user that runs them.
# Its digest is not known where this was written: put @sha256:… after the tag of both lines, as docs/deployment.md says.
FROM apache/airflow:3.3.2-python3.12 AS build
COPY --chown=airflow:root pyproject.toml README.md LICENSE /tmp/source/
COPY --chown=airflow:root include/kiwoom_provider /tmp/source/include/kiwoom_provider
COPY --chown=airflow:root dags /tmp/dags
COPY --chown=airflow:root requirements.txt constraints.txt /tmp/requirements/
# Modes are set here: those of a checkout are its umask's, and not every builder can set them while it copies.
RUN pip install --no-cache-dir --no-deps --target /tmp/kiwoom /tmp/source \
    && chmod -R a=rX,u+w /tmp/kiwoom /tmp/dags /tmp/requirements

FROM apache/airflow:3.3.2-python3.12
# What the package needs, at the versions of Airflow's own constraints; what they do not name is pinned in the second
# file. With the clients of S3 for the data root, and of Redis for token and budget of several hosts.
COPY --from=build --chown=root:root /tmp/requirements /opt/requirements
RUN pip install --no-cache-dir "apache-airflow==${AIRFLOW_VERSION}" \
    --constraint "${HOME}/constraints.txt" --constraint /opt/requirements/constraints.txt \
    --requirement /opt/requirements/requirements.txt 'apache-airflow-providers-amazon[s3fs]' redis

COPY --from=build --chown=root:root /tmp/kiwoom /opt/kiwoom
# The package's entry points are found here: provider, timetable and page need no file among the plugins.
ENV PYTHONPATH=/opt/kiwoom
COPY --from=build --chown=root:root /tmp/dags /opt/airflow/dags
