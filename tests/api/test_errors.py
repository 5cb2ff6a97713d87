import pickle
from datetime import UTC, datetime

import pytest

from kiwoom_provider.api.errors import (
    AuthenticationError,
    KiwoomError,
    ProtocolError,
    RateLimitedError,
    RejectedError,
    TransientError,
    UnsupportedError,
)
from kiwoom_provider.api.numbers import NumberFormatError
from kiwoom_provider.api.page import Page

ALL = [
    AuthenticationError, RateLimitedError, TransientError, RejectedError, UnsupportedError, ProtocolError,
    NumberFormatError,
]  # fmt: skip


@pytest.mark.parametrize("kind", ALL)
def test_an_error_crosses_process_borders_whole(kind):
    error = kind("ka10066 page 3 failed", api_id="ka10066", code="8005", page=3, http_status=200)
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert type(copy) is kind
    assert str(copy) == "ka10066 page 3 failed"
    assert (copy.api_id, copy.code, copy.page, copy.http_status) == ("ka10066", "8005", 3, 200)


@pytest.mark.parametrize("kind", ALL)
def test_every_error_is_a_kiwoom_error(kind):
    assert issubclass(kind, KiwoomError)


def test_what_an_error_carries_beside_its_message_survives_pickling():
    limited = RateLimitedError("slow down")
    limited.quota = 1.0
    broken = ProtocolError("broken")
    broken.response_page = Page(
        "ka10066", 1, {}, "", 200, cont_yn=True, next_key="k", body=b"x", fetched_at=datetime(2026, 11, 20, tzinfo=UTC)
    )
    assert pickle.loads(pickle.dumps(limited)).quota == 1.0  # noqa: S301
    assert pickle.loads(pickle.dumps(broken)).response_page.body == b"x"  # noqa: S301
