"""Chapter 00, start here."""

import numpy as np

from ..descent import descend
from ..landscapes import bowl, himmelblau, rosenbrock
from .answers import brief, number, numbers, positive
from .guess import mistaken
from .judges import (
    Exercise,
    check_function,
    exercise,
    function,
    made_from,
    varied,
    yes_or_no,
)
from .verdict import Unfit, Wrong

EPSILON = float(np.finfo(float).eps)


@varied(
    "00.1",
    first=(2, 1),
    draw=lambda rng: (int(rng.integers(1, 9)), int(rng.integers(-3, 0))),
    text="you stand on the bowl at ({}, {}) and want to walk neither up nor down. Give a direction "
    "(dx, dy) for a very small step.",
)
def level_way(x, y):
    return Exercise(
        lambda answer: along_a_level_line(answer, x, y),
        hint="which way does the gradient point there, and which way does a level line run?",
        more="differentiate x²/20 + y² there; a level line is perpendicular to the gradient",
        answer=f"a direction along {brief((20 * y, -x))}, forwards or backwards",
    )


def along_a_level_line(answer, x, y):
    direction, slope = numbers(answer, 2), np.array([x / 10, 2.0 * y])
    if not 0 < np.hypot(*direction) < np.inf:
        raise Unfit("a direction is two finite numbers (dx, dy), not both zero")
    direction = direction / np.hypot(*direction)
    along = direction @ slope / np.hypot(*slope)
    if abs(along) >= 1e-3:
        angle = np.degrees(np.arccos(np.clip(along, -1, 1)))
        hint = None
        if abs(along) < 0.05:
            hint = f"nearly: its product with the gradient, {brief(tuple(slope))}, is not yet zero"
        elif abs(along) > 0.999:
            hint = "this is the steepest way, along the gradient"
        elif not direction.all():
            hint = "this goes along an axis; level lines do so only where they cross the other one"
        elif abs(direction @ (x, y)) < 1e-3 * np.hypot(x, y):
            hint = "this goes around the star in a circle, and the level lines are longer than wide"
        elif abs(direction[0]) == abs(direction[1]):
            hint = "where are you? the slopes in x and in y are not equally large there"
        elif abs(direction[::-1] @ slope / np.hypot(*slope)) > 0.999:
            hint = "you exchanged the two slopes; what has to be zero for them to be perpendicular?"
        elif abs(direction @ (slope * (1, -1)) / np.hypot(*slope)) > 0.999:
            hint = "you changed a sign; what has to be zero for them to be perpendicular?"
        raise Wrong(f"your direction makes an angle of {angle:.1f}° with the gradient", hint)


@exercise(
    "00.2",
    hint="watch the live map: is your path too slow, or does it still swing at the end?",
    more="turn both knobs, from Momentum(lr=0.1, momentum=0.9): a larger lr, though below 1, and a "
    "momentum well below 0.9",
    answer="there are many, such as Momentum(lr=0.8, momentum=0.6)",
)
def below_adagrad(answer):
    made_from(answer, "Momentum")
    run = descend(answer, bowl, steps=30)
    if not run.f[-1] < 7.22e-4:
        swings = np.count_nonzero(np.diff(np.sign(run.path[:, 0])))
        hint = None
        if run.diverged >= 0 or run.f[-1] > run.f[0]:
            hint = "it flies off: lr is too large for this momentum"
        elif swings > 1:
            hint = f"x changed its side {swings} times: this ball remembers for too long"
        elif not swings and run.end[0] ** 2 / 20 > run.end[1] ** 2:
            hint = "x has not come to the star yet: it is too slow"
        raise Wrong(f"your run: {run.verdict()}", hint)


