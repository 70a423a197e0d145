"""Chapter 01, gradient descent."""

import numpy as np

from ..descent import descend
from ..landscapes import gentle_bowl
from .check import close, exercise


@exercise("01.1", hint="the curvature of 3x² is its second derivative, and the limit is 2/L")
def _(answer):
    return close(answer, 2 / 6)


@exercise("01.2", hint="the curvatures are 0.2 and 4; put them into 2/(μ + L)")
def _(answer):
    run = descend(answer, gentle_bowl, steps=40)
    return (
        run.rule == "SGD" and run.single and run.final < 1e-2,
        "an SGD that ends with f below 0.01",
    )


@exercise("01.3", hint="solve ρᵗ = 10^(−digits) for t and round up")
def _(answer):
    cases = [(0.1, 2.0, 6), (0.02, 2.0, 3), (1.0, 5.0, 10)]
    wanted = [139, 346, 57]
    return [answer(*case) for case in cases] == wanted, f"{wanted} for (μ, L, digits) in {cases}"


@exercise(
    "01.4", hint="line search must choose 2/(μ + L); that happens where μx and Ly are equally large"
)
def _(answer):
    point, curvature = np.array(answer, dtype=float), np.array([0.1, 2.0])
    if point.shape != (2,) or not point.all():
        return False, "two numbers, neither of them 0"
    ratios = []
    for _ in range(5):
        g = curvature * point
        step = (g @ g) / (g @ (curvature * g)) * g
        ratios.append(abs(1 - step / point))
        point = point - step
    return np.allclose(ratios, 19 / 21, rtol=1e-6), "a point on the lines x = ±20y, such as (20, 1)"
