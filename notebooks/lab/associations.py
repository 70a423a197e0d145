"""A matrix that has to answer: eight keys, some asked for often, and what a rule makes of them.

learnt = learn(SGD(lr=1))                # a Learning: learnt.share, learnt.half, learnt.stretch
learnt = learn(Adam(lr=0.02), turn=3)    # keys and values turned, each by a rotation of its own

The matrix W is to turn the key kᵢ into the value vᵢ. Keys are at right angles and of length 1, and
so are values; the i-th is asked for with the frequency pᵢ, proportional to 1/i². The loss is
½ Σ pᵢ ‖W kᵢ − vᵢ‖², its gradient Σ pᵢ (W kᵢ − vᵢ) kᵢᵀ, and W begins as zero.
"""

from dataclasses import dataclass

import numpy as np

from .descent import iterate
from .values import whole

MANY = 8  # associations
FREQUENCIES = 1 / np.arange(1, MANY + 1) ** 2
FREQUENCIES = FREQUENCIES / FREQUENCIES.sum()


@dataclass(frozen=True, eq=False)
class Learning:
    """What `learn` did. Times come first.

    weights: W after each step, shape (steps + 1, 8, 8). share: how much of each association is
    learnt, vᵢᵀW kᵢ, shape (steps + 1, 8): 0 at first, 1 when W answers it. NaN after divergence.
    """

    optimizer: object
    turn: int
    weights: np.ndarray
    share: np.ndarray

    @property
    def half(self):
        """The step after which each association is first half learnt, shape (8,); inf if never."""
        reached = self.share >= 0.5
        return np.where(reached.any(axis=0), np.argmax(reached, axis=0), np.inf)

    @property
    def stretch(self):
        """The singular values of each step, largest first, shape (steps, 8)."""
        steps = np.diff(self.weights, axis=0)
        found, here = np.full(steps.shape[:2], np.nan), np.isfinite(steps).all(axis=(1, 2))
        found[here] = np.linalg.svd(steps[here], compute_uv=False)
        return found


def learn(optimizer, turn=0, steps=80):
    """Return the Learning of an optimizer that has to learn eight associations with one matrix.

    turn: 0 for keys and values along the axes; 1, 2, … for the first, second, … random turn of
    both. Raises TypeError or ValueError that says what to write instead.
    """
    keys, values = sides(turn)

    def gradient(W):
        return (W @ keys - values) * FREQUENCIES @ keys.T

    weights = iterate(optimizer, gradient, np.zeros((MANY, MANY)), steps)
    share = np.einsum("ji,tjk,ki->ti", values, weights, keys)
    return Learning(optimizer, whole("turn", turn), weights, share)


def sides(turn):
    """Return the eight keys and the eight values, as the columns of two matrices."""
    turn = whole("turn", turn)
    if not turn:
        return np.eye(MANY), np.eye(MANY)
    return tuple(rotation(np.random.default_rng([turn, side])) for side in range(2))


def rotation(rng):
    """Return a random rotation of eight dimensions, every one as likely as another."""
    q, r = np.linalg.qr(rng.normal(size=(MANY, MANY)))
    q = q * np.sign(np.diag(r))  # else the choice of signs would be the library's
    q[:, 0] *= np.sign(np.linalg.det(q))
    return q
