"""Chapter 00, start here."""

import numpy as np

from ..descent import descend
from ..landscapes import bowl, himmelblau, rosenbrock
from .check import exercise

EPSILON = float(np.finfo(float).eps)


@exercise("00.1", hint="a level line is perpendicular to the gradient, which is (0.2, 2) there")
def _(answer):
    direction, slope = np.array(answer, dtype=float), np.array([0.2, 2.0])
    if direction.shape != (2,) or not 0 < np.hypot(*direction) < np.inf:
        return False, "two numbers (dx, dy), not both zero"
    across = abs(np.sum(direction * slope)) / np.hypot(*direction) / np.hypot(*slope)
    return bool(across < 1e-3), "a direction along (10, -1), forwards or backwards"


@exercise("00.2", hint="turn both knobs: a larger lr, and a momentum well below 0.9")
def _(answer):
    run = descend(answer, bowl, steps=30)
    return (
        run.rule == "Momentum" and run.single and run.final < 7.22e-4,
        "a Momentum that ends below 7.22e-4",
    )


@exercise("00.3", hint="put f(10) = 10000 and the third derivative, 24x, into the formula for h*")
def _(answer):
    def error(h):
        return EPSILON * 1e4 / h + h * h * 240 / 6

    h, best = float(answer), 5 * EPSILON ** (1 / 3)
    right = h > 0 and error(h) <= 1.1 * error(best)
    return right, f"a step close to {best:.1e}"


@exercise("00.4", hint="compare the size of the error with the size of the gradient, not with 1")
def _(answer):
    wrong = 0
    for on, x, y in ((bowl, -7.0, 2.0), (rosenbrock, -1.2, 1.0), (himmelblau, 1.0, -0.5)):
        for unit in (1e-9, 1.0, 1e9):
            for gradient, verdict in claimed(on, unit):
                wrong += bool(answer(scaled(on, unit), gradient, x, y)) is not verdict
    return wrong == 0, f"54 judgements right, and {54 - wrong} are"


def scaled(on, unit):
    """The height of a landscape in another unit."""
    return lambda x, y: unit * on(x, y)


def claimed(on, unit):
    """Functions that claim to be the gradient of unit * on, each with whether it is."""

    def told(mistake):
        return lambda x, y: tuple(unit * part for part in mistake(*on.gradient(x, y)))

    return [
        (told(lambda gx, gy: (gx, gy)), True),
        (told(lambda gx, gy: (gx, gy / 2)), False),  # a factor forgotten
        (told(lambda gx, gy: (gx, -gy)), False),  # a sign
        (told(lambda gx, gy: (gy, gx)), False),  # the two exchanged
        (told(lambda gx, gy: (gx * 1.01, gy)), False),  # a constant misread
        (told(lambda gx, gy: (0 * gx, 0 * gy)), False),  # never filled in
    ]
