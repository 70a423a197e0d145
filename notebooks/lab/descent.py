"""Run any optimizer: on any landscape, one path or ten thousand at once; or on any gradients.

run = descend(SGD(lr=0.95), bowl, steps=30)      # a Run: run.path, run.f, run.diverged, ...
run = descend(SGD(lr=rates), bowl)               # an array of hyper-parameters: a path for each
run = descend(SGD(lr=0.1), bowl, start=points)   # an array of starts: a path for each
run = descend(SGD(lr=0.1), bowl, noise=1, runs=500)   # as many paths from the same start
path = iterate(SGD(lr=0.1), gradient, [1.0, 2.0])     # no landscape: any gradient of any array
steps = feed(Adam(lr=1), [1.0] * 100)            # no function either: the steps Δx for gradients
h = remember(AdaGrad(), [1.0] * 100, "h")        # and its memory h after each of these steps

The optimizer itself stays as it was: what runs is a copy that begins anew.
"""

import copy
import inspect
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count

import numpy as np

from optimizers import allow_divergence

from .landscapes import Landscape, landscape
from .values import label, numbers, real, short, whole

FAR = 10  # a path that is this many maps away from the middle of its map has diverged
STEEP = 1e150  # a gradient beyond this is lost: its square, which rules take, is near overflow
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
        """How many updates were taken, as an int."""
        return len(self.f) - 1

    @property
    def label(self):
        """What a legend says: the optimizer, and the note."""
        return f"{self.optimizer!r}, {self.note}" if self.note else repr(self.optimizer)

    @property
    def rule(self):
        """The name of the rule, such as "Adam": by it pictures choose a look."""
        return rule_of(self.optimizer)

    @property
    def end(self):
        """The last point or points, shape (*runs, 2)."""
        return self.path[-1]

    @property
    def final(self):
        """f at the end; infinity where the run diverged. Shape runs, a float for a single path."""
        final = np.where(np.asarray(self.diverged) >= 0, np.inf, self.f[-1])
        return final if final.ndim else float(final)

    @property
    def gap(self):
        """f − f* at every step, shape (steps + 1, *runs); infinity once a run has diverged.

        f* is the least known value of the landscape. In the books: the optimality gap.
        """
        return np.where(np.isnan(self.f), np.inf, self.f - self.landscape.least)

    @property
    def single(self):
        """Whether this is one path, not an array of them."""
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


# ---------------------------------------------------------------------------- on a landscape


def descend(optimizer, on, steps=60, start=None, noise=0.0, seed=0, runs=None):
    """Run an optimizer on a landscape and return the Run.

    on: a landscape or its name. steps: how many updates. start: a point (x, y), or an array of
    points of shape (*runs, 2); the landscape's usual start if not given. Hyper-parameters that are
    arrays broadcast against the starts' shape: every combination is a run of its own. (A rule that
    is not elementwise, such as Muon, gets the point as one array of two numbers: one run only.)
    noise: standard deviation of the Gaussian noise added to each component of every gradient
    (units of f per unit of x), drawn from np.random.default_rng(seed), new for each run and step.
    runs: how many runs from each start, as 500 or as a shape (20, 50), in front of the starts'.
    Raises TypeError or ValueError that says what to write instead.
    """
    on = landscape(on)
    check_optimizer(optimizer)
    steps, noise = whole("steps", steps), real("noise", noise, least=0)
    x, y = _starts(on.start if start is None else start, runs)
    shape = _shape(optimizer, x.shape, steps)
    rng = np.random.default_rng(seed)
    x, y = np.broadcast_to(x, shape), np.broadcast_to(y, shape)
    path = np.full((steps + 1, *shape, 2), np.nan)
    f = np.full((steps + 1, *shape), np.nan)
    diverged = np.full(shape, -1)
    optimizer = fresh(optimizer)
    draw = (lambda: rng.normal(0, noise, shape)) if noise else None
    for k, (*point, value, alive) in enumerate(walk(optimizer, on, x, y, steps, draw)):
        diverged[~alive & (diverged < 0)] = k
        path[k] = np.where(alive[..., None], np.stack(point, -1), np.nan)
        f[k] = np.where(alive, value, np.nan)
    note = f"noise={noise:g}" if noise else ""
    return Run(optimizer, on, path, f, diverged if shape else int(diverged), note)


