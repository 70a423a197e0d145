"""Chapter 10, after Adam."""

import numpy as np

from .answers import numbers
from .guess import mistaken
from .judges import exercise, function, of_value, sequence, varied
from .verdict import Unfit, Wrong


@varied(
    "10.1",
    first=(5, 0.01, 0.1),
    draw=lambda rng: (
        int(rng.integers(2, 9)),
        int(rng.integers(1, 5)) / 100,
        int(rng.integers(2, 40)) / 40,
    ),
    text="a weight has the constant gradient {}. It is trained with AdamW(lr={}, weight_decay={}), "
    "for a very long time. Where does it end?",
)
def at_rest(g, lr, decay):
    return of_value(
        -1 / decay,
        hint="where is it at rest: which two movements undo each other there?",
        more="at rest the shrinking by 1 − ηλ undoes one step of Adam; how long is it, which way?",
        slips=[
            (1 / decay, "which way is downhill?"),
            (
                -g / decay,
                "this is where the whole gradient with coupled decay is zero; AdamW's is decoupled",
            ),
            (g / decay, "AdamW's decay is decoupled: the size of the gradient does not matter"),
            (-decay, "this is a rate of shrinking; at which x does it equal one step?"),
            (-lr, "this is one step; at which x does the shrinking undo it?"),
            (0, "the gradient goes on pushing"),
            (-1 / (decay * lr), "the shrinking is ηλ, with the same η as the step"),
        ],
        relative=0.02,
    )


sequence(
    "10.2",
    ["AdaBelief", "RAdam", "AMSGrad", "NAdam"],
    ["AMSGrad", "NAdam", "RAdam", "AdaBelief"],
    hint="which of the four depends on the size of the gradient, and which has no correction?",
    more="look at each first step: 1/β₁, (1−β₁)/√(1−β₂), 2.8/1.9, or the gradient",
)


@exercise(
    "10.3",
    hint="how long does v remember the large gradient, and how long is your round?",
    more="make the round about as long as the memory of v, 1/(1 − β₂), and its sum barely positive",
    answer="there are many, such as (10_011, 10_001)",
)
def drifts_upwards(answer):
    C, n = (float(part) for part in numbers(answer, 2))
    if not np.isfinite(C):
        raise Unfit("your C is infinite: give a number")
    if n != int(n) or not 1 <= n <= 100_000:
        raise Unfit(f"n is a whole number from 1 to 100,000, and yours is {n:g}: give (C, n)")
    if C - n < 1 - 1e-9:
        turned = "; is the large gradient the first of your two numbers?" if C < n else ""
        raise Wrong(
            f"the gradients of your round add up to {C - n:g}",
            f"their sum is to be at least 1{turned}",
        )
    k = np.arange(int(n) + 1)
    m = -1 + (C + 1) * 0.1 * 0.9**k / (1 - 0.9 ** (n + 1))
    v = 1 + (C * C - 1) * 1e-4 * 0.9999**k / (1 - 0.9999 ** (n + 1))
    drift = -np.sum(m / np.sqrt(v))
    if not drift > 0:
        raise Wrong(f"the drift in a round of yours is {drift:.4f}, downwards")


@function(
    "10.4",
    first=[
        (np.array([2.0, -1.0]), np.array([1.0, 1.0]), 0.1),
        (np.array([2.0, -1.0, 0.5]), np.array([4.0, 0.25, 10.0]), 0.3),
        (np.array([0.0, -1e3]), np.array([1e-3, 1e3]), 1.0),
    ],
    draw=lambda rng: (
        rng.normal(size=3).round(2),
        rng.uniform(0.1, 5, 3).round(1),
        round(rng.uniform(0.1, 1), 1),
    ),
    hint="the sum has one term for each coordinate: differentiate it by d_i",
    more="set the derivative by each d_i to zero: g_i + h_i d_i / η = 0",
    slips=[
        (lambda g, h, lr: -lr * g / np.sqrt(h), "the weight in the norm is h, not its square"),
        (lambda g, h, lr: -lr * g, "what do the weights do?"),
        (lambda g, h, lr: -lr * g * h, "a heavy coordinate is dear, so the step in it is shorter"),
        (lambda g, h, lr: -lr * g / (2 * h), "the norm is squared, and halved"),
        (lambda g, h, lr: -g / h, "where has the learning rate gone?"),
        (lambda g, h, lr: -2 * lr * g / h, "the square brings a 2, and the half takes it away"),
        (lambda g, h, lr: -lr * np.sign(g), "this is the step for the largest coordinate as norm"),
        (lambda g, h, lr: -g / (lr * h), "on which side does the learning rate come out?"),
        (
            lambda g, h, lr: -lr * g / h / np.sqrt(np.sum(g * g / h)),
            "the length is not fixed to 1 here: the second term holds it",
        ),
    ],
)
def weighted_step(g, h, lr):
    return -lr * g / h


