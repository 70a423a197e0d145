"""Chapter 01, gradient descent."""

import numpy as np

from ..descent import descend
from ..landscapes import gentle_bowl
from .answers import numbers
from .guess import mistaken
from .judges import exercise, function, made_from, of_value, varied
from .verdict import Wrong


@varied(
    "01.1",
    first=(3,),
    draw=lambda rng: (int(rng.integers(4, 40)) / 2,),
    text="for f(x) = {}x², below which learning rate does gradient descent converge?",
)
def limit(a):
    return of_value(
        1 / a,
        hint="what is the curvature of this f, and which multiple of 1/L is the limit?",
        more=f"the curvature L of {a:g}x² is its second derivative, and the limit is 2/L",
        slips=[
            (2 / a, "the coefficient of x² is not yet the curvature: differentiate twice"),
            (0.5 / a, "this rate arrives in one step, and longer steps still converge"),
            (2 * a, "this is the curvature; which learning rate goes with it?"),
            (a, "this is the coefficient of x²; which learning rate goes with it?"),
            (1, "this was the limit on the bowl; which curvature has this f?"),
            (2, "which curvature has this f, where the limit of the rule is 2 over it?"),
        ],
        quantity="a learning rate",
    )


@exercise(
    "01.2",
    hint="what are the two curvatures of this bowl, and which rate suits both?",
    more="write f as ½μx² + ½Ly² to read off μ and L, and put them into 2/(μ + L)",
    answer="there are many; the best is SGD(lr=2 / 4.2)",
)
def within_forty_steps(answer):
    made_from(answer, "SGD")
    run = descend(answer, gentle_bowl, steps=40)
    if not run.f[-1] < 1e-2:
        hint = "the steps are too short for the flat direction"
        if not run.f[-1] <= run.f[0]:
            hint = "this is above the limit 2/L: what is L here?"
        elif abs(run.end[1]) > abs(run.end[0]):
            hint = "the steps are too long: the steep direction still swings to and fro"
        raise Wrong(f"your run: {run.verdict()}", hint)


def steps(mu, L, share):
    """How many steps, not rounded, bring the distance down to this share."""
    return np.log(share) / np.log((L - mu) / (L + mu))


@function(
    "01.3",
    first=[(0.1, 2.0, 6), (0.02, 2.0, 3), (1.0, 5.0, 10)],
    draw=lambda rng: (
        round(rng.uniform(0.01, 0.4), 2),
        round(rng.uniform(1, 5), 1),
        int(rng.integers(2, 13)),
    ),
    hint="by which factor does one step at the best learning rate shrink the distance?",
    more="solve ρᵗ = 10^(−digits) for t, with ρ = (L − μ)/(L + μ), and round up",
    slips=[
        (lambda mu, L, digits: steps(mu, L, 10.0**-digits), "it is to be a whole number of steps"),
        (
            lambda mu, L, digits: np.ceil(steps(mu, L, np.exp(-digits))),
            "decimal digits are powers of 10, not of e",
        ),
        (
            lambda mu, L, digits: np.ceil(steps(mu, L, 10.0**-digits) / 2),
            "it is the distance that is to fall, not f, which falls with its square",
        ),
        *[
            (estimate, "this is the estimate for long valleys; take the exact factor")
            for estimate in (
                lambda mu, L, digits: np.ceil(L / mu / 2 * digits * np.log(10)),
                lambda mu, L, digits: L / mu / 2 * digits * np.log(10),
                lambda mu, L, digits: np.ceil(1.15 * L / mu * digits),
                lambda mu, L, digits: 1.15 * L / mu * digits,
            )
        ],
        (
            lambda mu, L, digits: np.ceil(-steps(mu, L, 10.0**-digits)),
            "a number of steps is not negative: the logarithm of a factor below 1 is",
        ),
        (
            lambda mu, L, digits: np.ceil(digits * np.log(10) / -np.log(1 - mu / L)),
            "this is for η = 1/L, and another learning rate is better",
        ),
        (
            lambda mu, L, digits: np.ceil(steps(mu, L, 1e-6)),
            "six digits are typed where digits is to stand",
        ),
    ],
    relative=0,
)
def steps_for_digits(mu, L, digits):
    return int(np.ceil(steps(mu, L, 10.0**-digits)))


@exercise(
    "01.4",
    hint="which step must line search choose, so that both coordinates shrink alike?",
    more="line search chooses 2/(μ + L) where the two slopes, μx and Ly, are equally large",
    answer="a point on the lines x = ±20y, such as (20, 1)",
)
def worst_start(answer):
    point, curvature = numbers(answer, 2), np.array([0.1, 2.0])
    if not point.all() or not np.isfinite(point).all():
        raise Wrong("from there line search does not move both coordinates")
    hint = "the steep coordinate has to be the small one" if abs(point[1]) > abs(point[0]) else None
    for step in ("first", "second", "third", "fourth", "fifth"):
        g = curvature * point
        factor = 1 - (g @ g) / (g @ (curvature * g)) * curvature
        if not np.allclose(abs(factor), 19 / 21, rtol=1e-6):
            x, y = factor
            raise Wrong(f"there the {step} step multiplies x by {x:.6f} and y by {y:.6f}", hint)
        point = factor * point


mistaken(
    "01.2",
    ((0.905, 0.9), "y changes sides at each step, so its factor is negative"),
)
mistaken(
    "01.3",
    (0.5, "That is 1/L, where y arrives in one step: x, the slower one, gains from longer steps"),
    (1, "That is the limit 2/L, where y swings for ever"),
)
mistaken(
    "01.4",
    (69.5, "That is how long f takes, which falls with the square of the distance"),
)
