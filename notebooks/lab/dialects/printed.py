"""Optimizers as the classic texts print them, in three interfaces, and numbers they published.

    opt = BookAdam(lr=0.1); opt.update(params, grads)           # dictionary classes
    next_w, config = adam(w, dw, {"learning_rate": 0.1})        # functions with a config
    w = ArrayAdam(lr=0.1).update(w, grad_wrt_w)                 # array classes
    piece, ours, it_is = PRINTED["book Adam"]                   # which rule each of them is
    w, dw, config, next_w = worked_example("adam")              # what an assignment printed

Written in our own words, formula by formula, with their defaults, and with their faults.
"""

import json
from functools import cache
from pathlib import Path

import numpy as np

from optimizers import SGD, Adadelta, AdaGrad, Adam, Momentum, RMSProp

from ..values import short
from .faults import EMAMomentum, FaultyAdam
from .libraries import KerasAdaGrad, KerasAdam, OptaxRMSProp

# ---------------------------------------------------------------------------- dictionary classes


class BookSGD:
    """params[key] −= lr · grads[key]."""

    def __init__(self, lr=0.01):
        self.lr = lr

    def update(self, params, grads):
        for key in params:
            params[key] -= self.lr * grads[key]


class BookMomentum:
    """v ← βv − ηg, x ← x + v."""

    def __init__(self, lr=0.01, momentum=0.9):
        self.lr, self.momentum, self.v = lr, momentum, {}

    def update(self, params, grads):
        for key in params:
            old = self.v.get(key, np.zeros_like(params[key]))
            self.v[key] = self.momentum * old - self.lr * grads[key]
            params[key] += self.v[key]


class BookAdaGrad:
    """h ← h + g², x ← x − ηg/(√h + 1e-7)."""

    def __init__(self, lr=0.01):
        self.lr, self.h = lr, {}

    def update(self, params, grads):
        for key in params:
            self.h[key] = self.h.get(key, np.zeros_like(params[key])) + grads[key] ** 2
            params[key] -= self.lr * grads[key] / (np.sqrt(self.h[key]) + 1e-7)


class BookAdam:
    """Adam's second form: η_t = η√(1−β₂ᵗ)/(1−β₁ᵗ), x ← x − η_t m/(√v + 1e-7)."""

    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999):
        self.lr, self.beta1, self.beta2, self.t, self.m, self.v = lr, beta1, beta2, 0, {}, {}

    def update(self, params, grads):
        self.t += 1
        lr_t = self.lr * np.sqrt(1 - self.beta2**self.t) / (1 - self.beta1**self.t)
        for key, g in grads.items():
            m, v = self.m.get(key, 0 * g), self.v.get(key, 0 * g)
            self.m[key] = m + (1 - self.beta1) * (g - m)
            self.v[key] = v + (1 - self.beta2) * (g**2 - v)
            params[key] -= lr_t * self.m[key] / (np.sqrt(self.v[key]) + 1e-7)


# ---------------------------------------------------------------------------- functions


def sgd(w, dw, config=None):
    """w − ηdw."""
    config = {"learning_rate": 1e-2, **(config or {})}
    return w - config["learning_rate"] * dw, config


def sgd_momentum(w, dw, config=None):
    """v ← βv − ηdw, w + v: the assignment itself."""
    config = {"learning_rate": 1e-2, "momentum": 0.9, "velocity": 0 * w, **(config or {})}
    v = config["momentum"] * config["velocity"] - config["learning_rate"] * dw
    return w + v, {**config, "velocity": v}


def sgd_momentum_ema(w, dw, config=None):
    """A published solution: v ← βv + (1−β)dw, w − ηv."""
    config = {"learning_rate": 1e-2, "momentum": 0.9, "velocity": 0 * w, **(config or {})}
    v = config["momentum"] * config["velocity"] + (1 - config["momentum"]) * dw
    return w - config["learning_rate"] * v, {**config, "velocity": v}


RMSPROP = {"learning_rate": 1e-2, "decay_rate": 0.99, "epsilon": 1e-8}


def rmsprop(w, dw, config=None):
    """As its code has it, ε outside the root: w − ηdw/(√h + ε)."""
    config = {**RMSPROP, "cache": 0 * w, **(config or {})}
    h = config["decay_rate"] * config["cache"] + (1 - config["decay_rate"]) * dw**2
    step = config["learning_rate"] * dw / (np.sqrt(h) + config["epsilon"])
    return w - step, {**config, "cache": h}


def rmsprop_of_the_text(w, dw, config=None):
    """As the text beside that code has it, ε inside: w − ηdw/√(h + ε)."""
    config = {**RMSPROP, "cache": 0 * w, **(config or {})}
    h = config["decay_rate"] * config["cache"] + (1 - config["decay_rate"]) * dw**2
    step = config["learning_rate"] * dw / np.sqrt(h + config["epsilon"])
    return w - step, {**config, "cache": h}


def adam(w, dw, config=None):
    """A published solution: t starts at 1 and is raised before its first use."""
    settings = {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}
    config = {**settings, "m": 0 * w, "v": 0 * w, "t": 1, **(config or {})}
    beta1, beta2, t = config["beta1"], config["beta2"], config["t"] + 1
    m = beta1 * config["m"] + (1 - beta1) * dw
    v = beta2 * config["v"] + (1 - beta2) * dw**2
    m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
    step = config["learning_rate"] * m_hat / (np.sqrt(v_hat) + config["epsilon"])
    return w - step, {**config, "m": m, "v": v, "t": t}


