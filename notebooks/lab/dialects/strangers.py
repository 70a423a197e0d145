"""Nine optimizers that do not say who they are, for chapter 14.

stranger(3)                                    # an optimizer; its repr is its number
stranger_name(3)                               # which of STRANGER_NAMES it is
"""

from numbers import Integral

import numpy as np

from optimizers import Momentum, Nesterov

from .interfaces import (
    FAULTS,
    ClippedSGD,
    EMAMomentum,
    KerasAdaGrad,
    KerasAdam,
    LateNesterov,
    OptaxRMSProp,
)

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
