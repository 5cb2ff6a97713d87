"""Codes and names: those of some well-known stocks, which are real, and made-up ones that look like the market's."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kiwoom_simulator.parameters import Market

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

WELL_KNOWN: dict[Market, tuple[tuple[str, str, int, float], ...]] = {
    # code, name, a price level in won (made up), turnover of a day in KRW billion (made up)
    Market.KOSPI: (
        ("005930", "삼성전자", 98_000, 1500),
        ("000660", "SK하이닉스", 540_000, 1900),
        ("005380", "현대차", 265_000, 320),
        ("035420", "NAVER", 255_000, 280),
        ("035720", "카카오", 61_000, 190),
        ("005490", "POSCO홀딩스", 312_000, 170),
        ("051910", "LG화학", 388_000, 150),
        ("006400", "삼성SDI", 318_000, 260),
        ("105560", "KB금융", 124_000, 180),
        ("055550", "신한지주", 77_000, 110),
        ("068270", "셀트리온", 184_000, 160),
        ("373220", "LG에너지솔루션", 452_000, 230),
        ("207940", "삼성바이오로직스", 1_210_000, 120),
        ("000270", "기아", 119_000, 170),
        ("012330", "현대모비스", 308_000, 90),
        ("383220", "F&F", 71_000, 30),
        ("33626K", "두산퓨얼셀1우", 6_400, 1),
    ),
    Market.KOSDAQ: (
        ("247540", "에코프로비엠", 152_000, 230),
        ("086520", "에코프로", 91_000, 310),
        ("196170", "알테오젠", 505_000, 420),
        ("028300", "HLB", 49_000, 120),
        ("141080", "리가켐바이오", 171_000, 130),
        ("277810", "레인보우로보틱스", 402_000, 210),
        ("058470", "리노공업", 61_000, 70),
        ("263750", "펄어비스", 38_000, 60),
        ("293490", "카카오게임즈", 16_200, 25),
        ("041510", "에스엠", 121_000, 60),
        ("035900", "JYP Ent.", 76_000, 50),
        ("0156T0", "한빛소재스팩<7호>", 2_100, 1),
    ),
}

_HEADS = (
    "가온", "나래", "다솜", "라온", "마루", "미르", "바른", "새한", "서광", "아라", "온새", "유진",
    "제일", "진성", "청호", "코람", "태산", "푸른", "한결", "해솔", "효림", "동명", "대경", "신우",
)  # fmt: skip
_TAILS = (
    "전자", "화학", "제약", "바이오", "건설", "물산", "중공업", "소재", "테크", "시스템", "에너지", "식품",
    "금속", "산업", "홀딩스", "정보통신", "반도체", "로보틱스", "R&D",
)  # fmt: skip
_INDEXES = ("코스피200", "코스닥150", "S&P500", "WTI원유", "금", "은", "천연가스", "2차전지", "<H>다우존스")
HOUSES = ("미르", "한결", "태산", "제일", "푸른")
"""Houses that issue notes and funds."""

_LETTERS = "ABCDEFGHJKLMNP"


@dataclass(slots=True)
class Codes:
    """
    Draws codes that never repeat, in one market or across both.

    :param parity: 0 or 1; a market's codes are even or odd in the part that is drawn.
    :param taken: codes that are not to be drawn.
    """

    random: Random
    parity: int
    taken: set[str] = field(default_factory=set)

    def common_stock(self) -> str:
        """Return a code such as ``005930``."""
        return self._new(lambda: f"{self._number(1, 49_000):05d}0")

    def preferred_stock(self) -> str:
        """Return a code such as ``33626K``."""
        return self._new(lambda: f"{self._number(1_000, 49_000):05d}K")

    def recent_listing(self) -> str:
        """Return a code such as ``1156T0``, the form of listings since 2024."""
        return self._new(lambda: f"{self._number(1_000, 4_000):04d}{self.random.choice(_LETTERS)}0")

    def etn(self) -> str:
        """Return a code such as ``530107``."""
        return self._new(lambda: f"{self._number(50_000, 76_000):05d}{self.random.randrange(10)}")

    def fund(self) -> str:
        """Return a code such as ``069500``, of a fund."""
        return self._new(lambda: f"{self._number(1_000, 49_000):05d}0")

    def _number(self, low: int, high: int) -> int:
        return 2 * self.random.randrange(low // 2, high // 2) + self.parity

    def _new(self, draw: Callable[[], str]) -> str:
        while (code := draw()) in self.taken:
            pass
        self.taken.add(code)
        return code


def successor_code(slot: int, generation: int, parity: int) -> str:
    """Return the code of the stock that is listed in a place where others were delisted before."""
    number, letter = divmod(slot * 64 + generation, len(_LETTERS))
    return f"0{(2 * number + parity) % 1000:03d}{_LETTERS[letter]}{number // 500}"


def company(random: Random, number: int) -> str:
    """Return a company's name; ``number`` keeps it from repeating."""
    return f"{random.choice(_HEADS)}{random.choice(_TAILS)}{number if number % 3 else ''}"


def etn_name(random: Random, number: int) -> str:
    """Return an exchange-traded note's name."""
    kind = random.choice(("", "레버리지 ", "인버스 "))
    return f"{random.choice(HOUSES)} {kind}{random.choice(_INDEXES)} 선물 ETN {number}"


def fund_name(random: Random, number: int) -> str:
    """Return an exchange-traded fund's name."""
    return f"{random.choice(HOUSES)} {random.choice(_INDEXES)} {number}"


def renamed_series(name: str, house: str) -> str:
    """Return the name of a note after its house has renamed itself."""
    return f"{house} {name.partition(' ')[2]}"


def later_note(code: str, name: str, generation: int) -> tuple[str, str]:
    """Return code and name of the note that is issued in the place of one that has matured."""
    return f"{int(code[:5]) + generation % 2:05d}{code[5]}", f"{name}-{generation + 1}"
