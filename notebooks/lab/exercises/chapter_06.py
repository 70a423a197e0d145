"""Chapter 06, AdaGrad."""

from itertools import permutations

import numpy as np

from .answers import numbers
from .judges import CALLS, check_function, exercise, function, of_value, varied
from .trial import call
from .verdict import Unfit, Wrong


@varied(
    "06.1",
    first=(0.5, -30, 0.002),
    draw=lambda rng: (
        int(rng.integers(1, 20)) / 20,
        -int(rng.integers(2, 90)),
        int(rng.integers(1, 90)) / 1000,
    ),
    text="AdaGrad with lr={} starts, and the first gradient it meets is ({}, {}). Give its first "
    "step as a pair (Δx, Δy).",
)
def first_step(lr, gx, gy):
    return of_value(
        (lr, -lr),
        hint="what is h after one gradient, and what is then left of g/√h?",
        more="at the first step √h is |g|, so only the sign of g is left; which way is downhill?",
        slips=[
            ((-lr, lr), "this goes uphill"),
            ((lr, lr), "the two gradients have different signs"),
            ((-lr, -lr), "the two gradients have different signs"),
            ((-lr * gx, -lr * gy), "this is gradient descent's step: AdaGrad divides it by √h"),
            ((lr * gx, lr * gy), "this is lr · g: AdaGrad divides it by √h, and goes downhill"),
            ((-lr / gx, -lr / gy), "divide by the root of h, not by h"),
            *[((sign, -sign), "this is the step without its learning rate") for sign in (1, -1)],
        ],
    )


@varied(
    "06.2",
    first=(0.1, 7, 10),
    draw=lambda rng: (
        int(rng.integers(1, 9)) / 20,
        int(rng.integers(2, 30)),
        int(rng.integers(5, 60)),
    ),
    text="AdaGrad with lr={} walks down a constant slope of {}. After how many steps has it moved "
    "by {}? Give the number to within one percent.",
)
def long_plain(lr, slope, way):
    plain = way / lr
    root = (plain + 1.46035) / 2
    return of_value(
        root**2,
        hint="how long is the step number t, and what is the sum of all of them up to t?",
        more=f"the slope cancels: solve lr · (2√t − 1.46) = {way} for t",
        slips=[
            (plain, f"the steps do not stay {lr:g} long: each is {lr:g}/√t"),
            (plain**2 / 4, "2√t is not near enough: the sum of 1/√k has a constant, too"),
            (plain**2, f"this is where one step is {plain:g} times shorter; add the steps up"),
            (root, "this is √t"),
            *[
                (((way / (lr * slope) + c) / 2) ** 2, "the slope cancels: √h grows with it as well")
                for c in (0, 1.46035)
            ],
            (((way + 1.46035) / 2) ** 2, "the learning rate is left out"),
            (((plain - 1.46035) / 2) ** 2, "look at the sign of the constant"),
        ],
        relative=0.01,
        quantity="a number of steps",
    )


@function(
    "06.3",
    first=[
        (np.array([10_000.0, *99 * [1]]),),
        (np.array([7.0, 7, 7]),),
        (np.array([400.0, 1]),),
        (np.array([5.0]),),
    ],
    draw=lambda rng: (rng.integers(1, 1000, rng.integers(2, 8)).astype(float),),
    hint="write both bounds with the counts: where does the root stand, and where the sum?",
    more="the bounds are √(d · ΣN) and Σ√N, both times D, which cancels",
    slips=[
        (lambda counts: 1 / advantage(counts), "it is the other way up: one rate for all above"),
        (
            lambda counts: np.sqrt(counts.sum()) / np.sqrt(counts).sum(),
            "the factor d under the root of the first bound is left out",
        ),
        (lambda counts: np.sqrt(len(counts)), "this is the largest that it can be"),
        (
            lambda counts: len(counts) * np.sqrt(counts.sum()) / np.sqrt(counts).sum(),
            "the factor d of the first bound stands under the root",
        ),
        (
            lambda counts: np.sqrt(100 * counts.sum()) / np.sqrt(counts).sum(),
            "100 is typed where d, the number of features, is to stand",
        ),
        (
            lambda counts: np.sqrt(len(counts) * counts.sum()) / counts.sum(),
            "the second bound is a sum of roots",
        ),
        (
            lambda counts: np.sqrt(len(counts) * (counts**2).sum()) / counts.sum(),
            "gradients of ±1 have squares of 1: they add up to N, not N²",
        ),
    ],
    relative=1e-3,
)
def advantage(counts):
    return np.sqrt(len(counts) * np.sum(counts)) / np.sum(np.sqrt(counts))


@exercise(
    "06.4",
    hint="look at the bars under 1/√h: what is their width, and where is the curve steep?",
    more="the bars fill the area best if they are narrow where 1/√h is steep",
    answer="the smallest first, by size: sorted(gradients, key=abs)",
)
def largest_sum(answer):
    check_function(answer, ["gradients"])
    rng = np.random.default_rng(CALLS["06.4"])
    cases = [[3.0, -1.0, 0.5, 2.0], [-4.0, 0.1, 0.1, 7.0, -0.2], [1.0, 5.0]]
    cases += [rng.normal(size=rng.integers(3, 6)).round(2).tolist() for _ in range(4)]
    try:
        given = [ordered(answer, case, list) for case in cases]
    except Exception as error:  # a list was too plain for it: an array, then, or it is wrong
        try:
            given = [ordered(answer, case, np.array) for case in cases]
        except Exception:
            raise error from None
    for case, found in zip(cases, given):
        if np.isclose(bars(found), max(bars(order) for order in permutations(case)), rtol=1e-9):
            continue
        hint = None
        if bars(found) == min(bars(order) for order in permutations(case)):
            hint = "this order makes the sum smallest"
        elif found.tolist() in (sorted(case), sorted(case, reverse=True)):
            hint = "a gradient of −4 counts as much as one of 4: its square is in the sum"
        raise Wrong(f"of {case} yours makes {found.tolist()}", hint)


def ordered(answer, case, kind):
    """What a reader's function makes of gradients as a list or an array."""
    found = call(answer, {"gradients": kind(case)})
    if found is None:
        raise Unfit("yours returned None: list.sort() sorts in place, and sorted() returns a list")
    found = numbers(found, len(case))
    if not np.array_equal(np.sort(found), np.sort(case)):
        raise Wrong(
            f"of {case} yours makes {found.tolist()}",
            "these are not the numbers that it was given: they keep their signs",
        )
    return found


def bars(g):
    """Return Σ g_t² / √h_t for gradients in this order."""
    squares = np.square(g)
    h = np.cumsum(squares)
    return (squares / np.sqrt(np.where(h > 0, h, 1))).sum()  # a zero at first adds nothing
