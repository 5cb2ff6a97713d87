# The official image with this package, its DAG and its plugin. It runs as the base image's user and holds no secret.
FROM apache/airflow:3.3.2-python3.12

# redis: workers on several hosts share token and call budget there.
COPY requirements.txt /tmp/requirements.txt
RUN pip install --no-cache-dir --requirement /tmp/requirements.txt 'redis>=5'

COPY --chown=airflow:root pyproject.toml README.md /opt/kiwoom/
COPY --chown=airflow:root include /opt/kiwoom/include
RUN pip install --no-cache-dir --no-deps /opt/kiwoom

COPY --chown=airflow:root dags /opt/airflow/dags
COPY --chown=airflow:root plugins /opt/airflow/plugins