def walk(optimizer, on, x, y, steps, draw=None):
    """Yield (x, y, f, alive) at the steps 0, 1, …, `steps`, as long as any run is alive.

    x, y: arrays of the shape of all runs; what is yielded is a view, good until the next step.
    alive: False from where a run has diverged. draw: a function of nothing that returns the noise
    for one component of the gradient. The optimizer itself is stepped.
    """
    elementwise = getattr(optimizer, "elementwise", True)
    point = np.stack([x, y])
    x, y = point[0, ...], point[1, ...]  # they share its memory
    params = {"x": x, "y": y} if elementwise else {"xy": point}
    far = np.maximum(FAR, 2 * map_distance(on, x, y))  # a start may itself be far out
    alive = np.full(x.shape, True)
    for k in range(steps + 1):
        with np.errstate(all="ignore"):
            f, slope = on(x, y), on.gradient(x, y)
            sound = np.isfinite(f) & (abs(slope[0]) < STEEP) & (abs(slope[1]) < STEEP)
            alive = alive & sound & (map_distance(on, x, y) <= far)
        yield x, y, f, alive
        if k == steps or not alive.any():
            return
        if draw is not None:
            slope = [part + draw() for part in slope]
        # A lost run waits where it started, with gradient 0.
        x[~alive], y[~alive] = on.start
        slope = np.where(alive, np.stack(slope), 0.0)
        _update(optimizer, params, dict(zip("xy", slope)) if elementwise else {"xy": slope})
        if elementwise:  # an optimizer without the base class may have put new arrays there
            x, y = params["x"], params["y"] = np.asarray(params["x"]), np.asarray(params["y"])


def map_distance(on, x, y):
    """Return how far points are from the middle of a map, in widths or heights of the map."""
    (left, right), (bottom, top) = on.view
    across = abs(x - (left + right) / 2) / (right - left)
    return np.maximum(across, abs(y - (bottom + top) / 2) / (top - bottom))


# ---------------------------------------------------------------------------- on any gradients


def iterate(optimizer, gradient, start, steps=60):
    """Return the points that an optimizer visits, shape (steps + 1, *the start's shape).

    gradient: a function of one array, or number, that returns another of its shape. start: numbers
    of any shape; each entry is a parameter of its own. An entry is NaN from where it, or its
    gradient, is too large to go on with.
    Raises TypeError or ValueError that says what to write instead.
    """
    check_optimizer(optimizer)
    if not callable(gradient):
        raise TypeError(
            f"gradient must be a function such as lambda x: 2 * x, got {short(gradient)}"
        )
    start, steps = numbers("start", start), whole("steps", steps)
    _check_size(steps, start.shape)
    optimizer, params = fresh(optimizer), {"x": start}
    path, lost = np.full((steps + 1, *start.shape), np.nan), np.full(start.shape, False)
    path[0] = start
    for k in range(steps):
        with np.errstate(all="ignore"):
            g = np.asarray(gradient(path[k].copy()))
        if g.shape != start.shape or g.dtype.kind not in "fiu":
            raise ValueError(f"gradient must return numbers of shape {start.shape}, got {short(g)}")
        with np.errstate(all="ignore"):
            lost = lost | ~(abs(g) < STEEP)
            _update(optimizer, params, {"x": np.where(lost, 0.0, g)})
            path[k + 1] = np.where(lost | ~(abs(params["x"]) < STEEP), np.nan, params["x"])
    return path


