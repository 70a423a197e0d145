"""Chapter 03, stochastic gradients."""

import numpy as np

from .check import close, exercise


@exercise("03.1", hint="the standard deviation falls as 1/√b: eight times less of it")
def _(answer):
    return close(answer, 1024, 1e-9)  # a count: 1023 and 1025 are wrong


@exercise("03.2", hint="the curvature of x² is 2; solve ηs² / (2(2 − ηλ)) = 0.01 for η")
def _(answer):
    return close(answer, 0.04 / 0.29)


@exercise("03.3", hint="first find how large s² may be, then solve (N − b) / (b(N − 1)) ≤ s² for b")
def _(answer):
    cases = [(0.3, 0.05), (0.3, 0.01), (0.8, 0.001), (0.05, 0.1), (0.5, 1e-9)]
    wanted = [4, 18, 212, 1, 256]
    found = [answer(*case) for case in cases]
    right = all(np.ndim(size) == 0 for size in found) and found == wanted
    return right, f"{wanted} for (lr, floor) in {cases}"


@exercise("03.4", hint="set the derivative of (1 − ηλ)²m + η²s² with respect to η to zero")
def _(answer):
    cases = [(1.0, 1.0, 1.0), (4.0, 0.5, 2.0), (0.01, 2.0, 0.3), (1e9, 3.0, 1.0)]
    wanted = [lam * m / (lam * lam * m + s2) for m, lam, s2 in cases]
    right, expected = close([answer(*case) for case in cases], wanted, 1e-6)
    return right, f"{expected} for (m, λ, s²) in {cases}"
