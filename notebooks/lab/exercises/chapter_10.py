"""Chapter 10, After Adam."""

import re

import numpy as np

from .check import close, exercise


@exercise("10.1", hint="at rest the shrinking by 1 − ηλ undoes one step of Adam; how long is that?")
def _(answer):
    return close(answer, -10, 0.02)


@exercise("10.2", hint="look at each first step: 1/β₁, (1−β₁)/√(1−β₂), 2.8/1.9, or the gradient")
def _(answer):
    wanted = ["adabelief", "radam", "amsgrad", "nadam"]
    if isinstance(answer, str):
        answer = re.findall("adabelief|radam|amsgrad|nadam", answer.lower())
    if isinstance(answer, dict):
        answer = [answer[key] for key in sorted(answer)]
    given = [getattr(name, "__name__", str(name)).split("(")[0].strip().lower() for name in answer]
    right = sum(name == other for name, other in zip(given, wanted))
    return given == wanted, f"four names in the right order (so far: {right})"


@exercise("10.4", hint="set the derivative by each d_i to zero")
def _(answer):
    cases = [
        (np.array([2.0, -1.0]), np.array([1.0, 1.0]), 0.1),
        (np.array([2.0, -1.0, 0.5]), np.array([4.0, 0.25, 10.0]), 0.3),
        (np.array([0.0, -1e3]), np.array([1e-3, 1e3]), 1.0),
    ]
    for g, h, lr in cases:
        found = np.asarray(answer(g.copy(), h.copy(), lr), dtype=float)
        right, expected = close(found, -lr * g / h, 1e-6)
        if not right:
            return False, f"{expected} for g = {g}, h = {h}, lr = {lr}"
    return True, "the step -lr * g / h"


@exercise("10.3", hint="make the round about as long as the memory of v, 1/(1 − β₂)")
def _(answer):
    C, n = (float(part) for part in answer)
    if n != int(n) or not 1 <= n <= 100_000:
        return False, "a whole number n from 1 to 100,000"
    if C - n < 1 - 1e-9:
        return False, "gradients whose sum, C - n, is at least 1"
    k = np.arange(int(n) + 1)
    m = -1 + (C + 1) * 0.1 * 0.9**k / (1 - 0.9 ** (n + 1))
    v = 1 + (C * C - 1) * 1e-4 * 0.9999**k / (1 - 0.9999 ** (n + 1))
    drift = -np.sum(m / np.sqrt(v))
    return drift > 0, f"a drift upwards (yours: {drift:.4f})"


@exercise("10.5", hint="one is -g over its length, one is minus its sign, one moves a single axis")
def _(answer):
    given = [str(name).strip().lower().replace("ℓ", "l").replace("∞", "inf") for name in answer]
    return given == ["l2", "linf", "l1"], "three of l1, l2, linf"
