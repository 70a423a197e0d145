"""Chapter 11, schedules."""

import numpy as np

from .check import close, exercise


@exercise("11.1", hint="its way is the sum of the learning rates; what is the first of them?")
def _(answer):
    right, _ = close(abs(float(np.squeeze(answer))), 9.45)
    return right, "a sum of 100 learning rates, the first of which is 0"


@exercise("11.2", hint="with k steps left, this one included, the rate is k/landing of lr, or lr")
def _(answer):
    cases = [(1, 0.3, 50, 10), (40, 0.3, 50, 10), (41, 0.3, 50, 10), (42, 0.3, 50, 10)]
    cases += [(50, 0.3, 50, 10), (51, 0.3, 50, 10), (90, 0.3, 50, 10), (2, 2.0, 4, 4)]
    wanted = [0.3, 0.3, 0.3, 0.27, 0.03, 0.0, 0.0, 1.5]
    found = [float(np.squeeze(answer(*case))) for case in cases]
    right = np.allclose(found, wanted, rtol=1e-6, atol=1e-12)
    return right, f"{wanted} for (t, lr, steps, landing) in {cases}"


@exercise("11.3", hint="above the floor: from 19 floors to 1, by (1 − ηλ)² at each step")
def _(answer):
    cases = [(0.1, 1.0), (0.01, 2.0), (0.3, 0.5), (0.5, 1.5)]
    wanted = [int(np.ceil(np.log(19) / (-2 * np.log(1 - lr * lam)))) for lr, lam in cases]
    found = [float(np.squeeze(answer(*case))) for case in cases]
    return found == wanted, f"{wanted} for (lr, lam) in {cases}"


@exercise("11.4", hint="P(λ) must be 0 at each curvature; which rate is dangerous, and for whom?")
def _(answer):
    curvature = np.array([0.1, 0.5, 2.0])
    rates = np.ravel(np.asarray(answer, dtype=float))
    left, worst = np.ones(3), 1.0
    for lr in rates:
        left = left * (1 - lr * curvature)
        worst = max(worst, float(abs(left).max()))
    exact = bool(np.all(abs(left) < 1e-6))
    said = (
        f"three rates that leave nothing (yours are {rates.size} and leave at most "
        f"{abs(left).max():.3g} of a direction), and never more than 5 times the start "
        f"(yours: {worst:.3g})"
    )
    return exact and rates.size == 3 and worst <= 5, said
