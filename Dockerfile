FROM apache/airflow:3.3.2-python3.12

COPY requirements.txt /tmp/requirements.txt
RUN pip install --no-cache-dir --requirement /tmp/requirements.txt

COPY --chown=airflow:root pyproject.toml README.md /opt/kiwoom/
COPY --chown=airflow:root include /opt/kiwoom/include
RUN pip install --no-cache-dir --no-deps /opt/kiwoom

COPY --chown=airflow:root dags /opt/airflow/dags
COPY --chown=airflow:root plugins /opt/airflow/plugins
