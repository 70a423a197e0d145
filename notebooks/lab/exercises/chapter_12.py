"""Chapter 12, a fair race."""

import numpy as np

from optimizers import SGD, AdaGrad

from ..landscapes import bowl
from ..races import race
from .answers import numbers
from .guess import mistaken
from .judges import exercise, sequence, value
from .verdict import Unfit, Wrong

value(
    "12.1",
    (300 * 6 / 3, 36 * 11 * 300 * 3 / 6),
    hint="what does one step of line search cost in all, and what one step of SGD?",
    more="line search takes a gradient and three values a step; the tuning, 36 · 11 · 300 steps",
    slips=[
        ((400, 36 * 11 * 300 * 3 / 4), "three values and a gradient: what do they cost together?"),
        ((600, 36 * 11 * 300), "this counts the steps of the tuning; what can line search do?"),
        ((150, 36 * 11 * 300 * 2), "one of its steps costs more than one of SGD's, not less"),
        ((300 * 6 / 3, 36 * 300 * 3 / 6), "each rate is tried on 11 starts"),
        ((300 * 6 / 3, 36 * 11 * 3 / 6), "each trial is a run of 300 steps"),
        ((600, 36 * 11 * 300 * 3), "this is what the tuning costs: how many steps does that buy?"),
        ((1800, 36 * 11 * 300 * 3), "these are costs, and numbers of steps are asked for"),
        ((300, 36 * 11 * 300 * 3 / 6), "one of its steps costs more than one of SGD's"),
        ((36 * 11 * 300 * 3 / 6, 600), "the run comes first, the tuning second"),
    ],
    relative=1e-9,
)
sequence(
    "12.2",
    ["same seeds", "landscape", "budget", "cost", "crashed runs"],
    ["budget", "crashed runs", "same seeds", "landscape", "cost"],
    hint="look at what each side was given, and at what was left out",
    more="A tunes and reports on one set; B's minima lie in one place; C counts trials; "
    "D's steps are not alike; E's mean is over some",
)


@exercise(
    "12.3",
    hint="on an axis only one curvature counts",
    more="which lr ends there in a single step? And after many steps both may be at the floor, "
    "where neither is lower",
    answer="there are many, such as (-7, 0, 1)",
)
def mislead(answer):
    x, y, steps = (float(part) for part in numbers(answer, 3))
    if steps != np.round(steps) or not 1 <= steps <= 1000:
        raise Unfit(f"the third number is a number of steps, 1 to 1000, and yours is {steps:g}")
    if abs(x) > 10 or abs(y) > 5:
        raise Wrong("your start is not on the map", "−10 ≤ x ≤ 10 and −5 ≤ y ≤ 5")
    if x == y == 0:
        raise Wrong("your start is the minimum", "there is no race from there: go away from it")
    start = [(x, y)]
    found = race([SGD(), AdaGrad()], bowl, int(steps), tune=start, report=start)
    sgd, adagrad = found["SGD"].median, found["AdaGrad"].median
    if not 2 * sgd < adagrad:
        hint = None
        if sgd == adagrad:
            hint = "both are at the floor: take fewer steps"
        elif sgd < adagrad < 1.001 * sgd:
            hint = "that is a tie, but for ε"
        raise Wrong(f"from there SGD ends at f = {sgd:.1e} and AdaGrad at {adagrad:.1e}", hint)


value(
    "12.4",
    10,
    hint="what is the chance that one of two twins wins every race?",
    more="the chance that one of two twins wins n races out of n is (1/2)ⁿ",
    slips=[
        (9, "is 2⁻⁹ below 1/1000?"),
        (11, "fewer will do"),
        (np.log2(1000), "races come in whole numbers"),
        (1000, "the chance halves with each race"),
        (500, "the chance halves with each race"),
    ],
    relative=1e-9,
    quantity="a number of races",
)
value(
    "12.5",
    0.06882095336914062,
    hint="is the chance of all looks together larger or smaller than that of one look?",
    more="follow the wins seed by seed: those who have published leave, the others go on",
    slips=[
        (1 / 32, "this is the risk of a single look; there are sixteen"),
        (0.5, "the looks are not apart: who has published does not look again"),
        (
            1 - (31 / 32) ** 16,
            "the looks are not independent: each sees the seeds of the one before",
        ),
        (6.882, "as a chance, between 0 and 1"),
    ],
    relative=0.05,
    quantity="this chance",
)


value(
    "12.6",
    17,  # counted by the solution in the notebook: twenty races take some seconds
    hint="race(…, seed=seed) for seed in range(20), and compare the two medians",
    more='entries["Nesterov"].median < entries["Momentum"].median, counted over all races',
    slips=[
        (3, "these are the races in which Momentum has it"),
        (0.85, "the number of races, not their share"),
        (1, "this is one race; there are nineteen more seeds"),
    ],
    relative=1e-9,
)
value(
    "12.7",
    73,
    hint="by which factor does y grow at each step near the ridge, where the slope is −2y?",
    more="each step multiplies y by 1 + 2η; how many such steps make 1000?",
    slips=[
        (72, "after that many steps, is it at least 1?"),
        (74, "it is there sooner"),
        (np.log(1000) / np.log(1.1), "steps come in whole numbers"),
        (142, "the slope of −y² is −2y"),
        (139, "ln(1 + 2η) is not exactly 2η, and the slope is −2y"),
        (70, "ln(1 + 2η) is not exactly 2η"),
    ],
    relative=1e-9,
    quantity="a number of steps",
)
sequence(
    "12.8",
    ["AdamW"],
    ["Adam", "AdamW", "AMSGrad", "RMSProp"],
    hint="what does each of the four look at? What changes when the valley is moved?",
    more="which of the four looks at x itself, and not only at gradients?",
)


BANDS = "The bands overlap because the starts differ: from each single start one rate is better"
mistaken("12.4", *((starts, BANDS) for starts in (50.5, 55, 60, 65, 70, 75, 80)))
