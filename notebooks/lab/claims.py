"""Claims: what the formula predicts, what the optimizer does, and whether the two agree.

    claim("rate", 0.905, measured, 1e-3)               # within a tenth of a percent
    claim("share that arrives", at_least(0.9), share)  # a bound
    row("first step", {"ours": Adam}, first_step, [1])  # a line of a table, each number predicted
    same_steps(by_hand, Adam(lr=0.3), on=bowl)         # by hand and by class, to the last bit

What is false raises AssertionError, in words.
"""

from dataclasses import dataclass

import numpy as np

from .descent import descend
from .landscapes import landscape
from .values import agree, is_a, label, numbers, real

CHANGED = "If you changed a setting above, that may be why."


@dataclass(frozen=True)
class Bound:
    """A limit that is predicted: what `at_least` and `at_most` return."""

    words: str
    value: float


def at_least(value):
    """Return the prediction, for `claim`, that what is measured is not below this value."""
    return Bound("at least", real("at_least", value))


def at_most(value):
    """Return the prediction, for `claim`, that what is measured is not above this value."""
    return Bound("at most", real("at_most", value))


def claim(what, predicted, measured, within=None):
    """Print a predicted and a measured value, or arrays of them, and assert that they agree.

    predicted: numbers, or a bound, `at_least(…)` or `at_most(…)`, for a number or for each of many.
    within: the largest error that numbers are allowed, relative to the predicted value (absolute
    where that is 0); a bound has none.
    Raises AssertionError if they do not agree, or if either is not finite.
    """
    if is_a(predicted, Bound) != (within is None):
        raise TypeError(
            f"{what}: write claim(what, predicted, measured, within), "
            f"or claim(what, at_least(…), measured)"
        )
    found = np.asarray(measured, dtype=float)
    if not found.size:
        raise AssertionError(f"{what}: nothing was measured")
    if within is None:
        _claim_bound(what, predicted, found)
        return
    expected = np.asarray(predicted, dtype=float)
    if expected.shape != found.shape:
        raise AssertionError(f"{what}: shapes {expected.shape} and {found.shape}")
    if expected.size > 3:
        values = f"{expected.size} predicted values, {expected.size} measured ones"
    else:
        values = f"predicted {label(predicted)}, measured {label(measured)}"
    share = within >= 1e-3 and expected.all()
    allowance = f"{100 * within:g} %" if share else f"{within:g}"
    right = agree(found, expected, within)
    if not right.all():
        first = tuple(np.argwhere(~right)[0].tolist())
        where = f", first at {first}: {label(expected[first])}, {label(found[first])}"
        raise AssertionError(
            f"{what}: {values}: they differ by more than {allowance}"
            f"{where if expected.size > 3 else ''}. {CHANGED}"
        )
    print(f"{what}: {values}: they agree {f'within {allowance}' if within else 'exactly'}")


def _claim_bound(what, bound, found):
    """Print and assert that no measured value is on the wrong side of a bound."""
    lower = bound.words == "at least"
    extreme = found.min() if lower else found.max()  # NaN if any is
    values = f"predicted {bound.words} {label(bound.value)}, measured {label(extreme)}"
    if found.size > 1:
        values += f", the {'least' if lower else 'greatest'} of {found.size}"
    holds = extreme >= bound.value if lower else extreme <= bound.value
    if not holds or not np.isfinite(found).all():
        raise AssertionError(f"{what}: {values}: it does not hold. {CHANGED}")
    print(f"{what}: {values}: it holds")


def row(what, makers, probe, predicted, within=1e-3, knobs=None, **arguments):
    """Print one row of a table: what a probe finds of each maker; assert that it was predicted.

    makers: {label: maker}, such as {"ours": Momentum, "PyTorch": TorchMomentum}; a maker is a class
    or a function that makes an optimizer, and probe(maker, **arguments) is a number. predicted: a
    number for each of them, None for one that is left out. within: the largest allowed error, as in
    `claim`. knobs: {label: {name: value}} that only these get, beside the arguments.
    Returns {label: measured}. Raises AssertionError for a number that was not predicted, and
    ValueError if there is not one prediction for each maker.
    """
    if len(predicted) != len(makers):
        raise ValueError(f"{what}: predict a number, or None, for each of {', '.join(makers)}")
    found = {}
    for (name, maker), expected in zip(makers.items(), predicted):
        if expected is not None:
            value = found[name] = probe(maker, **arguments, **(knobs or {}).get(name, {}))
            if not agree(value, expected, within):
                raise AssertionError(f"{what}, {name}: {value}, not {expected}. {CHANGED}")
    cells = [f"{name} {_four_digits(value):<8}" for name, value in found.items()]
    print(f"{what:42} {' '.join(cells)}".rstrip())
    return found


def _four_digits(value):
    return f"{value:.1e}" if 0 < abs(value) < 1e-3 else f"{value:.4f}"


def same_steps(by_hand, *optimizers, on="bowl"):
    """Print that optimizers visit the points that were computed by hand, to the last bit.

    by_hand: points (x, y) from the landscape's start on, or from the first step on.
    Raises AssertionError that says where they part, ValueError if there is nothing to compare.
    """
    on, points = landscape(on), numbers("by_hand", by_hand)
    if not optimizers or points.ndim != 2 or points.shape[1] != 2:
        raise ValueError("write for example same_steps([(x1, y1), (x2, y2)], SGD(lr=0.1), on=bowl)")
    points = points[points[0].tolist() == list(on.start) :]
    for optimizer in optimizers:
        path = descend(optimizer, on, len(points)).path[1:]
        parted = np.flatnonzero((path != points).any(axis=1))
        if parted.size:
            k = parted[0]
            raise AssertionError(
                f"step {k + 1}: by hand ({points[k, 0]:.17g}, {points[k, 1]:.17g}), "
                f"{optimizer!r} of {_source(optimizer)} at ({path[k, 0]:.17g}, {path[k, 1]:.17g}). "
                f"{CHANGED}"
            )
    sources = [f", {_source(optimizer)}" for optimizer in optimizers[:-1]]
    print(
        f"{optimizers[0]!r}: by hand{''.join(sources)} and {_source(optimizers[-1])} "
        f"agree exactly after {len(points)} steps"
    )


def _source(optimizer):
    """Where an optimizer's class was written, as a chapter says it."""
    module = type(optimizer).__module__
    return "the class above" if module == "__main__" else f"{module}.py"
