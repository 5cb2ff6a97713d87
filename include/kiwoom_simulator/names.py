"""Made-up stock names and codes that look like the market's."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

_HEADS = (
    "가온", "나래", "다솜", "라온", "마루", "미르", "바른", "새한", "서광", "아라", "온새", "유진",
    "제일", "진성", "청호", "코람", "태산", "푸른", "한결", "해솔", "효림", "동명", "대경", "신우",
)  # fmt: skip
_TAILS = (
    "전자", "화학", "제약", "바이오", "건설", "물산", "중공업", "소재", "테크", "시스템", "에너지", "식품",
    "금속", "산업", "홀딩스", "정보통신", "반도체", "로보틱스", "R&D",
)  # fmt: skip
_INDEXES = ("코스피200", "코스닥150", "S&P500", "WTI원유", "금", "은", "천연가스", "2차전지", "<H>다우존스")
_HOUSES = ("미르", "한결", "태산", "제일", "푸른")
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

    def common(self) -> str:
        """Return a code such as ``005930``."""
        return self._new(lambda: f"{self._number(1, 49_000):05d}0")

    def preferred(self) -> str:
        """Return a code such as ``33626K``."""
        return self._new(lambda: f"{self._number(1_000, 49_000):05d}K")

    def recent(self) -> str:
        """Return a code such as ``1156T0``, the form of listings since 2024."""
        return self._new(lambda: f"{self._number(1_000, 4_000):04d}{self.random.choice(_LETTERS)}0")

    def etn(self) -> str:
        """Return a code such as ``530107``."""
        return self._new(lambda: f"{self._number(50_000, 76_000):05d}{self.random.randrange(10)}")

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
    return f"{random.choice(_HOUSES)} {kind}{random.choice(_INDEXES)} 선물 ETN {number}"
