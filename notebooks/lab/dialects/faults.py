"""Adam with the faults that published versions have, one by one or together.

    FaultyAdam(lr=0.3, correction="none")      # m and v as they are: the forgotten correction
    FaultyAdam(lr=0.3)                         # no fault chosen: Adam, to the last bit
    opt = mystery(3)                           # one of six Adams, and it does not say which
    identity(3)                                # but this does, with a name out of NAMES
    step_ratio(opt, Adam(), gradients)         # how many times the right step each step is

The faults are choices between words, so they are no hyper-parameters: they get no slider, and an
array of them makes no sense. lr, beta1, beta2 and eps are Adam's own, and may be arrays.
"""

import copy
from numbers import Integral

import numpy as np

from optimizers import Adam

# What can be chosen; the first of each is right.
CHOICES = {
    "correction": ("right", "none", "no powers", "only m", "multiplied"),
    "first_t": (1, 2),
    "eps_place": ("outside", "inside", "added"),
}
MYSTERIES = {
    "all right": {},
    "no correction": {"correction": "none"},
    "no powers": {"correction": "no powers"},
    "t starts at 2": {"first_t": 2},
    "eps inside the root": {"eps_place": "inside"},
    "momentum off": {"beta1": 0.0},
}
NAMES = tuple(MYSTERIES)


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


def step_lengths(optimizer, gradients):
    """Return how long each step is, shape (steps, *runs), of a rule that is fed these gradients."""
    optimizer = copy.deepcopy(optimizer)
    optimizer.reset()
    steps = np.zeros(np.shape(gradients))
    for step, g in zip(steps, gradients):  # each from 0, so that no digit of Δx is rounded away
        optimizer.update({"x": step}, {"x": g})
    return np.sqrt((steps**2).sum(axis=1))


class MysteryAdam:
    """One of six Adams: it can be stepped and reset like any other, and its repr is its number."""

    __slots__ = ("_adam", "_k")  # no __dict__, so that vars() has nothing to tell

    def __init__(self, k, lr):
        self._k, self._adam = k, FaultyAdam(lr=lr, **MYSTERIES[identity(k)])

    def update(self, params, grads):
        """Take one step: change every params[key] in place, as `Optimizer.update` does."""
        self._adam.update(params, grads)

    def reset(self):
        """Forget all steps: t = 0, no memory."""
        self._adam.reset()

    def __repr__(self):
        return f"MysteryAdam({self._k})"


def mystery(k, lr=0.001):
    """Return mystery number k, from 1 to 6: one is the right Adam, each other one has one fault.

    The other hyper-parameters are at Adam's defaults, but for the fault.
    Raises TypeError or ValueError that says which numbers there are.
    """
    return MysteryAdam(_number(k), lr)


def identity(k):
    """Return which of NAMES mystery number k is."""
    order = np.random.default_rng(2010).permutation(len(NAMES))  # nobody reads it off this page
    return NAMES[order[_number(k) - 1]]


def _number(k):
    if isinstance(k, bool) or not isinstance(k, Integral):
        raise TypeError(f"mysteries have whole numbers, as in mystery(1), got {k!r}")
    if not 1 <= k <= len(NAMES):
        raise ValueError(f"there are mysteries 1 to {len(NAMES)}, got {k}")
    return int(k)


def _choice(name, value):
    """Return the choice, or raise with all that can be chosen."""
    known = isinstance(value, (str, Integral)) and not isinstance(value, bool)
    if not known or value not in CHOICES[name]:
        allowed = ", ".join(repr(choice) for choice in CHOICES[name])
        raise ValueError(f"FaultyAdam: {name} must be one of {allowed}, got {value!r}")
    return value
