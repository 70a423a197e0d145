"""Chapter 07, RMSProp."""

import numpy as np

from .check import close, exercise


@exercise("07.1", hint="ρ²⁰ = ½, and the first step is η/√(1−ρ): first find ρ, then η")
def _(answer):
    rho = 0.5 ** (1 / 20)
    if type(answer).__name__ != "RMSProp":
        return False, "an optimizer, RMSProp(lr=…, rho=…)"
    given = [float(np.ravel(value).item()) for value in (answer.lr, answer.rho, answer.eps)]
    right = close(given[0], 0.5 * np.sqrt(1 - rho), 1e-2)[0] and close(given[1], rho)[0]
    return right and given[2] < 1e-4, "RMSProp with lr 0.0923 and rho 0.9659, and a small eps"


@exercise("07.2", hint="set the length of a step, with g = λx and h = g², equal to 2|x|")
def _(answer):
    cases = [(0.3, 1e-9, 2.0), (0.2, 0.05, 2.0), (1.0, 0.02, 0.1), (0.2, 0.1, 0.1), (0.1, 1.0, 4.0)]
    wanted = [max(0.0, lr / 2 - eps / curvature) for lr, eps, curvature in cases]
    right, expected = close([float(np.ravel(answer(*case)).item()) for case in cases], wanted)
    return right, f"{expected} for (lr, eps, curvature) in {cases}"


@exercise("07.3", hint="the hop is as wide as the learning rate: let it fall, but not too fast")
def _(answer):
    point, h, f = np.array([-7.0, 2.0]), np.zeros(2), []
    curvature = np.array([0.1, 2.0])  # of the bowl
    for t in range(1, 10_001):
        lr, g = float(np.ravel(answer(t)).item()), curvature * point
        h = 0.9 * h + 0.1 * g * g
        point = point - lr * g / (np.sqrt(h) + 1e-8)
        f.append(float(np.sum(curvature / 2 * point * point)))
    f = np.array(f)
    return f[380:400].max() < 1e-2 and f[-20:].max() < 1e-5, (
        f"f below 0.01 after 400 steps and below 1e-5 after 10000, "
        f"found {f[380:400].max():.1e} and {f[-20:].max():.1e}"
    )


@exercise(
    "07.4",
    hint="i steps ago g was e^(ikΔ) times as large: sum h, then set Δ = ηg/√h and solve for Δ",
)
def _(answer):
    cases = [(0.005, 0.9, 12.0), (0.1, 0.9, 1.0), (0.02, 0.99, 1.0), (0.5, 0.5, 3.0)]
    wanted = []
    for lr, rho, k in cases:
        low, high = 0.0, -np.log(rho) / (2 * k)  # the speed limit
        for _ in range(60):
            middle = (low + high) / 2
            step = lr * np.sqrt((1 - rho * np.exp(2 * k * middle)) / (1 - rho))
            low, high = (middle, high) if step > middle else (low, middle)
        wanted.append(low)
    right, expected = close([float(np.ravel(answer(*case)).item()) for case in cases], wanted)
    return right, f"{expected} for (lr, rho, k) in {cases}"