def _length(G, axis):
    """The lengths of rows (axis 1) or columns (0), to divide by: 1 where there is nothing."""
    length = np.sqrt(np.sum(G * G, axis=axis, keepdims=True))
    return np.where(length > 0, length, 1)


@function(
    "10.5",
    first=[
        (np.array([[3.0, -4.0], [0.0, 2.0]]), 0.1),
        (np.array([[1.0, 2.0, 2.0], [0.0, 0.0, 0.0], [-0.5, 0.0, 0.0]]), 0.3),
        (np.array([[1e-3, 0.0]]), 1.0),
    ],
    draw=lambda rng: (rng.normal(size=(4, 3)).round(1), round(rng.uniform(0.1, 1), 1)),
    hint="each row may be up to lr long, whatever the others are: what is best for one row?",
    more="take each row by itself: its step points against it, and is lr long unless it is zero",
    slips=[
        (
            lambda G, lr: -lr * G / np.sqrt(np.sum(G * G)),
            "this is one length for the whole matrix: every row may be lr long",
        ),
        (
            lambda G, lr: -lr * G / _length(G, 0),
            "these are columns: a row's sum runs along axis=1",
        ),
        (
            lambda G, lr: -lr * G / _length(G, 1) ** 2,
            "the length of a row is the root of its sum of squares",
        ),
        (lambda G, lr: lr * G / _length(G, 1), "which way is downhill?"),
        (lambda G, lr: -G / _length(G, 1), "the longest row is to be lr long"),
        (
            lambda G, lr: -lr * G / np.sqrt(np.sum(G * G, axis=1)).max(),
            "only the longest row is lr long here; all others may be as well",
        ),
        (lambda G, lr: -lr * np.sign(G), "this is the step for the largest entry, not row"),
        (
            lambda G, lr: -lr * G * np.sqrt(np.sum(G * G, axis=1)).sum() / _length(G, 1),
            "the cost is fixed to lr: the dual norm does not come in",
        ),
        (
            lambda G, lr: -lr * (lambda U, S, Vt: U @ Vt)(*np.linalg.svd(G, full_matrices=False)),
            "this is the step for the spectral norm: here the longest row is the cost",
        ),
        (
            lambda G, lr: (
                np.where(_length(G, 1) == _length(G, 1).max(), -lr * G, 0) / _length(G, 1)
            ),
            "this moves one row only: all others may be lr long as well, at the same cost",
        ),
        (
            lambda G, lr: -lr * G / np.maximum(1e-300, np.sum(abs(G), axis=1, keepdims=True)),
            "the length of a row is the root of its sum of squares",
        ),
    ],
    relative=1e-4,  # of an ε that guards the division
)
def rows_alike(G, lr):
    return -lr * G / _length(G, 1)


@varied(
    "10.6",
    first=(3e-4, 0.1),
    draw=lambda rng: (int(rng.integers(1, 10)) / 10_000, int(rng.integers(1, 9)) / 20),
    text="a run uses AdamW(lr={}, weight_decay={}). After how many steps is 1/e of a weight left, "
    "if nothing but the decay moves it?",
)
def forgotten(lr, decay):
    return of_value(
        1 / (lr * decay),
        hint="which product says how fast a weight is decayed?",
        more="each step multiplies a weight by 1 − ηλ; after how many is 1/e of it left?",
        slips=[
            (1 / lr, "the decay is in it too"),
            (1 / decay, "the learning rate is in it too"),
            (lr * decay, "this is the share that one step forgets"),
            (np.log(2) / (lr * decay), "this is when half of it is left; 1/e is less"),
            (np.sqrt(lr / (2 * decay)), "this is how large weights become"),
        ],
        relative=0.05,
        quantity="a number of steps",
    )


