"""Chapter 06, AdaGrad."""

from itertools import permutations

import numpy as np

from .check import close, exercise


@exercise(
    "06.1", hint="at the first step √h is |g|; what is left of g/√h, and which way is downhill?"
)
def _(answer):
    return close(answer, (0.5, -0.5))


@exercise("06.2", hint="the slope cancels: solve lr · (2√t − 1.46) = 10 for t")
def _(answer):
    return close(answer, 2574, 0.01)


@exercise("06.3", hint="with G = N the bounds are √(d · ΣN) and Σ√N, both times D")
def _(answer):
    cases = [[10_000, *99 * [1]], [7, 7, 7], [400, 1], [5]]
    wanted = [np.sqrt(len(n) * np.sum(n)) / np.sum(np.sqrt(n)) for n in cases]
    return close([float(answer(np.array(n))) for n in cases], wanted)


@exercise("06.4", hint="the bars fill the area best if they are narrow where 1/√h is steep")
def _(answer):
    cases = [3.0, -1.0, 0.5, 2.0], [-4.0, 0.1, 0.1, 7.0, -0.2], [1.0, 5.0]
    right = all(largest(answer, g, list) for g in cases)
    right = right or all(largest(answer, g, np.array) for g in cases)
    return right, "the same numbers, in the order that makes the sum largest"


def largest(answer, g, kind):
    """Whether answer(g), with g as a list or an array, is in an order with the largest sum."""
    try:
        given = np.asarray(answer(kind(g)), dtype=float)
    except Exception:  # it wants the other kind, or is wrong: then neither passes
        return False
    if given.shape != (len(g),) or not np.allclose(np.sort(given), np.sort(g)):
        return False
    return np.isclose(bars(given), max(bars(order) for order in permutations(g)), rtol=1e-9)


def bars(g):
    """Return Σ g_t² / √h_t for gradients in this order."""
    squares = np.square(g)
    return (squares / np.sqrt(np.cumsum(squares))).sum()
