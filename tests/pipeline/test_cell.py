"""One figure on its whole way, from what is published to the text of the raw page."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from kiwoom_provider import cell as command
from kiwoom_provider.datasets.cell_lookup import CellLookup, NoCellError
from kiwoom_provider.krx import calendar
from kiwoom_provider.parameters import ParameterError, ParameterSet
from kiwoom_provider.pipeline.plan import Mode, Plan
from kiwoom_provider.pipeline.publish import Publisher
from kiwoom_provider.pipeline.refetch import Refetch

SESSION = date(2026, 11, 20)
SIDES = tuple(ParameterSet.parse("KOSPI", "KRX", "quantity", side) for side in ("net", "buy", "sell"))
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
PUBLISHED = "investor_trading/session_date=2026-11-20/part-0.parquet"
TYPED = "ka10066/session_date=2026-11-20/market=KOSPI/venue=KRX/measure=quantity/side=net/part-0.parquet"


@pytest.fixture
def published(collector, hook, store, clock):
    for parameters in SIDES:
        collector.collect(parameters)
    publisher = Publisher(store, Plan.of(calendar(), SESSION, Mode.LIVE, SIDES), "run-a")
    for parameters in SIDES:
        publisher.evidence.gather(hook, parameters)
    examined = Refetch(publisher, hook, clock).improve(publisher.examine())
    publisher.publish(examined, publisher.audit(examined, NOW), NOW)
    return store


def find(store, *asked):
    return CellLookup(store, SESSION).find(*asked)


def a_stock_with_a_dated_row(store):
    keys = store.list("raw/ka10059/session_date=2026-11-20")
    return next(key.rpartition("/")[2].partition(".")[0] for key in keys if "side=net" in key)


def test_a_published_figure_is_shown_at_every_stage_down_to_the_raw_text(published):
    code = a_stock_with_a_dated_row(published)

    cell = find(published, code, "KRX", "foreigner", "net_quantity")

    stages = {place.stage: place for place in cell.stages}
    assert list(stages) == ["published", "typed", "raw", "ka10059"]
    assert stages["published"].key == PUBLISHED
    assert stages["published"].note == "KOSPI, ka10066, known since 2026-11-20 12:00:00 UTC"
    assert stages["typed"].key == TYPED
    assert isinstance(stages["raw"].value, str)
    assert int(stages["raw"].value.replace("--", "-")) == stages["typed"].value == stages["published"].value
    assert int(stages["ka10059"].value.replace("--", "-")) == stages["typed"].value
    assert stages["raw"].key.startswith("raw/ka10066/session_date=2026-11-20/market=KOSPI/venue=KRX/measure=quantity")
    assert cell.agrees
    assert (cell.element, cell.unit) == ("frgnr_invsr", "shares")


def test_a_price_comes_from_the_first_set_that_has_the_stock(published):
    cell = find(published, a_stock_with_a_dated_row(published), "KRX", "bank", "close_price")

    assert (cell.element, cell.unit) == ("cur_prc", "KRW")
    assert cell.stages[0].value == cell.stages[1].value == abs(int(cell.stages[2].value))


def test_what_is_not_published_is_shown_from_the_typed_set_on(published):
    code = a_stock_with_a_dated_row(published)
    published.remove([PUBLISHED])

    assert [place.stage for place in find(published, code, "KRX", "bank", "buy_quantity").stages][:2] == [
        "typed",
        "raw",
    ]


def test_the_command_prints_the_stages_and_the_proof(published, capsys):
    code = a_stock_with_a_dated_row(published)

    assert command.main(["2026-11-20", code, "KRX", "foreigner", "net_quantity", "--root", published.root]) == 0

    head, *stages, proof = capsys.readouterr().out.splitlines()
    assert head == f"2026-11-20 {code} KOSPI · KRX · quantity · net foreigner net_quantity (shares)"
    assert [line.split()[0] for line in stages] == ["published", "typed", "raw", "ka10059"]
    assert proof.startswith("proof     proved: ")


def test_a_published_figure_that_is_not_the_typed_one_ends_with_1(published):
    code = a_stock_with_a_dated_row(published)
    data = published.read(TYPED.replace("side=net", "side=buy"))
    published.write(TYPED, data)

    assert command.main(["2026-11-20", code, "KRX", "individual", "net_quantity", "--root", published.root]) == 1


@pytest.mark.parametrize(
    ("asked", "error", "message"),
    [
        (("005930", "XRX", "bank", "net_amount"), ParameterError, "venue 'XRX' is not one of"),
        (("005930", "KRX", "banks", "net_amount"), ParameterError, "investor 'banks' is not one of: individual"),
        (("005930", "KRX", "bank", "price"), ParameterError, "column 'price' is not one of: buy_amount"),
        (
            ("005930", "KRX", "bank", "net_amount"),
            NoCellError,
            "005930 at KRX is in no stored set",
        ),
    ],
)
def test_a_figure_that_there_is_not_is_refused_by_name(store, asked, error, message):
    with pytest.raises(error, match=message):
        find(store, *asked)


def test_the_command_ends_with_2_where_nothing_is_found(tmp_path, capsys):
    assert command.main(["2026-11-20", "005930", "KRX", "bank", "net_amount", "--root", str(tmp_path)]) == 2
    assert "is in no stored set" in capsys.readouterr().err
