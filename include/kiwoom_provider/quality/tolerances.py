"""
Bounds that only the laws use, as data, each with its reason. Amounts are KRW million (백만원).

How figures may miss each other by rounding is :mod:`kiwoom_provider.api.identities`'s; what tells a session's rows from
another's is :mod:`kiwoom_provider.proof.tables`'.

"Real" are the exchange's lists of 43 sessions of 2026 (2026-01-02 to 02-20 and 03-09 to 03-20; 119,000 rows without
ETNs) and of 184 neighbouring pairs of sessions of 2021 to 2026.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiwoom_provider.api.ka10066 import MAIN
from kiwoom_provider.parameters import Market, Measure, Side
from kiwoom_provider.proof.tables import ACTIVE_TURNOVER_WON

if TYPE_CHECKING:
    from collections.abc import Mapping

MAIN_ROUNDING: Mapping[Measure, float] = {Measure.AMOUNT: len(MAIN) / 2, Measure.QUANTITY: 0}
"""What rounding may take from, or give to, the sum of a stock's four main investors."""

LARGEST_PRICE = 10**9
LARGEST_VOLUME = 10**12
LARGEST_FLOW = 10**13
"""
Beyond any day's figures of any market by orders of magnitude: 원, shares, KRW million or shares. Real: a price of
2,735,000, a change of 622,920 and a stock's volume of 465 million at most.
"""

ODD_STOCKS = 0.002
"""
Stocks whose price fields may be odd with a warning only: 2 of 1,000. Real: no base price of 0 or below, and on a day
at most 3 stocks beyond ±30 %, where a reference price was set anew.
"""

ODD_SIGNS = 0.10
"""
Sign codes other than 1 to 5 with a warning only: suspended stocks are up to 4.5 % of KOSDAQ (82 of 1,824) and may
carry any code; were the column another one, nearly all would be wrong.
"""

EQUAL_COLUMN_CELLS = 10
"""
Figures from which two equal columns of a set are no chance: a small investor may trade a handful of stocks. Real lists
have no investors; of the four recorded rows of ka10066 one has two equal figures other than 0.
"""

PAGE_ROWS = 100
"""
Rows on every page but the last (several measurements on real accounts: 1,318 on 14 pages, 1,821 on 19). Real lists of
43 sessions end with a page of 50 to 58 rows in KOSPI (without ETNs) and of 17 to 30 in KOSDAQ, never with a full one.
"""

USUAL_STOCKS: Mapping[Market, tuple[int, int]] = {Market.KOSPI: (1_064, 1_596), Market.KOSDAQ: (1_459, 2_189)}
"""
About 1,330 and 1,824 stocks were measured in 2026; 20 % to either side, so that the two do not
overlap fully. Of 43 real sessions of 2026: 950 to 958 in KOSPI, with 368 to 381 ETNs 1,318 to 1,339; 1,817 to
1,830 in KOSDAQ.
"""

UNIVERSE_SHARE, UNIVERSE_LEAST, UNIVERSE_DAYS, UNIVERSE_A_DAY = 0.03, 10, 7, 1
"""
Stocks that may come or go between two sessions: 3 %, at least 10, and one more for each day beyond a week.
A lost page is 100 of 1,330 (7.5 %). Of 184 real pairs of sessions, gone at most 2 in KOSPI and 5 in KOSDAQ, new 2
and 3, and 21 ETNs either way: 23 against a bound of 39. Over the 17 days without data of 2026-02-20 to 03-09: 3 gone.
"""

GAP_ROWS, TAIL_ROWS = 50, 5
"""
Neighbouring stocks that may vanish together: 50 (a page is 100), or 5 at the end. Real: 2 stocks, 8 maturing ETNs;
at the end of a market none in 42 pairs of sessions.
"""

NXT_CHURN = 0.35
"""
Part of NXT's list that may change with a warning where nothing else tells: its largest reselection took 112 of about
700 out and 105 in (July 2025), its largest cut 152 of about 800. Real lists do not say who is on NXT.
"""

NXT_DOUBT = 0.01
"""
Part of the stocks which are not on NXT that may be traded more in the consolidated set than on KRX: beyond it, the
difference does not tell who was traded on NXT. One in a hundred leaves room for late single prices. Real lists have
one venue, and say nothing of it.
"""

MASTER_MISSING, OLDER_MISSING, MASTER_LACKS = 3, 20, 0.02
"""
Stocks that the securities master lists and a sweep lacks: it was one of 1,319 and none of 1,821 on two days; 3 with a
warning, a lost page is 100. Of an older copy 20 on a first night: the worst day of 2026 took 5 stocks away, and notes
mature by the dozen; on later nights the session before tells what a lost page is. A master that lacks 2 % of the swept
stocks is half a board, or another day's: a day brings at most 3 new stocks and 21 ETNs (1.8 % of KOSPI).
"""

