"""What lies in deploy/: valid for Kubernetes, of one mind with the package, and without a secret."""

from __future__ import annotations

from pathlib import Path

import kubernetes_validate
import pytest
import yaml

from kiwoom_provider import __version__
from kiwoom_provider.data_root import DATA_ROOT_VARIABLE

REPOSITORY = Path(__file__).parents[2]
DEPLOY = REPOSITORY / "deploy"
MANIFESTS = ("pod-template.yaml", "redis.yaml")
VALUES = ("values.yaml", "values-celery.yaml", "values-kubernetes.yaml")
KUBERNETES = ("1.30", "1.33", "1.37")

# From the parameters reference, the release notes and the guide "Upgrading the Helm Chart to Airflow 3" of the
# official chart's documentation, releases 1.19 to 1.22, and from values.yaml in its repository.
CHART_KEYS = {
    "airflowVersion",
    "apiSecretKeySecretName",
    "apiServer.replicas",
    "config",
    "dagProcessor.enabled",
    "data.metadataSecretName",
    "defaultAirflowRepository",
    "defaultAirflowTag",
    "env",
    "executor",
    "fernetKeySecretName",
    "images.airflow.pullPolicy",
    "jwtSecretName",
    "logs.persistence.enabled",
    "postgresql.enabled",
    "redis.enabled",
    "secret",
    "triggerer.enabled",
    "triggerer.persistence.enabled",
    "workers.celery.persistence.enabled",
    "workers.celery.replicas",
    "workers.celery.resources",
}


def documents(name):
    return list(yaml.safe_load_all((DEPLOY / name).read_text()))


def one(name):
    (document,) = documents(name)
    return document


def keys(node, known, prefix=""):
    """Yield the dotted keys down to those that are known, or to the end."""
    for name, value in node.items():
        dotted = f"{prefix}{name}"
        if dotted in known or not isinstance(value, dict):
            yield dotted
        else:
            yield from keys(value, known, f"{dotted}.")


def environment(container):
    return {entry["name"]: entry for entry in container["env"]}


@pytest.fixture
def pod():
    return one("pod-template.yaml")["spec"]


@pytest.fixture
def base(pod):
    (container,) = pod["containers"]
    return container


@pytest.mark.parametrize("version", KUBERNETES)
@pytest.mark.parametrize("name", MANIFESTS)
def test_a_manifest_is_valid_by_the_schemas_of_kubernetes(name, version):
    for document in documents(name):
        kubernetes_validate.validate(document, version, strict=True)


def test_a_manifest_with_a_misspelled_field_would_be_refused():
    document = one("pod-template.yaml")
    document["spec"]["restartPolizy"] = "Never"
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(document, KUBERNETES[-1], strict=True)


@pytest.mark.parametrize("name", VALUES)
def test_values_hold_only_keys_that_the_chart_documents(name):
    assert set(keys(one(name), CHART_KEYS)) <= CHART_KEYS


def test_the_executors_container_is_called_base_and_its_pod_never_restarts(pod, base):
    assert base["name"] == "base"
    assert pod["restartPolicy"] == "Never"


def test_tasks_run_as_the_images_user_without_a_way_to_more_rights(pod, base):
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] == 50000
    assert base["securityContext"] == {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}


def test_the_pod_has_the_image_of_the_values(base):
    values = one("values.yaml")
    assert base["image"] == f"{values['defaultAirflowRepository']}:{values['defaultAirflowTag']}"


def test_the_image_is_tagged_with_the_packages_version_and_airflows_is_the_dockerfiles():
    values = one("values.yaml")
    assert values["defaultAirflowTag"] == __version__
    dockerfile = (REPOSITORY / "Dockerfile").read_text()
    assert f"FROM apache/airflow:{values['airflowVersion']}-python" in dockerfile


def test_the_pod_is_given_the_data_root_and_the_connections_of_the_values(base):
    values, given = one("values.yaml"), environment(base)
    (data_root,) = values["env"]
    assert data_root["name"] == f"AIRFLOW_VAR_{DATA_ROOT_VARIABLE.upper()}"
    assert given[data_root["name"]] == data_root
    for connection in values["secret"]:
        wanted = {"name": connection["secretName"], "key": connection["secretKey"]}
        assert given[connection["envName"]]["valueFrom"] == {"secretKeyRef": wanted}


def test_a_task_has_neither_the_encryption_key_nor_a_token_for_kubernetes(pod, base):
    assert "AIRFLOW__CORE__FERNET_KEY" not in environment(base)
    assert pod["automountServiceAccountToken"] is False


def test_airflows_test_button_is_left_off_for_the_connections_of_others():
    assert "test_connection" not in one("values.yaml")["config"]["core"]


def test_only_airflows_pods_reach_the_shared_store():
    *_, policy = documents("redis.yaml")
    (rule,) = policy["spec"]["ingress"]
    assert rule["from"] == [{"podSelector": {"matchLabels": {"tier": "airflow"}}}]
    assert one("pod-template.yaml")["metadata"]["labels"]["tier"] == "airflow"


def entries(node):
    """Yield every mapping of a document."""
    if isinstance(node, dict):
        yield node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from entries(child)


def test_what_can_hold_a_secret_comes_from_a_secret_and_is_not_written():
    given = [entry for name in (*VALUES, *MANIFESTS) for entry in entries(documents(name)) if "valueFrom" in entry]
    plain = [entry["name"] for name in (*VALUES, *MANIFESTS) for entry in entries(documents(name)) if "value" in entry]
    assert {entry["name"] for entry in given} == {
        "AIRFLOW_CONN_KIWOOM_DEFAULT",
        "AIRFLOW_CONN_KIWOOM_REDIS",
        "REDIS_PASSWORD",
    }
    assert set(plain) == {"AIRFLOW__CORE__EXECUTOR", "AIRFLOW_VAR_KIWOOM_DATA_ROOT"}


def test_every_secret_that_is_named_is_made_by_a_command_of_the_documentation():
    told = (REPOSITORY / "docs" / "deployment.md").read_text()
    values = one("values.yaml")
    names = {value for key, value in values.items() if key.endswith("SecretName")}
    names |= {values["data"]["metadataSecretName"], *(entry["secretName"] for entry in values["secret"])}
    for name in MANIFESTS:
        names |= {entry["secretKeyRef"]["name"] for entry in entries(documents(name)) if "secretKeyRef" in entry}
    assert names == {"airflow-fernet-key", "airflow-api-secret-key", "airflow-jwt-secret", "airflow-metadata", "kiwoom"}
    for secret in names:
        assert f"create secret generic {secret} " in told
