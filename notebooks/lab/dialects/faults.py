"""Published mistakes: rules and programs as they should not be, beside what they should be.

    FAULTS["Nesterov, v updated first"](lr=0.1)    # each by name; RIGHT has what it should be
    FaultyAdam(lr=0.3, correction="none")          # m and v as they are: the forgotten correction
    step_ratio(opt, Adam(), gradients)             # how many times the right step each step is

The faults of FaultyAdam are choices between words, so they are no hyper-parameters: they get no
slider, and an array of them makes no sense. lr, beta1, beta2 and eps are Adam's own.
"""

from functools import partial
from numbers import Integral

import numpy as np

from optimizers import SGD, Adam, Momentum, Nesterov, RMSProp

from ..descent import feed
from .interfaces import Adapter, as_array

# ---------------------------------------------------------------------------- Adam

# What can be chosen; the first of each is right.
CHOICES = {
    "correction": ("right", "none", "no powers", "only m", "multiplied"),
    "first_t": (1, 2),
    "eps_place": ("outside", "inside", "added"),
}


class FaultyAdam(Adam):
    """Adam with chosen faults; with none of them it is Adam, bit for bit.

    correction: "right"; "none" m̂ = m, v̂ = v; "no powers" m̂ = m/(1−β₁), v̂ = v/(1−β₂) at every t;
    "only m" v̂ = v; "multiplied" m̂ = m(1−β₁ᵗ), v̂ = v(1−β₂ᵗ).
    first_t: 1; 2 where t is raised once too often before its first use.
    eps_place: "outside" √v̂ + ε; "inside" √(v̂ + ε); "added" Δx = −η m̂/√v̂ + ε, where 0/0, which
    is NaN in the versions that have this fault, counts as 0.
    A choice can be changed later (`opt.first_t = 2`). Raises ValueError for any other choice.
    """

    def __init__(self, *knobs, correction="right", first_t=1, eps_place="outside", **named):
        self.correction, self.first_t, self.eps_place = correction, first_t, eps_place
        super().__init__(*knobs, **named)

    def step(self, g, m, v):
        m *= self.beta1
        m += (1 - self.beta1) * g
        v *= self.beta2
        v += (1 - self.beta2) * g * g
        m_hat, v_hat = self._corrected(m, v)
        if self.eps_place == "added":
            root = np.sqrt(v_hat)
            return -self.lr * m_hat / np.where(root > 0, root, 1) + self.eps
        if self.eps_place == "inside":
            return -self.lr * m_hat / np.sqrt(v_hat + self.eps)
        return -self.lr * m_hat / (np.sqrt(v_hat) + self.eps)

    def _corrected(self, m, v):
        """Return (m̂, v̂) as the chosen correction has them."""
        t = self.t + self.first_t - 1
        share_m, share_v = 1 - self.beta1**t, 1 - self.beta2**t
        if self.correction == "none":
            return m, v
        if self.correction == "no powers":
            return m / (1 - self.beta1), v / (1 - self.beta2)
        if self.correction == "only m":
            return m / share_m, v
        if self.correction == "multiplied":
            return m * share_m, v * share_v
        return m / share_m, v / share_v

    @property
    def faults(self):
        """The choices that are not right, as {name: choice}."""
        chosen = {name: getattr(self, name) for name in CHOICES}
        return {name: choice for name, choice in chosen.items() if choice != CHOICES[name][0]}

    def __setattr__(self, name, value):
        if name in CHOICES:
            vars(self)[name] = _choice(name, value)
        else:
            super().__setattr__(name, value)

    def __repr__(self):
        faults = [f"{name}={choice!r}" for name, choice in self.faults.items()]
        return ", ".join([super().__repr__()[:-1], *faults]) + ")"


def step_ratio(faulty, right, gradients):
    """Return |faulty step| / |right step| of two rules that are fed the same gradients.

    gradients: one for each step, shape (steps, n), or (steps, n, *runs) for knobs of shape runs;
    finite. Both rules begin anew and stay as they were. Shape (steps, *runs): NaN where neither
    rule moves, infinity where only the faulty one does.
    """
    with np.errstate(all="ignore"):
        return step_lengths(faulty, gradients) / step_lengths(right, gradients)


def step_lengths(rule, gradients):
    """Return how long each step of a rule is that is fed such gradients, shape (steps, *runs)."""
    return np.sqrt((feed(rule, gradients) ** 2).sum(axis=1))


def _choice(name, value):
    """Return the choice, or raise with all that can be chosen."""
    known = isinstance(value, (str, Integral)) and not isinstance(value, bool)
    if not known or value not in CHOICES[name]:
        allowed = ", ".join(repr(choice) for choice in CHOICES[name])
        raise ValueError(f"FaultyAdam: {name} must be one of {allowed}, got {value!r}")
    return value


# ---------------------------------------------------------------------------- other rules


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


class GradientlessRMSProp(RMSProp):
    """A misprint: h ← ρh + (1−ρ)g², Δx = −η/(√h + ε), with no gradient in the numerator."""

    def step(self, g, h):
        h *= self.rho
        h += (1 - self.rho) * g * g
        return -self.lr / (np.sqrt(h) + self.eps)


# ---------------------------------------------------------------------------- whose array is it?


class Rebinding(Adapter):
    """A dictionary class with the fault `params[k] = params[k] - step`: a new array each step."""

    def update(self, params, grads):
        fresh = {key: np.array(x) for key, x in params.items()}
        self.optimizer.update(fresh, grads)
        params.update(fresh)


class Overwriting(as_array):
    """An array class with the fault `w -= step; return w`: the caller's array changes unasked."""

    def update(self, w, grad_wrt_w):
        w[...] = super().update(w, grad_wrt_w)
        return w


# ---------------------------------------------------------------------------- by name

_PAIRS = {  # the fault, and what it should be
    "Adam, no powers": (partial(FaultyAdam, correction="no powers"), Adam),
    "Adam, no correction": (partial(FaultyAdam, correction="none"), Adam),
    "Adam, multiplied": (partial(FaultyAdam, correction="multiplied"), Adam),
    "Adam, only m": (partial(FaultyAdam, correction="only m"), Adam),
    "Adam, t starts at 2": (partial(FaultyAdam, first_t=2), Adam),
    "Adam, beta1 0.7, no correction": (partial(FaultyAdam, beta1=0.7, correction="none"), Adam),
    "Adam, eps inside": (partial(FaultyAdam, eps_place="inside"), Adam),
    "Adam, eps added to x": (partial(FaultyAdam, eps_place="added"), Adam),
    "EMA momentum": (EMAMomentum, Momentum),
    "Nesterov, v updated first": (LateNesterov, Nesterov),
    "SGD, clipped": (ClippedSGD, SGD),
    "SGD, clamped to a box": (ClampedSGD, SGD),
    "RMSProp, no gradient": (GradientlessRMSProp, RMSProp),
    "params[k] = params[k] - step": (lambda **knobs: Rebinding(SGD(**knobs)), SGD),
    "w -= step; return w": (
        lambda **knobs: Overwriting(SGD(**knobs)),
        lambda **knobs: as_array(SGD(**knobs)),
    ),
}
FAULTS = {name: faulty for name, (faulty, _) in _PAIRS.items()}
RIGHT = {name: right for name, (_, right) in _PAIRS.items()}
