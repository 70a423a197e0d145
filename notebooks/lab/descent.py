"""Run any optimizer on any landscape: one path, or ten thousand at once.

run = descend(SGD(lr=0.95), bowl, steps=30)      # a Run: run.path, run.f, run.diverged, ...
run = descend(SGD(lr=rates), bowl)               # an array of hyper-parameters: a path for each
run = descend(SGD(lr=0.1), bowl, start=points)   # an array of starts: a path for each
steps = feed(Adam(lr=1), [1.0] * 100)            # no landscape: the steps for these gradients
"""

import copy
from dataclasses import dataclass
from itertools import count
from numbers import Integral, Real

import numpy as np

from optimizers import allow_divergence

from .landscapes import Landscape, landscape
from .values import short

FAR = 10  # a path that is this many maps away from the middle of its map has diverged
LARGEST = 2**26  # numbers kept by one call: half a gigabyte


@dataclass(frozen=True, eq=False)
class Run:
    """What `descend` did. Times come first: path has shape (steps + 1, *runs, 2).

    path: the points, NaN after divergence. f: the values there, shape (steps + 1, *runs).
    diverged: the step at which a run left for good (its point is FAR maps away, or no longer a
    number), −1 where that did not happen; shape runs, a plain int for a single path.
    """

    optimizer: object
    landscape: Landscape
    path: np.ndarray
    f: np.ndarray
    diverged: np.ndarray
    note: str = ""  # what a legend has to say beside the optimizer, such as "noise=0.5"

    @property
    def steps(self):
        return len(self.f) - 1

    @property
    def label(self):
        return f"{self.optimizer!r}, {self.note}" if self.note else repr(self.optimizer)

    @property
    def rule(self):
        return type(self.optimizer).__name__

    @property
    def end(self):
        """The last point or points, shape (*runs, 2)."""
        return self.path[-1]

    @property
    def gap(self):
        """f at the end; infinity where the run diverged. Shape runs, a float for a single path."""
        gap = np.where(np.asarray(self.diverged) >= 0, np.inf, self.f[-1])
        return gap if gap.ndim else float(gap)

    @property
    def single(self):
        return self.f.ndim == 1

    def verdict(self, i=0):
        """One clause on how a run ended: the only one, or number i of many."""
        f, diverged = self.f.reshape(self.steps + 1, -1)[:, i], int(np.ravel(self.diverged)[i])
        if diverged >= 0:
            return f"diverged at step {diverged}"
        if f[-1] > f[0] and f[-1] == f.max():
            return f"diverging: f rose from {f[0]:.3e} to {f[-1]:.3e}"
        return f"f = {f[-1]:.3e} after {self.steps} steps"

    def __repr__(self):
        where = f"{self.optimizer!r} on {self.landscape.name}"
        if self.single:
            return f"{where}: {self.verdict()}"
        lost = np.count_nonzero(np.asarray(self.diverged) >= 0)
        return f"{where}: {self.f[0].size} runs of {self.steps} steps, {lost} diverged"


def descend(optimizer, on, steps=60, start=None, noise=0.0, seed=0):
    """Run an optimizer on a landscape and return the Run. The optimizer itself stays as it was.

    on: a landscape or its name. steps: how many updates. start: a point (x, y), or an array of
    points of shape (*runs, 2); the landscape's usual start if not given. Hyper-parameters that are
    arrays broadcast against the starts' shape: every combination is a run of its own. (A rule that
    is not elementwise, such as Muon, gets the point as one array of two numbers: one run only.)
    noise: standard deviation of the Gaussian noise added to each component of every gradient
    (units of f per unit of x), drawn from np.random.default_rng(seed), new for each run and step.
    Raises TypeError or ValueError that says what to write instead.
    """
    on = landscape(on)
    check_optimizer(optimizer)
    _check_number("steps", steps, Integral, 0)
    _check_number("noise", noise, Real, 0)
    x, y = _start(on.start if start is None else start)
    optimizer = copy.deepcopy(optimizer)
    optimizer.reset()
    shape = _shape(x, getattr(optimizer, "array_knobs", {}))
    whole = not getattr(optimizer, "elementwise", True)
    if whole and shape:
        raise ValueError(
            f"{type(optimizer).__name__} moves a point as a whole, so descend makes one run at a "
            f"time: call it in a loop, not with an array of shape {shape}"
        )
    size = 3 * (steps + 1) * int(np.prod(shape))
    if size > LARGEST:
        raise ValueError(f"{size // 3} points are too many to keep: take fewer steps or fewer runs")

    rng = np.random.default_rng(seed)
    point = np.stack([np.broadcast_to(x, shape), np.broadcast_to(y, shape)])
    x, y = point[0, ...], point[1, ...]  # they share its memory
    params = {"xy": point} if whole else {"x": x, "y": y}
    path = np.full((steps + 1, *shape, 2), np.nan)
    f = np.full((steps + 1, *shape), np.nan)
    diverged = np.full(shape, -1)
    far = np.maximum(FAR, 2 * maps_away(on, x, y))  # a start may itself be far out
    # Runs that blow up are found and reported, neither warned about nor refused.
    with np.errstate(all="ignore"), allow_divergence():
        for k in range(steps + 1):
            value = on(x, y)
            slope = on.gradient(x, y)
            sound = np.isfinite(value) & np.isfinite(slope[0] ** 2 + slope[1] ** 2)
            diverged[~(sound & (maps_away(on, x, y) <= far)) & (diverged < 0)] = k
            alive = diverged < 0
            path[k] = np.where(alive[..., None], np.stack([x, y], -1), np.nan)
            f[k] = np.where(alive, value, np.nan)
            if k == steps or not alive.any():
                break
            if noise:
                slope = [part + rng.normal(0, noise, shape) for part in slope]
            # A lost run waits where it started, with gradient 0, and is shown as NaN.
            x[~alive], y[~alive] = on.start
            slope = np.where(alive, np.stack(slope), 0.0)
            optimizer.update(params, {"xy": slope} if whole else dict(zip("xy", slope)))
            if not whole:  # an optimizer without the base class may have put new arrays there
                x, y = params["x"], params["y"] = np.asarray(params["x"]), np.asarray(params["y"])
    note = f"noise={noise:g}" if noise else ""
    return Run(optimizer, on, path, f, diverged if shape else int(diverged), note)


