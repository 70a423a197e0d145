"""Chapter 11, schedules."""

import numpy as np

from ..schedules import table
from ..theory import expected_f
from .answers import numbers
from .guess import mistaken
from .judges import check_function, exercise, function, returned, value
from .schedules import cosine
from .verdict import Wrong

value(
    "11.1",
    9.45,
    hint="how long is Adam's step when the gradient is constant, and what is the first rate?",
    more="its way is the sum of the learning rates, from t = 0 to t = 99; which of them is 0?",
    slips=[
        (9.55, "this loop would count from 1: how does this one count?"),
        (10, "the first ten rates are smaller"),
        (9, "the rates on the way up count, too"),
        (18.9, "the size of the gradient does not matter to Adam"),
        (19.1, "the size of the gradient does not matter to Adam, and the loop counts from 0"),
    ],
    length=True,
)


@function(
    "11.2",
    first=[(1, 0.3, 50, 10), (40, 0.3, 50, 10), (41, 0.3, 50, 10), (42, 0.3, 50, 10)]
    + [(50, 0.3, 50, 10), (51, 0.3, 50, 10), (90, 0.3, 50, 10), (2, 2.0, 4, 4)],
    draw=lambda rng: (
        int(rng.integers(1, 70)),
        round(rng.uniform(0.1, 2), 1),
        int(rng.integers(40, 60)),
        int(rng.integers(5, 40)),
    ),
    hint="how many steps are left at step t, this one included?",
    more="with k steps left, this one included, the rate is k/landing of lr, and at most lr",
    slips=[
        (
            lambda t, lr, steps, landing: lr * min(1, max(0, (steps - t) / landing)),
            "the last step still moves: the rate is 0 for the first time at step steps + 1",
        ),
        (
            lambda t, lr, steps, landing: lr * min(1, (steps + 1 - t) / landing),
            "after the last step the rate stays 0",
        ),
        (
            lambda t, lr, steps, landing: lr * max(0, (steps + 1 - t) / landing),
            "before the landing the rate is held at lr",
        ),
        (
            lambda t, lr, steps, landing: lr if t <= steps - landing else 0,
            "the rate falls step by step in the landing",
        ),
        (
            lambda t, lr, steps, landing: (
                lr
                if t <= steps - landing
                else cosine(min(t, steps + 1) - steps + landing, lr, landing)
            ),
            "it is to fall by the same amount at each step: along a straight line",
        ),
    ],
)
def hold_then_land(t, lr, steps, landing):
    return lr * max(0, min(1, (steps + 1 - t) / landing))


LOW = 0.067  # below the best exponential's 0.0679, above the 0.0646 of the best schedule below 2/L


@exercise(
    "11.3",
    hint="the flat valley wants long steps as long as the noise can still be forgotten",
    more="fall about as 1/t for the flat valley, and let the last quarter land for the steep one",
    answer="there are many, such as min(0.98, 10 / (t + 0.5)) * min(1, (101 - t) / 25)",
)
def beat_the_shapes(answer):
    check_function(answer, ["t"])
    rates = np.array([float(returned(answer, {"t": t})) for t in range(1, 101)])
    if rates.min() < 0 or rates.max() > 1:
        t = int(np.argmax((rates < 0) | (rates > 1))) + 1
        raise Wrong(f"for t = {t} yours returns {rates[t - 1]:.4g}", "a rate is from 0 to 1")
    valleys = ((0.1, -7), (2, 2))
    flat, steep = (float(expected_f(table(rates), 100, (lam,), (x,))[-1]) for lam, x in valleys)
    if flat + steep > LOW:
        start = [lam / 2 * x**2 * float(np.prod(1 - lam * rates) ** 2) for lam, x in valleys]
        if start[1] > steep / 100 and start[0] < flat / 4:
            hint = "at 1 the steep valley throws the path from wall to wall, and forgets nothing"
        elif steep > flat / 6 and start[1] < steep / 100:
            hint = "the steep valley keeps the noise of the last steps: it wants a landing"
        elif start[0] > flat / 4:
            hint = "a good part is what is left of the start: the area is too small"
        else:
            hint = "the flat valley keeps the noise of the middle: let the rate fall sooner"
        raise Wrong(
            f"yours ends at {flat + steep:.4f}: {flat:.4f} along x and {steep:.4f} along y", hint
        )


