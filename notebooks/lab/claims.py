"""Claims: what the formula predicts, what the optimizer does, and whether the two agree."""

import numpy as np

from .values import label


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