def newton(on, start=None, steps=5):
    """Return the points of Newton's method, Δx = −H⁻¹g, shape (steps + 1, *runs, 2).

    on: a landscape or its name. start: a point, or an array of points of shape (*runs, 2); the
    landscape's usual start if not given. The Hessian is taken as it is: where it has a negative
    eigenvalue the steps lead uphill. Raises ValueError where it is singular.
    """
    on, steps = landscape(on), whole("steps", steps)
    path = [np.stack(_starts(on.start if start is None else start), axis=-1).astype(float)]
    for _ in range(steps):
        x, y = np.moveaxis(path[-1], -1, 0)
        g = np.stack(on.gradient(x, y), axis=-1)[..., None]
        try:
            path.append(path[-1] - np.linalg.solve(on.hessian(x, y), g)[..., 0])
        except np.linalg.LinAlgError:
            raise ValueError(
                f"the Hessian of the {on.name} is singular on the way: take another start"
            ) from None
    return np.array(path)


NAMES = (f"x{n}" for n in count())  # one for each copy: some published classes share their memory


def feed(optimizer, gradients, key=None, start=0.0):
    """Return the steps Δx that an optimizer takes when fed these gradients, each from `start`.

    A rule that goes downhill answers a positive gradient with a negative step. optimizer: anything
    with update(params, grads). gradients: one for each step; the result has their shape. key: if
    given, no copy is fed but the optimizer itself, which goes on under this parameter name.
    """
    gradients = np.asarray(gradients, dtype=float)
    optimizer, key = (fresh(optimizer), next(NAMES)) if key is None else (optimizer, key)
    steps = np.empty(gradients.shape)
    for k, x in enumerate(_fed(optimizer, gradients, key, float(start))):
        steps[k] = np.reshape(x - start, gradients.shape[1:])
    return steps


def remember(optimizer, gradients, memory):
    """Return what an optimizer remembers after each of these gradients, of the gradients' shape.

    memory: its name in the rule, such as "h". Raises ValueError if the rule has no such memory.
    """
    known = getattr(optimizer, "memory", ())
    if memory not in known:
        has = ", ".join(known) or "none"
        raise ValueError(f"{rule_of(optimizer)} has no memory {short(memory)}; it has {has}")
    gradients, optimizer = np.asarray(gradients, dtype=float), fresh(optimizer)
    kept = np.empty(gradients.shape)
    for k, _ in enumerate(_fed(optimizer, gradients, "x", 0.0)):
        kept[k] = np.reshape(getattr(optimizer, memory)["x"], gradients.shape[1:])
    return kept


def _fed(optimizer, gradients, key, start):
    """Yield where an optimizer has moved a parameter to, from `start` at each gradient."""
    shape = gradients.shape[1:] or (1,)
    for g in gradients:
        params = {key: np.full(shape, start)}
        _update(optimizer, params, {key: np.reshape(g, shape).copy()})
        yield params[key]


# ---------------------------------------------------------------------------- what is an optimizer


def fresh(optimizer):
    """Return a copy of an optimizer that begins anew: t = 0, no memory."""
    optimizer = copy.deepcopy(optimizer)
    if hasattr(optimizer, "reset"):
        optimizer.reset()
    return optimizer


def rule_of(optimizer):
    """Return the name of an optimizer's rule, such as "Adam": by it pictures choose a look."""
    return getattr(optimizer, "rule", type(optimizer).__name__)


def check_optimizer(optimizer):
    """Raise TypeError that says what to write instead, unless this is an optimizer."""
    if isinstance(optimizer, type):
        name = optimizer.__name__
        raise TypeError(f"{name} is a class: pass an optimizer made from it, {name}(lr=0.1)")
    if inspect.isfunction(optimizer):
        raise TypeError(f"{label(optimizer)} is a function: plug({label(optimizer)}) adapts it")
    if not hasattr(optimizer, "update"):
        raise TypeError(f"an optimizer such as SGD(lr=0.1) is wanted, got {short(optimizer)}")
    if not hasattr(optimizer, "reset"):
        raise TypeError(f"{rule_of(optimizer)} has no reset(): plug(…) adapts it")


