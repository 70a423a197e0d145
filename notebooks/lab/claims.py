"""Claims: what the formula predicts, what the optimizer does, and whether the two agree."""

import numpy as np

from .values import agree, label


def claim(what, predicted, measured, within):
    """Print a predicted and a measured value, or arrays of them, and assert that they agree.

    within: the largest allowed error, relative to the predicted value (absolute where that is 0).
    Raises AssertionError if they do not agree, or if either is not finite.
    """
    expected, found = np.asarray(predicted, dtype=float), np.asarray(measured, dtype=float)
    assert expected.shape == found.shape, f"{what}: shapes {expected.shape} and {found.shape}"
    error = abs(found - expected)
    allowed = within * np.where(expected == 0, 1, abs(expected))
    agree = bool(np.all(np.isfinite(expected) & (error <= allowed)))
    if expected.size > 3:
        values = f"{expected.size} predicted values, {expected.size} measured ones"
    else:
        values = f"predicted {label(predicted)}, measured {label(measured)}"
    share = within >= 1e-3 and expected.all()
    allowance = f"within {100 * within:g} %" if share else f"within {within:g}"
    assert agree, f"{what}: {values}: they differ by more than {allowance[7:]}"
    print(f"{what}: {values}: they agree {allowance if within else 'exactly'}")


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
            assert agree(value, expected, within), f"{what}, {name}: {value}, not {expected}"
    cells = [f"{name} {_four_digits(value):<8}" for name, value in found.items()]
    print(f"{what:42} {' '.join(cells)}".rstrip())
    return found


def _four_digits(value):
    return f"{value:.1e}" if 0 < abs(value) < 1e-3 else f"{value:.4f}"
