"""The sums that tie a day's figures, of one stock and of a column of stocks."""

import numpy as np

from kiwoom_provider.api.identities import five_sum, main_sum, net_of, parts_sum

FLOWS = (100, -30, 36, 1, 2, 3, 4, 5, 6, 7, 8, -90)


def test_the_institution_is_the_sum_of_the_eight_that_follow_it():
    assert parts_sum(FLOWS) == 36
    assert parts_sum([np.array([value, 10 * value]) for value in FLOWS]).tolist() == [36, 360]


def test_everybody_is_four_investors_and_the_other_foreigners():
    assert main_sum(FLOWS) == 16
    assert main_sum([np.array([value, 10 * value]) for value in FLOWS]).tolist() == [16, 160]
    assert five_sum(FLOWS, -16) == 0


def test_net_is_bought_less_sold():
    assert net_of(5, 8) == -3
    assert net_of(np.array([5, 8]), np.array([8, 5])).tolist() == [-3, 3]
