"""Chapter 13, a network that learns."""

import numpy as np

from .check import close, exercise


@exercise("13.1", hint="minus the logarithm of the probability given to the right class")
def _(answer):
    return close(answer, np.log(26), 2e-3)  # 3.26 will do


@exercise("13.2", hint="for z > 0, h = 1 − 1/(1 + z); write the slope 1/(1 + z)² with h")
def _(answer):
    h = np.array([[-0.9, -0.5, -0.1], [0.0, 0.3, 0.8]])
    right, _ = close(answer(h), (1 - abs(h)) ** 2, 1e-9)
    return right, "0.25 at h = 0.5 and at h = −0.5, 1 at h = 0, for arrays too"


@exercise("13.3", hint="his gradients are 64 times yours; what does each rule make of a factor?")
def _(answer):
    if isinstance(answer, dict):
        answer = list(answer.values())
    return close([float(np.squeeze(part)) for part in answer], [1 / 64, 0.03])


@exercise("13.4", hint="a complex step in each parameter gives the truth; compare array by array")
def _(answer):
    if isinstance(answer, str):
        answer = answer.replace(",", " ").split()
    given = {str(name).strip() for name in answer}
    return given == {
        "W1",
        "b1",
        "W2",
        "b2",
    }, "the arrays that a complex step contradicts, as a list of names"


@exercise("13.5", hint="differentiate f(W1, W2) = f(10 W1, W2 / 10) on both sides")
def _(answer):
    if isinstance(answer, dict):
        answer = list(answer.values())
    return close([float(np.squeeze(part)) for part in answer], [0.1, 10])


@exercise("13.6", hint="on the floor y = 1/x, and the sharpness x² + 1/x² must stay below 2/η")
def _(answer):
    return close(answer, np.sqrt(2 + np.sqrt(3)))


@exercise("13.7", hint="chapter 04: momentum is stable up to the curvature 2(1 + β)/η")
def _(answer):
    return close(answer, 19)
