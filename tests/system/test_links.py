"""The links that Airflow shows on a session's tasks, asked of a real API server after real runs."""

from __future__ import annotations

from urllib.parse import urlsplit

from servers import READER, api_server

TODAY = "2026-11-17"
IN_THE_FRAME = "/plugin/kiwoom"


def serve_night(night):
    """Run an API server on the worker's database, which sees the night's data and lives by its clock."""
    database = night.worker.home / "airflow.db"
    variables = night.variables() | {"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{database}"}
    return api_server(night.folder / "server", database, "simple", **variables)


def links(server, run_id, task_id, map_index=-1):
    """Return the paths of a task's links; every one is on the server itself."""
    bearer = {"Authorization": f"Bearer {server.token(READER)}"}
    path = f"/api/v2/dags/ka10066_investor_trading/dagRuns/{run_id}/taskInstances/{task_id}/links"
    answer = server.send("GET", path, headers=bearer, params={"map_index": map_index})
    answer.raise_for_status()
    found = {name: urlsplit(url or "") for name, url in answer.json()["extra_links"].items()}
    return {name: f"{url.path}#{url.fragment}".removesuffix("#") for name, url in found.items()}


def test_links_lead_from_the_tasks_to_the_page_and_from_a_failed_audit_to_its_report(night):
    good = night.run(TODAY)
    assert good.state == "success", good.errors
    night.at("2026-11-18T21:10:01").control.fault("blank-cell@ka10066:side=buy*1")
    bad = night.run("2026-11-18")
    assert bad.failed_task == "quality_check", bad.errors

    with serve_night(night) as server:
        data = {"Data": f"{IN_THE_FRAME}/kiwoom/sessions/{TODAY}#data"}
        assert links(server, good.run_id, "fetch", 0) == data
        assert links(server, good.run_id, "fetch", 1) == data
        assert links(server, good.run_id, "assemble") == data
        found = links(server, good.run_id, "quality_check")
        report = found.pop("Audit report")
        assert found == data | {"Session on the Kiwoom page": f"{IN_THE_FRAME}/kiwoom/sessions/{TODAY}"}
        assert server.ask(report.removeprefix(IN_THE_FRAME), READER).status_code == 200

        report = links(server, bad.run_id, "quality_check")["Audit report"]
        shown = server.ask(report.removeprefix(IN_THE_FRAME), READER)
        assert shown.status_code == 200
        assert "investor_nulls" in shown.text
