"""Chapter 14, dialects."""

import numpy as np

from optimizers import SGD, Adam, Momentum, RMSProp

from ..dialects.faults import Rebinding
from ..dialects.libraries import TorchMomentum
from ..dialects.mysteries import STRANGERS, stranger_name
from .answers import brief, close, numbers
from .guess import mistaken
from .judges import check_function, exercise, function, sequence, value, yes_or_no
from .trial import call
from .verdict import Unfit, Wrong

value(
    "14.1",
    0.001,
    hint="which weights do a mean and a sum give to the gradients?",
    more="a mean has the weights (1 − β)βᵏ, a sum βᵏ: put the factor into the rate",
    slips=[
        (0.02, "a mean of gradients is shorter than their leaky sum"),
        (0.4, "multiply by 1 − β: ours is the sum, so it needs the smaller rate"),
        (0.019, "the factor is 1 − β"),
        (0.05, "this is the factor; times the rate"),
    ],
    quantity="a learning rate",
)


@exercise(
    "14.2",
    hint="what does each of the two keep in its memory: steps, or gradients?",
    more="PyTorch's buffer is v / (−lr), and the buffer is what must stay",
    answer="multiply each v by lr / opt.lr, then set opt.lr = lr",
)
def translate_schedule(answer):
    check_function(answer, ["opt", "lr"])
    ours, theirs = Momentum(lr=0.1, momentum=0.8), TorchMomentum(lr=0.1, momentum=0.8)
    pairs = [({"a": np.zeros(2), "b": np.zeros(1)}, opt) for opt in (ours, theirs)]
    rng = np.random.default_rng(0)
    for step in range(12):
        if step in (4, 8):
            old, lr = ours.lr, {4: 0.02, 8: 0.5}[step]
            kept = {key: np.array(v) for key, v in ours.v.items()}
            answer(ours, lr)
            theirs.lr = lr
            if ours.lr != lr:
                raise Wrong(f"after answer(opt, {lr}) opt.lr is {ours.lr:g}", "set opt.lr, too")
        grads = {"a": rng.normal(size=2), "b": rng.normal(size=1)}
        velocity = {key: np.array(v) for key, v in ours.v.items()}
        before = [{key: x.copy() for key, x in params.items()} for params, _ in pairs]
        for params, opt in pairs:
            opt.update(params, grads)
        for key in ("a", "b"):
            mine, other = (pair[0][key] - was[key] for pair, was in zip(pairs, before))
            if not np.allclose(mine, other, rtol=1e-9):
                raise Wrong(
                    f"after lr became {ours.lr:g}, step {step + 1} of {key!r} is {mine[0]:.4f}, "
                    f"and PyTorch's is {other[0]:.4f}",
                    _of_the_factor(velocity.get(key, 0 * kept[key]), kept[key], old, lr),
                )


def _of_the_factor(velocity, kept, old, lr):
    """Return the hint for velocities that were to be multiplied by lr / old."""
    for factor, hint in (
        (1, "the velocity still has the old rate in it: did opt.v[key] change, and before opt.lr?"),
        (old / lr, "the factor of the velocity is upside down"),
        (lr, "the velocity has the old rate in it, too: divide it out"),
        (0, "what was gathered must not be lost: only its rate changes"),
    ):
        if close(velocity, factor * kept, 1e-9):
            return hint
    return "each velocity changes by one factor, at each change of the rate"


