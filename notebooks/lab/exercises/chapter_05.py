"""Chapter 05, Nesterov."""

import numpy as np

from .check import exercise


@exercise("05.1", hint="the largest curvature is 4; compare 2/L with (2 + 2β)/(1 + 2β)/L")
def _(answer):
    return 0.375 < float(answer) < 0.5, "a learning rate between 0.375 and 0.5"


@exercise("05.2", hint="solve β = (√κ − 1)/(√κ + 1) for √κ, then square")
def _(answer):
    betas, wanted = [0.0, 0.5, 0.8, 0.9, 0.99], [1, 9, 81, 361, 39601]
    right = np.allclose(np.ravel([answer(beta) for beta in betas]), wanted, rtol=1e-6)
    return right, "a function that gives 361 for 0.9 and 9 for 0.5"


@exercise("05.3", hint="with which learning rate will PyTorch multiply the buffer from now on?")
def _(answer):
    """Take three steps in both libraries on ½λx², from the velocity of the checkpoint."""
    beta, curvature, right = 0.9, np.array([0.1, 2.0]), []
    for old, new in ((0.1, 0.01), (0.02, 0.3), (0.05, 0.05)):
        v = np.array([0.7, -0.4])
        b = np.array(answer(v.copy(), old, new), dtype=float)
        keras = torch = np.array([-7.0, 2.0])
        for _ in range(3):
            g = curvature * keras
            v = beta * v - new * g
            keras = keras + beta * v - new * g
            g = curvature * torch
            b = beta * b + g
            torch = torch - new * (g + beta * b)
        right.append(b.shape == (2,) and np.allclose(keras, torch, rtol=1e-9, atol=1e-12))
    return all(right), "a buffer b with the same next steps, also where new differs from old"


@exercise(
    "05.4",
    hint="test the sign of gᵀ(new − old); where it is positive, begin again with k = 1; return θ",
)
def _(answer):
    right = []
    for kappa, steps in ((100, 200), (10_000, 1500)):
        for lowest in (0.0, 3.0):
            curvature, start = np.geomspace(1 / kappa, 1, 50), np.ones(50) + lowest

            def gradient(x, curvature=curvature, lowest=lowest):
                return curvature * (x - lowest)

            plain = last = start
            for k in range(1, steps + 1):  # without restarts
                new = plain - gradient(plain)
                plain, last = new + (k - 1) / (k + 2) * (new - last), new
                if k == 3:  # too early for a restart
                    early = np.allclose(answer(gradient, start.copy(), 1.0, 3), last, rtol=1e-9)
            end = np.asarray(answer(gradient, start.copy(), 1.0, steps), dtype=float)
            height = [np.sum(curvature * (x - lowest) ** 2) for x in (end, last)]
            right.append(early and end.shape == (50,) and height[0] < 0.01 * height[1])
    return all(right), "the last θ, at least 100 times lower in f than without restarts"
