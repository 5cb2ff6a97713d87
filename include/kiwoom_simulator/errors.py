"""
The API's error answers.

``return_code`` is the coarse class, the documented code stands in brackets in ``return_msg``, and the
HTTP status is 200 but for the rate limit. Source: Kiwoom's error table and public measurements of 2026.
"""

from __future__ import annotations

WRONG_REQUEST, INPUT, AUTHENTICATION, RATE, SERVICE, UNSUPPORTED = 1, 2, 3, 5, 7, 20

_CLASS_TEXTS = {
    WRONG_REQUEST: "잘못된 요청입니다",
    INPUT: "입력값 오류입니다",
    AUTHENTICATION: "인증에 실패했습니다",
    RATE: "허용된 요청 개수를 초과하였습니다",
    SERVICE: "서비스 처리 중 오류가 발생했습니다",
    UNSUPPORTED: "조회된 데이터가 없습니다",
}

_CODES = {
    1501: (WRONG_REQUEST, "API ID가 존재하지 않습니다"),
    1504: (WRONG_REQUEST, "해당 URI에서는 지원하지 않는 API ID입니다"),
    1505: (WRONG_REQUEST, "해당 API ID는 존재하지 않습니다"),
    1511: (INPUT, "필수 입력 값에 값이 존재하지 않습니다"),
    1512: (INPUT, "Http header에 값이 설정되지 않았거나 읽을 수 없습니다"),
    1513: (INPUT, "Http Header에 authorization 필드가 설정되어야 합니다"),
    1514: (INPUT, "입력으로 들어온 Http Header의 authorization 필드 형식이 맞지 않습니다"),
    1517: (INPUT, "입력 값 형식이 올바르지 않습니다"),
    1634: (RATE, "요청 건수가 너무 많습니다"),
    1687: (RATE, "재귀 호출이 발생하여 API 호출을 제한합니다"),
    1700: (RATE, "허용된 API 요청 개수를 초과하였습니다"),
    1701: (RATE, "허용된 전체 요청 개수를 초과하였습니다"),
    1702: (RATE, "허용된 그룹 요청 개수를 초과하였습니다"),
    1902: (SERVICE, "종목 정보가 없습니다"),
    1903: (SERVICE, "종목 정보가 없습니다"),
    1999: (SERVICE, "예기치 못한 에러가 발생했습니다"),
    8001: (AUTHENTICATION, "App Key와 Secret Key 검증에 실패했습니다"),
    8002: (AUTHENTICATION, "App Key와 Secret Key 검증에 실패했습니다"),
    8003: (AUTHENTICATION, "Access Token을 조회하는데 실패했습니다"),
    8005: (AUTHENTICATION, "Token이 유효하지 않습니다"),
    8006: (AUTHENTICATION, "Access Token을 생성하는데 실패했습니다"),
    8009: (AUTHENTICATION, "Access Token을 발급하는데 실패했습니다"),
    8010: (AUTHENTICATION, "Token을 발급받은 IP와 서비스를 요청한 IP가 동일하지 않습니다"),
    8011: (INPUT, "Access Token을 발급하는데 실패했습니다: grant_type이 들어오지 않았습니다"),
    8012: (INPUT, "Access Token을 발급하는데 실패했습니다: grant_type의 값이 맞지 않습니다"),
    8015: (AUTHENTICATION, "Access Token을 폐기하는데 실패했습니다"),
    8016: (INPUT, "Access Token을 폐기하는데 실패했습니다: Token이 들어오지 않았습니다"),
    8020: (INPUT, "입력파라미터로 appkey 또는 secretkey가 들어오지 않았습니다"),
    8030: (INPUT, "투자구분(실전/모의)이 달라서 Appkey를 사용할수가 없습니다"),
    8031: (AUTHENTICATION, "투자구분(실전/모의)이 달라서 Token를 사용할수가 없습니다"),
    8040: (AUTHENTICATION, "단말기 인증에 실패했습니다"),
    8050: (AUTHENTICATION, "지정단말기 인증에 실패했습니다"),
    8103: (AUTHENTICATION, "토큰 인증 또는 단말기인증에 실패했습니다"),
    8104: (UNSUPPORTED, "모의투자에서는 지원하지 않는 서비스입니다"),
    8200: (AUTHENTICATION, "법인 고객은 사용할 수 없습니다"),
}

TOO_MANY = 429


class ApiError(Exception):
    """An error answer: bracketed ``code``, ``return_code``, HTTP ``status`` and the text for people."""

    def __init__(self, code: int, detail: str = "", *, return_code: int | None = None, status: int = 200) -> None:
        known_class, text = _CODES.get(code, (SERVICE, "오류가 발생했습니다"))
        self.code = code
        self.return_code = known_class if return_code is None else return_code
        self.status = status
        bracketed = f"[{code}:{text}{detail}]" if code else ""
        self.message = f"{_CLASS_TEXTS.get(self.return_code, '오류가 발생했습니다')}{bracketed}"
        super().__init__(self.message)


def over_the_limit(quota: int, api_id: str, *, status: int = TOO_MANY) -> ApiError:
    """Return the recorded over-limit answer, which names its own quota."""
    return ApiError(1700, f". 유량={quota}, API ID={api_id}", status=status)
