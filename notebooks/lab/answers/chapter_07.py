"""Chapter 07, RMSProp."""

import numpy as np

from ..check import close, exercise


@exercise("07.1", hint="ρ²⁰ = ½, and the first step is η/√(1−ρ): first find ρ, then η")
def _(answer):
    rho = 0.5 ** (1 / 20)
    if type(answer).__name__ != "RMSProp":
        return False, "an optimizer, RMSProp(lr=…, rho=…)"
    right, _ = close([answer.rho, answer.lr], [rho, 0.5 * np.sqrt(1 - rho)])
    return right, "RMSProp with rho 0.966 and an lr below 0.1"


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
    "07.4", hint="√h falls by the factor √ρ at most; by which factor does g fall in a step Δ?"
)
def _(answer):
    cases = [(0.9, 1.0), (0.99, 1.0), (0.9, 12.0), (0.5, 3.0)]
    wanted = [-np.log(rho) / (2 * k) for rho, k in cases]
    right, expected = close([float(np.ravel(answer(*case)).item()) for case in cases], wanted)
    return right, f"{expected} for (ρ, k) in {cases}"
