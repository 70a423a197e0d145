"""A landscape from a plain function of x and y: what is not given is worked out from it.

hills = landscape_of(lambda x, y: np.sin(x) * np.cos(y), view=((-3, 3), (-3, 3)))
descend(SGD(lr=0.1), hills)                 # its gradient is derived numerically
landscape_of(f, gradient=my_gradient)       # or given, and then it is checked against f
"""

from dataclasses import replace

import numpy as np

from .landscapes import Landscape
from .values import box, numbers, short

EPS = np.finfo(float).eps
TINY = 1e-30  # the complex step: nothing is subtracted, so it may be as small as one likes
GRID = 121  # points along each side of the map among which minima are looked for


def landscape_of(f, view=((-5, 5), (-5, 5)), start=None, gradient=None, name=None, **about):
    """Return the Landscape of a function f(x, y) of your own.

    view: ((left, right), (bottom, top)) of its map. start: the usual first point; one in the upper
    left of the map if not given. gradient: a function (x, y) → (∂f/∂x, ∂f/∂y), which is checked
    against f; derived from f if not given, by a complex step where f takes complex numbers, else by
    central differences. about: formula, minima, saddles, teaches, if they are known; minima are
    looked for on the map if not.
    Raises TypeError or ValueError that says what is wrong with the function.
    """
    own = getattr(f, "__name__", "f").replace("<lambda>", "f")
    view = box("view", view)
    (left, right), (bottom, top) = view
    if start is None:
        start = 0.8 * left + 0.2 * right, 0.2 * bottom + 0.8 * top
    start = numbers("start", start)
    if start.shape != (2,):
        raise ValueError(f"start must be one point (x, y), got {short(start)}")
    points = np.random.default_rng(0).uniform(*np.transpose(view), (40, 2)).T
    points = np.append(points, start[:, None], axis=1)
    value = _for_arrays(f, own, points, 1)
    if np.ptp(value(*points)) == 0:
        raise ValueError(f"{own} has the same value all over its map: there is no way down")
    slope = _slope(value, points)
    if gradient is not None:
        slope = _checked(_for_arrays(gradient, "gradient", points, 2), slope, points)
    if not np.isfinite([value(*start), *slope(*start)]).all():
        place = f"({start[0]:g}, {start[1]:g})"
        raise ValueError(f"{own} has no finite value and slope at its start {place}")
    formula = rf"\mathrm{{{own}}}(x, y)".replace("_", r"\_")
    settings = {"formula": formula, "teaches": "a function of your own", "minima": (), **about}
    on = Landscape(
        name=name or f"function {own}",
        value=value,
        slope=slope,
        curvature=lambda x, y: _curvature(slope, x, y),
        start=tuple(start.tolist()),
        view=view,
        **settings,
    )
    return on if "minima" in about else _with_minima(on)


def _for_arrays(function, name, points, parts):
    """Return a function of two numbers as one of two arrays; number by number if it needs that."""
    if not callable(function):
        raise TypeError(f"a function of x and y is wanted, got {short(function)}")

    def one(x, y):
        return _called(function, name, float(x), float(y), parts)

    def quiet(x, y):
        with np.errstate(all="ignore"):
            return function(x, y)

    known = np.array([one(x, y) for x, y in zip(*points)]).T
    try:
        found = quiet(*points)
        found = np.broadcast_arrays(points[0], *([found] if parts == 1 else found))[1:]
        whole = len(found) == parts and np.allclose(np.squeeze(found), known, equal_nan=True)
    except Exception:  # such as math.sin(x), or `if x > 0`
        whole = False
    return quiet if whole else np.vectorize(one, otypes=[float] * parts)


def _called(function, name, x, y, parts):
    """Return what a function says at one point, NaN at a pole; raise for what is no number."""
    try:
        with np.errstate(all="ignore"):
            found = np.asarray(function(x, y))
    except (ArithmeticError, ValueError):  # 1/0, the logarithm of a negative number
        return np.nan if parts == 1 else (np.nan, np.nan)
    except Exception as error:
        place = f"{name}({x:.3g}, {y:.3g})"
        raise ValueError(f"{place} raises {type(error).__name__}: {error}") from error
    if found.dtype.kind not in "fiu" or found.shape != ((), (2,))[parts - 1]:
        what = ("a number", "two numbers, (∂f/∂x, ∂f/∂y)")[parts - 1]
        raise TypeError(f"{name} must return {what}, got {short(found.tolist())}")
    return float(found) if parts == 1 else tuple(found.astype(float))


