"""Other people's optimizers: three interfaces, their spellings and their faults.

    adam = as_function(Adam)                       # next_w, config = adam(w, dw, config)
    opt = as_array(Adam(lr=0.1))                   # w = opt.update(w, grad_wrt_w)
    descend(TorchMomentum(lr=0.1), bowl)           # a library's rule, in our interface
    LIBRARIES["RMSProp"]["Keras"]                  # all of them by rule and library
    FAULTS["Nesterov, v updated first"](lr=0.1)    # published mistakes by name, RIGHT beside them
    PRINTED["book Adam"]                           # what the texts print, and which rule it is
    row("Momentum", "lr halved", halved, [...])    # one row of a table of them, asserted

A spelling is a class like those of optimizers.py: a formula, its knobs with their published
defaults, and a `step`. Momenta are 0.9 here, where the libraries switch them off.
Each was compared, step by step, with the library itself: PyTorch 2.13.0, Keras 3.15.1, optax 0.2.8.
"""

import copy
import json
from dataclasses import fields
from functools import cache, partial
from pathlib import Path

import numpy as np

from optimizers import (
    SGD,
    Adadelta,
    AdaGrad,
    Adam,
    Adamax,
    AdamW,
    AMSGrad,
    Momentum,
    NAdam,
    Nesterov,
    RMSProp,
)

from . import printed
from .faults import FaultyAdam
from .probes import beside

# ---------------------------------------------------------------------------- three interfaces
# The dictionary class, opt.update(params, grads), is optimizers.py itself.

WORDS = {"lr": "learning_rate", "rho": "decay_rate", "eps": "epsilon", "h": "cache"}


def as_function(rule, **defaults):
    """Return a rule of optimizers.py as a pure function: next_w, config = f(w, dw, config).

    config holds the hyper-parameters and the state by the names that are usual there
    (`learning_rate`, `decay_rate`, `epsilon`, `cache`, Momentum's `velocity`; others as ours);
    what it lacks gets its default. Neither w nor dw nor the config given is changed.
    Raises KeyError for a name that the rule does not know, and what `Optimizer.update` raises.
    """
    knobs = {f.name: f.default for f in fields(rule)} | defaults
    words = WORDS | ({"v": "velocity"} if issubclass(rule, Momentum) else {})
    said = {name: words.get(name, name) for name in (*knobs, *rule.memory, "t")}

    def function(w, dw, config=None):
        config = dict(config or {})
        for name in config.keys() - set(said.values()):
            raise KeyError(f"config has {name!r}; {rule.__name__} knows {', '.join(said.values())}")
        for name, value in knobs.items():
            config.setdefault(said[name], value)
        opt = rule(**{name: config[said[name]] for name in knobs})
        opt.begin({"w": w})
        opt.t = config.get("t", 0)
        for name in rule.memory:
            state = config.get(said[name])
            setattr(opt, name, {"w": np.zeros_like(w) if state is None else np.array(state)})
        params = {"w": w.copy() if isinstance(w, np.ndarray) else w}
        opt.update(params, {"w": dw})
        config["t"] = opt.t
        config.update({said[name]: getattr(opt, name)["w"] for name in rule.memory})
        return params["w"], config

    function.__name__ = rule.__name__.lower()
    return function


class as_array:
    """An optimizer of optimizers.py as an array class: w = opt.update(w, grad) is a new array."""

    def __init__(self, optimizer):
        self.optimizer = copy.deepcopy(optimizer)

    def update(self, w, grad_wrt_w):
        params = {"w": w.copy() if isinstance(w, np.ndarray) else w}
        self.optimizer.update(params, {"w": grad_wrt_w})
        return params["w"]

    def reset(self):
        self.optimizer.reset()

    def __repr__(self):
        return f"as_array({self.optimizer!r})"


# ---------------------------------------------------------------------------- momentum


class TorchMomentum(Momentum):
    """PyTorch: v ← βv + (1−d)g, Δx = −ηv, d the dampening; the first v is g. optax: d = 0."""

    lr: float = 0.001
    dampening: float = 0.0

    def step(self, g, v):
        v *= self.momentum
        v += g if self.t == 1 else (1 - self.dampening) * g
        return -self.lr * v