@exercise(
    "14.3",
    hint="feed it the same gradient again and again: how do RMSProp's steps change, and how its?",
    more="what does the next call find in the config that this one returned?",
    answer="keep the new mean of squares: return it in the config as `cache`",
)
def mended(answer):
    check_function(answer, ["w", "dw", "config"])
    opt, params = RMSProp(rho=0.99), {"w": np.array([1.0, -2.0])}
    w, config = params["w"].copy(), None
    for t, dw in enumerate(np.random.default_rng(14).normal(size=(6, 2)), 1):
        held, before = w, w.copy()
        said = call(lambda _: answer(w, dw, config), {"step": t})  # noqa: B023
        pair = isinstance(said, (tuple, list)) and len(said) == 2
        if not pair or not isinstance(said[1], dict):
            raise Unfit("yours has to return two things, the next w and a config")
        if not np.array_equal(held, before):
            raise Wrong("yours changes the w that it is given", "return a new array instead")
        w, config = numbers(said[0], 2), said[1]
        opt.update(params, {"w": dw})
        if not close(w, params["w"], 1e-9):
            raise Wrong(
                f"step {t} of yours leads to {brief(w)}, RMSProp's to {brief(params['w'])}",
                "a single step was right before: only what is kept has to be mended"
                if t == 1
                else None,
            )


@function(
    "14.4",
    first=[(0.5, 0.2, 7), (0.9, 0.0, 1), (0.9, 0.9, 1), (0.9, 0.9, 2), (0.99, 0.5, 400)],
    draw=lambda rng: (
        round(rng.uniform(0.1, 0.95), 2),
        round(rng.uniform(0, 0.95), 2),
        int(rng.integers(1, 40)),
    ),
    hint="write down the first three buffers: what is special about the first?",
    more="the first gradient keeps the weight βᵗ⁻¹, each later one enters with 1 − τ",
    slips=[
        (
            lambda beta, tau, t: (1 - tau) * (1 - beta**t) / (1 - beta),
            "the first buffer is g, without dampening",
        ),
        (
            lambda beta, tau, t: (1 - tau) / (1 - beta),
            "this is the length in the long run",
        ),
        (lambda beta, tau, t: dampened(beta, tau, t + 1), "t counts from 1"),
        (lambda beta, tau, t: dampened(beta, 1 - tau, t), "dampening τ lets 1 − τ through"),
        (lambda beta, tau, t: (1 - beta**t) / (1 - beta), "what does the dampening do?"),
    ],
    length=True,
)
def dampened(beta, tau, t):
    return beta ** (t - 1) + (1 - tau) * (1 - beta ** (t - 1)) / (1 - beta)


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
    "14.5",
    hint="keep copies of what you gave, and compare after the last step; which arrays can change?",
    more="keep all arrays that you gave, with copies, let the gradients differ, and compare "
    "after the last step",
    answer="keep each gradient array and a copy of it for three steps, then compare all",
)
def writes_gradients(answer):
    check_function(answer, ["opt"])
    for name, make, wanted, hint in (
        ("Adam", Adam, False, "is it the gradients that you compare, or the parameters?"),
        (
            "one that puts new arrays into params",
            lambda: Rebinding(SGD(lr=0.1)),
            False,
            "new arrays in params are no change of the gradients",
        ),
        (
            "one that adds weight decay to the gradient",
            _Decays,
            True,
            "start where the parameters are, or become, other than 0",
        ),
        (
            "one that keeps the first gradient as its memory",
            _Keeps,
            True,
            "it changes the first array at the second step: keep all of them",
        ),
        ("one that writes at the third step", _Third, True, "take three steps"),
    ):
        if yes_or_no(answer, {"opt": make()}) is not wanted:
            raise Wrong(f"of {name} yours says {not wanted}", hint)


sequence(
    "14.6",
    [stranger_name(k) for k in range(1, len(STRANGERS) + 1)],
    tuple(STRANGERS),
    hint="print examine(stranger(k)) for all nine, and compare first steps and tiny gradients",
    more="one line of each report decides: the first step, how it grows, or where ε stands",
)


mistaken(
    "14.3",
    (1, "That is at t = 1, where both corrections are exact"),
    (0.526, "That is m̂ alone: v̂ is too small as well, and its root divides"),
)
mistaken(
    "14.5",
    ((0.5, 0.5), "Ours keeps the old rate in its velocity: only the newest tenth is halved"),
)
mistaken(
    "14.6",
    (10_000, "That is √ε/ε: half of the step is lost earlier, at g² + ε = 4g²"),
)