def check_single(optimizer):
    """Raise TypeError or ValueError unless a live picture can turn the knobs of this optimizer.

    Its knobs must be known and be single numbers, and it must move each number by itself.
    """
    check_optimizer(optimizer)
    instead = f"draw trail(descend({short(optimizer)}, on)) instead"
    if not hasattr(optimizer, "knobs"):
        raise TypeError(f"{rule_of(optimizer)} does not say which knobs it has: {instead}")
    if not getattr(optimizer, "elementwise", True):
        raise ValueError(
            f"{rule_of(optimizer)} moves a point as a whole, and a live picture runs all values of "
            f"a slider at once: {instead}"
        )
    for name, value in getattr(optimizer, "array_knobs", {}).items():
        raise ValueError(
            f"{name} is an array of shape {value.shape}: a live picture needs a single number"
        )


def _update(optimizer, params, grads):
    """Take a step. Raises TypeError that says so if the optimizer takes bare arrays instead."""
    try:
        with lenient():
            optimizer.update(params, grads)
    except Exception as error:
        if not _takes_arrays(optimizer):
            raise
        raise TypeError(
            f"{short(optimizer)} is an array class, w = opt.update(w, grad): plug(…) adapts it"
        ) from error


@contextmanager
def lenient():
    """Inside, numbers may overflow and runs be lost: a driver finds that, it is no error."""
    with np.errstate(all="ignore"), allow_divergence():
        yield


def _takes_arrays(optimizer):
    try:
        return isinstance(fresh(optimizer).update(np.zeros(1), np.ones(1)), np.ndarray)
    except Exception:
        return False


# ---------------------------------------------------------------------------- starts and shapes


def one_start(start, on):
    """Return one start (x, y) as two floats, the landscape's own for None; or raise.

    Raises TypeError or ValueError if it is no single point, or if there is nothing to descend from.
    """
    x, y = _starts(on.start if start is None else start)
    if x.ndim:
        raise ValueError(f"one start (x, y) is wanted, got an array of shape {(*x.shape, 2)}")
    with np.errstate(all="ignore"):
        if not np.isfinite(on(x, y)) or not max(map(abs, on.gradient(x, y))) < STEEP:
            raise ValueError(f"{on.name} has no finite value and slope at start ({x:g}, {y:g})")
    return float(x), float(y)


def _starts(start, runs=None):
    """Return the coordinates x and y of the starts, as float arrays."""
    try:
        points = numbers("start", start)
    except TypeError:
        message = f"start must be numbers, as in start=(-7, 2), got {short(start)}"
        raise TypeError(message) from None
    if points.ndim == 0 or points.shape[-1] != 2:
        raise ValueError(f"start must be (x, y) or an array of such points, got {short(start)}")
    if runs is not None:
        several = runs if isinstance(runs, (tuple, list)) else [runs]
        many = [whole("runs", n, 1) for n in several]
        points = np.broadcast_to(points, (*many, *points.shape))
    return points[..., 0], points[..., 1]


def _shape(optimizer, starts, steps):
    """Return the shape of all runs: that of the starts and of the hyper-parameters together."""
    arrays = getattr(optimizer, "array_knobs", {})
    try:
        shape = np.broadcast_shapes(starts, *[value.shape for value in arrays.values()])
    except ValueError:
        shapes = "".join(f", {name} {value.shape}" for name, value in arrays.items())
        raise ValueError(
            f"these shapes do not broadcast: starts {starts}{shapes}; "
            f"for every combination add an axis, as in {next(iter(arrays))}[:, None]"
        ) from None
    if shape and not getattr(optimizer, "elementwise", True):
        raise ValueError(
            f"{rule_of(optimizer)} moves a point as a whole, so descend makes one run at a "
            f"time: call it in a loop, not with an array of shape {shape}"
        )
    _check_size(steps, (*shape, 3))
    return shape


def _check_size(steps, shape):
    """Raise ValueError if a path of so many steps has more numbers than can be kept."""
    size = (steps + 1) * int(np.prod(shape))
    if size > LARGEST:
        raise ValueError(f"{size:,} numbers are too many to keep: take fewer steps or fewer runs")
