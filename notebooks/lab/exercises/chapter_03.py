"""Chapter 03, stochastic gradients."""

import numpy as np

from .answers import number, positive
from .guess import mistaken
from .judges import exercise, function, of_value, varied
from .verdict import Wrong


@varied(
    "03.1",
    first=(16, 0.8, 0.1),
    draw=lambda rng: (int(rng.integers(2, 40)), int(rng.integers(3, 13)) / 10, 0.1),
    text="with batches of {} from a very large data set, the gradient's error has standard "
    "deviation {}. Which batch size brings it to {}?",
)
def larger_batch(batch, now, wanted):
    less = round(now / wanted)
    return of_value(
        batch * less**2,
        hint="how many times smaller is the deviation to become, and how does it fall with the "
        "batch?",
        more=f"the standard deviation falls as 1/√b: {less} times less of it needs {less}² times "
        f"the batch",
        slips=[
            (batch * less, "the variance falls as 1/b; the standard deviation is its root"),
            (less**2, "this many times more examples; how many were there?"),
            (less, "this many times less deviation; how large is the batch?"),
            (batch / less, "a larger batch has the smaller error"),
        ],
        relative=1e-9,  # a count: one more and one fewer are wrong
        quantity="a batch size",
    )


@exercise(
    "03.2",
    hint="the floor is ηs²/(2(2 − ηλ)): what is λ here?",
    more="the curvature of x² is 2; set the floor equal to 0.01 and solve for η",
    answer="0.04/0.29 = 0.1379, rounded down",
)
def largest_rate(answer):
    lr, largest = positive(number(answer), "a learning rate"), 0.04 / 0.29
    if 0.99 * largest <= lr <= largest * (1 + 1e-9):
        return
    found = "with yours the mean loss grows without end"
    if lr < 1:
        found = f"with yours the mean loss ends at {lr * 0.25 / (2 * (2 - 2 * lr)):.6f}"
    hint = "a larger rate ends low enough too" if lr < largest else None
    if np.isclose(lr, 0.16, rtol=2e-3):
        hint = "the quick rule, for small ηλ, is not exact enough here"
    elif np.isclose(lr, 0.04 / 0.27, rtol=2e-3):
        hint = "the curvature of x² is not 1"
    elif largest < lr < 1.02 * largest:
        hint = "that is just above the limit: round a largest rate down, not up"
    raise Wrong(found, hint)


def spread(lr, floor, curvatures=(0.1, 2.0)):
    """The largest s² that has this floor, and the batch size, not rounded, that brings it."""
    h = sum(lr / (2 * (2 - lr * curvature)) for curvature in curvatures)
    return floor / h, 256 / (1 + floor / h * 255)


@function(
    "03.3",
    first=[(0.3, 0.05), (0.3, 0.01), (0.8, 0.001), (0.05, 0.1), (0.5, 1e-9)],
    draw=lambda rng: (
        round(rng.uniform(0.05, 0.95), 2),
        float(f"{10 ** rng.uniform(-4, -0.5):.2g}"),
    ),
    hint="how large may the variance s² be, so that the two coordinates together reach the floor?",
    more="first find how large s² may be, then solve (N − b) / (b(N − 1)) ≤ s² for b",
    slips=[
        (
            lambda lr, floor: min(256, np.ceil(1 / spread(lr, floor)[0])),
            "s² = 1/b is for drawing with replacement",
        ),
        (
            lambda lr, floor: np.ceil(1 / spread(lr, floor)[0]),
            "s² = 1/b is for drawing with replacement",
        ),
        *[
            (
                lambda lr, floor, one=one: np.ceil(spread(lr, floor, (one,))[1]),
                "both coordinates add to the floor of f",
            )
            for one in (0.1, 2.0)
        ],
        (
            lambda lr, floor: np.ceil(spread(lr, floor, (0.0, 0.0))[1]),
            "the quick rule, a quarter of ηs² for each coordinate, is for small ηλ",
        ),
        (
            lambda lr, floor: np.ceil(
                256 / (1 + 255 * floor / sum(lr / (c * (2 - lr * c)) for c in (0.1, 2.0)))
            ),
            "this adds up the variances of x and y; the floor is the mean of f, ½λ times each",
        ),
        (
            lambda lr, floor: np.ceil(256 / (1 + 256 * spread(lr, floor)[0])),
            "look at the factor of a batch again: (N − b)/(N − 1)",
        ),
        (
            lambda lr, floor: np.round(spread(lr, floor)[1]),
            "the floor is to be at most that: which way must a batch size be rounded?",
        ),
        (
            lambda lr, floor: np.floor(spread(lr, floor)[1]),
            "the floor is to be at most that: which way must a batch size be rounded?",
        ),
        (lambda lr, floor: spread(lr, floor)[1], "a batch has a whole number of examples"),
    ],
    relative=0,
)
def smallest_batch(lr, floor):
    return int(np.ceil(spread(lr, floor)[1]))


@function(
    "03.4",
    first=[(1.0, 1.0, 1.0), (4.0, 0.5, 2.0), (0.01, 2.0, 0.3), (1e9, 3.0, 1.0)],
    draw=lambda rng: tuple(round(part, 2) for part in rng.uniform(0.1, 4, 3)),
    hint="write x_t+1 with the noise in it, and square: which two parts depend on η?",
    more="set the derivative of (1 − ηλ)²m + η²s² with respect to η to zero",
    slips=[
        (lambda m, lam, s2: m / (lam**2 * m + s2), "differentiate (1 − ηλ)² again: a λ is missing"),
        (lambda m, lam, s2: lam * m / (lam * m + s2), "look at the powers of λ"),
        (lambda m, lam, s2: lam * m / (lam**2 * m + s2**2), "s² is given as it is: s2"),
        (
            lambda m, lam, s2: lam * m**2 / (lam**2 * m**2 + s2),
            "m is the mean of the squared distance already",
        ),
        (lambda m, lam, s2: 1 / lam, "this is best without noise"),
    ],
)
def best_rate(m, lam, s2):
    return lam * m / (lam * lam * m + s2)


mistaken(
    "03.3",
    (
        0.15,
        "That is the quick rule, ηs²/4 for each coordinate: in y, where ηλ is 0.6, it is too low",
    ),
)
mistaken(
    "03.5",
    (1000, "In 1/(0.02 η) steps the distance falls to 1/e: here it has to fall further"),
)
