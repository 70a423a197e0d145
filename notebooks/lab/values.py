"""Values: their short forms, the checks of what a caller passes, and when two of them agree.

short(value)                        # one line, for an error message
label(value)                        # the same on every machine, for a reader
steps = whole("steps", steps, 1)    # each check returns the value, or raises in one sentence
sigma = real("sigma", sigma, above=0)
rates = numbers("rates", rates, above=0, row=True)
"""

import reprlib
from numbers import Integral, Real

import numpy as np


def short(value):
    """Return any value in a short form on one line: for error messages."""
    if isinstance(value, type):
        return f"the class {value.__name__}"
    return " ".join(reprlib.repr(value).split())


def label(value):
    """Return a value as short text that is the same on every machine, long sequences cut short."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(
        value, (Real, np.ndarray, list, tuple)
    ):
        return getattr(value, "__name__", None) or repr(value)
    if isinstance(value, np.ndarray) and not value.ndim:
        return label(value.item())
    if isinstance(value, (np.ndarray, list, tuple)):
        parts = [label(part) for part in (value if len(value) <= 12 else value[:3])]
        if len(value) > 12:
            parts += ["…", label(value[-1])]
        return f"({', '.join(parts)})"
    if abs(value) < 1e6 and abs(value - round(value)) <= 1e-9 * abs(value):  # rounding aside
        return str(round(value))
    return f"{value:.6f}" if 1e-3 <= abs(value) < 1e6 else f"{value:.3e}"


def setting(value):
    """Return a number as a legend shows it; of an array, how many values it has."""
    return f"<{value.size} values>" if isinstance(value, np.ndarray) else f"{value:.6g}"


def decimals(value, digits):
    """Return a number with so many decimals; with an exponent from a million on, as in base.js."""
    text = f"{value:.{digits}f}" if abs(value) < 1e6 else f"{value:.3e}"
    return text if float(text) else text.replace("-", "")


def whole(name, value, least=0, most=None):
    """Return a whole number as an int. Raises TypeError, or ValueError outside least … most."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(_item(value), Integral):
        raise TypeError(f"{name} must be a whole number, got {short(value)}")
    value = int(value)
    if value < least or (most is not None and value > most):
        allowed = f"at least {least}" if most is None else f"from {least} to {most}"
        raise ValueError(f"{name} must be {allowed}, got {short(value)}")
    return value


def real(name, value, least=-np.inf, above=-np.inf, below=np.inf):
    """Return a finite number as a float. Raises TypeError, or ValueError for one out of range."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(_item(value), Real):
        raise TypeError(f"{name} must be a number, got {short(value)}")
    try:
        value = float(value)
    except OverflowError:  # an int beyond the largest float
        value = np.inf
    _check_range(name, value, value, least, above, below)
    return value


def numbers(name, value, least=-np.inf, above=-np.inf, row=False):
    """Return finite numbers as a new float array; raises TypeError or ValueError.

    row: whether it must have one axis and not be empty; any shape will do if not given.
    """
    try:
        array = np.array(value)
    except ValueError:  # a ragged list
        array = np.array(None)
    if array.dtype.kind not in "fiu":
        raise TypeError(f"{name} must be a number or an array of them, got {short(value)}")
    if row and (array.ndim != 1 or not array.size):
        raise ValueError(f"{name} must be a row of numbers, such as [0.1, 0.2], got {short(value)}")
    array = array.astype(float)
    _check_range(name, value, array, least, above)
    return array


def box(name, value):
    """Return ((left, right), (bottom, top)) as floats, in rising order; or raise."""
    view = numbers(name, value)
    if view.shape != (2, 2) or not np.all(view[:, 0] < view[:, 1]):
        raise ValueError(f"{name} must be ((left, right), (bottom, top)), got {short(value)}")
    return tuple(map(tuple, view.tolist()))


def _item(value):
    """Return an array without axes as the number that it holds."""
    return value[()] if isinstance(value, np.ndarray) and not value.ndim else value


def _check_range(name, given, value, least, above, below=np.inf):
    """Raise ValueError unless a number, or each of an array, is finite and in range."""
    if not np.all((value >= least) & (value > above) & (value < below) & np.isfinite(value)):
        ends = (("at least", least), ("greater than", above), ("less than", below))
        allowed = [f"{words} {end:g}" for words, end in ends if np.isfinite(end)]
        raise ValueError(f"{name} must be {' and '.join([*allowed, 'finite'])}, got {short(given)}")


def agree(measured, predicted, within):
    """Return where values differ by no more than a share `within` of what was predicted.

    Shape: that of both. Where 0 was predicted the difference itself counts; what is not finite
    never agrees.
    """
    measured, predicted = np.asarray(measured, dtype=float), np.asarray(predicted, dtype=float)
    with np.errstate(invalid="ignore"):
        error = abs(measured - predicted)
    return np.isfinite(predicted) & (error <= within * np.where(predicted == 0, 1, abs(predicted)))


def is_a(value, kind):
    """Whether a value is of a class, also if that class was made anew by importlib.reload."""
    name = (kind.__module__, kind.__qualname__)
    return any((base.__module__, base.__qualname__) == name for base in type(value).__mro__)


def bfloat16(x):
    """Return numbers rounded to bfloat16, the nearest of two and the even one in between.

    x: a number or array; the result is float32 of its shape, since NumPy has no bfloat16. It has
    float32's sign and exponent and the first 7 of its 23 binary places.
    """
    bits = np.asarray(x, dtype=np.float32).view(np.uint32).astype(np.int64)
    rounded = (bits + 0x7FFF + (bits >> 16 & 1)) & 0xFFFF0000
    near = rounded.astype(np.uint32).view(np.float32)
    return np.where(np.isfinite(x), near, np.float32(x))