class TorchNesterov(TorchMomentum):
    """PyTorch: v ← βv + g, Δx = −η(g + βv). optax: the same."""

    def step(self, g, v):
        super().step(g, v)
        return -self.lr * (g + self.momentum * v)


class EMAMomentum(Momentum):
    """A published solution, called momentum there: v ← βv + (1−β)g, Δx = −ηv."""

    def step(self, g, v):
        v *= self.momentum
        v += (1 - self.momentum) * g
        return -self.lr * v


class LateNesterov(Nesterov):
    """A fault, mended since: v ← βv − ηg first, then Δx = β²v − (1+β)ηg, which wants the old v."""

    def step(self, g, v):
        v *= self.momentum
        v -= self.lr * g
        return self.momentum * self.momentum * v - (1 + self.momentum) * self.lr * g


class ClippedSGD(SGD):
    """SGD that cuts a gradient longer than `limit` down to that length, all parameters together."""

    limit: float = 1.0

    def update(self, params, grads):
        length = np.sqrt(sum(np.sum(np.square(g)) for g in grads.values()))
        share = self.limit / max(length, self.limit)
        super().update(params, {key: share * np.asarray(g) for key, g in grads.items()})


class ClampedSGD(SGD):
    """SGD whose parameters are put back to the border of a box, so that no path leaves it."""

    box: float = 8.0

    def update(self, params, grads):
        super().update(params, grads)
        for key, x in params.items():
            params[key] += np.clip(x, -self.box, self.box) - x  # a float or an array


# ---------------------------------------------------------------------------- AdaGrad, RMSProp


class TorchAdaGrad(AdaGrad):
    """PyTorch: h ← h + g², Δx = −η/(1+(t−1)δ) · g/(√h + ε), δ = `lr_decay`."""

    eps: float = 1e-10
    lr_decay: float = 0.0

    def step(self, g, h):
        return super().step(g, h) / (1 + (self.t - 1) * self.lr_decay)


class KerasAdaGrad(AdaGrad):
    """Keras: h begins at 0.1; h ← h + g², Δx = −ηg/√(h + ε)."""

    lr: float = 0.001
    start: float = 0.1

    def step(self, g, h):
        h += g * g if self.t > 1 else self.start + g * g
        return -self.lr * g / np.sqrt(h + self.eps)


class OptaxAdaGrad(KerasAdaGrad):
    """optax: as Keras, but no step where h = 0. Its lr has no default."""

    def step(self, g, h):
        delta = super().step(g, h)
        return np.where(h > 0, delta, 0.0)


class TorchRMSProp(RMSProp):
    """PyTorch: h ← ρh + (1−ρ)g², b ← βb + g/(√h + ε), Δx = −ηb; off: β = 0."""

    memory = ("h", "b")
    rho: float = 0.99
    momentum: float = 0.0

    def step(self, g, h, b):
        h *= self.rho
        h += (1 - self.rho) * g * g
        b *= self.momentum
        b += g / (np.sqrt(h) + self.eps)
        return -self.lr * b


class KerasRMSProp(RMSProp):
    """Keras: h ← ρh + (1−ρ)g², b ← βb + ηg/√(h + ε), Δx = −b; off: β = 0."""

    memory = ("h", "b")
    lr: float = 0.001
    eps: float = 1e-7
    momentum: float = 0.0

    def step(self, g, h, b):
        h *= self.rho
        h += (1 - self.rho) * g * g
        b *= self.momentum
        b += self.lr * g / np.sqrt(h + self.eps)
        return -b


class OptaxRMSProp(KerasRMSProp):
    """optax: as Keras with ε = 1e-8; `eps_in_sqrt=False` is our RMSProp. Its lr has no default."""

    eps: float = 1e-8


