import pytest

from kiwoom_provider.api.codes import KIND_BY_CODE, FailureKind, bracketed_code, classify, named_quota, remedy

RECORDED_429 = "허용된 요청 개수를 초과하였습니다[1700:허용된 API 요청 개수를 초과하였습니다. 유량=1, API ID=ka10081]"


def test_the_code_is_taken_from_the_brackets_of_the_message():
    assert bracketed_code(RECORDED_429) == "1700"
    assert bracketed_code("인증에 실패했습니다[8005:Token이 유효하지 않습니다]") == "8005"
    assert bracketed_code("정상적으로 처리되었습니다") == ""


@pytest.mark.parametrize(
    ("message", "quota"),
    [
        (RECORDED_429, 1.0),
        ("[1700:… 유량=5, API ID=ka10066]", 5.0),
        ("유량 = 10", 10.0),
        ("[1700:허용된 API 요청 개수를 초과하였습니다]", None),
        ("유량=0", None),
        ("유량=99999999999999", None),
    ],
)
def test_the_quota_is_read_from_the_message_when_it_names_one(message, quota):
    assert named_quota(message) == quota


@pytest.mark.parametrize(
    ("code", "return_code", "status", "kind"),
    [
        ("", 0, 200, None),
        ("1700", 5, 429, FailureKind.RATE_LIMITED),
        ("1700", 5, 200, FailureKind.RATE_LIMITED),
        ("1634", 5, 200, FailureKind.REJECTED),
        ("8005", 3, 200, FailureKind.RENEW),
        ("8030", 2, 200, FailureKind.AUTHENTICATION),
        ("8050", 3, 200, FailureKind.AUTHENTICATION),
        ("8104", 20, 200, FailureKind.UNSUPPORTED),
        ("1902", 7, 200, FailureKind.REJECTED),
        ("1504", 1, 200, FailureKind.REJECTED),
        ("", 20, 200, FailureKind.UNSUPPORTED),
        ("", 7, 200, FailureKind.TRANSIENT),
        ("", 3, 200, FailureKind.RENEW),
        ("9999", 3, 200, FailureKind.RENEW),
        ("9999", 77, 200, FailureKind.TRANSIENT),
        ("", None, 500, FailureKind.TRANSIENT),
        ("", None, 503, FailureKind.TRANSIENT),
        ("", None, 302, FailureKind.TRANSIENT),
        ("", None, 401, FailureKind.RENEW),
        ("", None, 429, FailureKind.RATE_LIMITED),
        ("", None, 404, FailureKind.TRANSIENT),
        ("", None, 403, FailureKind.TRANSIENT),
        ("", None, 400, FailureKind.TRANSIENT),
        ("", 0, 500, FailureKind.TRANSIENT),
    ],
)
def test_bracketed_code_goes_before_return_code_and_that_before_status(code, return_code, status, kind):
    assert classify(code, return_code, status) is kind


@pytest.mark.parametrize(
    ("code", "words"),
    [("8050", "register"), ("8010", "register"), ("8030", "do not match"), ("8031", "do not match"),
     ("8001", "app key"), ("8104", "mock")],
)  # fmt: skip
def test_a_known_code_says_what_to_do(code, words):
    assert words in remedy(code, KIND_BY_CODE[code])
