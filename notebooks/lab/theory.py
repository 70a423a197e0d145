"""What formulas predict: rates, best settings, and what noise leaves.

    heavy_ball_rate(lr, momentum, curvature)      # the factor per step of one mode of a quadratic
    lr, momentum, rate = best_heavy_ball(mu, L)   # the fastest settings for curvatures mu to L
    rate_of(run)                                  # the measured factor, to compare
    expected_f(schedule, steps)                   # the mean f of noisy gradient descent

Along an eigenvector of the Hessian with eigenvalue λ the iterates obey x_{t+1} = b x_t − c x_{t−1},
and in the long run the error shrinks per step by the larger modulus of the roots of z² − bz + c.
"""

import numpy as np

from .schedules import constant
from .values import real, whole


def heavy_ball_rate(lr, momentum, curvature):
    """Return the rate of classical momentum: b = 1 + β − ηλ, c = β. Above 1 it diverges.

    The arguments are numbers or arrays, broadcast against each other. With momentum 0 it is the
    rate of gradient descent, |1 − ηλ|. Polyak (1964).
    """
    return larger_root(1 + momentum - lr * curvature, momentum)


def nesterov_rate(lr, momentum, curvature):
    """Return the rate of Nesterov's method: b = (1 + β)(1 − ηλ), c = β(1 − ηλ).

    Arguments as for `heavy_ball_rate`. Lessard, Recht & Packard (2016).
    """
    kept = 1 - lr * np.asarray(curvature)
    return larger_root((1 + momentum) * kept, momentum * kept)


def best_heavy_ball(mu, L):
    """Return (lr, momentum, rate) of the fastest heavy ball on quadratics, curvatures mu to L.

    η = 4 / (√L + √μ)², β = ρ², ρ = (√κ − 1) / (√κ + 1) with κ = L/μ. Polyak (1964).
    """
    root = np.sqrt(_condition(mu, L))
    rate = (root - 1) / (root + 1)
    return float((2 / (np.sqrt(mu) + np.sqrt(L))) ** 2), float(rate**2), float(rate)


def best_nesterov(mu, L):
    """Return (lr, momentum, rate) of the fastest Nesterov method on quadratics, curvatures mu to L.

    η = 4 / (3L + μ), β = (√(3κ + 1) − 2) / (√(3κ + 1) + 2), ρ = 1 − 2 / √(3κ + 1) with κ = L/μ.
    Lessard, Recht & Packard (2016), proposition 1.
    """
    root = np.sqrt(3 * _condition(mu, L) + 1)
    return float(4 / (3 * L + mu)), float((root - 2) / (root + 2)), float(1 - 2 / root)


def _condition(mu, L):
    """Return κ = L/μ of two curvatures, or raise."""
    mu, L = real("mu", mu, above=0), real("L", L, above=0)
    if L < mu:
        raise ValueError(f"mu is the smallest curvature and L the largest, got {mu:g} and {L:g}")
    return L / mu


def larger_root(b, c):
    """Return the larger modulus of the two roots of z² − bz + c, for real b and c."""
    inside = b * b / 4 - c
    real = np.abs(b) / 2 + np.sqrt(np.maximum(inside, 0))
    return np.where(inside < 0, np.sqrt(np.maximum(c, 0)), real)[()]


def rate_of(run):
    """Return the mean factor per step by which the error shrank: (f_T / f_0)^(1/2T).

    f is taken above the landscape's minimum, and counts as the square of the error, as on a
    quadratic. Infinity where the run diverged. Shape runs, a float for a single path.
    """
    if not run.steps:
        raise ValueError("a rate needs at least one step: this run has none")
    first, last = run.gap[0], run.gap[-1]
    with np.errstate(divide="ignore", invalid="ignore"):  # lost at once, or begun at the minimum
        rate = (np.maximum(last, 1e-300) / first) ** (1 / (2 * run.steps))
    rate = np.where(np.isinf(last), np.inf, rate)
    return rate if rate.ndim else float(rate)


def spread(sigma, batch, examples):
    """Return the standard deviation of the mean of a batch, drawn without replacement."""
    return sigma * np.sqrt((examples - batch) / (batch * (examples - 1)))


def moments(curvature, start, lr, s, steps):
    """Return the predicted (mean, variance) of SGD after some steps, one coordinate or several.

    s: the standard deviation of the noise of each gradient. The recursions are
    mean ← (1 − ηλ) mean and variance ← (1 − ηλ)² variance + η²s².
    """
    factor = 1 - lr * np.asarray(curvature)
    squares = (factor ** (2.0 * np.arange(steps)[:, None])).sum(axis=0)
    return factor ** float(steps) * start, lr**2 * s**2 * squares


def expected_f(schedule, steps, curvature=(0.1, 2.0), start=(-7.0, 2.0), s=1.0, momentum=None):
    """Return the mean f of gradient descent after 0, 1, … steps on a noisy quadratic.

    Chapter 11's recursion, m ← (1 − ηλ)²m + η²s² for the mean square of each coordinate, which it
    sums up to f = ½ Σ λm. curvature, start: a number for each coordinate; those of the bowl if not
    given. s: standard deviation of the noise. momentum: a schedule of β, for the heavy ball of
    chapter 04; then the means of x², xv and v² are followed. Learning rates and β may be arrays:
    the shape is (steps + 1, *theirs).
    """
    steps, beta = whole("steps", steps), momentum or constant(0.0)
    shape = np.broadcast_shapes(np.shape(schedule(1)), np.shape(beta(1)))
    lam, x = (np.reshape(part, (-1, *[1] * len(shape))) for part in (curvature, start))
    xx, xv, vv = x**2.0, 0.0, 0.0
    squares = [xx]
    for t in range(1, steps + 1):
        lr, b = schedule(t), beta(t)
        vv = b**2 * vv - 2 * b * lr * lam * xv + (lr * lam) ** 2 * xx + lr**2 * s**2
        xv = b * xv - lr * lam * xx  # the mean of the old x times the new v
        xx, xv = xx + 2 * xv + vv, xv + vv
        squares.append(xx)
    return np.array([np.broadcast_to(0.5 * np.sum(lam * xx, axis=0), shape) for xx in squares])
