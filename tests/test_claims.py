"""Claims: two numbers agree, a bound holds, steps are the same; or the cell says what differs."""

import numpy as np
import pytest
from helpers import complains
from lab import at_least, at_most, bowl, claim, rosenbrock, same_steps

import optimizers
from optimizers import SGD, Adam


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


@pytest.mark.parametrize("expected", [1e-4, 0.5, 3.0, 200.0, -200.0])
@pytest.mark.parametrize("within", [1e-6, 0.01, 0.3])
def test_a_tolerance_is_a_share_of_the_prediction_on_both_sides(expected, within):
    for sign in (1, -1):
        claim("inside", expected, expected * (1 + sign * 0.99 * within), within)
        claim("inside", [expected] * 4, [expected * (1 + sign * 0.99 * within)] * 4, within)
        for many in (1, 4):
            outside = [expected] * (many - 1) + [expected * (1 + sign * 1.01 * within)]
            with pytest.raises(AssertionError):
                claim("outside", [expected] * many, outside, within)


def test_a_false_claim_says_what_was_predicted_and_what_may_be_the_cause():
    words = "rate: predicted 0.500000, measured 0.700000 they differ by more than 5 % change"
    complains(lambda: claim("rate", 0.5, 0.7, 0.05), AssertionError, words)
    words = ["10 predicted values", "first at (3,): 1, 2", "If you changed a setting above"]
    found = np.where(np.arange(10) == 3, 2.0, 1.0)
    complains(lambda: claim("path", np.ones(10), found, 0), AssertionError, words)
    complains(lambda: claim("path", [], [], 0), AssertionError, "path nothing was measured")


def test_a_bound_holds_or_fails(capsys):
    claim("share", at_least(0.9), 0.93)
    claim("share", at_least(0.9), 0.9)
    claim("height", at_most(250), [1.0, 249.5, 3.0])
    assert capsys.readouterr().out.splitlines() == [
        "share: predicted at least 0.900000, measured 0.930000: it holds",
        "share: predicted at least 0.900000, measured 0.900000: it holds",
        "height: predicted at most 250, measured 249.500000, the greatest of 3: it holds",
    ]


@pytest.mark.parametrize(
    ("bound", "measured"),
    [
        (at_least(0.9), 0.89),
        (at_least(250), [260, 249]),
        (at_most(250), [1, 251]),
        (at_most(-3), -2.9),
        (at_least(0), np.nan),
        (at_least(0), [1, np.inf]),
        (at_most(0), [-np.inf, -1]),
        (at_most(0), []),
    ],
)
def test_a_bound_that_is_crossed_stops_the_notebook(bound, measured):
    complains(lambda: claim("it", bound, measured), AssertionError, "it")


@pytest.mark.parametrize(
    "call",
    [lambda: claim("it", 1.0, 1.0), lambda: claim("it", at_least(1), 2, 0.1)],
    ids=["number without tolerance", "bound with one"],
)
def test_a_claim_that_says_too_little_or_too_much(call):
    complains(call, TypeError, "it claim(what, predicted, measured, within) at_least(…)")


def by_hand(lr, steps=3):
    x, y, points = -7.0, 2.0, []
    for _ in range(steps):
        x, y = x - lr * (x / 10), y - lr * (2 * y)
        points.append((x, y))
    return points


class Slipped(SGD):
    """It goes wrong in the last bit of its second step."""

    def step(self, g):
        return super().step(g) * (1 + 4e-16 * (self.t == 2))


def test_steps_are_the_same_to_the_last_bit(capsys):
    same_steps(by_hand(0.1), SGD(lr=0.1), on=bowl)
    same_steps([bowl.start, *by_hand(0.1)], SGD(lr=0.1), optimizers.SGD(lr=0.1))
    assert capsys.readouterr().out.splitlines() == [
        "SGD(lr=0.1): by hand and optimizers.py agree exactly after 3 steps",
        "SGD(lr=0.1): by hand, optimizers.py and optimizers.py agree exactly after 3 steps",
    ]


def test_steps_that_part_are_told():
    words = "step 2: by hand Slipped(lr=0.1) test_claims.py change"
    complains(lambda: same_steps(by_hand(0.1), SGD(lr=0.1), Slipped(lr=0.1)), AssertionError, words)
    complains(
        lambda: same_steps(by_hand(0.1), Adam(lr=0.1)), AssertionError, "step 1: Adam(lr=0.1)"
    )
    words = "step 1:"
    complains(lambda: same_steps(by_hand(0.1), SGD(lr=0.1), on=rosenbrock), AssertionError, words)
    complains(lambda: same_steps(by_hand(0.1)), ValueError, "same_steps([(x1, y1)")
    complains(lambda: same_steps([1.0, 2.0], SGD()), ValueError, "same_steps([(x1, y1)")
