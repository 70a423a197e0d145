"""Schedules that a reader can build: the course's own, with the slips that are usually made."""

import numpy as np

from .judges import function

SHORT = [(1, 0.6, 10), (2, 0.6, 10), (10, 0.6, 10)]


def _drawn(rng):
    steps = int(rng.integers(5, 60))
    return int(rng.integers(1, steps + 1)), round(rng.uniform(0.1, 2), 2), steps


@function(
    "inverse time",
    first=[(1, 1.0), (2, 1.0), (3, 0.5)],
    draw=lambda rng: (int(rng.integers(1, 100)), round(rng.uniform(0.1, 3), 1)),
    hint="at step t the newest example has the share 1/t in the mean of all",
    more="the rate is 1/(λt)",
    slips=[
        (lambda t, lam: 1 / (lam * (t + 1)), "t counts from 1: the first rate is 1/λ"),
        (lambda t, lam: 1 / t, "λ is missing: a steep parabola needs the smaller rate"),
        (lambda t, lam: lam / t, "a steep parabola needs the smaller rate: divide by λ"),
        (lambda t, lam: 1 / (lam * np.sqrt(t)), "this falls as 1/√t"),
        (lambda t, lam: t / lam, "it rises with t: in `1 / lam * t` only λ divides"),
        (lambda t, lam: 1 / (lam * t * t), "this falls as 1/t²"),
        (lambda t, lam: 1 / lam, "it is to fall with t"),
        (lambda t, lam: t / lam, "this grows with t: 1/λ · t is not 1/(λt)"),
        (lambda t, lam: 1 / (0.1 * t), "0.1 is typed where lam is to stand"),
    ],
)
def inverse_time(t, lam):
    """η_t = 1/(λt): with it SGD on ½λx² stands on the mean of the examples so far."""
    return 1 / (lam * t)


@function(
    "linear",
    first=SHORT,
    draw=_drawn,
    hint="which rate has step 1, and what is left of it after one step?",
    more="the first rate is lr, each step takes lr/steps off, and the last rate is lr/steps",
    slips=[
        (lambda t, lr, steps: lr * (1 - t / steps), "t counts from 1: the first rate is lr itself"),
        (lambda t, lr, steps: lr * (1 - (t - 1) / (steps - 1)), "the last step still moves"),
        (lambda t, lr, steps: lr * t / steps, "it rises"),
        (lambda t, lr, steps: lr, "it is to fall with t"),
    ],
)
def linear(t, lr, steps):
    """η_t = η(1 − (t − 1)/T)."""
    return lr * (1 - (t - 1) / steps)


@function(
    "cosine",
    first=SHORT,
    draw=_drawn,
    hint="half a wave of the cosine goes from 1 to −1: how does it come to go from lr to 0?",
    more="the rate is half of lr times 1 + cos(π(t − 1)/steps)",
    slips=[
        (
            lambda t, lr, steps: 0.5 * lr * (1 + np.cos(np.pi * t / steps)),
            "t counts from 1: the first rate is lr itself",
        ),
        (
            lambda t, lr, steps: 0.5 * lr * (1 + np.cos(np.pi * (t - 1) / (steps - 1))),
            "the last step still moves: the wave would end one step later",
        ),
        (
            lambda t, lr, steps: 0.5 * lr * (1 - np.cos(np.pi * (t - 1) / steps)),
            "it rises: which sign has the cosine?",
        ),
        (
            lambda t, lr, steps: 0.5 * lr + np.cos(np.pi * (t - 1) / steps),
            "half of lr multiplies all of 1 + cos: mind the brackets",
        ),
        (
            lambda t, lr, steps: lr * (1 + np.cos(np.pi * (t - 1) / steps)),
            "1 + cos goes from 2 to 0: half of it is wanted",
        ),
        (
            lambda t, lr, steps: lr * np.cos(np.pi * (t - 1) / steps),
            "a cosine alone becomes negative: lift it by 1 and halve it",
        ),
        (
            lambda t, lr, steps: lr * np.cos(np.pi / 2 * (t - 1) / steps),
            "this is a quarter of a wave; half a wave lands gently",
        ),
        (
            lambda t, lr, steps: 0.5 * lr * (1 + np.cos(2 * np.pi * (t - 1) / steps)),
            "this is a whole wave: it rises again",
        ),
        (
            lambda t, lr, steps: 0.5 * lr * (1 + np.cos((t - 1) / steps)),
            "half a wave is π long, and yours only 1",
        ),
        (lambda t, lr, steps: lr * (1 - (t - 1) / steps), "this is a straight line, not a wave"),
        (lambda t, lr, steps: lr, "it is to fall with t"),
        (
            lambda t, lr, steps: 0.5 * lr * (1 + np.cos(180 * (t - 1) / steps)),
            "NumPy's cosine takes radians: π, not 180",
        ),
    ],
)
def cosine(t, lr, steps):
    """η_t = ½η(1 + cos(π(t − 1)/T)). Loshchilov & Hutter (2017), eq. (5)."""
    return 0.5 * lr * (1 + np.cos(np.pi * (t - 1) / steps))


SCHEDULES = {"inverse time": inverse_time, "linear": linear, "cosine": cosine}