class GradientlessRMSProp(RMSProp):
    """A misprint: h ← ρh + (1−ρ)g², Δx = −η/(√h + ε), with no gradient in the numerator."""

    def step(self, g, h):
        h *= self.rho
        h += (1 - self.rho) * g * g
        return -self.lr / (np.sqrt(h) + self.eps)


class TorchAdadelta(Adadelta):
    """PyTorch, optax: Zeiler's rule with ρ = 0.9."""

    rho: float = 0.9


class KerasAdadelta(Adadelta):
    """Keras: Zeiler's rule with lr = 0.001 and ε = 1e-7."""

    lr: float = 0.001
    eps: float = 1e-7


# ---------------------------------------------------------------------------- Adam and after


def moments(opt, g, m, v):
    """Bring Adam's two means up to date, and return m̂, v̂."""
    m *= opt.beta1
    m += (1 - opt.beta1) * g
    v *= opt.beta2
    v += (1 - opt.beta2) * g * g
    return m / (1 - opt.beta1**opt.t), v / (1 - opt.beta2**opt.t)


class KerasAdam(Adam):
    """Keras, classic books: Δx = −η_t m/(√v + ε̂) with η_t = η√(1−β₂ᵗ)/(1−β₁ᵗ), ε̂ = 1e-7."""

    eps: float = 1e-7

    def step(self, g, m, v):
        moments(self, g, m, v)
        lr_t = self.lr * np.sqrt(1 - self.beta2**self.t) / (1 - self.beta1**self.t)
        return -lr_t * m / (np.sqrt(v) + self.eps)


class OptaxAdam(Adam):
    """optax: Δx = −ηm̂/(√(v̂ + ε_root) + ε). Its lr has no default."""

    eps_root: float = 0.0

    def step(self, g, m, v):
        m_hat, v_hat = moments(self, g, m, v)
        return -self.lr * m_hat / (np.sqrt(v_hat + self.eps_root) + self.eps)


class TorchAMSGrad(AMSGrad):
    """PyTorch: w ← max(w, v), Δx = −ηm̂/(√ŵ + ε), corrected with the t of today: ŵ = w/(1−β₂ᵗ)."""

    def step(self, g, m, v, w):
        m_hat, _ = moments(self, g, m, v)
        np.maximum(w, v, out=w)
        return -self.lr * m_hat / (np.sqrt(w / (1 - self.beta2**self.t)) + self.eps)


class KerasAMSGrad(AMSGrad):
    """Keras: w ← max(w, v), Δx = −η_t m/(√w + ε̂) with KerasAdam's η_t."""

    eps: float = 1e-7

    def step(self, g, m, v, w):
        share_m, share_v = 1 - self.beta1**self.t, 1 - self.beta2**self.t
        return super().step(g, m, v, w) * np.sqrt(share_v) / share_m


class OptaxAMSGrad(AMSGrad):
    """optax: w ← max(w, v̂), Δx = −ηm̂/(√w + ε). Its lr has no default."""

    def step(self, g, m, v, w):
        m_hat, v_hat = moments(self, g, m, v)
        np.maximum(w, v_hat, out=w)
        return -self.lr * m_hat / (np.sqrt(w) + self.eps)


class TorchAdamax(Adamax):
    """PyTorch: u ← max(β₂u, |g| + ε), Δx = −ηm̂/u. optax: the same."""

    def step(self, g, m, u):
        m *= self.beta1
        m += (1 - self.beta1) * g
        u *= self.beta2
        np.maximum(u, np.abs(g) + self.eps, out=u)
        return -self.lr * m / (1 - self.beta1**self.t) / u


class KerasAdamax(Adamax):
    """Keras: ours, Δx = −ηm̂/(u + ε), with other defaults."""

    lr: float = 0.001
    eps: float = 1e-7


class TorchNAdam(NAdam):
    """PyTorch: NAdam with μ_t = β₁(1 − ½·0.96^(t·pace)) in β₁'s place, but for m; pace 0.004."""

    memory = ("m", "v", "product")  # of μ_1 … μ_t
    pace: float = 0.004

    def step(self, g, m, v, product):
        mu, following = (
            self.beta1 * (1 - 0.5 * 0.96 ** (t * self.pace)) for t in (self.t, self.t + 1)
        )
        product *= mu
        if self.t == 1:
            product += mu
        _, v_hat = moments(self, g, m, v)
        ahead = following * m / (1 - product * following) + (1 - mu) * g / (1 - product)
        return -self.lr * ahead / (np.sqrt(v_hat) + self.eps)