def stair(lr, lam, fall, power=2):
    """How many steps, not rounded, until what lies above the floor is down by this factor."""
    return np.log(fall) / (-power * np.log(abs(1 - lr * lam)))


@function(
    "11.4",
    first=[(0.1, 1.0), (0.01, 2.0), (0.3, 0.5), (0.5, 1.5)],
    draw=lambda rng: (round(rng.uniform(0.01, 0.6), 2), round(rng.uniform(0.2, 1.5), 2)),
    hint="how many floors lie above the floor at the start of a stair, and how many at its end?",
    more="what lies above the floor falls from 19 floors to 1, by (1 − ηλ)² at each step",
    slips=[
        (
            lambda lr, lam: np.ceil(stair(lr, lam, 10)),
            "only what lies above the floor shrinks: subtract the floor on both sides",
        ),
        (
            lambda lr, lam: np.ceil(stair(lr, lam, 20)),
            "only what lies above the floor shrinks: subtract the floor on both sides",
        ),
        (
            lambda lr, lam: np.ceil(stair(lr, lam, 19, power=1)),
            "the loss shrinks with the square of the distance",
        ),
        (
            lambda lr, lam: np.ceil(np.log(19) / (2 * lr * lam)),
            "take the exact shrinking, (1 − ηλ)² a step",
        ),
        (lambda lr, lam: stair(lr, lam, 19), "it is to be a whole number of steps"),
        (
            lambda lr, lam: np.ceil(stair(lr, lam, 3)),
            "he divides by ten: where does a stair begin?",
        ),
    ],
    relative=0,
)
def when_to_drop(lr, lam):
    return int(np.ceil(stair(lr, lam, 19)))


@exercise(
    "11.5",
    hint="which rate brings one direction to the minimum in a single step?",
    more="P(λ) must be 0 at each curvature; which rate is dangerous, and for whom?",
    answer="1/2, 1/0.5 and 1/0.1, in this order, (0.5, 10, 2) or (2, 0.5, 10)",
)
def three_steps(answer):
    curvature, rates = np.array([0.1, 0.5, 2.0]), numbers(answer)
    left, worst = np.ones(3), 1.0
    for lr in rates:
        left = left * (1 - lr * curvature)
        worst = max(worst, float(abs(left).max()))
    exact = bool(np.all(abs(left) < 1e-6))
    if not exact or rates.size != 3 or worst > 5:
        hint = None
        if exact and rates.size == 3:
            hint = "all of them arrive, but one is thrown out too far on the way: mind the order"
        elif exact:
            hint = "it can be done in fewer steps"
        raise Wrong(
            f"your {rates.size} rates leave at most {abs(left).max():.3g} of a direction, and "
            f"throw one out to {worst:.3g} times its start",
            hint,
        )


mistaken(
    "11.1",
    (
        (0.3, 0.92),
        "0.3 is the quick rule, η/4 for each coordinate: in y, where ηλ is 1.2, it is too low",
    ),
)
mistaken(
    "11.2",
    (63.2, "That is what they take away"),
)
mistaken(
    "11.5",
    (22, "That is the peak over 2/9: a ramp needs z₁ below z*, not below 2"),
    (23, "That is the peak over 2/9: a ramp needs z₁ below z*, not below 2"),
)
mistaken(
    "11.6",
    (
        (3.16, 3.16),
        "That is √10, as if each step were drawn by itself: momentum ties them together",
    ),
)
