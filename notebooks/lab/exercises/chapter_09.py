"""Chapter 09, Adam."""

import numpy as np

from ..dialects.mysteries import MYSTERIES, mystery_name
from .check import close, exercise


@exercise("09.1", hint="a constant gradient gives steps of length lr; which way do they go?")
def _(answer):
    return close(answer, 7)


@exercise("09.2", hint="it is the limit of B_t, if the geometric sum of q = β₁²/β₂ has one")
def _(answer):
    cases = [
        (0.9, 0.999),
        (0.9, 0.95),
        (0.0, 0.9),
        (0.5, 0.5),
        (0.9, 0.81),
        (0.9, 0.5),
        (0.99, 0.9),
    ]
    wanted = []
    for beta1, beta2 in cases:
        rest = 1 - beta1 * beta1 / beta2
        bounded = rest > 1e-12
        wanted.append((1 - beta1) / np.sqrt((1 - beta2) * rest) if bounded else np.inf)
    found = [float(np.squeeze(answer(*case))) for case in cases]
    # At (0.9, 0.81) q is 1 but for rounding: an answer there may be infinite or huge.
    right = all(
        (f == w) or (np.isinf(w) and f > 1e5) or abs(f - w) <= 1e-6 * abs(w)
        for f, w in zip(found, wanted)
    )
    return right, "7.27 for (0.9, 0.999), 1.165 for (0.9, 0.95), infinity for (0.9, 0.5) and so on"


@exercise("09.3", hint="the second form's epsilon is the first one's times √(1 − β₂ᵗ)")
def _(answer):
    cases = [(1, 1e-7, 0.999), (10, 1e-8, 0.99), (5000, 1e-3, 0.999), (2, 0.1, 0.5)]
    wanted = [eps_hat / np.sqrt(1 - beta2**t) for t, eps_hat, beta2 in cases]
    found = [float(np.squeeze(answer(*case))) for case in cases]
    right, expected = close(found, wanted, 1e-6)
    return right, f"{expected} for (t, eps_hat, beta2) in {cases}"


@exercise("09.4", hint="the steps fall by the factor β₁/√β₂ each time: a geometric series")
def _(answer):
    cases = [(0.9, 0.999), (0.5, 0.9), (0.0, 0.99), (0.8, 0.95)]
    wanted = [
        (1 - beta1) / np.sqrt(1 - beta2) / (1 - beta1 / np.sqrt(beta2)) for beta1, beta2 in cases
    ]
    found = [abs(float(np.squeeze(answer(*case)))) for case in cases]  # a length, whatever its sign
    right, expected = close(found, wanted, 1e-6)
    return right, f"{expected} for (beta1, beta2) in {cases}"


@exercise("09.5", hint="feed [1, 0] and look at the second step; feed [1e-8] and look at the first")
def _(answer):
    numbers = range(1, 7)
    if isinstance(answer, dict):
        answer = {int(k): name for k, name in answer.items()}
        given = [answer.get(k, "") for k in numbers]
    else:
        given = list(answer)
    given = [" ".join(str(name).lower().replace("_", " ").split()) for name in given]
    unknown = sorted(set(given) - set(MYSTERIES))
    if len(given) != 6 or unknown:
        return False, f"six names out of {', '.join(MYSTERIES)}"
    right = sum(name == mystery_name(k) for k, name in zip(numbers, given))
    return right == 6, f"six right names (so far: {right})"
