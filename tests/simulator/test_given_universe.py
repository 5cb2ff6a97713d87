"""``--universe FILE``: stocks, prices and volumes that are given."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest

from kiwoom_simulator import given

HEADER = "date,market,code,name,close,change,volume"
ROWS = """
2026-01-02,KOSPI,005930,삼성전자,128500,8600,19323918
2026-01-02,KOSPI,005935,삼성전자우,94800,5700,2021547
2026-01-02,KOSDAQ,247540,에코프로비엠,152000,-3000,512345
2026-01-05,KOSPI,005930,삼성전자,138100,9600,42571255
2026-01-05,KOSPI,005935,삼성전자우,101400,6600,0
2026-01-05,KOSDAQ,247540,에코프로비엠,149000,-3000,400001
2026-01-05,KOSDAQ,0009K0,에임드바이오,64000,48000,1000001
""".strip()


@pytest.fixture
def written(tmp_path):
    def write(text=ROWS, header=HEADER):
        path = tmp_path / "universe.csv"
        path.write_text(f"{header}\n{text}\n", encoding="utf-8")
        return path

    return write


def served(api, **words):
    return {row["stk_cd"]: row for row in api.rows(**words)}


def test_the_given_stocks_prices_and_volumes_are_served(start, written):
    api = start(universe=written(), now="2026-01-05T21:10")
    rows = served(api, market="ALL")
    assert {code: (row["cur_prc"], row["pred_pre"], row["trde_qty"]) for code, row in rows.items()} == {
        "005930": ("+138100", "+9600", "42571255"),
        "005935": ("+101400", "+6600", "0"),
        "247540": ("-149000", "-3000", "400001"),
        "0009K0": ("+64000", "+48000", "1000001"),
    }
    assert rows["005930"]["stk_nm"] == "삼성전자"


def test_flows_fit_the_given_volumes(start, written):
    api = start(universe=written(), now="2026-01-05T21:10")
    row = api.dated("005930", "20260105", "quantity", "buy")[0]
    bought = sum(int(row[name]) for name in ("ind_invsr", "frgnr_invsr", "orgn", "etc_corp", "natfor"))
    assert bought == int(row["acc_trde_qty"]) == 42571255


def test_from_the_first_given_session_on_there_are_no_others(start, written):
    api = start(universe=written(), now="2026-01-12T21:10")
    rows = api.dated("005930", "20260112")
    assert [row["dt"] for row in rows[:3]] == ["20260105", "20260102", "20251230"]
    assert [(row["cur_prc"], row["pred_pre"]) for row in rows[1:4]] == [
        ("+128500", "+8600"), ("119900", "0"), ("119900", "0"),
    ]  # fmt: skip
    assert api.control.state()["live_session"] == "2026-01-05"


def test_the_master_and_the_totals_are_of_the_given_stocks(start, written):
    api = start(universe=written(), now="2026-01-05T21:10")
    assert [row["code"] for row in api.master("10")] == ["0009K0", "247540"]
    assert api.totals("1", day="20260105")[0]["trde_qty"] == "1400"


def test_parquet_is_read_as_csv_is(written, tmp_path):
    table = pa_csv.read_csv(written())
    types = {"date": pa.date32(), "close": pa.int64()}
    fields = [pa.field(name, types.get(name, table.schema.field(name).type)) for name in table.column_names]
    pq.write_table(table.cast(pa.schema(fields)), tmp_path / "universe.parquet")
    assert given.read(tmp_path / "universe.parquet").figures == given.read(written()).figures


@pytest.mark.parametrize(
    ("text", "header", "complaint"),
    [
        (ROWS, HEADER.replace("change", "delta"), "line 1: there is no column change"),
        (ROWS.replace("138100", "high"), HEADER, "line 5, column close: 'high' cannot be read"),
        (ROWS.replace("2026-01-05,KOSPI,005935", "2026-01-05,KOSPI,005930"), HEADER, "line 6, column code: 005930"),
        (ROWS.replace("2026-01-02,KOSPI,005930", "20th,KOSPI,005930"), HEADER, "line 2, column date: '20th'"),
        (ROWS.replace("KOSDAQ,0009K0", "NYSE,0009K0"), HEADER, "line 8, column market: 'NYSE'"),
        (ROWS.replace("19323918", "-5"), HEADER, "line 2, column volume: close 128500"),
        (ROWS.replace("128500", "0"), HEADER, "line 2, column close: close 0"),
        (ROWS.replace("247540,에코프로비엠,152000", ",에코프로비엠,152000"), HEADER, "line 4, column code: ''"),
        (ROWS.replace("KOSDAQ,0009K0", "KOSDAQ,005930"), HEADER, "line 8, column code: 005930 stands twice"),
        (ROWS.replace("KOSDAQ,0009K0", "KOSDAQ,0009K"), HEADER, "line 8, column code: '0009K'"),
        (ROWS.replace("138100", "138,100"), HEADER, "line 5: more fields than columns, from '"),
        (ROWS.replace("138100", "138100.5"), HEADER, "line 5, column close: '138100.5'"),
        (ROWS.replace("138100", "nan"), HEADER, "line 5, column close: 'nan'"),
        (ROWS.replace("19323918", "9" * 20), HEADER, "line 2, column volume: '9{20}' cannot be read"),
        (ROWS, f"{HEADER.strip()},close\n", "line 1: column close stands twice"),
        ("", HEADER, "line 2: there is no row"),
        ("\n".join(ROWS.splitlines()[:2]), HEADER, "2026-01-02 has no row of KOSDAQ"),
    ],
)
def test_a_file_that_cannot_be_served_is_refused_with_line_and_column(written, text, header, complaint):
    with pytest.raises(ValueError, match=complaint):
        given.read(written(text, header))


def test_a_file_that_is_not_there_is_refused(start):
    with pytest.raises(ValueError, match="universe: "):
        start(universe="nowhere.csv")


@pytest.mark.parametrize(
    ("column", "values", "complaint"),
    [
        ("close", [128500.0, 1.5], "line 3, column close: 1.5"),
        ("close", [128500.0, float("nan")], "line 3, column close: nan"),
        ("volume", [7, None], "line 3, column volume: None"),
        ("code", [5930, 247540], "line 2, column code: 5930"),
        ("name", ["삼성전자", ""], "line 3, column name: ''"),
    ],
)
def test_parquet_that_cannot_be_served_is_refused_with_line_and_column(tmp_path, column, values, complaint):
    whole = {
        "date": ["2026-01-02"] * 2, "market": ["KOSPI", "KOSDAQ"], "code": ["005930", "247540"],
        "name": ["삼성전자", "에코프로비엠"], "close": [128500, 152000], "change": [8600, -3000], "volume": [1, 2],
    }  # fmt: skip
    path = tmp_path / "universe.parquet"
    pq.write_table(pa.table(whole | {column: values}), path)
    with pytest.raises(ValueError, match=complaint):
        given.read(path)


def test_a_spreadsheets_utf_8_is_read_and_another_encoding_is_refused(written):
    plain = given.read(written())
    path = written()
    path.write_text(f"{HEADER}\n{ROWS}\n", encoding="utf-8-sig")
    assert given.read(path).figures == plain.figures
    path.write_text(f"{HEADER}\n{ROWS}\n", encoding="cp949")
    with pytest.raises(ValueError, match="the file is not UTF-8"):
        given.read(path)
