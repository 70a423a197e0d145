"""Chapter 12, a fair race."""

import numpy as np

from optimizers import SGD, AdaGrad, Momentum, Nesterov

from ..landscapes import bowl
from ..races import race
from .check import close, exercise

UNFAIR = ("budget", "crashed runs", "same seeds", "landscape", "cost")


@exercise("12.4", hint="the chance that one of two twins wins n races out of n is (1/2)ⁿ")
def _(answer):
    return close(answer, 10, 1e-9)[0], "the least n with a chance below 1/1000"


@exercise(
    "12.1", hint="a line-search step costs one gradient and three values: what is that in all?"
)
def _(answer):
    right, _ = close(np.ravel(np.asarray(answer, dtype=float)), [600, 59_400], 1e-9)
    return right, "two numbers of steps, the first for one run, the second for the whole tuning"


@exercise(
    "12.2",
    hint="look at what each side was given, at what was left out, and at what was used twice",
)
def _(answer):
    wanted = ["same seeds", "landscape", "budget", "cost", "crashed runs"]
    if isinstance(answer, dict):
        answer = [answer.get(k, answer.get(k.lower(), "")) for k in "ABCDE"]
    given = [" ".join(str(word).lower().replace("_", " ").split()) for word in answer]
    if len(given) != 5 or not set(given) <= set(UNFAIR):
        return False, f"five of {', '.join(UNFAIR)}"
    right = sum(one == other for one, other in zip(given, wanted))
    return right == 5, f"five right names (so far: {right})"


@exercise(
    "12.3",
    hint="on an axis only one curvature counts: which lr ends there in a single step? And after "
    "many steps both may be at the floor, where neither is lower",
)
def _(answer):
    wanted = "(x, y, steps) on the map, from which SGD ends strictly lower"
    x, y, steps = (float(value) for value in np.ravel(np.asarray(answer, dtype=float)))
    if steps != int(steps) or not 1 <= steps <= 1000 or abs(x) > 10 or abs(y) > 5:
        return False, wanted
    start = [(x, y)]
    found = race([SGD(), AdaGrad()], bowl, int(steps), tune=start, report=start)
    return found["SGD"].median < found["AdaGrad"].median, wanted


@exercise(
    "12.5", hint="follow the wins seed by seed: those who have published leave, the others go on"
)
def _(answer):
    return close(answer, 0.06882095336914062, 0.05)[0], "a chance, larger than that of one look"


@exercise("12.6", hint="race(…, seed=seed) for seed in range(20), and compare the two medians")
def _(answer):
    rules = Momentum(), Nesterov()
    entries = [race(rules, bowl, 60, noise=1.0, seed=seed) for seed in range(20)]
    lower = sum(each["Nesterov"].median < each["Momentum"].median for each in entries)
    return close(answer, lower, 1e-9)[0], "a number of races, from 0 to 20"


@exercise("12.7", hint="each step multiplies y by 1 + 2η; how many such steps make 1000?")
def _(answer):
    return close(answer, 73, 1e-9)[0], "the number of a step"


@exercise("12.8", hint="which of the four looks at x itself, and not only at gradients?")
def _(answer):
    return str(answer).strip().lower() == "adamw", "one of the four names"
