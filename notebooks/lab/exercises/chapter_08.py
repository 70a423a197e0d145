"""Chapter 08, Adadelta."""

import numpy as np

from ..descent import check_optimizer, descend
from ..landscapes import bowl, gentle_bowl
from .answers import numbers
from .judges import exercise, function, of_value, varied
from .verdict import Unfit, Wrong


@varied(
    "08.1",
    first=(0.1, 0.9),
    draw=lambda rng: (int(rng.integers(2, 30)) / 100, int(rng.integers(80, 98)) / 100),
    text="you want a first step of {} with ρ = {} and lr 1. The gradients are large: ε is far "
    "below (1 − ρ)g². Which ε?",
)
def epsilon(step, rho):
    return of_value(
        step**2 * (1 - rho),
        hint="at the first step d is 0 and h is (1 − ρ)g²: what is left of the step?",
        more="the first step is √(ε / (1 − ρ)); solve for ε",
        slips=[
            (step**2, "this would do if h were g²; at the first step it is (1 − ρ)g²"),
            (step**2 / (1 - rho), "look at which side 1 − ρ comes out on"),
            (step**2 * rho, "a new square enters h with the weight 1 − ρ"),
            (step * (1 - rho) ** 0.5, "a root too many: ε stands under it"),
            (0, "with ε = 0 nothing starts: d is 0 at first, and so is the step"),
        ],
        quantity="ε",
    )


UNITS = np.array([(2, -1), (1, 0), (2, 0), (-2, 2)])
KNOBS = ("the lr of SGD", "the lr of RMSProp", "ε beside d", "ε beside h")


@exercise(
    "08.2",
    hint="what must each knob be multiplied with, or added to, and what must come out?",
    more="a step is in metres; d is a squared step, h a squared gradient, and ε is added to each",
    answer=", ".join(f"({metres}, {euros})" for metres, euros in UNITS),
)
def units(answer):
    try:
        given = numbers(answer, 8).reshape(4, 2)
    except Unfit as no:
        raise Unfit(f"four pairs are wanted, [(…, …), (…, …), …]: {no.found}") from None
    right = (given == UNITS).all(axis=1)
    if right.all():
        return
    hint = None
    if (given[:, ::-1] == UNITS).all():
        hint = "the first number of a pair is the power of metres"
    elif (given[2:] == UNITS[:1:-1]).all():
        hint = "the two ε are exchanged: d holds squared steps, h squared gradients"
    elif (2 * given[2:] == UNITS[2:]).all():
        hint = "d and h hold squares, and ε is added before the root is taken"
    elif any((-given[~right] == UNITS[~right]).all(axis=1)):
        hint = "a knob brings what is missing: unit of the knob times unit of g makes metres"
    which = ", ".join(np.array(KNOBS)[~right])
    many = f"{right.sum()} of your 4 units {'is' if right.sum() == 1 else 'are'} right"
    raise Wrong(f"{many}: look again at {which}", hint)


@function(
    "08.3",
    first=[(1.0, 0.95, 1e-6), (0.25, 0.9, 1e-3), (7.0, 0.99, 1e-5), (0.9, 0.9, 0.1)],
    draw=lambda rng: (
        round(rng.uniform(0.05, 9), 2),
        round(rng.uniform(0.5, 0.99), 2),
        float(f"{10 ** rng.uniform(-6, -2):.2g}"),
    ),
    hint="how long is the first step, and how does the square of the step grow from then on?",
    more="the squared step grows by (1 − ρ)ε / (1 − ρᵗ) at step t; add up the roots",
    slips=[
        (
            lambda distance, rho, eps: np.ceil(
                (1.5 * distance / ((1 - rho) * eps) ** 0.5) ** (2 / 3)
            ),
            "steps like √((1 − ρ)εt) are right for thousands of steps only",
        ),
        (
            lambda distance, rho, eps: np.ceil(distance / np.sqrt(eps / (1 - rho))),
            "the steps do not stay as long as the first",
        ),
    ],
    relative=0,
)
def steps_to_move(distance, rho, eps):
    way, square, t = 0.0, eps / (1 - rho), 1
    while way + np.sqrt(square) < distance:
        way += np.sqrt(square)
        t += 1
        square += (1 - rho) * eps / (1 - rho**t)
    return t


@function(
    "08.4",
    first=[(0.5, 1e-6), (0.9, 1e-4), (0.1, 1e-2), (0.001, 1e-7)],
    draw=lambda rng: (round(rng.uniform(0.05, 0.95), 2), float(f"{10 ** rng.uniform(-7, -2):.2g}")),
    hint="where the step no longer changes, what is d, and which equation does the step obey?",
    more="where the step no longer changes, d is its square: s² = lr²(s² + ε)",
    slips=[
        (lambda lr, eps: np.sqrt(eps / (1 - lr**2)), "this is without lr in front of the root"),
        (lambda lr, eps: lr * np.sqrt(eps), "d is not 0 in the long run"),
        (lambda lr, eps: lr**2 * eps / (1 - lr**2), "this is the square of the step"),
        (lambda lr, eps: lr * np.sqrt(eps / (1 - lr)), "lr is squared under the root, too"),
    ],
    relative=1e-4,
    length=True,
)
def long_run(lr, eps):
    return lr * np.sqrt(eps / (1 - lr**2))


@exercise(
    "08.5",
    hint="what comes out at the first step, where both memories are zero? And at the second?",
    more="square the equation and collect Δx²; then put in h₀ = d₀ = 0",
    answer="gradient descent with learning rate 1, SGD(lr=1)",
)
def included(answer):
    try:
        check_optimizer(answer)
    except TypeError as error:
        raise Unfit(str(error)) from None
    for on, slopes in ((bowl, (0.1, 2.0)), (gentle_bowl, (0.2, 4.0))):
        run = descend(answer, on, steps=3)
        path = on.start * (1 - np.array(slopes)) ** np.arange(4)[:, None]
        if run.path.shape != path.shape:
            raise Unfit("your optimizer makes more than one run: give single numbers")
        for t in range(3):
            if not np.allclose(run.path[t + 1], path[t + 1], rtol=1e-6):
                x, y = run.path[t + 1] - run.path[t]
                gx, gy = path[t] * slopes
                raise Wrong(
                    f"step {t + 1} of yours on {on.name} is ({x:.4g}, {y:.4g}), "
                    f"where the gradient is ({gx:.4g}, {gy:.4g})"
                )