class KerasNAdam(TorchNAdam):
    """Keras: the same schedule with pace 1, that is, 250 times faster."""

    lr: float = 0.001
    eps: float = 1e-7
    pace: float = 1.0


class TorchAdamL2(Adam):
    """PyTorch's Adam(weight_decay=λ): coupled, g + λx in the place of g."""

    decay: float = 0.01  # the base class would take a `weight_decay` for a decoupled one

    def update(self, params, grads):
        super().update(params, {key: grads[key] + self.decay * x for key, x in params.items()})


class KerasAdamW(KerasAdam):
    """Keras: x ← (1 − ηλ)x, then KerasAdam's step; λ = 0.004."""

    weight_decay: float = 0.004
    shrink = AdamW.shrink


class OptaxAdamW(AdamW):
    """optax: x ← x − η(m̂/(√v̂ + ε) + λx), which is AdamW; λ = 1e-4. Its lr has no default."""

    weight_decay: float = 0.0001


def _four(*spellings):
    return dict(zip(("ours", "PyTorch", "Keras", "optax"), spellings))


LIBRARIES = {  # where ours stands again, the library has our rule
    "Momentum": _four(Momentum, TorchMomentum, Momentum, TorchMomentum),
    "Nesterov": _four(Nesterov, TorchNesterov, Nesterov, TorchNesterov),
    "AdaGrad": _four(AdaGrad, TorchAdaGrad, KerasAdaGrad, OptaxAdaGrad),
    "RMSProp": _four(RMSProp, TorchRMSProp, KerasRMSProp, OptaxRMSProp),
    "Adadelta": _four(Adadelta, TorchAdadelta, KerasAdadelta, TorchAdadelta),
    "Adam": _four(Adam, Adam, KerasAdam, OptaxAdam),
    "AMSGrad": _four(AMSGrad, TorchAMSGrad, KerasAMSGrad, OptaxAMSGrad),
    "Adamax": _four(Adamax, TorchAdamax, KerasAdamax, TorchAdamax),
    "NAdam": _four(NAdam, TorchNAdam, KerasNAdam, NAdam),
    "AdamW": _four(AdamW, AdamW, KerasAdamW, OptaxAdamW),
    "Decay in Adam": {"ours": AdamW, "PyTorch": TorchAdamL2},  # its Adam(weight_decay=λ)
}


# ---------------------------------------------------------------------------- faults


class Rebinding:
    """A dictionary class with the fault `params[k] = params[k] - step`: a new array each step."""

    def __init__(self, optimizer):
        self.optimizer = copy.deepcopy(optimizer)

    def update(self, params, grads):
        fresh = {key: np.array(x) for key, x in params.items()}
        self.optimizer.update(fresh, grads)
        params.update(fresh)

    def reset(self):
        self.optimizer.reset()

    def __repr__(self):
        return f"Rebinding({self.optimizer!r})"


class Overwriting(as_array):
    """An array class with the fault `w -= step; return w`: the caller's array changes unasked."""

    def update(self, w, grad_wrt_w):
        w[...] = super().update(w, grad_wrt_w)
        return w

    def __repr__(self):
        return f"Overwriting({self.optimizer!r})"


