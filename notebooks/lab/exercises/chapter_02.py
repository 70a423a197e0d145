"""Chapter 02, the shape of the valley."""

import numpy as np

from ..landscapes import rotated_bowl
from .guess import mistaken
from .judges import function, of_value, varied


def like_booth(rng):
    return (int(rng.integers(3, 40)) / 2,) * 2


@varied(
    "02.1",
    first=(2, 2),
    draw=like_booth,
    text="take f(x, y) = (x + {}y − 7)² + ({}x + y − 5)². How many times longer than wide are its "
    "contour lines?",
)
def shape(a, _):
    axes, side, beside = (a + 1) / (a - 1), 2 + 2 * a * a, 4 * a
    return of_value(
        axes,
        hint="find the two curvatures along and across the valley; its axes are not x and y",
        more=f"the Hessian is ({side:g}, {beside:g}; {beside:g}, {side:g}); the ratio of the axes "
        f"is the root of its κ",
        slips=[
            (axes**2, "this is κ, the ratio of the curvatures; lengths go with its root"),
            (1, "f_xx and f_yy are equal, but the valley does not run along an axis"),
            (1 / axes, "how many times longer than wide, not wider than long"),
            (1 / axes**2, "this is a ratio of curvatures, and upside down"),
            (2 * (a + 1) ** 2, "this is one curvature; compare it with the other"),
            *[
                (entry, "this is an entry of the Hessian; which curvatures has the valley itself?")
                for entry in (side, beside)
            ],
        ],
        quantity="a ratio of lengths",
    )


@varied(
    "02.2",
    first=(2, 2),
    draw=like_booth,
    text="take f(x, y) = (x + {}y − 7)² + ({}x + y − 5)². Below which learning rate does gradient "
    "descent converge on it, from every start?",
)
def limit(a, _):
    mu, L = 2 * (a - 1) ** 2, 2 * (a + 1) ** 2
    return of_value(
        2 / L,
        hint="which curvature sets the limit, and in which direction is it found?",
        more="the limit is 2/L, with L the largest eigenvalue, not a second derivative",
        slips=[
            (2 / (2 + 2 * a * a), "f_xx is the curvature along x; another one is more curved"),
            (2 / (mu + L), "2/(μ + L) is the best rate, not the limit"),
            (1 / L, "1/L arrives in one step in the steepest direction; longer ones converge too"),
            (2 / mu, "2/μ suits the flattest direction; which one diverges first?"),
            (L, "this is the curvature; which learning rate goes with it?"),
        ],
        relative=2e-3,
        quantity="a learning rate",
    )


def saddle_and_slope(rng, eigenvalues=None):
    """A symmetric matrix with these eigenvalues, or with random ones, and a gradient."""
    if eigenvalues is None:
        n = rng.integers(2, 5)
        eigenvalues = rng.choice([-1, 1], n) * rng.uniform(0.3, 4, n)
    n = len(eigenvalues)
    axes = np.linalg.qr(rng.normal(size=(n, n)))[0]
    H = axes @ np.diag(eigenvalues) @ axes.T
    return (H + H.T) / 2, rng.normal(size=n)


def sizes(H):
    return abs(np.linalg.eigvalsh(H))


def matrix_of_sizes(H):
    """H with the absolute values of its eigenvalues."""
    Q = np.linalg.eigh(H)[1]
    return Q @ np.diag(sizes(H)) @ Q.T


def turned(H, g, back=True, columns=True):
    """The step through the eigenvectors; with the mistakes that are made on this way."""
    eigenvalues, Q = np.linalg.eigh(H)
    Q = Q if columns else Q.T
    step = -(Q.T @ g) / abs(eigenvalues)
    return Q @ step if back else step


@function(
    "02.3",
    first=[
        saddle_and_slope(np.random.default_rng(0), [1.0, -1.0]),
        saddle_and_slope(np.random.default_rng(1), [0.5, 3.0]),
        saddle_and_slope(np.random.default_rng(2), [-2.0, -0.1]),
    ],
    draw=saddle_and_slope,
    hint="in the turned axes Newton's step is −g/λ; which sign of λ does the harm?",
    more="turn g into the axes of the eigenvectors, divide by |λ|, and turn the step back",
    slips=[
        (
            lambda H, g: np.linalg.solve(H, -g),
            "this is Newton's own step, which goes uphill where an eigenvalue is negative",
        ),
        (lambda H, g: turned(H, g, back=False), "turn the step back from the eigenvectors' axes"),
        (
            lambda H, g: turned(H, g, columns=False),
            "NumPy's eigenvectors are the columns of Q, not its rows",
        ),
        (
            lambda H, g: np.linalg.solve(abs(H), -g),
            "it is the eigenvalues that lose their signs, not the entries of H",
        ),
        (lambda H, g: -g, "this is a gradient step: it does not depend on H"),
        (
            lambda H, g: -np.linalg.solve(H, g) * (1 if g @ np.linalg.solve(H, g) > 0 else -1),
            "this turns the step as a whole; each eigenvector's part may need another sign",
        ),
        (
            lambda H, g: abs(np.linalg.solve(H, g)),
            "it is the eigenvalues that lose their signs, not the parts of the step",
        ),
        (
            lambda H, g: -matrix_of_sizes(H) @ g,
            "Newton's step divides by the eigenvalue: a steep direction needs the shorter step",
        ),
        (
            lambda H, g: -np.linalg.eigh(H)[1] @ (np.linalg.eigh(H)[1] @ g / sizes(H)),
            "turn g into the eigenvectors' axes with Qᵀ, and back with Q",
        ),
    ],
)
def saddle_free_newton(H, g):
    return turned(H, g)


def entries(theta):
    """The entries a, b, c of the turned bowl's Hessian (a, c; c, b)."""
    H = rotated_bowl(theta).hessian(0, 0)
    return H[0, 0], H[1, 1], H[0, 1]


def ratio(theta):
    a, b, c = entries(theta)
    return c / np.sqrt(a * b)


@function(
    "02.4",
    first=[(0.2,), (0.0,), (1.0,), (2.5,)],
    draw=lambda rng: (round(rng.uniform(0, 3.1), 2),),
    hint="write down the turned Hessian, and divide its rows and columns so that the diagonal is 1",
    more="with ones on the diagonal and r beside them, the eigenvalues are 1 ± r",
    slips=[
        (lambda theta: left_over(np.radians(theta)), "θ is given in radians, not in degrees"),
        (lambda theta: 20, "this is the condition number before any scaling"),
        (
            lambda theta: max(entries(theta)[:2]) / min(entries(theta)[:2]),
            "this is the ratio of the diagonal entries; look at the eigenvalues after the scaling",
        ),
        (lambda theta: 1 / left_over(theta), "a condition number is at least 1: it is upside down"),
        (
            lambda theta: (1 + ratio(theta)) / (1 - ratio(theta)),
            "r may be negative, and the larger eigenvalue is always 1 + |r|",
        ),
        (lambda theta: np.sqrt(left_over(theta)), "this is its root"),
    ],
    relative=1e-4,
)
def left_over(theta):
    r = abs(ratio(theta))
    return (1 + r) / (1 - r)


mistaken(
    "02.1",
    (1.905, "That is 2/1.05, from the curvatures along x and y: in between the bowl is steeper"),
    (0.952, "That is 2/(μ + L), the best rate; it diverges from 2/L on"),
)
