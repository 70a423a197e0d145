"""Chapter 08, Adadelta."""

import numpy as np

from ..descent import descend
from ..landscapes import bowl, gentle_bowl
from .check import close, exercise


@exercise("08.1", hint="the first step is √(ε / (1 − ρ)); solve for ε")
def _(answer):
    return close(answer, 0.1**2 * (1 - 0.9))


@exercise(
    "08.2", hint="what must the knob be multiplied with, or added to, and what must come out?"
)
def _(answer):
    return close(np.reshape(answer, (4, 2)), [(2, -1), (1, 0), (2, 0), (-2, 2)], 1e-9)


@exercise("08.3", hint="the squared step grows by (1 − ρ)ε / (1 − ρᵗ) at step t; add up the roots")
def _(answer):
    cases = [
        (1.0, 0.95, 1e-6),
        (0.25, 0.9, 1e-3),
        (0.05, 0.5, 1e-8),
        (7.0, 0.99, 1e-5),
        (0.9, 0.9, 0.1),
        (50.0, 0.95, 1e-6),
    ]
    wanted = [193, 3, 101, 217, 1, 4469]
    found = [np.ravel(answer(*case)).item() for case in cases]
    return found == wanted, f"{wanted} for (distance, ρ, ε) in {cases}"


@exercise("08.4", hint="where the step no longer changes, d is its square: s² = lr²(s² + ε)")
def _(answer):
    cases = [(0.5, 1e-6), (0.9, 1e-4), (0.1, 1e-2), (0.001, 1e-7)]
    wanted = [lr * np.sqrt(eps / (1 - lr**2)) for lr, eps in cases]
    found = [abs(float(np.ravel(answer(*case)).item())) for case in cases]
    right, expected = close(found, wanted, 1e-4)
    return right, f"{expected} for (lr, ε) in {cases}"


@exercise("08.5", hint="square the equation and collect Δx²; then put in h₀ = d₀ = 0")
def _(answer):
    right = True
    for on, slopes in ((bowl, (0.1, 2.0)), (gentle_bowl, (0.2, 4.0))):
        factor = 1 - np.array(slopes)
        wanted = on.start * factor ** np.arange(4)[:, None]
        right &= np.allclose(descend(answer, on, steps=3).path, wanted, rtol=1e-6)
    return right, "gradient descent with learning rate 1"
