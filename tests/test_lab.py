"""Claims, exercise checks, and how values are shown."""

import numpy as np
import pytest
from lab import check, claim
from lab.exercises.check import close
from lab.values import label

from optimizers import SGD, Nesterov


def test_a_claim_prints_both_numbers_or_fails(capsys):
    claim("rate", 0.5, 0.5 + 1e-12, 1e-9)
    claim("count", 3, 3, 0)
    claim("pair", [1.0, 2.5], np.array([1.0, 2.5]), 0.05)
    claim("path", np.ones(31), np.ones(31), 1e-9)
    assert capsys.readouterr().out.splitlines() == [
        "rate: predicted 0.500000, measured 0.500000: they agree within 1e-09",
        "count: predicted 3, measured 3: they agree exactly",
        "pair: predicted (1, 2.500000), measured (1, 2.500000): they agree within 5 %",
        "path: 31 predicted values, 31 measured ones: they agree within 1e-09",
    ]


@pytest.mark.parametrize(
    ("predicted", "measured", "within"),
    [
        (0.5, 0.51, 1e-3),
        (0.0, 1e-6, 1e-9),
        (3, 4, 0),
        ([1.0, 2.0], [1.0, 2.1], 1e-3),
        ([1.0, 2.0], [1.0], 1e-3),
        (1.0, np.nan, 1e-3),
        (np.inf, 1.0, 1e-3),
        (np.nan, np.nan, 1.0),
    ],
)
def test_a_claim_that_is_false_stops_the_notebook(predicted, measured, within):
    with pytest.raises(AssertionError):
        claim("something", predicted, measured, within)


def test_a_check_is_open_right_or_wrong_and_never_raises():
    assert check("01.1", ...).state == "open"
    assert check("01.1", 1 / 3).state == "right"
    wrong = check("01.1", 2.0)
    assert wrong.state == "wrong"
    assert repr(wrong).startswith("Exercise 01.1: yours 2, expected 0.333333.\nNot yet. Hint: ")
    assert check("01.1", "a third").state == "wrong"
    assert check("01.2", Nesterov(lr=0.2)).state == "wrong"
    assert check("01.2", SGD(lr=[0.45, 0.45])).state == "wrong"
    assert check("01.4", (0, 0)).state == "wrong"
    assert check("01.4", (0.97, np.array([5.0]))).state == "wrong"  # ragged: no array can hold it


@pytest.mark.parametrize("answer", [1 / 3, np.float32(1 / 3), np.array(1 / 3), [1 / 3], (1 / 3,)])
def test_a_number_is_right_in_whatever_box_it_comes(answer):
    assert check("01.1", answer).state == "right"


@pytest.mark.parametrize("number", ["01.9", "99.1", "", None, 1.1])
def test_a_check_of_no_exercise_says_so(number):
    with pytest.raises(KeyError, match="no exercise"):
        check(number, 1)


def test_close_judges_by_relative_error():
    assert close(0.3334, 1 / 3)[0]
    assert not close(0.334, 1 / 3)[0]
    assert close(1e-4, 0)[0] and not close(1e-2, 0)[0]
    assert not close([1, 2], 1)[0]
    assert not close(float("nan"), 1)[0]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3, "3"),
        (3.0, "3"),
        (1 / 3, "0.333333"),
        (1e-9, "1.000e-09"),
        (True, "True"),
        ((1, 0.5), "(1, 0.500000)"),
        (list(range(12)), "(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)"),
        (list(range(13)), "(0, 1, 2, …, 12)"),
        (np.ones((20, 2)), "((1, 1), (1, 1), (1, 1), …, (1, 1))"),
        (np.float64(0.5), "0.500000"),
        (len, "len"),
        (float("inf"), "inf"),
    ],
)
def test_values_are_shown_the_same_everywhere(value, text):
    assert label(value) == text
