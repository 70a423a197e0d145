"""Exercise checks."""

import numpy as np
import pytest
from lab import check
from lab.exercises.check import close

from optimizers import SGD, Nesterov


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
