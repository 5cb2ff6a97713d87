"""au10001 and au10002."""

from __future__ import annotations

import pytest


def code(answer):
    return answer.status_code, answer.json()["return_code"], answer.json()["return_msg"].partition("[")[2][:4]


def test_a_token_lives_a_day_and_says_so_in_kst(api):
    answer = api.login().json()
    assert set(answer) == {"expires_dt", "token_type", "token", "return_code", "return_msg"}
    assert answer["expires_dt"] == "20261121210000"
    assert (answer["token_type"], answer["return_code"]) == ("bearer", 0)


def test_kst_is_meant_whatever_offset_the_clock_was_given_in(start):
    assert start(now="2026-11-20T12:00:00+00:00").login().json()["expires_dt"] == "20261121210000"


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"grant_type": ""}, (200, 2, "8011")),
        ({"grant_type": "password"}, (200, 2, "8012")),
        ({"appkey": ""}, (200, 2, "8020")),
        ({"secretkey": ""}, (200, 2, "8020")),
        ({"appkey": "wrong"}, (200, 3, "8001")),
        ({"secretkey": "wrong"}, (200, 3, "8002")),
        ({"appkey": "other-host-app-key"}, (200, 2, "8030")),
    ],
)
def test_a_wrong_token_request_is_answered_with_its_code_and_http_200(api, changed, expected):
    assert code(api.login(**changed)) == expected


def test_a_body_that_is_no_json_is_refused_as_input(api):
    answer = api.http.post(api.url + "/oauth2/token", data="grant_type=client_credentials", timeout=60)
    assert code(answer) == (200, 2, "1517")


def test_an_expired_token_is_answered_8005_with_http_200_and_return_code_3(start, body):
    api = start(token_life_s=60)
    assert api.call(body()).json()["return_code"] == 0
    api.control.advance(61)
    answer = api.call(body())
    assert code(answer) == (200, 3, "8005")
    assert answer.json()["return_msg"] == "인증에 실패했습니다[8005:Token이 유효하지 않습니다]"


@pytest.mark.parametrize(("reissue", "older_lives"), [("kill", False), ("keep", True), ("same", True)])
def test_what_a_new_token_does_to_the_older_is_a_setting(start, body, reissue, older_lives):
    api = start(reissue=reissue)
    first = api.login().json()["token"]
    second = api.login().json()["token"]
    assert (first == second) == (reissue == "same")
    api.token = first
    assert (api.call(body()).json()["return_code"] == 0) == older_lives


def revoke(api, **changed):
    body = {"appkey": "simulator-app-key", "secretkey": "simulator-secret-key", "token": api.token, **changed}
    return api.http.post(api.url + "/oauth2/revoke", json=body, timeout=60)


def test_a_revoked_token_is_dead(api, body):
    api.login()
    assert revoke(api).json()["return_code"] == 0
    assert code(api.call(body())) == (200, 3, "8005")


@pytest.mark.parametrize(("token", "expected"), [("", (200, 2, "8016")), ("unknown", (200, 3, "8015"))])
def test_revoking_nothing_is_answered_with_its_code(api, token, expected):
    api.login()
    assert code(revoke(api, token=token)) == expected


def test_tokens_killed_by_hand_are_dead_at_once_for_all(api, body):
    api.login()
    assert api.control.kill_tokens() == 1
    assert code(api.call(body())) == (200, 3, "8005")


def test_issued_tokens_are_counted_and_never_logged(api):
    token = api.login().json()["token"]
    api.login(appkey="wrong")
    assert api.control.tokens_issued() == 1
    assert api.control.tokens() == [token]
    shown = repr(api.control.log()) + repr(api.control.state()) + repr(api.control.__dict__)
    assert token not in shown
    assert "simulator-secret-key" not in shown
    assert "simulator-app-key" not in shown
