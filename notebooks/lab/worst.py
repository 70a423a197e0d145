"""Worst cases over a whole class of functions: all with curvatures between μ and L.

    gaps = interpolation_gaps(points, slopes, heights, mu, L)    # none negative: they fit together
    f, slope = through(points, slopes, heights, mu, L)           # … and here is a function of them
    case = worst_case("heavy ball", 5)                           # a bad one for a method, stored
    form = gap_form(case.multipliers, case.bound, …)             # the proof that none is worse

With p = ∇f − μx and h = f − ½μ|x|² the inequality of Taylor, Hendrickx & Glineur (2017), theorem 4,
says that for any two points h_i − h_j − pⱼ·(x_i − x_j) − |p_i − p_j|²/(2(L − μ)) is not negative,
and that points, slopes and heights for which that is so belong to a function of the class.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .values import numbers, real

DATA = Path(__file__).parent / "data" / "worst_cases.json"
STEPS = 20_000  # of the search for the function's value, at most; a vertex needs none


def interpolation_gaps(points, slopes, heights, mu, L):
    """Return what is left of the inequality for each pair (i, j), the minimum (0, 0, 0) the last.

    points, slopes: shape (n, dimensions), heights: n numbers above the minimum, which lies at the
    origin. The result has the shape (n + 1, n + 1), and zeros for i = j.
    """
    points, slopes, heights, mu, L = _checked(points, slopes, heights, mu, L)
    x, g, f = (np.concatenate([part, 0 * part[:1]]) for part in (points, slopes, heights))
    h, p = f - mu / 2 * np.sum(x * x, axis=1), g - mu * x
    away, turned = x[:, None] - x, p[:, None] - p
    along = np.einsum("jk,ijk->ij", p, away)
    return h[:, None] - h - along - np.sum(turned**2, axis=-1) / (2 * (L - mu))


def two_term_path(start, slopes, lr, momentum, ahead=False):
    """Return (where the slopes are taken, the last point) of a method that is fed these slopes.

    x ← x + β(x − x_old) − ηg, where g is taken at x (heavy ball) or, if ahead, at x + β(x − x_old)
    (Nesterov). start: a point, of any shape; slopes: one for each step.
    """
    old = x = np.asarray(start, dtype=float)
    asked = []
    for slope in np.asarray(slopes, dtype=float):
        jump = momentum * (x - old)
        asked.append(x + jump if ahead else x)
        old, x = x, x + jump - lr * slope
    return np.array(asked), x


def gap_form(multipliers, bound, lr, momentum, ahead, mu, L):
    """Return the matrix of bound²·|x₀|² − |x_n|² − Σ λ_ij · gap_ij in the vectors x₀, g₀, g₁, …

    multipliers: λ, shape (n + 1, n + 1), the minimum the last. The heights cancel if each point has
    as much in its row as in its column. If so, if no λ is negative, and if the matrix has no
    negative eigenvalue, then no function of the class takes the method further than bound·|x₀|.
    """
    weights = numbers("multipliers", multipliers, least=0)
    n = len(weights) - 1
    basis = np.eye(n + 1)
    asked, last = two_term_path(basis[0], basis[1:], lr, momentum, ahead)
    x, g = np.vstack([asked, 0 * basis[:1]]), np.vstack([basis[1:], 0 * basis[:1]])
    p = g - mu * x
    form = bound**2 * np.outer(basis[0], basis[0]) - np.outer(last, last)
    for i, j in zip(*np.nonzero(weights)):
        along, turned = np.outer(p[j], x[i] - x[j]), np.outer(p[i] - p[j], p[i] - p[j])
        gap = -(along + along.T) / 2 - turned / (2 * (L - mu))
        gap -= mu / 2 * (np.outer(x[i], x[i]) - np.outer(x[j], x[j]))
        form -= weights[i, j] * gap
    return form


def through(points, slopes, heights, mu, L):
    """Return (f, slope) of a function with curvatures from mu to L and its minimum at the origin.

    f(x) = ½μ|x|² + max over means y of the p_i of c + x·y − |y|²/(2(L − μ)), where c is the same
    mean of c_i = h_i − p_i·x_i + |p_i|²/(2(L − μ)). Its slope is μx + y. Both take one point.
    Whatever the numbers, it is a function of the class; it has these slopes and heights at the
    points if no gap is negative (where one is, it misses them by about as much).
    """
    points, slopes, heights, mu, L = _checked(points, slopes, heights, mu, L)
    x, g, f = (np.concatenate([part, 0 * part[:1]]) for part in (points, slopes, heights))
    p, room = g - mu * x, L - mu
    c = (
        f
        - mu / 2 * np.sum(x * x, axis=1)
        - np.sum(p * x, axis=1)
        + np.sum(p * p, axis=1) / 2 / room
    )
    c = np.minimum(c, 0)  # c of the minimum: none above it, or the minimum lies elsewhere
    speed = room / np.linalg.eigvalsh(p @ p.T).max()

    def best(at):
        """Return the mean y at the maximum, and the maximum."""
        shares = _vertex(c + p @ at - np.sum(p * p, axis=1) / 2 / room)
        ahead, pace = shares, 1.0
        for _ in range(STEPS):
            y = shares @ p
            rises = c + p @ at - p @ y / room
            if rises.max() - shares @ rises < 1e-12:  # nothing rises faster than what we have
                break
            y = ahead @ p
            new = _onto_shares(ahead + speed * (c + p @ at - p @ y / room))
            faster = (1 + np.sqrt(1 + 4 * pace * pace)) / 2
            ahead = new + (pace - 1) / faster * (new - shares)
            shares, pace = new, faster
        y = shares @ p
        return y, shares @ c + at @ y - y @ y / 2 / room

    def value(at):
        at = numbers("the point", at)
        return float(mu / 2 * at @ at + best(at)[1])

    def slope(at):
        at = numbers("the point", at)
        return mu * at + best(at)[0]

    return value, slope


def _vertex(values):
    """Return the shares that give all to the largest value."""
    return np.eye(len(values))[np.argmax(values)]


def _onto_shares(values):
    """Return the nearest numbers that are not negative and sum up to 1. Duchi and others (2008)."""
    falling = np.sort(values)[::-1]
    over = (np.cumsum(falling) - 1) / np.arange(1, len(values) + 1)
    return np.maximum(values - over[np.flatnonzero(falling > over)[-1]], 0)


@dataclass(frozen=True, eq=False)
class WorstCase:
    """A stored worst case: settings of a method, a function that is bad for it, and a proof.

    start, slopes, heights: the function at the points that the method asks for, as `through` takes
    them; points: these points. end: where it ends. bound, multipliers: what `gap_form` takes.
    """

    lr: float
    momentum: float
    ahead: bool
    start: np.ndarray
    slopes: np.ndarray
    heights: np.ndarray
    bound: float
    multipliers: np.ndarray

    @property
    def points(self):
        return two_term_path(self.start, self.slopes, self.lr, self.momentum, self.ahead)[0]

    @property
    def end(self):
        return two_term_path(self.start, self.slopes, self.lr, self.momentum, self.ahead)[1]

    @property
    def grown(self):
        """How many times as far from the minimum it ends as it began."""
        return float(np.linalg.norm(self.end) / np.linalg.norm(self.start))


def worst_case(method, steps):
    """Return the stored WorstCase of "heavy ball" or "Nesterov", for curvatures from 0.1 to 2.

    steps: 5, 10 or 15. The heavy ball has the settings that are best on quadratics, Nesterov's
    method those of its promise, 1/L and (√κ − 1)/(√κ + 1). Made by tests/worst_cases.py.
    """
    stored = json.loads(DATA.read_text(encoding="utf-8"))
    name = f"{method}, {steps} steps"
    if name not in stored:
        raise ValueError(f"no worst case {name!r} is stored; there are {'; '.join(stored)}")
    case = stored[name]
    case["start"] = case.pop("x0")
    arrays = {key: np.array(case[key]) for key in ("start", "slopes", "heights", "multipliers")}
    return WorstCase(**{**case, **arrays})


def _checked(points, slopes, heights, mu, L):
    """Return them as arrays of fitting shapes and numbers of a fitting order, or raise."""
    points, slopes = numbers("points", points), numbers("slopes", slopes)
    heights = numbers("heights", heights)
    mu, L = real("mu", mu, least=0), real("L", L, above=0)
    if points.ndim != 2 or slopes.shape != points.shape or heights.shape != points.shape[:1]:
        raise ValueError(
            f"a row of points and of slopes for each height, got shapes {points.shape}, "
            f"{slopes.shape} and {heights.shape}"
        )
    if L <= mu:
        raise ValueError(f"mu is the smallest curvature and L the largest, got {mu:g} and {L:g}")
    return points, slopes, heights, mu, L
