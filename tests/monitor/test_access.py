"""Nobody sees anything of the page without the Airflow login and the right to read the DAG."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack

import pytest
from airflow.api_fastapi.auth.managers.models.resource_details import DagDetails
from airflow.api_fastapi.core_api import security
from airflow.models import DagModel
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route

from kiwoom_provider.datasets.store import Store
from kiwoom_provider.monitor import access
from kiwoom_provider.monitor.access import Guard
from kiwoom_provider.monitor.app import make_app
from nights import Night
from servers import ADMIN, OTHER, READER, api_server

VALUES = {"{day}": "2026-11-20", "{name}": "page.css", "{name:path}": "page.css"}
NEVER_THERE = ["/openapi.json", "/docs", "/redoc", "/docs/oauth2-redirect", "/nothing/of/the/kind"]


def addresses(routes, prefix="/kiwoom"):
    """Yield an address of every route, those of mounted applications and one of what they serve included."""
    for route in routes:
        path = f"{prefix}{route.path}"
        if isinstance(route, Mount):
            yield f"{path}/x"
            yield from addresses(route.routes or (), path)
        else:
            for name, value in (VALUES | {"{run}": RUN}).items():
                path = path.replace(name, value)
            assert "{" not in path, f"give {path} a value in VALUES"
            yield path


RUN = "20261120T120000.000000Z-0123456789ab"
EVERY = sorted({*addresses(make_app().routes), *(f"/kiwoom{path}" for path in NEVER_THERE)})


@pytest.fixture(scope="module", params=["simple", "fab"])
def server(request, database, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param)
    night = Night(Store.open((folder / "data").as_uri()))
    run = night.good("2026-11-20")
    night.put("2026-11-20", run, "html", b"<!doctype html><title>audit</title>")
    with ExitStack() as stack:
        if request.param == "simple":
            running = request.getfixturevalue("simple_server")
        else:
            running = stack.enter_context(api_server(folder / "airflow", database, request.param))
        running.show((folder / "data").as_uri())
        assert running.ask(f"/kiwoom/sessions/2026-11-20/runs/{run}/report", READER).status_code == 200
        yield running


def test_every_kind_of_route_is_among_those_that_are_tried():
    kinds = {path.removeprefix("/kiwoom").split("/")[1] for path in EVERY}
    assert {"", "sessions", "data", "static"} <= kinds
    assert any(path.endswith("/report") for path in EVERY)


@pytest.mark.parametrize("path", EVERY)
def test_nothing_is_told_without_a_login(server, path):
    answer = server.ask(path)
    assert (answer.status_code, answer.text) == (401, "Log in to Airflow first.\n")


@pytest.mark.parametrize("path", EVERY)
def test_nothing_is_told_to_who_may_not_read_the_dag(server, path):
    answer = server.ask(path, OTHER)
    assert answer.status_code == 403
    assert answer.text == "This page is for people who may read the DAG ka10066_investor_trading.\n"


@pytest.mark.parametrize("path", ["/kiwoom/", "/kiwoom/sessions/2026-11-20", "/kiwoom/static/page.css"])
def test_who_may_read_the_dag_reads_the_page(server, path):
    assert server.ask(path, READER).status_code == 200


@pytest.mark.parametrize("path", NEVER_THERE)
def test_the_page_does_not_describe_its_routes(server, path):
    assert server.ask(f"/kiwoom{path}", READER).status_code == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("path", ["/kiwoom/", "/kiwoom/sessions/2026-11-20"])
def test_nothing_can_be_written_even_by_an_administrator(server, path, method):
    assert server.ask(path, ADMIN, method).status_code == 405


def test_a_token_that_was_tampered_with_is_no_login(server):
    token = server.token(READER)
    forged = token[:-3] + ("AAA" if token[-3:] != "AAA" else "BBB")
    assert server.send("GET", "/kiwoom/", cookies={"_token": forged}).status_code == 401


def test_a_program_reads_with_a_bearer_token(server):
    headers = {"Authorization": f"Bearer {server.token(READER)}"}
    assert server.send("GET", "/kiwoom/", headers=headers).status_code == 200


def test_a_person_is_sent_to_log_in_and_back(server):
    sent = server.ask("/kiwoom/?lang=ko", accept="text/html")
    assert sent.status_code == 303
    login = server.ask(sent.headers["location"])
    assert login.status_code == 307
    assert login.headers["location"].endswith("?next=%2Fkiwoom%2F%3Flang%3Dko")


def test_the_page_stands_in_the_navigation_of_airflow(server):
    bearer = {"Authorization": f"Bearer {server.token(ADMIN)}"}
    listed = server.send("GET", "/api/v2/plugins", headers=bearer).json()["plugins"]
    (plugin,) = [plugin for plugin in listed if plugin["name"] == "kiwoom"]
    (view,) = plugin["external_views"]
    assert (view["name"], view["href"], view["url_route"]) == ("Kiwoom", "/kiwoom/", "kiwoom")


def told(request):
    return PlainTextResponse(f"secret of {request.url.path}")


def answer_of(app, path, kind="http", headers=()):
    """Return the status that an application answers with, or the code with which it closes a web socket."""
    sent = []

    async def receive():
        return {"type": f"{kind}.request"}

    async def send(message):
        sent.append(message)

    scope = {"type": kind, "method": "GET", "path": path, "query_string": b"", "headers": headers, "app": app}
    asyncio.run(app({"server": ("127.0.0.1", 80), "scheme": "http", "root_path": "", **scope}, receive, send))
    return sent[0].get("status", sent[0].get("code"))


@pytest.mark.parametrize("path", ["/added/later", "/mounted/file", "/unknown"])
def test_what_is_added_later_is_closed_too(path):
    app = FastAPI(openapi_url=None, middleware=[Middleware(Guard)])
    app.mount("/mounted", Starlette(routes=[Route("/file", told)]))
    app.add_route("/added/later", told)
    assert answer_of(app, path) == 401


def test_a_web_socket_is_closed():
    assert answer_of(FastAPI(openapi_url=None, middleware=[Middleware(Guard)]), "/live", "websocket") == 1008


async def not_awaited():
    return True


class Manager:
    """An auth manager that answers as it is told."""

    def __init__(self, answer):
        self.asked, self._answer = [], answer

    async def get_user_from_token(self, _token):
        return "somebody"

    def is_authorized_dag(self, **asked):
        self.asked.append(asked)
        return self._answer


@pytest.fixture
def guarded(monkeypatch):
    """Return what asks a guarded application, where the auth manager gives an answer of one's choice."""
    monkeypatch.setattr(DagModel, "get_team_name", lambda _dag_id: "desk")
    app = FastAPI(openapi_url=None, middleware=[Middleware(Guard)])
    app.add_route("/page", told)

    def ask(answer):
        manager = Manager(answer)
        for module in (access, security):
            monkeypatch.setattr(module, "get_auth_manager", lambda: manager)
        return answer_of(app, "/page", headers=[(b"cookie", b"_token=x")]), manager

    return ask


def test_the_auth_manager_is_asked_whether_the_user_may_read_the_dag(guarded):
    status, manager = guarded(answer=True)
    details = DagDetails(id="ka10066_investor_trading", team_name="desk")
    assert (status, manager.asked) == (200, [{"method": "GET", "details": details, "user": "somebody"}])


@pytest.mark.parametrize(
    "answer", [False, None, 0, 1, "yes", object()], ids=["False", "None", "0", "1", "text", "object"]
)
def test_whatever_the_auth_manager_answers_but_true_is_a_no(guarded, answer):
    assert guarded(answer)[0] == 403


def test_an_auth_manager_that_must_be_awaited_is_a_no(guarded):
    answer = not_awaited()
    assert guarded(answer)[0] == 403
    answer.close()