NAMES = (f"x{n}" for n in count())  # each probe has a parameter name of its own


def feed(optimizer, gradients, key=None, start=0.0):
    """Return the steps that an optimizer takes when fed these gradients, each from `start`.

    optimizer: anything with update(params, grads). Shape: that of gradients.
    """
    gradients, key = np.asarray(gradients, dtype=float), key or next(NAMES)
    steps = np.empty(gradients.shape)
    with np.errstate(all="ignore"), allow_divergence():
        for k, g in enumerate(gradients):
            params = {key: np.full(np.shape(g) or (1,), float(start))}
            optimizer.update(params, {key: np.reshape(g, np.shape(g) or (1,)).copy()})
            steps[k] = np.reshape(params[key] - start, np.shape(g))
    return steps


def maps_away(on, x, y):
    """How far points are from the middle of the map, in widths or heights of the map."""
    (left, right), (bottom, top) = on.view
    across = abs(x - (left + right) / 2) / (right - left)
    return np.maximum(across, abs(y - (bottom + top) / 2) / (top - bottom))


def check_optimizer(optimizer):
    """Raise TypeError that says what to write instead, unless this is an optimizer."""
    if isinstance(optimizer, type):
        name = optimizer.__name__
        raise TypeError(f"{name} is a class: pass an optimizer made from it, {name}(lr=0.1)")
    if not hasattr(optimizer, "update") or not hasattr(optimizer, "reset"):
        raise TypeError(f"an optimizer such as SGD(lr=0.1) is wanted, got {short(optimizer)}")


def _check_number(name, value, kind, least):
    if isinstance(value, bool) or not isinstance(value, kind):
        what = "a whole number" if kind is Integral else "a number"
        raise TypeError(f"{name} must be {what}, got {short(value)}")
    if not least <= value < np.inf:
        raise ValueError(f"{name} must be at least {least} and finite, got {short(value)}")


def _shape(x, arrays):
    """Return the shape of all runs: that of the starts and of the hyper-parameters together."""
    try:
        return np.broadcast_shapes(x.shape, *[value.shape for value in arrays.values()])
    except ValueError:
        shapes = "".join(f", {name} {value.shape}" for name, value in arrays.items())
        raise ValueError(
            f"these shapes do not broadcast: starts {x.shape}{shapes}; "
            f"for every combination add an axis, as in {next(iter(arrays))}[:, None]"
        ) from None


def _start(start):
    """Return the coordinates x and y of the starts, as float arrays."""
    try:
        points = np.array(start)
    except ValueError:  # a ragged list
        points = np.array(None)
    if points.dtype.kind not in "fiu":
        raise TypeError(f"start must be numbers, as in start=(-7, 2), got {short(start)}")
    points = points.astype(float)
    if points.ndim == 0 or points.shape[-1] != 2:
        raise ValueError(f"start must be (x, y) or an array of such points, got {short(start)}")
    if not np.isfinite(points).all():
        raise ValueError(f"start must be finite, got {short(start)}")
    return points[..., 0], points[..., 1]


def roll(optimizer, slope, start, steps=60):
    """Return the points that an optimizer visits, shape (steps + 1, *the start's shape)."""
    optimizer = copy.deepcopy(optimizer)
    optimizer.reset()
    params = {"x": np.array(start, dtype=float)}
    path = [params["x"].copy()]
    for _ in range(steps):
        optimizer.update(params, {"x": slope(params["x"])})
        path.append(params["x"].copy())
    return np.array(path)
