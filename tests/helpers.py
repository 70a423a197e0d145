"""What several tests share: the rules, ways to run them, and what a good refusal looks like."""

import pickle

import numpy as np
import pytest

import optimizers
from optimizers import (
    SGD,
    AdaBelief,
    Adadelta,
    AdaGrad,
    Adam,
    Adamax,
    AdamW,
    AMSGrad,
    Lion,
    Momentum,
    Muon,
    NAdam,
    Nesterov,
    Optimizer,
    RAdam,
    RMSProp,
)

RULES = [getattr(optimizers, name) for name in optimizers.__all__ if name != "Optimizer"]
ELEMENTWISE = [rule for rule in RULES if rule.elementwise]

# No default, no two numbers alike; once with an eps so large that its place in the formula shows.
KNOBS = [
    (SGD, dict(lr=0.003)),
    (SGD, dict(lr=0.011)),
    (Momentum, dict(lr=0.002, momentum=0.7)),
    (Momentum, dict(lr=0.003, momentum=0.35)),
    (Nesterov, dict(lr=0.002, momentum=0.7)),
    (Nesterov, dict(lr=0.003, momentum=0.35)),
    (AdaGrad, dict(lr=0.4, eps=0.3)),
    (AdaGrad, dict(lr=0.2, eps=1e-6)),
    (RMSProp, dict(lr=0.05, rho=0.8, eps=0.2)),
    (RMSProp, dict(lr=0.03, rho=0.97, eps=1e-5)),
    (Adadelta, dict(lr=0.7, rho=0.85, eps=0.1)),
    (Adadelta, dict(lr=1.5, rho=0.9, eps=1e-4)),
    (Adam, dict(lr=0.1, beta1=0.8, beta2=0.97, eps=0.3)),
    (Adam, dict(lr=0.07, beta1=0.6, beta2=0.99, eps=1e-5)),
    (AdamW, dict(lr=0.1, beta1=0.8, beta2=0.97, eps=0.3, weight_decay=0.2)),
    (AdamW, dict(lr=0.07, beta1=0.6, beta2=0.99, eps=1e-5, weight_decay=0.03)),
    (AMSGrad, dict(lr=0.1, beta1=0.8, beta2=0.97, eps=0.3)),
    (AMSGrad, dict(lr=0.07, beta1=0.6, beta2=0.5, eps=1e-5)),
    (Adamax, dict(lr=0.1, beta1=0.8, beta2=0.97, eps=0.3)),
    (Adamax, dict(lr=0.07, beta1=0.6, beta2=0.9, eps=1e-5)),
    (NAdam, dict(lr=0.1, beta1=0.8, beta2=0.97, eps=0.3)),
    (NAdam, dict(lr=0.07, beta1=0.6, beta2=0.99, eps=1e-5)),
    (RAdam, dict(lr=0.04, beta1=0.8, beta2=0.97, eps=0.3)),
    (RAdam, dict(lr=0.03, beta1=0.6, beta2=0.99, eps=1e-5)),
    (AdaBelief, dict(lr=0.1, beta1=0.8, beta2=0.97, eps=0.3)),
    (AdaBelief, dict(lr=0.07, beta1=0.6, beta2=0.99, eps=1e-5)),
    (Lion, dict(lr=0.03, beta1=0.8, beta2=0.95, weight_decay=0.2)),
    (Lion, dict(lr=0.02, beta1=0.95, beta2=0.7, weight_decay=0.05)),
]

WHOLE = [
    (Muon, dict(lr=0.05, momentum=0.8, weight_decay=0.3)),
    (Muon, dict(lr=0.03, momentum=0.6, weight_decay=0.1)),
]


class Summing(Optimizer):
    """A rule of a reader's, which is run with a net below it."""

    memory = ("v",)
    lr: float = 0.1

    def step(self, g, v):
        v += g
        return -self.lr * v


def bowl_gradient(x, y):
    return x / 10, 2 * y


def beale_gradient(x, y):
    r1, r2, r3 = 1.5 - x + x * y, 2.25 - x + x * y * y, 2.625 - x + x * y * y * y
    return (
        2 * r1 * (y - 1) + 2 * r2 * (y * y - 1) + 2 * r3 * (y * y * y - 1),
        2 * r1 * x + 4 * r2 * x * y + 6 * r3 * x * y * y,
    )


def path_of(opt, gradient, start, steps):
    """The path by `update` with plain floats."""
    params = dict(zip("xy", map(float, start)))
    path = [tuple(params.values())]
    for _ in range(steps):
        opt.update(params, dict(zip("xy", gradient(*params.values()))))
        path.append(tuple(params.values()))
    return path


def freeze(*things):
    """Everything there is to know, bit for bit."""
    return pickle.dumps(things)


def state(params, opt):
    """Parameters, memory, t and hyper-parameters, bit for bit."""
    return freeze(sorted(params.items()), sorted(vars(opt).items()))


def three_steps(opt, params, seed):
    rng = np.random.default_rng(seed)
    for _ in range(3):
        opt.update(params, {key: rng.normal(size=np.shape(x)) for key, x in params.items()})


def complains(call, error, words):
    """The call raises this error, in one line that holds all the words (a text, or a list)."""
    with pytest.raises(error) as caught:
        call()
    message = str(caught.value)
    assert type(caught.value) is error, f"{type(caught.value).__name__}, not {error.__name__}"
    assert "\n" not in message and len(message) < 400, f"not one clear line: {message}"
    for word in words.split() if isinstance(words, str) else words:
        assert word in message, f"{word!r} is not in: {message}"
    return message
