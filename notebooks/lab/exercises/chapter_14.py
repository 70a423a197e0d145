"""Chapter 14, Dialects."""

import numpy as np

from optimizers import SGD, Adam, Momentum

from ..dialects.faults import Rebinding
from ..dialects.libraries import TorchMomentum
from ..dialects.mysteries import STRANGERS, stranger_name
from .check import close, exercise


@exercise("14.1", hint="a mean has the weights (1 − β)βᵏ, a sum βᵏ: put the factor into the rate")
def _(answer):
    return close(answer, 0.001)


@exercise("14.2", hint="the first gradient keeps the weight βᵗ⁻¹, each later one enters with 1 − τ")
def _(answer):
    cases = [(0.9, 0.0, 1), (0.9, 0.9, 1), (0.9, 0.9, 2), (0.5, 0.2, 7), (0.99, 0.5, 400)]
    wanted = []
    for beta, tau, t in cases:
        b = 1.0
        for _ in range(t - 1):
            b = beta * b + 1 - tau
        wanted.append(b)
    found = [abs(float(np.squeeze(answer(*case)))) for case in cases]  # a length
    right, expected = close(found, wanted, 1e-6)
    return right, f"{expected} for (beta, tau, t) in {cases}"


@exercise("14.3", hint="PyTorch's buffer is v / (−lr), and the buffer is what must stay")
def _(answer):
    ours, theirs = Momentum(lr=0.1, momentum=0.8), TorchMomentum(lr=0.1, momentum=0.8)
    pairs = [({"a": np.zeros(2), "b": np.zeros(1)}, opt) for opt in (ours, theirs)]
    rng = np.random.default_rng(0)
    for step in range(12):
        if step in (4, 8):
            lr = {4: 0.02, 8: 0.5}[step]
            answer(ours, lr)
            theirs.lr = lr
        grads = {"a": rng.normal(size=2), "b": rng.normal(size=1)}
        for params, opt in pairs:
            opt.update(params, grads)
    (mine, _), (other, _) = pairs
    right = all(np.allclose(mine[key], other[key], rtol=1e-9) for key in mine)
    return right, "PyTorch's steps after a change to a fifth, and to 25 times that"


class _Keeps:
    """Keeps the first gradient as its own memory, and changes it at the second step."""

    def __init__(self):
        self.m = {}

    def update(self, params, grads):
        for key, g in grads.items():
            if key in self.m:
                self.m[key] *= 0.9
                self.m[key] += 0.1 * g
            else:
                self.m[key] = g
            params[key] -= 0.1 * self.m[key]


class _Decays:
    """Adds the decay to the caller's gradient, in place."""

    def update(self, params, grads):
        for key, g in grads.items():
            params[key] -= 0.1 * g
            g += 0.01 * params[key]


class _Third(_Decays):
    """The same, but from the third step on."""

    t = 0

    def update(self, params, grads):
        self.t += 1
        SGD(lr=0.1).update(params, grads) if self.t < 3 else super().update(params, grads)


@exercise(
    "14.4",
    hint="keep all arrays that you gave, with copies, let the gradients differ, and compare "
    "after the last step",
)
def _(answer):
    cases = [
        ("Adam", Adam, False),
        ("one that rebinds params", lambda: Rebinding(SGD(lr=0.1)), False),
        ("one that adds weight decay to the gradient", _Decays, True),
        ("one that keeps the first gradient as its memory", _Keeps, True),
        ("one that writes at the third step", _Third, True),
    ]
    for name, make, wanted in cases:
        if bool(answer(make())) != wanted:
            return False, f"{wanted} for {name}"
    return True, "False for two, True for three others"


@exercise("14.5", hint="print examine(stranger(k)) for all nine; one line of each report decides")
def _(answer):
    numbers = range(1, len(STRANGERS) + 1)
    if isinstance(answer, dict):
        answer = {int(k): name for k, name in answer.items()}
        given = [answer.get(k, "") for k in numbers]
    else:
        given = list(answer)
    given = [" ".join(str(name).lower().split()) for name in given]
    known = [name.lower() for name in STRANGERS]
    if len(given) != len(known) or set(given) - set(known):
        return False, f"nine names out of: {'; '.join(STRANGERS)}"
    right = sum(name == stranger_name(k).lower() for k, name in zip(numbers, given))
    done = right == len(known)
    return done, "nine right names" + ("" if done else f" (so far: {right})")