# ---------------------------------------------------------------------------- array classes


class ArrayAdagrad:
    """G ← G + g², w − ηg/√(G + ε): ε inside."""

    def __init__(self, lr=0.01):
        self.lr, self.G = lr, 0.0

    def update(self, w, grad_wrt_w):
        self.G = self.G + grad_wrt_w**2
        return w - self.lr * grad_wrt_w / np.sqrt(self.G + 1e-8)


class ArrayAdadelta:
    """Zeiler's rule, ρ = 0.95, ε = 1e-6."""

    def __init__(self, rho=0.95, eps=1e-6):
        self.rho, self.eps, self.E_g, self.E_step = rho, eps, 0.0, 0.0

    def update(self, w, grad_wrt_w):
        self.E_g = self.rho * self.E_g + (1 - self.rho) * grad_wrt_w**2
        step = grad_wrt_w * np.sqrt(self.E_step + self.eps) / np.sqrt(self.E_g + self.eps)
        self.E_step = self.rho * self.E_step + (1 - self.rho) * step**2
        return w - step


class ArrayRMSprop:
    """h ← ρh + (1−ρ)g², w − ηg/√(h + ε): ε inside."""

    def __init__(self, lr=0.01, rho=0.9):
        self.lr, self.rho, self.h = lr, rho, 0.0

    def update(self, w, grad_wrt_w):
        self.h = self.rho * self.h + (1 - self.rho) * grad_wrt_w**2
        return w - self.lr * grad_wrt_w / np.sqrt(self.h + 1e-8)


class ArrayAdam:
    """Adam divided by 1 − b1 and 1 − b2 at every step: the powers of t are missing."""

    def __init__(self, lr=0.001, b1=0.9, b2=0.999):
        self.lr, self.b1, self.b2, self.m, self.v = lr, b1, b2, 0.0, 0.0

    def update(self, w, grad_wrt_w):
        self.m = self.b1 * self.m + (1 - self.b1) * grad_wrt_w
        self.v = self.b2 * self.v + (1 - self.b2) * grad_wrt_w**2
        m_hat, v_hat = self.m / (1 - self.b1), self.v / (1 - self.b2)
        return w - self.lr * m_hat / (np.sqrt(v_hat) + 1e-8)


# ---------------------------------------------------------------------------- what each of them is

# name: (as printed, our rule of that name, the rule that it is)
PRINTED = {
    "book SGD": (BookSGD(), SGD(), SGD()),
    "book Momentum": (BookMomentum(), Momentum(), Momentum()),
    "book AdaGrad": (BookAdaGrad(), AdaGrad(), AdaGrad()),
    "book Adam": (BookAdam(), Adam(), KerasAdam()),
    "function sgd": (sgd, SGD(), SGD()),
    "function sgd_momentum": (sgd_momentum, Momentum(), Momentum()),
    "function sgd_momentum, a solution": (sgd_momentum_ema, Momentum(), EMAMomentum()),
    "function rmsprop, its code": (rmsprop, RMSProp(rho=0.99), RMSProp(rho=0.99)),
    "function rmsprop, its text": (
        rmsprop_of_the_text,
        RMSProp(rho=0.99),
        OptaxRMSProp(lr=0.01, rho=0.99),
    ),
    "function adam, a solution": (adam, Adam(), FaultyAdam(first_t=2)),
    "array Adagrad": (ArrayAdagrad(), AdaGrad(), KerasAdaGrad(lr=0.01, start=0, eps=1e-8)),
    "array Adadelta": (ArrayAdadelta(), Adadelta(), Adadelta()),
    "array RMSprop": (ArrayRMSprop(), RMSProp(), OptaxRMSProp(lr=0.01)),
    "array Adam": (ArrayAdam(), Adam(), FaultyAdam(correction="no powers")),
}


# ---------------------------------------------------------------------------- published numbers


@cache
def published():
    """Return the published numbers in published.json, its lists of numbers as arrays.

    "famous figure": {rule: its 31 points on the bowl}. "checks": an assignment's worked examples,
    {rule: {"config": …, "expected": {"next_w": …, …}}}, of w from -0.4 to 0.6, dw from -0.6 to 0.4.
    """
    text = Path(__file__).with_name("published.json").read_text(encoding="utf-8")
    return json.loads(text, object_hook=_arrays)


def worked_example(rule):
    """Return an assignment's worked example for a rule: w, dw, config, and the next w as printed.

    rule: "sgd_momentum", "rmsprop" or "adam". Twenty numbers each, set up in the middle of a run:
    the config holds a memory too, and Adam's a clock. Printed were eight digits.
    Raises ValueError for any other rule.
    """
    checks = published()["checks"]
    if rule not in checks:
        raise ValueError(f"there are worked examples of {', '.join(checks)}, got {short(rule)}")
    config, expected = checks[rule].values()
    w, dw = (np.linspace(*ends, 20) for ends in ((-0.4, 0.6), (-0.6, 0.4)))
    config = {key: np.linspace(*v, 20) if np.ndim(v) else v for key, v in config.items()}
    return w, dw, config, expected["next_w"]


def _arrays(found):
    return {
        key: np.array(value) if isinstance(value, list) else value for key, value in found.items()
    }
