"""Other people's optimizers: three interfaces, their spellings, their faults, and an examiner.

    adam = as_function(Adam)                       # next_w, config = adam(w, dw, config)
    opt = as_array(Adam(lr=0.1))                   # w = opt.update(w, grad_wrt_w)
    descend(TorchMomentum(lr=0.1), bowl)           # a library's rule, in our interface
    LIBRARIES["RMSProp"]["Keras"]                  # all of them by rule and library
    FAULTS["Nesterov, v updated first"](lr=0.1)    # published mistakes by name
    examine(opt)                                   # what an optimizer does, in words
    stranger(3), stranger_name(3)                  # nine optimizers that do not say who they are

A spelling is a class like those of optimizers.py: a formula, its knobs with their published
defaults, and a `step`. Momenta are 0.9 here, where the libraries switch them off.
Each was compared, step by step, with the library itself: PyTorch 2.13.0, Keras 3.15.1, optax 0.2.8.
"""

import copy
import json
from dataclasses import dataclass, field, fields
from functools import cache, partial
from itertools import count
from numbers import Integral
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

from .faults import FaultyAdam

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
        opt.t, opt._shapes = config.get("t", 0), {"w": np.shape(w)}
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
            params[key] += np.clip(x, -self.box, self.box) - x


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


class KerasAdam(Adam):
    """Keras, classic books: Δx = −η_t m/(√v + ε̂) with η_t = η√(1−β₂ᵗ)/(1−β₁ᵗ), ε̂ = 1e-7."""

    eps: float = 1e-7

    def step(self, g, m, v):
        super().step(g, m, v)
        lr_t = self.lr * np.sqrt(1 - self.beta2**self.t) / (1 - self.beta1**self.t)
        return -lr_t * m / (np.sqrt(v) + self.eps)


class OptaxAdam(Adam):
    """optax: Δx = −ηm̂/(√(v̂ + ε_root) + ε). Its lr has no default."""

    eps_root: float = 0.0

    def step(self, g, m, v):
        super().step(g, m, v)
        m_hat, v_hat = m / (1 - self.beta1**self.t), v / (1 - self.beta2**self.t)
        return -self.lr * m_hat / (np.sqrt(v_hat + self.eps_root) + self.eps)


class TorchAMSGrad(AMSGrad):
    """PyTorch: w ← max(w, v), Δx = −ηm̂/(√ŵ + ε), corrected with the t of today: ŵ = w/(1−β₂ᵗ)."""

    def step(self, g, m, v, w):
        super().step(g, m, v, w)
        m_hat, w_hat = m / (1 - self.beta1**self.t), w / (1 - self.beta2**self.t)
        return -self.lr * m_hat / (np.sqrt(w_hat) + self.eps)


class KerasAMSGrad(AMSGrad):
    """Keras: w ← max(w, v), Δx = −η_t m/(√w + ε̂) with KerasAdam's η_t."""

    eps: float = 1e-7

    def step(self, g, m, v, w):
        share_m, share_v = 1 - self.beta1**self.t, 1 - self.beta2**self.t
        return super().step(g, m, v, w) * np.sqrt(share_v) / share_m


class OptaxAMSGrad(AMSGrad):
    """optax: w ← max(w, v̂), Δx = −ηm̂/(√w + ε). Its lr has no default."""

    def step(self, g, m, v, w):
        largest = w.copy()
        super().step(g, m, v, w)
        np.maximum(largest, v / (1 - self.beta2**self.t), out=w)
        return -self.lr * m / (1 - self.beta1**self.t) / (np.sqrt(w) + self.eps)


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
        super().step(g, m, v)  # for m and v
        ahead = following * m / (1 - product * following) + (1 - mu) * g / (1 - product)
        return -self.lr * ahead / (np.sqrt(v / (1 - self.beta2**self.t)) + self.eps)


class KerasNAdam(TorchNAdam):
    """Keras: the same schedule with pace 1, that is, 250 times faster."""

    lr: float = 0.001
    eps: float = 1e-7
    pace: float = 1.0


class TorchAdamL2(Adam):
    """PyTorch's Adam(weight_decay=λ): coupled, g + λx in the place of g."""

    decay: float = 0.01

    def update(self, params, grads):
        super().update(params, {key: grads[key] + self.decay * x for key, x in params.items()})


class KerasAdamW(KerasAdam):
    """Keras: x ← (1 − ηλ)x, then KerasAdam's step; λ = 0.004."""

    weight_decay: float = 0.004


class OptaxAdamW(AdamW):
    """optax: x ← x − η(m̂/(√v̂ + ε) + λx), which is AdamW; λ = 1e-4. Its lr has no default."""

    weight_decay: float = 0.0001


