"""Probes: small questions put to an optimizer, whose answers are numbers.

    first_step(Adam, g=1e-6)             # the first step downhill, for lr = 1
    halved(Momentum)                     # lr is halved in mid-run: the next step over the last
    distance(late_adam, Adam())          # how far apart two optimizers are, fed alike
    side_by_side("Momentum", "lr halved", halved, [0.95, 0.5, 0.95, 0.5])    # a row, asserted

A probe takes a maker, such as a class, and makes an optimizer of its own. lr = 1 unless given.
"""

import numpy as np

from ..claims import row
from ..descent import feed
from ..values import short
from .faults import FAULTS, RIGHT
from .interfaces import plug
from .libraries import LIBRARIES


def first_step(maker, g=1.0, x=0.0, lr=1.0, **knobs):
    """Return the first step downhill, from x, for a gradient g. lr=None: with the maker's own."""
    return last_step(maker, [g], x, lr, **knobs)


def last_step(maker, gradients, x=0.0, lr=1.0, **knobs):
    """Return the step downhill for the last of these gradients, each met at x."""
    opt = _made(maker, **knobs) if lr is None else _made(maker, lr=lr, **knobs)
    return 0.0 - float(feed(opt, gradients, start=x)[-1])


def halved(maker, **knobs):
    """Return the next step over the last, when lr is halved after 1,000 gradients of 1."""
    opt = _made(maker, lr=1.0, **knobs)
    steady = feed(opt, [1.0] * 1000, "w")[-1]
    opt.lr = 0.5
    return float(feed(opt, [1.0], "w")[0] / steady)


def _made(maker, **knobs):
    """Return a new optimizer, or raise TypeError for what makes none."""
    opt = maker(**knobs) if callable(maker) else None
    if not hasattr(opt, "update"):
        raise TypeError(
            "a probe makes an optimizer of its own: give it a class such as Adam, or a function "
            f"that makes one, got {short(maker)}"
        )
    return opt


def distance(one, other):
    """Return how far two optimizers are apart, fed alike: a share of the other's longest step.

    Either may have any of the three interfaces. Forty gradients of four numbers, of size 1, 0.01,
    0.0001 and 100; the largest of the four shares.
    """
    gradients = np.random.default_rng(7).normal(size=(40, 4)) * np.array([1, 1e-2, 1e-4, 1e2])
    ours, theirs = (feed(plug(opt), gradients) for opt in (other, one))
    return float((abs(theirs - ours).max(axis=0) / abs(ours).max(axis=0)).max())


def side_by_side(name, what, probe, predicted, **more):
    """Print a `row` of what libraries make of a rule, or of a fault beside the right rule.

    name: a rule in LIBRARIES or a fault in FAULTS. The rest as in `row`.
    Returns (name, {label: measured}). Raises ValueError for another name.
    """
    if name not in LIBRARIES | FAULTS:
        raise ValueError(f"{short(name)} is no rule in LIBRARIES and no fault in FAULTS")
    makers = LIBRARIES.get(name) or {"right": RIGHT[name], "faulty": FAULTS[name]}
    return name, row(f"{name}, {what}", makers, probe, predicted, **more)


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