@function(
    "00.3",
    first=[(-9.0, -0.9, 0.2), (4.0, 8.0, 0.2), (1.0, 3.0, 0.5)],
    draw=lambda rng: tuple(rng.uniform(low, 5, 1).round(2)[0] for low in (-5, -5, 0.01)),
    hint="put the first of the three steps into your line: x is −9, its gradient x/10, lr 0.2",
    more="a step goes against the gradient, and its length is lr times the gradient's",
    slips=[
        (lambda x, g, lr: x + lr * g, "a sign is turned: this goes uphill"),
        (lambda x, g, lr: x - g, "the learning rate is left out"),
        (lambda x, g, lr: -lr * g, "this is the step alone; where does it lead from x?"),
        (lambda x, g, lr: lr * g, "this is the step alone, and uphill"),
        (lambda x, g, lr: x - lr, "the gradient is left out: each step would be equally long"),
        (lambda x, g, lr: x - lr * np.sign(g), "only the sign of the gradient is used"),
        (lambda x, g, lr: x - lr * x, "this multiplies lr by the point; take its gradient"),
        (
            lambda x, g, lr: x - lr * x / 10,
            "the gradient is handed to you as g; x/10 is that of the bowl alone",
        ),
        (lambda x, g, lr: x - 0.2 * g, "0.2 is typed where lr is to stand"),
        (
            lambda x, g, lr: x - 0.2 * x / 10,
            "this is the bowl with lr 0.2 alone: take g and lr as they are handed to you",
        ),
        (lambda x, g, lr: x - g / lr, "a larger learning rate has to make the step longer"),
    ],
)
def one_step_of_sgd(x, g, lr):
    return x - lr * g


@exercise(
    "00.4",
    hint="E(h) has two parts: which of them is too large with your h?",
    more="put f(10) and the third derivative, 24x, into the formula for h*",
    answer=f"a step close to {5 * EPSILON ** (1 / 3):.1e}",
)
def step_of_a_difference(answer):
    h, best = positive(number(answer), "h"), 5 * EPSILON ** (1 / 3)
    rounding, bending = EPSILON * 1e4 / h, h * h * 240 / 6
    if rounding + bending > 1.1 * (EPSILON * 1e4 / best + best * best * 240 / 6):
        hint = None
        if np.isclose(h, EPSILON ** (1 / 3), rtol=0.1):
            hint = "this is right where f and its third derivative are about 1; here they are not"
        parts = f"its two parts are {rounding:.0e} (rounding) and {bending:.0e} (bending)"
        raise Wrong(f"E(h) is not near its least: {parts}", hint)


@exercise(
    "00.5",
    hint="with what do you compare the size of the error: with 1, or with something in f's unit?",
    more="take a central difference of f in x and in y, and divide the length of the error by the "
    "length of the gradient",
    answer="np.linalg.norm(d - g) < 1e-4 * np.linalg.norm(d), with central differences d",
)
def gradient_check(answer):
    check_function(answer, ["f", "gradient", "x", "y"])
    wrong, total = [], 0
    for on, x, y in ((bowl, -7.0, 2.0), (rosenbrock, -1.2, 1.0), (himmelblau, 1.0, -0.5)):
        for unit in (1e-9, 1.0, 1e9):
            for what, gradient, verdict in claimed(on, unit):
                case = {"f": scaled(on, unit), "gradient": gradient, "x": x, "y": y}
                total += 1
                if yes_or_no(answer, case) is not verdict:
                    wrong.append((unit, what, verdict))
    if wrong:
        unit, what, _ = wrong[0]
        hint = None
        if all(unit != 1.0 for unit, *_ in wrong):
            hint = "it is right while f is of size 1: what becomes of a fixed limit in other units?"
        elif all(what == "2 % too long" for _, what, _ in wrong):
            hint = "your limit is too wide: right gradients agree far better than to a percent"
        elif all(verdict for *_, verdict in wrong):
            hint = "it refuses right ones: the limit is too tight, or h too small or too large"
        raise Wrong(f"{len(wrong)} of {total} judgements are wrong, the first with {what}", hint)


def scaled(on, unit):
    """The height of a landscape in another unit."""
    return lambda x, y: unit * on(x, y)


def claimed(on, unit):
    """What claims to be the gradient of unit * on, as (what it is, the function, is it right)."""

    def told(mistake):
        return lambda x, y: tuple(unit * part for part in mistake(*on.gradient(x, y)))

    where = f"of {on.name}" + ("" if unit == 1 else f" times {unit:g}")
    return [
        (f"{what} {where}" if right else what, told(mistake), right)
        for what, mistake, right in (
            ("the right gradient", lambda gx, gy: (gx, gy), True),
            ("a factor forgotten in y", lambda gx, gy: (gx, gy / 2), False),
            ("a sign turned in y", lambda gx, gy: (gx, -gy), False),
            ("x taken for y", lambda gx, gy: (gy, gx), False),
            ("2 % too long", lambda gx, gy: (gx * 1.02, gy * 1.02), False),
            ("zeros, never filled in", lambda gx, gy: (0 * gx, 0 * gy), False),
        )
    ]


mistaken(
    "00.3",
    (8, "Straight down is the way to the star only on the two axes of the bowl"),
)
