"""Short forms of values: for error messages, and for what a reader compares."""

import reprlib
from numbers import Real

import numpy as np


def short(value):
    """A short form of any value, on one line: for error messages."""
    return " ".join(reprlib.repr(value).split())


def label(value):
    """Return a value as short text that is the same on every machine, long sequences cut short."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(
        value, (Real, np.ndarray, list, tuple)
    ):
        return getattr(value, "__name__", None) or repr(value)
    if isinstance(value, (np.ndarray, list, tuple)):
        parts = [label(part) for part in (value if len(value) <= 12 else value[:3])]
        if len(value) > 12:
            parts += ["…", label(value[-1])]
        return f"({', '.join(parts)})"
    if abs(value) < 1e6 and abs(value - round(value)) <= 1e-9 * abs(value):  # rounding aside
        return str(round(value))
    return f"{value:.6f}" if 1e-3 <= abs(value) < 1e6 else f"{value:.3e}"
