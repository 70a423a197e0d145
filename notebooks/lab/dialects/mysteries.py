"""Optimizers that do not say who they are: the exam questions of chapters 09 and 14.

opt = mystery(3)                               # one of six Adams: one is right
opt = stranger(3)                              # one of nine rules
mystery_name(3), stranger_name(3)              # which of MYSTERIES, of STRANGERS they are
"""

from functools import partial

import numpy as np

from optimizers import Momentum, Nesterov

from ..values import whole
from .faults import FAULTS, ClippedSGD, EMAMomentum, FaultyAdam, LateNesterov
from .libraries import KerasAdaGrad, KerasAdam, OptaxRMSProp

MYSTERIES = {
    "all right": FaultyAdam,
    "no correction": FAULTS["Adam, no correction"],
    "no powers": FAULTS["Adam, no powers"],
    "t starts at 2": FAULTS["Adam, t starts at 2"],
    "eps inside the root": FAULTS["Adam, eps inside"],
    "momentum off": partial(FaultyAdam, beta1=0.0),
}
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


class Mystery:
    """An optimizer that can be stepped, copied and reset, and that does not say what it is."""

    __slots__ = ("_optimizer", "_repr")  # no __dict__: vars() has nothing to tell

    def __init__(self, optimizer, shown):
        self._optimizer, self._repr = optimizer, shown

    @property
    def rule(self):
        """All that pictures learn of it: "mystery" or "stranger"."""
        return self._repr.partition("(")[0]

    def update(self, params, grads):
        """Take one step, as `Optimizer.update` does."""
        self._optimizer.update(params, grads)

    def reset(self):
        """Forget all steps: t = 0, no memory."""
        self._optimizer.reset()

    def __repr__(self):
        return self._repr


def mystery(k, lr=0.001):
    """Return mystery number k, from 1 to 6: one is the right Adam, each other one has one fault.

    The other hyper-parameters are at Adam's defaults, but for the fault.
    Raises TypeError or ValueError that says which numbers there are.
    """
    return Mystery(MYSTERIES[mystery_name(k)](lr=lr), f"mystery({k})")


def stranger(k, lr=0.1):
    """Return stranger number k, from 1 to 9, with this learning rate and default settings else.

    Raises TypeError or ValueError that says which numbers there are.
    """
    return Mystery(STRANGERS[stranger_name(k)](lr=lr), f"stranger({k})")


def mystery_name(k):
    """Return which of MYSTERIES number k is."""
    return _name("a mystery's number", k, MYSTERIES, seed=2010)


def stranger_name(k):
    """Return which of STRANGERS number k is."""
    return _name("a stranger's number", k, STRANGERS, seed=1986)


def _name(what, k, hidden, seed):
    """Return the name of number k, counted from 1, in an order that this page does not show."""
    k = whole(what, k, least=1, most=len(hidden))
    return list(hidden)[np.random.default_rng(seed).permutation(len(hidden))[k - 1]]