@function(
    "10.7",
    first=[
        (np.array([3.0, 4.0]), 1.0),
        (np.array([0.3, -0.4]), 1.0),
        (np.array([0.0, 0.0]), 1.0),
        (np.array([30.0, -40.0, 0.0]), 5.0),
    ],
    draw=lambda rng: (rng.normal(0, 3, 4).round(1), round(rng.uniform(0.5, 5), 1)),
    hint="only a gradient that is longer than the limit changes, and its direction stays",
    more="one factor for all entries: which one brings the length down to the limit?",
    slips=[
        (
            lambda g, limit: np.clip(g, -limit, limit),
            "this clips each entry: the direction changes",
        ),
        (lambda g, limit: g * limit / np.sqrt(np.sum(g * g)), "a short gradient stays as it is"),
        (lambda g, limit: g * min(1, limit / np.sum(g * g)), "the length is the root of that sum"),
        (
            lambda g, limit: g * min(1, limit / np.sum(abs(g))),
            "the length is the root of the sum of squares",
        ),
        (
            lambda g, limit: g if np.sqrt(np.sum(g * g)) <= limit else g / np.sqrt(np.sum(g * g)),
            "the clipped gradient has the length of the limit, not 1",
        ),
        (
            lambda g, limit: g if np.sqrt(np.sum(g * g)) <= limit else 0 * g,
            "a long gradient is shortened, not dropped",
        ),
        (
            lambda g, limit: g * min(1, limit / max(1e-300, np.max(abs(g)))),
            "this is the largest entry; the length is the root of the sum of squares",
        ),
        (
            lambda g, limit: g * min(1, limit / max(1e-300, np.sqrt(np.mean(g * g)))),
            "this is a root of a mean; the length is the root of the sum of squares",
        ),
    ],
)
def clipped(g, limit):
    length = np.sqrt(np.sum(g * g))
    return g if length <= limit else g * limit / length


@varied(
    "10.8",
    first=(7,),
    draw=lambda rng: (int(rng.integers(2, 90)),),
    text="a model of {} billion parameters is trained with AdamW. The weights and the gradients "
    "are held in 16 bits; the master weights and both memories in 32 bits. How many gigabytes?",
)
def gigabytes(billions):
    return of_value(
        16 * billions,
        hint="how many bytes does each parameter need, all its numbers together?",
        more="a weight and a gradient of 2 bytes, a master weight of 4, m and v of 4 each",
        slips=[
            (8 * billions, "this is 8 bytes a parameter, half of what there is: count again"),
            (12 * billions, "this is 12 bytes a parameter, and 4 are missing: count again"),
            (14 * billions, "one of the numbers in 16 bits is missing"),
            (20 * billions, "two of these numbers have 16 bits only"),
            (16, "this is the number of bytes a parameter"),
            (16e9 * billions, "in gigabytes, please"),
            (16 * billions / 1.073741824, "take a gigabyte as a thousand million bytes"),
        ],
        relative=0.005,
        quantity="a number of gigabytes",
    )


mistaken(
    "10.4",
    (
        (0.999, 0.999),
        "Coupled, Adam divides the small pull by its own size, and its steps are η long",
    ),
    ((0.9, 0.9), "Decoupled, nothing is divided: a step takes the share ηλ, here 0.00001"),
)
mistaken(
    "10b.1",
    ((-1, -0.5), "That is straight against g; the corner of the square gains more"),
)
mistaken(
    "10b.2",
    ((2.236, 3, 2), "These are the dual norms: the gain is half of the square of each"),
)
mistaken(
    "10b.4",
    ((200, 200), "That is 1/η, for all of it"),
)
mistaken(
    "10b.5",
    ((2, 1), "So errors add up that point any way; n terms of one sign add up to n"),
)
mistaken(
    "10c.3",
    ((10, 10), "√n is the way while v remembers; with 0.95 it has forgotten all but the last"),
    ((5.84, 10), "It is the other way round"),
)
mistaken(
    "10c.5",
    ((28, 14), "That is two bytes a number; in 32 bits there are four"),
    ((84, 56), "That counts the weights as well"),
    ((28, 28), "Adam has two memories, m and v"),
)
