from __future__ import annotations

from lab.cluster.simulator import most_in_a_second, traffic


def call(arrived_s, api_id="ka10066", asked="KOSPI KRX amount net", page=1, outcome="served"):
    return {"arrived_s": arrived_s, "api_id": api_id, "asked": asked, "page": page, "outcome": outcome}


def test_only_calls_after_the_session_has_settled_are_counted_as_the_nights():
    log = [call(1.0), call(2.0, api_id="ka10059"), call(10.0), call(11.0, page=2), call(12.0, api_id="ka10059")]
    seen = traffic(log, settled_s=5.0, tokens=1)
    assert (seen.calls, seen.reference_calls, seen.tokens) == (2, 1, 1)


def test_a_page_that_is_asked_for_again_is_counted():
    log = [call(1.0), call(2.0, page=2), call(3.0, page=2), call(4.0, page=2, asked="KOSDAQ KRX amount net")]
    assert traffic(log, settled_s=0.0, tokens=1).repeated == 1


def test_refusals_of_the_whole_night_are_counted():
    log = [call(1.0, outcome="refused"), call(9.0, api_id="ka10059", outcome="refused"), call(10.0)]
    assert traffic(log, settled_s=5.0, tokens=1).refused == 2


def test_the_busiest_second_may_begin_anywhere():
    assert most_in_a_second([call(at) for at in (0.0, 0.9, 1.1, 1.2, 1.89, 3.0)]) == 4


def test_a_call_exactly_a_second_later_is_of_the_next_second():
    assert most_in_a_second([call(0.0), call(1.0)]) == 1


def test_api_ids_have_seconds_of_their_own():
    assert most_in_a_second([call(0.0), call(0.1, api_id="ka10059"), call(0.2)]) == 2
