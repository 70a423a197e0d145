"""Chapter 04, momentum."""

import numpy as np

from optimizers import Momentum

from ..descent import descend
from ..landscapes import bowl
from ..theory import heavy_ball_rate
from .check import close, exercise


@exercise("04.1", hint="the curvature of 3x² is its second derivative, and ηλ stays below 2 + 2β")
def _(answer):
    return close(answer, 3.8 / 6)


@exercise("04.2", hint="with lr=0.95, which momentum damps the flat mode, λ = 0.1, critically?")
def _(answer):
    run = descend(answer, bowl, steps=30)
    right = run.rule == "Momentum" and run.single and answer.lr <= 0.95 and run.final < 1e-6
    return right, "a Momentum with lr at most 0.95 that ends with f below 1e-6"


@exercise("04.3", hint="the EMA form is the classical one with (1 − β)·lr")
def _(answer):
    cases = [(0.1, 0.9, 0.1), (0.02, 0.9, 0.1), (0.7, 0.5, 2.0), (1.2, 0.8, 2.0)]
    right = []
    for lr, beta, curvature in cases:
        wanted = [
            abs(1 - lr * curvature),
            heavy_ball_rate((1 - beta) * lr, beta, curvature),
            heavy_ball_rate(lr, beta, curvature),
        ]
        given = np.ravel(np.asarray(answer(lr, beta, curvature), dtype=float))
        right.append(given.shape == (3,) and np.allclose(given, wanted, rtol=1e-3))
    return all(right), "0.990, 0.989 and 0.949 for (0.1, 0.9, 0.1), and right in three more cases"


@exercise("04.4", hint="try many starts at once, and more momentum than 0.9")
def _(answer):
    momentum, start = np.ravel(np.asarray(answer, dtype=float))
    expected = "a momentum of at most 0.98 and a start between −10 and 10 that never settle"
    if not (momentum <= 0.98 and abs(start) <= 10):
        return False, expected
    params, opt, late = {"x": float(start)}, Momentum(lr=0.06, momentum=momentum), []
    for t in range(4000):
        x = params["x"]
        slope = 25 * x if x < 1 else x + 24 if x < 2 else 25 * x - 24
        opt.update(params, {"x": slope})
        if t >= 3800:
            late.append(abs(params["x"]))
    return max(late) > 0.05, expected


@exercise("04.5", hint="y has the double root −ρ*; look for the largest of (1 + (1 + ρ*)t) ρ*ᵗ")
def _(answer):
    valleys = [20.0, 100.0, 1e4]
    wanted = []
    for kappa in valleys:
        rho = (np.sqrt(kappa) - 1) / (np.sqrt(kappa) + 1)
        t = np.arange(5000)
        wanted.append(np.max((1 + (1 + rho) * t) * rho**t))
    given = [np.ravel(answer(kappa)).item() for kappa in valleys]
    return np.allclose(given, wanted, rtol=2e-3), "1.67, 3.88 and 36.98 for κ = 20, 100 and 10,000"