def _slope(value, points):
    """Return the gradient of a function of arrays, as exact as the function allows."""

    def by_complex_step(x, y):
        across, up = value(x + TINY * 1j, y + 0j), value(x + 0j, y + TINY * 1j)
        return np.imag(across) / TINY, np.imag(up) / TINY

    def by_differences(x, y):
        return _differences(value, x, y, 1 / 3)  # the best power of ε, chapter 00

    with np.errstate(all="ignore"):
        rough = np.array(by_differences(*points))
        try:
            exact = np.array(by_complex_step(*points))
        except Exception:  # a function of real numbers only
            return by_differences
    sound = np.isfinite(rough) & np.isfinite(exact)
    return by_complex_step if _close(exact, rough)[sound].all() else by_differences


def _differences(function, x, y, power):
    """Return the two central differences of a function, with steps of a power of ε."""
    h, k = (EPS**power * np.maximum(1, abs(part)) for part in (x, y))
    across = (function(x + h, y) - function(x - h, y)) / (2 * h)
    return across, (function(x, y + k) - function(x, y - k)) / (2 * k)


def _curvature(slope, x, y):
    """Return (f_xx, f_xy, f_yy) by central differences of the gradient."""
    xx, xy = _differences(lambda a, b: slope(a, b)[0], x, y, 1 / 4)
    _, yy = _differences(lambda a, b: slope(a, b)[1], x, y, 1 / 4)
    return xx, xy, yy


def _close(given, found):
    """Return where two gradients, shape (2, n), agree up to what differences lose."""
    scale = np.max(abs(found), initial=0, where=np.isfinite(found))
    return abs(given - found) <= 1e-4 * abs(found) + 1e-6 * scale


def _checked(gradient, derived, points):
    """Return the gradient if it is that of the function; else say where it is not."""
    given = np.array(np.broadcast_arrays(points[0], *gradient(*points))[1:])
    found = np.array(derived(*points))
    wrong = np.flatnonzero((~_close(given, found) & np.isfinite(found)).any(axis=0))
    if wrong.size:
        (x, y), says, there = (part[:, wrong[0]] for part in (points, given, found))
        raise ValueError(
            f"the gradient is wrong at ({x:.3g}, {y:.3g}): it says ({says[0]:.4g}, {says[1]:.4g}), "
            f"but the slope of f there is ({there[0]:.4g}, {there[1]:.4g})"
        )
    return gradient


def _with_minima(on):
    """Return a landscape with the minima that its map shows: lowest points, refined by Newton."""
    (left, right), (bottom, top) = on.view
    x, y = np.meshgrid(*[np.linspace(*side, GRID) for side in on.view])
    with np.errstate(all="ignore"):
        z = np.nan_to_num(on(x, y), nan=np.inf)
        around = np.lib.stride_tricks.sliding_window_view(z, (3, 3)).min(axis=(-1, -2))
        lowest = np.isfinite(z[1:-1, 1:-1]) & (z[1:-1, 1:-1] == around)
        x, y = x[1:-1, 1:-1][lowest], y[1:-1, 1:-1][lowest]
        for _ in range(30):
            (gx, gy), h = on.gradient(x, y), on.hessian(x, y)
            a, b, c = h[..., 0, 0], h[..., 1, 1], h[..., 0, 1]
            curved = (a > 0) & (a * b > c * c)
            x = x - np.where(curved, (b * gx - c * gy) / (a * b - c * c), 0)
            y = y - np.where(curved, (a * gy - c * gx) / (a * b - c * c), 0)
        flat = np.hypot(gx, gy) <= 1e-6 * (1 + np.sqrt(a * b))
    found = np.stack([x, y], -1)[curved & flat]
    size = np.array([right - left, top - bottom]) * 1e-6
    places = {tuple(np.round(point / size)): tuple(point.tolist()) for point in found}
    return replace(on, minima=tuple(places.values()))