MOVED_STOCKS = 5
"""
Stocks that may change market between two sessions: a transfer from KOSDAQ to KOSPI is a rare single
event; of 184 real pairs of sessions none had more than one.
"""

RENAMED_SHARE, RENAMED_LEAST = 0.02, 10
"""
Stocks that may be renamed between two sessions without a word: 2 %, at least 10. Real: at most 5 stocks a day; an
issuer has up to 69 ETNs and may rename them all, 83 ETFs were renamed on 2017-05-02. Of 8 renamed stocks in 43 real
sessions none took a name that another stock had had the session before, so that is what tells shifted rows.
"""

SCALE_RANGE: Mapping[Side, tuple[float, float]] = {
    Side.BUY: (0.05, 3),
    Side.SELL: (0.05, 3),
    Side.NET: (0, 3),
}
"""
A set's total against its traded volume (or turnover). Buys and sells of the listed investors are
nearly all of it; the bounds only have to tell 1 from 1,000 (천주) or 1,000,000 (원), and leave room
for a venue whose volume field counts the other venue too. A net total can be any part of it. Real: over 43
sessions a market's turnover is 0.64 to 1.89 times its median, so no day comes near a factor of 1,000; in the two
recorded rows with turnover the net of 개인 is 15 and 19 % of it.
"""

PRICE_RANGE = (0.4, 1.6)
"""
Prices paid in a day against the base price, for a set's total: twice the ±30 % limit, as 2x ETNs
move ±60 %. Where the last price is beyond it (real: +260 % on a first day, -98 % on a last one), up to that price.
"""

LIMIT_RANGE = (0.7, 1.3)
"""
Prices paid in a day against the base price, for one stock: KRX's daily limit of ±30 %. Real: 37 of 119,000 rows are
beyond it, first and last days of trading; they are not compared.
"""

ACTIVE_TURNOVER = ACTIVE_TURNOVER_WON // 1_000_000
"""
KRW million a day from which a stock counts as active: rounding cannot make all its investors zero. Real: 48 or more
such stocks on every full page of 100.
"""

TRADED_TURNOVER, ZERO_PAGE = 10, 5
"""
KRW million a day of a stock that has some investor in millions, and how many such stocks of a page tell that it is
not settled. Of 1,161 full pages of 43 real sessions every one had 66 or more; the shortest last page had 16.
"""

ZERO_STRETCH = 12
"""
Neighbouring active stocks with all investors zero. One such stock is odd; a dozen in a row is a
page not settled. Real: at most 2 neighbours in KOSPI and 3 in KOSDAQ did not trade at all, and those count for nothing
here, as they are not active; 746 to 854 and 1,302 to 1,566 stocks are active on a day.
"""

OTHER_FOREIGN_SEEN = (0.00002, 0.002)
"""
기타외국인, which the answer lacks, as a share of a market's buys: 0.002 to 0.2 % so far as is known. In the two
recorded rows of ka10059 with turnover its net is 0.08 and 0.11 % of it.
"""

UNCOVERED, UNCOVERED_TIMES, UNCOVERED_STOCKS = 0.005, 3, 10
"""
Part of a market's volume that the flows of buys, or of sells, may leave over. The exchange's own figures leave none
(906 of 906 stocks, 기타외국인 included), so 0.5 % is more than twice the largest share of 기타외국인 that is known;
and three times what the session published before left over, where that was more. KRX's after-market is some per cent
of a day: flows without a tenth of the volume were published before this bound. To block, it
must be so without the 10 stocks that are most short, too: on 2026-01-30 one real stock was 33 % of KOSPI's shares and
0.8 % of their value, and the ten most traded of a market are 19 to 68 % of its shares, so one stock's foreigners count.
"""

RESIDUAL_MARKET, RESIDUAL_STOCK = 0.10, 0.5
"""
What a set of net figures leaves over, 10 % of its trading: the absolute residuals of single stocks add up. Half of
one active stock's trading. Recorded rows leave 0.08 and 0.11 % of one stock's turnover; real lists have no investors.
"""

BASE_MOVE, BASE_SHARE = 0.30, 0.02
"""
The base price against the last session's price: beyond 30 % for more than 2 % of stocks is no
corporate action. Real: at most 5 of 2,768 stocks (0.2 %) between neighbouring sessions, 73 (2.6 %) after 17 days. The
after-market may move the last price once more, within ±30 %.
"""

TURNOVER_FACTOR: Mapping[Side, int] = {Side.BUY: 5, Side.SELL: 5, Side.NET: 20}
"""
Totals from one session to the next: more than any ordinary change; net totals swing more. Real: a market's shares
between 0.59 and 1.72 times the session's before, its value between 0.69 and 1.57 times.
"""
