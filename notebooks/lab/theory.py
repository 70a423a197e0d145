"""What chapters 04 and 05 predict of momentum on a quadratic: the rate of one mode.

Along an eigenvector of the Hessian with eigenvalue λ the iterates obey x_{t+1} = b x_t − c x_{t−1},
and in the long run the error shrinks per step by the larger modulus of the roots of z² − bz + c.
"""

import numpy as np


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


def larger_root(b, c):
    """Return the larger modulus of the two roots of z² − bz + c, for real b and c."""
    b, c = np.broadcast_arrays(np.asarray(b, dtype=float), np.asarray(c, dtype=float))
    inside = b * b / 4 - c
    real = np.abs(b) / 2 + np.sqrt(np.maximum(inside, 0))
    return np.where(inside < 0, np.sqrt(np.maximum(c, 0)), real)[()]
