"""Chapter 02, the shape of the valley."""

import numpy as np

from ..landscapes import rotated_bowl
from .check import close, exercise


@exercise("02.1", hint="the Hessian is (10, 8; 8, 10); the ratio is the root of its κ")
def _(answer):
    return close(answer, 3)


@exercise("02.2", hint="the limit is 2/L, with L the largest eigenvalue, not a second derivative")
def _(answer):
    return close(answer, 2 / 18, relative=2e-3)


@exercise("02.3", hint="in the turned axes Newton's step is −g/λ; which sign of λ does the harm?")
def _(answer):
    rng = np.random.default_rng(0)
    right = []
    for eigenvalues in ([1.0, -1.0], [0.5, 3.0], [-2.0, -0.1], [4.0, -0.3, 1.0]):
        n = len(eigenvalues)
        axes = np.linalg.qr(rng.normal(size=(n, n)))[0]
        g = rng.normal(size=n)
        wanted = -axes @ ((axes.T @ g) / np.abs(eigenvalues))
        given = np.asarray(answer(axes @ np.diag(eigenvalues) @ axes.T, g.copy()), dtype=float)
        right.append(given.shape == (n,) and np.allclose(given, wanted, rtol=1e-6, atol=1e-9))
    return all(right), "−g/|λ| along each eigenvector, whatever the signs"


@exercise("02.4", hint="with ones on the diagonal and r beside them, the eigenvalues are 1 ± r")
def _(answer):
    angles = [0.0, 0.2, np.pi / 6, np.pi / 4, 1.0, 2.5]
    wanted = []
    for theta in angles:
        H = rotated_bowl(theta).hessian(0, 0)
        wanted.append(np.linalg.cond(H / np.sqrt(np.outer(H.diagonal(), H.diagonal()))))
    given = [answer(theta) for theta in angles]
    right = np.allclose(np.ravel(given), wanted, rtol=1e-4)
    return right, "1 at θ = 0, 4.06 at 0.2, 20 at π/4 and so on"