FAULTS = {
    "Adam, no powers": partial(FaultyAdam, correction="no powers"),
    "Adam, no correction": partial(FaultyAdam, correction="none"),
    "Adam, multiplied": partial(FaultyAdam, correction="multiplied"),
    "Adam, only m": partial(FaultyAdam, correction="only m"),
    "Adam, t starts at 2": partial(FaultyAdam, first_t=2),
    "Adam, beta1 0.7, no correction": partial(FaultyAdam, beta1=0.7, correction="none"),
    "Adam, eps inside": partial(FaultyAdam, eps_place="inside"),
    "Adam, eps added to x": partial(FaultyAdam, eps_place="added"),
    "EMA momentum": EMAMomentum,
    "Nesterov, v updated first": LateNesterov,
    "SGD, clipped": ClippedSGD,
    "SGD, clamped to a box": ClampedSGD,
    "RMSProp, no gradient": GradientlessRMSProp,
    "params[k] = params[k] - step": lambda **knobs: Rebinding(SGD(**knobs)),
    "w -= step; return w": lambda **knobs: Overwriting(SGD(**knobs)),
}
RIGHT = {name: Adam if name.startswith("Adam") else SGD for name in FAULTS}
RIGHT |= {
    "EMA momentum": Momentum,
    "Nesterov, v updated first": Nesterov,
    "RMSProp, no gradient": RMSProp,
    "w -= step; return w": lambda **knobs: as_array(SGD(**knobs)),
}


# ---------------------------------------------------------------------------- what texts print

# name: (as printed, our rule of that name, the rule that it is)
PRINTED = {
    "book SGD": (printed.BookSGD(), SGD(), SGD()),
    "book Momentum": (printed.BookMomentum(), Momentum(), Momentum()),
    "book AdaGrad": (printed.BookAdaGrad(), AdaGrad(), AdaGrad()),
    "book Adam": (printed.BookAdam(), Adam(), KerasAdam()),
    "function sgd": (printed.sgd, SGD(), SGD()),
    "function sgd_momentum": (printed.sgd_momentum, Momentum(), Momentum()),
    "function sgd_momentum, a solution": (printed.sgd_momentum_ema, Momentum(), EMAMomentum()),
    "function rmsprop, its code": (printed.rmsprop, RMSProp(rho=0.99), RMSProp(rho=0.99)),
    "function rmsprop, its text": (
        printed.rmsprop_of_the_text,
        RMSProp(rho=0.99),
        OptaxRMSProp(lr=0.01, rho=0.99),
    ),
    "function adam, a solution": (printed.adam, Adam(), FaultyAdam(first_t=2)),
    "array Adagrad": (printed.ArrayAdagrad(), AdaGrad(), KerasAdaGrad(lr=0.01, start=0, eps=1e-8)),
    "array Adadelta": (printed.ArrayAdadelta(), Adadelta(), Adadelta()),
    "array RMSprop": (printed.ArrayRMSprop(), RMSProp(), OptaxRMSProp(lr=0.01)),
    "array Adam": (printed.ArrayAdam(), Adam(), FaultyAdam(correction="no powers")),
}


# ---------------------------------------------------------------------------- rows of tables


def row(name, what, probe, predicted, **more):
    """Print one row of a table and assert it: of a rule in LIBRARIES, or of a fault in FAULTS.

    The rest as in `probes.beside`. Returns (name, {label: measured}).
    """
    makers = LIBRARIES.get(name) or {"right": RIGHT[name], "faulty": FAULTS[name]}
    return name, beside(makers, f"{name}, {what}", probe, predicted, **more)


def unseen(rows):
    """Return the spellings in LIBRARIES that no row tells from ours: they might as well be ours."""
    told = {
        (name, label)
        for name, found in rows
        for label, value in found.items()
        if "ours" in found and abs(value - found["ours"]) > 0.01 * abs(found["ours"])
    }
    return [
        f"{rule}, {label}"
        for rule, spellings in LIBRARIES.items()
        for label, spelling in spellings.items()
        if spelling is not spellings["ours"] and (rule, label) not in told
    ]


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
    """
    config, expected = published()["checks"][rule].values()
    w, dw = (np.linspace(*ends, 20) for ends in ((-0.4, 0.6), (-0.6, 0.4)))
    config = {key: np.linspace(*v, 20) if np.ndim(v) else v for key, v in config.items()}
    return w, dw, config, expected["next_w"]


def _arrays(found):
    return {
        key: np.array(value) if isinstance(value, list) else value for key, value in found.items()
    }