LIBRARIES = {
    "Momentum": {"PyTorch": TorchMomentum, "Keras": Momentum, "optax": TorchMomentum},
    "Nesterov": {"PyTorch": TorchNesterov, "Keras": Nesterov, "optax": TorchNesterov},
    "AdaGrad": {"PyTorch": TorchAdaGrad, "Keras": KerasAdaGrad, "optax": OptaxAdaGrad},
    "RMSProp": {"PyTorch": TorchRMSProp, "Keras": KerasRMSProp, "optax": OptaxRMSProp},
    "Adadelta": {"PyTorch": TorchAdadelta, "Keras": KerasAdadelta, "optax": TorchAdadelta},
    "Adam": {"PyTorch": Adam, "Keras": KerasAdam, "optax": OptaxAdam},
    "AMSGrad": {"PyTorch": TorchAMSGrad, "Keras": KerasAMSGrad, "optax": OptaxAMSGrad},
    "Adamax": {"PyTorch": TorchAdamax, "Keras": KerasAdamax, "optax": TorchAdamax},
    "NAdam": {"PyTorch": TorchNAdam, "Keras": KerasNAdam, "optax": NAdam},
    "AdamW": {"PyTorch": AdamW, "Keras": KerasAdamW, "optax": OptaxAdamW},
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


# ---------------------------------------------------------------------------- the examiner

MANY = 2000  # steps until a run counts as long
KINDS = {
    "dictionary": "a dictionary class, update(params, grads)",
    "array": "an array class, w = update(w, grad)",
    "function": "a function, next_w, config = rule(w, dw, config)",
}


@dataclass
class Report:
    """What `examine` found. facts: by name. complaints: what no rule should do."""

    subject: str
    kind: str
    lines: dict = field(default_factory=dict)
    facts: dict = field(default_factory=dict)
    complaints: list = field(default_factory=list)

    def __repr__(self):
        text = [f"{self.subject}: {KINDS[self.kind]}"]
        text += [f"  {name:16}{line}" for name, line in self.lines.items()]
        text += [f"  COMPLAINT       {line}" for line in self.complaints]
        return "\n".join(text if self.complaints else [*text, "  no complaints"])


class Runner:
    """A new copy of an optimizer of any interface, driven like a dictionary class."""

    def __init__(self, optimizer, kind, config=None):
        self.kind, self.start, self.configs, self.copies = kind, config, {}, {}
        self.optimizer = optimizer if kind == "function" else copy.deepcopy(optimizer)
        if hasattr(self.optimizer, "reset"):
            self.optimizer.reset()

    def update(self, params, grads):
        if self.kind == "dictionary":
            self.optimizer.update(params, grads)
            return
        for key in params:  # one array at a time, each with a state of its own
            if self.kind == "function":
                config = self.configs.get(key, copy.deepcopy(self.start))
                params[key], self.configs[key] = self.optimizer(params[key], grads[key], config)
            else:
                opt = self.copies.setdefault(key, copy.deepcopy(self.optimizer))
                params[key] = opt.update(params[key], grads[key])


NAMES = (f"x{n}" for n in count())  # each probe has a parameter name of its own


def feed(optimizer, gradients, key=None, start=0.0):
    """Return the steps that an optimizer takes when fed these gradients, each from `start`.

    optimizer: anything with update(params, grads). Shape: that of gradients.
    """
    gradients, key = np.asarray(gradients, dtype=float), key or next(NAMES)
    steps = np.empty(gradients.shape)
    with np.errstate(all="ignore"):
        for k, g in enumerate(gradients):
            params = {key: np.full(np.shape(g) or (1,), float(start))}
            optimizer.update(params, {key: np.reshape(g, np.shape(g) or (1,)).copy()})
            steps[k] = np.reshape(params[key] - start, np.shape(g))
    return steps


def examine(optimizer, config=None):
    """Probe an optimizer of any of the three interfaces and report in words what it does.

    Works on copies; the optimizer itself stays as it was (but for memory that all copies share).
    config: what a function with a config is given first.
    It judges behaviour, not code. It sees what scalars, short runs and gradients between 1e-14 and
    1e6 can show: no schedule that starts after 2,000 steps, no rule that looks at whole matrices.
    Raises TypeError if the optimizer fits none of the interfaces.
    """
    kind = _interface(optimizer, config)

    def new():
        return Runner(optimizer, kind, config)

    plain = type(optimizer).__repr__ is object.__repr__  # an address says nothing
    name = type(optimizer).__name__ if plain else repr(optimizer)
    report = Report(getattr(optimizer, "__name__", name), kind)
    lr = _learning_rate(new())
    unit = "lr" if lr else "units of x"
    _probe_steps(report, new, lr or 1.0, unit)
    _probe_scale(report, new, lr or 1.0)
    _probe_memory(report, new)
    _probe_rest(report, new, lr or 1.0, unit)
    _probe_arrays(report, new)
    _probe_keys(report, new)
    _probe_copies(report, new)
    return report


def _interface(optimizer, config):
    """Return which interface an optimizer has, by trying."""
    if not hasattr(optimizer, "update"):
        if callable(optimizer) and not isinstance(optimizer, type):
            return "function"
        raise TypeError(f"no optimizer: {optimizer!r} has no update and is no function")
    problems = []
    for kind in ("dictionary", "array"):
        try:
            feed(Runner(optimizer, kind), [1.0])
            return kind
        except Exception as error:
            problems.append(error)
    raise TypeError(f"update takes neither dictionaries nor arrays: {problems[0]!r}")


def _learning_rate(runner):
    """Return the learning rate that an optimizer shows, or None."""
    feed(runner, [1.0])
    inner = getattr(runner.optimizer, "optimizer", runner.optimizer)
    for source in (*runner.configs.values(), getattr(inner, "__dict__", {})):
        for name in ("lr", "learning_rate", "eta"):
            if isinstance(source.get(name), (int, float)) and source[name] > 0:
                return float(source[name])
    return None


def _probe_steps(report, new, lr, unit):
    """A constant gradient: the first step, the longest, and what becomes of them."""
    up, down = feed(new(), [1.0] * MANY) / -lr, feed(new(), [-1.0])[0] / lr
    first, longest, last = up[0], up.max(), up[-1]
    at = int(np.argmax(up)) + 1
    report.lines["first step"] = f"{first:.3f} {unit} for a gradient of 1"
    if up.min() > 0.999 * longest:
        trend = f"always {last:.3f}"
    elif last > 0.999 * longest:
        at = int(np.argmax(up > 0.99 * longest)) + 1
        trend = f"grows to {last:.3f}, 99 % of it by step {at:,}"
        if at > MANY / 2:
            trend = f"still growing: {last:.3f} at step {MANY:,}"
    else:
        trend = f"longest {longest:.3f} at step {at:,}, then {last:.3f} at step {MANY:,}"
        powers = np.log2([up[MANY // 4 - 1] / up[MANY // 2 - 1], up[MANY // 2 - 1] / last])
        if powers[1] > 0.05:
            regular = abs(powers[0] - powers[1]) < 0.02
            trend += f", still falling like 1/t^{powers[1]:.2f}" if regular else ", still falling"
    report.facts.update(first=first, longest=longest, longest_at=at, last=last)
    report.lines["if it stays 1"] = trend
    if not (first > 0 and down > 0):
        report.complaints.append("goes uphill: the sign of the gradient does not turn the step")
    elif abs(first - down) > 1e-9 * first:
        report.complaints.append("steps for gradients of 1 and of -1 differ in length")


def _probe_scale(report, new, lr):
    """First steps for gradients of all sizes: what a factor does, and where ε takes over."""
    g = 10.0 ** np.arange(-14, 6.25, 0.25)
    steps = np.array([abs(feed(new(), [size])[0]) / lr for size in g])
    # How the step grows: 0 where it is scale-free, 1 where it is proportional to the gradient.
    slope = np.diff(np.log(np.maximum(steps, 1e-300))) / np.diff(np.log(g))
    large = slope[-1]
    kind = "neither proportional nor scale-free"
    if slope.min() > 0.99:
        kind = "proportional to the gradient"
    elif abs(large) < 0.01:
        kind = "the same step for any large gradient"
    elif large < -0.9:
        kind = "the larger the gradient, the shorter the step"
    report.facts.update(scale=kind)
    report.lines["scale"] = kind
    if kind.startswith("the same"):
        place, size = _place_of_eps(g, steps)
        report.facts.update(eps_place=place, eps=size)
        words = {
            None: "no ε to be seen",
            "clipped": f"followed in proportion up to about {size:.1e}, then no further: clipped",
            "odd": "shorter steps, but not in the way of an ε",
        }.get(place, f"as if ε = {size:.1e} stood {place} the root")
        if place in ("inside", "outside"):
            near = np.array([size if place == "outside" else np.sqrt(size), 1e6])
            near_step, far_step = (abs(feed(new(), [x] * MANY)[-1]) for x in near)
            late = far_step / near_step
            late = (late - 1) * near[0] if place == "outside" else (late**2 - 1) * near[0] ** 2
            report.facts.update(eps_late=late)
            words += f"; after {MANY:,} steps {late:.1e}"
        report.lines["tiny gradients"] = words


def _place_of_eps(g, steps):
    """Return ("outside" or "inside" a root, the ε of the first step), (None, 0) without one.

    With r = (step for a large g)/step: outside r = 1 + ε/g, inside r² = 1 + ε/g²; where the
    gradient is clipped at a limit, r = limit/g ("clipped"). Any other form is "odd".
    """
    with np.errstate(all="ignore"):
        r = steps[-1] / steps
        shown = (r > 1.03) & (r < 30)
        r, g = r[shown], g[shown]
        guesses = {"outside": (r - 1) * g, "inside": (r * r - 1) * g**2, "clipped": r * g}
    if not shown.any():
        return None, 0.0
    spread = {place: np.ptp(values) / values.mean() for place, values in guesses.items()}
    place = min(spread, key=spread.get)
    return (place if spread[place] < 0.1 else "odd"), float(guesses[place].mean())


def _probe_memory(report, new):
    """A gradient, then none: does the walk go on?"""
    steps = feed(new(), [1.0] + [0.0] * 50)
    ratio = steps[1] / steps[0]
    report.facts.update(goes_on=ratio)
    words = f"goes on: step 2 is {ratio:.3f} of step 1"
    shorter = abs(steps) < abs(steps[0]) / 2
    words += f", step {np.argmax(shorter) + 1} less than half of it" if shorter.any() else ""
    report.lines["then silence"] = words if ratio else "stops at once: remembers no direction"


def _probe_rest(report, new, lr, unit):
    """No gradient at all, at x = 0 and elsewhere."""
    at0, at1, at2 = (feed(new(), [0.0] * 3, start=x)[0] for x in (0.0, 1.0, 2.0))
    report.facts.update(at_rest=at0, pull=at1 - at0)
    if not np.isfinite(at0):
        report.lines["at rest"] = "a gradient of 0 makes NaN"
        report.complaints.append("a gradient of 0 makes NaN: nothing guards 0/0")
        return
    report.lines["at rest"] = "does not move" if at0 == at1 == 0 else f"moves by {at0:.1e} a step"
    if at0:
        report.complaints.append(f"moves by {at0:.1e} where the gradient is 0")
    elif at1:
        kind = "in proportion to x" if abs(at2 - 2 * at1) < 1e-9 * abs(at1) else "at any x alike"
        report.lines["at rest"] = f"is pulled to 0, by {-at1 / lr:.3g} {unit} from x = 1, {kind}"


def _probe_arrays(report, new):
    """Does it touch what belongs to the caller, or keep it?"""
    key, runner = next(NAMES), new()
    params, grads = {key: np.zeros(3)}, {key: np.ones(3)}
    held, given = params[key], grads[key]
    with np.errstate(all="ignore"):
        for _ in range(3):
            runner.update(params, grads)
    touched, same = held.any(), params[key] is held
    wanted = runner.kind == "dictionary"
    kept = "changes the array in place" if same else "makes a new array"
    report.facts.update(in_place=bool(same), writes_gradients=not np.array_equal(given, np.ones(3)))
    report.lines["arrays"] = kept
    if wanted and not same:
        report.complaints.append(
            "puts new arrays into params: whoever holds the old ones never learns"
        )
    if not wanted and touched:
        report.complaints.append("changes the caller's array, and returns it as if it were new")
    if report.facts["writes_gradients"]:
        report.complaints.append("writes into the caller's gradients")
    values, buffer, runner = [1.0, -2.0, 0.5, 3.0], np.zeros(1), new()
    key, steps = next(NAMES), []
    for value in values:  # one buffer for all gradients, as many programs have
        buffer[:] = value
        params = {key: np.zeros(1)}
        runner.update(params, {key: buffer})
        steps.append(float(params[key][0]))
    if not _alike(steps, feed(new(), values)) and not report.facts["writes_gradients"]:
        report.complaints.append("keeps the caller's gradient array and reads it later")
    report.facts["integers"] = _integers(new())
    report.lines["integers"] = report.facts["integers"]
    if "lost" in report.facts["integers"]:
        report.complaints.append("rounds the steps of integer parameters away")


def _integers(runner):
    key = next(NAMES)
    params = {key: np.array([5, 5])}
    try:
        runner.update(params, {key: np.array([0.5, 0.5])})
    except Exception as error:
        return f"refused, with a {type(error).__name__.strip('_')}"
    return "become floats" if params[key].dtype.kind == "f" else "stay integers: steps are lost"


def _probe_keys(report, new):
    """Two parameters, in one order and the other; one of them alone."""
    rng = np.random.default_rng(14)
    gradients = rng.normal(size=(12, 2))
    found = {}
    for name, orders in {"same": ("ab", "ab"), "turned": ("ab", "ba"), "alone": ("a", "a")}.items():
        runner, stem, found[name] = new(), next(NAMES), []
        for k, g in enumerate(gradients):
            keys = orders[k % 2]
            params = {stem + key: np.zeros(1) for key in keys}
            runner.update(params, {stem + key: np.array([g["ab".index(key)]]) for key in keys})
            found[name].append(float(params[stem + "a"][0]))
    ordered = _alike(found["same"], found["turned"])
    alone = _alike(found["same"], found["alone"])
    report.facts.update(order_matters=not ordered, company_matters=not alone)
    report.lines["other keys"] = (
        "do not matter" if ordered and alone else "change a parameter's steps"
    )
    if not ordered:
        report.complaints.append("the order of the keys changes the steps")
    if not alone:
        report.complaints.append("a parameter's steps depend on which others there are")


def _probe_copies(report, new):
    """A new copy must be new, and two half-runs must be one run."""
    gradients, key = np.random.default_rng(41).normal(size=12), next(NAMES)
    whole, again = feed(new(), gradients, key), feed(new(), gradients, key)
    key, runner = next(NAMES), new()
    feed(runner, gradients[:6], key)
    twin = copy.deepcopy(runner)
    halves = feed(twin, gradients[6:], key), feed(runner, gradients[6:], key)
    report.facts.update(fresh=_alike(whole, again))
    report.facts.update(halves=all(_alike(whole[6:], half) for half in halves))
    sound = report.facts["fresh"] and report.facts["halves"]
    report.lines["copies"] = "two half-runs make one run" if sound else "are not independent"
    if not report.facts["fresh"]:
        report.complaints.append("a second optimizer begins with the memory of the first")
    elif not report.facts["halves"]:
        report.complaints.append("a copy made half-way does not go on as the whole run does")


def _alike(a, b):
    return np.allclose(a, b, rtol=1e-9, atol=0, equal_nan=True)


# ---------------------------------------------------------------------------- strangers

STRANGERS = {
    "momentum": Momentum,
    "EMA momentum": EMAMomentum,
    "Nesterov": Nesterov,
    "Nesterov, v updated first": LateNesterov,
    "SGD, clipped": ClippedSGD,
    "Keras AdaGrad": KerasAdaGrad,
    "RMSProp, eps inside": OptaxRMSProp,
    "Adam, no powers": FAULTS["Adam, no powers"],
    "Keras Adam": KerasAdam,
}
STRANGER_NAMES = tuple(STRANGERS)


class Stranger:
    """An optimizer that can be stepped, copied and reset, and whose repr is its number."""

    __slots__ = ("_optimizer", "_k")  # no __dict__: vars() has nothing to tell

    def __init__(self, k, lr):
        self._k, self._optimizer = k, STRANGERS[stranger_name(k)](lr=lr)

    def update(self, params, grads):
        """Take one step, as `Optimizer.update` does."""
        self._optimizer.update(params, grads)

    def reset(self):
        self._optimizer.reset()

    def __repr__(self):
        return f"stranger({self._k})"


def stranger(k, lr=0.1):
    """Return stranger number k, from 1 to 9, with this learning rate and default settings else."""
    return Stranger(_number(k), lr)


def stranger_name(k):
    """Return which of STRANGER_NAMES stranger number k is."""
    order = np.random.default_rng(1986).permutation(len(STRANGER_NAMES))
    return STRANGER_NAMES[order[_number(k) - 1]]


def _number(k):
    if isinstance(k, bool) or not isinstance(k, Integral):
        raise TypeError(f"strangers have whole numbers, as in stranger(1), got {k!r}")
    if not 1 <= k <= len(STRANGER_NAMES):
        raise ValueError(f"there are strangers 1 to {len(STRANGER_NAMES)}, got {k}")
    return int(k)


# ---------------------------------------------------------------------------- published numbers


@cache
def published():
    """Return the published numbers in published.json, its lists of numbers as arrays.

    "famous figure": {rule: its 31 points on the bowl}. "checks": an assignment's worked examples,
    {rule: {"config": …, "expected": {"next_w": …, …}}}, of w from -0.4 to 0.6, dw from -0.6 to 0.4.
    """
    text = Path(__file__).with_name("published.json").read_text(encoding="utf-8")
    return json.loads(text, object_hook=_arrays)


def _arrays(found):
    return {
        key: np.array(value) if isinstance(value, list) else value for key, value in found.items()
    }
