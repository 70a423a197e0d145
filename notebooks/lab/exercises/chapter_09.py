"""Chapter 09, Adam."""

import numpy as np

from ..dialects.mysteries import MYSTERIES, mystery_name
from .guess import mistaken
from .judges import function, of_value, sequence, varied


@varied(
    "09.1",
    first=(5, -3, 200, 0.01),
    draw=lambda rng: (
        int(rng.integers(6, 40)),
        -int(rng.integers(2, 9)),
        int(rng.integers(3, 40)) * 10,
        0.01,
    ),
    text="a parameter stands at x = {}. Its gradient is {} at every step. Where is it after {} "
    "steps of Adam(lr={})?",
)
def at_one_pace(start, g, steps, lr):
    way = steps * lr
    return of_value(
        start + way,
        hint="how long is a step of Adam when the gradient never changes, and which way does it "
        "go?",
        more="with a constant gradient each step has the length lr, against the gradient's sign",
        slips=[
            (start - way, "which way is downhill, when the gradient is negative?"),
            (start - g * way, "the size of the gradient does not matter to Adam"),
            (
                start + g * way,
                "the size of the gradient does not matter to Adam, and downhill is the other way",
            ),
            (way, "this is the way; where did it begin?"),
            (-way, "this is the way, and uphill; where did it begin?"),
            (start + lr, "that is one step"),
            (start + way - lr, "count the steps: one is missing"),
            (start + way + lr, "count the steps: that is one too many"),
        ],
    )


@function(
    "09.2",
    first=[(0.9, 0.999), (0.9, 0.95), (0.0, 0.9), (0.5, 0.5), (0.5, 0.25), (0.9, 0.5), (0.99, 0.9)],
    draw=lambda rng: (round(rng.uniform(0.1, 0.95), 2), round(rng.uniform(0.905, 0.999), 3)),
    hint="the chapter has a bound for each t: how does it go on growing, and has it a limit?",
    more="it is the limit of B_t, if the geometric sum of q = β₁²/β₂ has one",
    slips=[
        (
            lambda beta1, beta2: (1 - beta1) / np.sqrt(1 - beta2),
            "this is the first step after a long silence; other gradients make longer ones",
        ),
        (
            lambda beta1, beta2: max(1, (1 - beta1) / np.sqrt(1 - beta2)),
            "this is the paper's bound, and there are gradients that pass it",
        ),
        (
            lambda beta1, beta2: (
                1 / np.sqrt((1 - beta2) * (1 - beta1**2 / beta2)) if beta1**2 < beta2 else np.inf
            ),
            "how much does m take of a new gradient?",
        ),
    ],
)
def largest_step(beta1, beta2):
    q = beta1**2 / beta2
    return (1 - beta1) / np.sqrt((1 - beta2) * (1 - q)) if q < 1 else np.inf


@function(
    "09.3",
    first=[(1, 1e-7, 0.999), (10, 1e-8, 0.99), (5000, 1e-3, 0.999), (2, 0.1, 0.5)],
    draw=lambda rng: (
        int(rng.integers(1, 200)),
        float(f"{10 ** rng.uniform(-8, -1):.2g}"),
        round(rng.uniform(0.5, 0.999), 3),
    ),
    hint="write both forms with √v in the denominator: what is beside it in each?",
    more="the second form's epsilon is the first one's times √(1 − β₂ᵗ)",
    slips=[
        (lambda t, eps_hat, beta2: eps_hat * np.sqrt(1 - beta2**t), "this is the other way round"),
        (lambda t, eps_hat, beta2: eps_hat / (1 - beta2**t), "it stands beside √v, not beside v"),
        (lambda t, eps_hat, beta2: eps_hat / np.sqrt(1 - beta2), "what does it depend on t for?"),
        (lambda t, eps_hat, beta2: eps_hat, "the two are not equal while v̂ differs from v"),
        (
            lambda t, eps_hat, beta2: eps_hat / np.sqrt(1 - beta2 ** (t - 1)),
            "t counts from 1: the first step has the power 1",
        ),
    ],
)
def translated(t, eps_hat, beta2):
    return eps_hat / np.sqrt(1 - beta2**t)


def blow(beta1, beta2):
    """The first step after a blow, in units of lr."""
    return (1 - beta1) / np.sqrt(1 - beta2)


@function(
    "09.4",
    first=[(0.9, 0.999), (0.5, 0.9), (0.0, 0.99), (0.8, 0.95)],
    draw=lambda rng: (round(rng.uniform(0.05, 0.9), 2), round(rng.uniform(0.85, 0.999), 3)),
    hint="by which factor is each further step shorter than the one before?",
    more="the steps fall by the factor β₁/√β₂ each time: a geometric series",
    slips=[
        (blow, "this is the first step; momentum carries on"),
        (
            lambda beta1, beta2: blow(beta1, beta2) / (1 - beta1 / beta2),
            "it is the root of v that divides, and it falls by √β₂",
        ),
        (
            lambda beta1, beta2: blow(beta1, beta2) / (1 - beta1),
            "m falls by β₁, but what it is divided by falls, too",
        ),
        (
            lambda beta1, beta2: one_blow(beta1, beta2) - blow(beta1, beta2),
            "the first step is part of the way",
        ),
    ],
    length=True,
)
def one_blow(beta1, beta2):
    return blow(beta1, beta2) / (1 - beta1 / np.sqrt(beta2))


sequence(
    "09.5",
    [mystery_name(k) for k in range(1, 7)],
    {**{name: name for name in MYSTERIES}, "eps inside": "eps inside the root"},
    hint="which two columns of the table, taken together, tell all six apart?",
    more="feed [1, 0] and look at the second step; feed [1e-8] and look at the first",
)


mistaken(
    "09.1",
    ((7, 693), "That is half of the way up"),
)
mistaken(
    "09.2",
    ((0.3, -0.3), "That is Δx itself, and how far it goes has no sign"),
)
mistaken(
    "09.3",
    ((3.16, 43), "That is the worst of all five faults, not of this one"),
)
mistaken(
    "09.4",
    (
        (0.05, 0.2, 0.8),
        "That is the square-root rule three times: with 256 examples noise rules no longer",
    ),
)
