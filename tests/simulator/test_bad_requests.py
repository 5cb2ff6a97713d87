"""Requests that the API refuses, and how."""

from __future__ import annotations

import urllib.error
import urllib.request

import pytest


def code(answer):
    return answer.status_code, answer.json()["return_code"], answer.json()["return_msg"].partition("[")[2][:4]


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"api-id": ""}, (200, 1, "1501")),
        ({"api-id": "ka99999"}, (200, 1, "1505")),
        ({"api-id": "ka10059"}, (200, 1, "1504")),
        ({"authorization": ""}, (200, 2, "1513")),
        ({"authorization": "Basic abc"}, (200, 2, "1514")),
        ({"authorization": "Bearer nonsense"}, (200, 3, "8005")),
        ({"authorization": "Bearer other-host-token"}, (200, 3, "8031")),
        ({"content-type": "text/plain"}, (200, 2, "1512")),
    ],
)
def test_a_wrong_header_is_answered_with_its_code(api, body, headers, expected):
    assert code(api.call(body(), **headers)) == expected


@pytest.mark.parametrize("field", ["mrkt_tp", "amt_qty_tp", "trde_tp", "stex_tp"])
def test_a_missing_field_is_answered_1511_and_named(api, body, field):
    asked = body()
    del asked[field]
    answer = api.call(asked)
    assert code(answer) == (200, 2, "1511")
    assert field in answer.json()["return_msg"]


@pytest.mark.parametrize("value", ["9", "KOSPI", 1, ["001"], {"a": 1}])
@pytest.mark.parametrize("field", ["mrkt_tp", "amt_qty_tp", "trde_tp", "stex_tp"])
def test_a_wrong_value_is_answered_1517_and_its_field_named(api, body, field, value):
    answer = api.call({**body(), field: value})
    assert code(answer) == (200, 2, "1517")
    assert field in answer.json()["return_msg"]


def test_a_json_list_is_no_request(api):
    assert code(api.call(["001"])) == (200, 2, "1517")


def test_the_default_user_agent_of_urllib_is_refused_with_http_400(api):
    request = urllib.request.Request(api.url + "/oauth2/token", data=b"{}", method="POST")  # noqa: S310
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=60)  # noqa: S310
    refused.value.close()
    assert refused.value.code == 400


def test_an_unknown_path_is_404_and_get_is_405(api):
    assert api.http.post(api.url + "/nowhere", timeout=60).status_code == 404
    assert api.http.get(api.url + "/oauth2/token", timeout=60).status_code == 405


def test_an_oversized_body_is_refused(api):
    answer = api.http.post(api.url + "/oauth2/token", data=b"x" * 200_000, timeout=60)
    assert answer.status_code == 413


@pytest.mark.parametrize("venue", ["NXT", "CONSOLIDATED"])
def test_the_mock_serves_krx_only(start, body, venue):
    api = start(kind="mock", rate=0)
    assert api.call(body(venue="KRX")).json()["return_code"] == 0
    assert code(api.call(body(venue=venue))) == (200, 20, "8104")


def test_connections_beyond_the_limit_are_answered_503(start, body):
    api = start(max_connections=1)
    api.call(body())
    other = type(api)(api.url, api.control)
    assert other.http.post(api.url + "/oauth2/token", json={}, timeout=60).status_code == 503
    other.http.close()
