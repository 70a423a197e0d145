"""Chapter 13, a network that learns."""

import numpy as np

from .answers import names
from .guess import mistaken
from .judges import exercise, function, value
from .verdict import Wrong


def layer(rng, n):
    """Return (d, W, h) of n examples in a layer with n inputs and n outputs, as short numbers.

    All three alike, so that a product the wrong way round gives numbers, which a hint can name.
    """
    d, W, z = rng.normal(0, 1, (3, n, n))
    return (0.5 * d).round(2), W.round(2), np.tanh(z).round(2)


RNG = np.random.default_rng(13)


@function(
    "13.1",
    first=[layer(RNG, 1), layer(RNG, 2)],
    draw=lambda rng: layer(rng, 2),
    hint="which shape must come out? Which product of d and W has it?",
    more="a matrix product with W transposed, then the slope of tanh at each place, by its output",
    slips=[
        (lambda d, W, h: d @ W.T, "the bend is missing: multiply by its slope"),
        (lambda d, W, h: (d @ W.T) * (1 - h), "the slope of tanh has the square of h"),
        (lambda d, W, h: (d @ W.T) * (1 - np.tanh(h) ** 2), "h is bent already: it is tanh(z)"),
        (lambda d, W, h: (d @ W.T) * h * (1 - h), "this slope belongs to the logistic function"),
        (lambda d, W, h: (d @ W.T) * (h > 0), "this is the slope of ReLU"),
        (lambda d, W, h: (d @ W.T) * h, "this is the output itself, not the slope of the bend"),
        (lambda d, W, h: (d @ W.T) / (1 - h * h), "multiply by the slope, do not divide"),
        (lambda d, W, h: h.T @ d, "this is the derivative by W: it has the shape of W"),
        (lambda d, W, h: (d @ W) * (1 - h * h), "W has to be transposed: look at the shapes"),
        (lambda d, W, h: (W @ d) * (1 - h * h), "a row of d is an example: d comes first"),
        (
            lambda d, W, h: (d @ W.T) @ (1 - h * h),
            "the slope multiplies number by number: *, not @",
        ),
        (lambda d, W, h: (d * W.T) * (1 - h * h), "d and W make a matrix product: @, not *"),
        (lambda d, W, h: (d * W) * (1 - h * h), "d and W make a matrix product: @, not *"),
        (lambda d, W, h: (d @ W.T) * (1 - h * h) / len(d), "δ has the 1/n of the mean already"),
    ],
    relative=1e-9,
)
def one_layer_back(d, W, h):
    return (d @ W.T) * (1 - h * h)


value(
    "13.2",
    np.log(26),
    hint="which probability does it give to each letter, and what is the loss of that?",
    more="minus the logarithm of the probability given to the right class",
    slips=[
        (np.log(10), "this is the loss of ten classes"),
        (np.log2(26), "the loss takes the natural logarithm"),
        (np.log10(26), "the loss takes the natural logarithm"),
        (-np.log(26), "a loss is positive: minus the logarithm of a probability"),
        (1 / 26, "this is the probability; the loss is made of its logarithm"),
        (25 / 26, "this is the share of errors, not the cross-entropy"),
    ],
    relative=1.5e-2,  # 3.3 will do
)


@function(
    "13.9",
    first=[
        (np.array([0.3, 0.8]),),
        (np.array([-0.9, -0.5, -0.1]),),
        (np.array([[-0.9, -0.5, -0.1], [0.0, 0.3, 0.8]]),),
    ],
    draw=lambda rng: (rng.uniform(-0.95, 0.95, (2, 3)).round(2),),
    hint="differentiate for z > 0 first, and then express the slope by h instead of z",
    more="for z > 0, h = 1 − 1/(1 + z); write the slope 1/(1 + z)² with h, and mirror it",
    slips=[
        (lambda h: 1 - h * h, "this is the slope of tanh"),
        (lambda h: h * (1 - h), "this is the slope of the logistic function"),
        (lambda h: (1 - h) ** 2, "right where h > 0; what is it for negative h?"),
        (lambda h: 1 / (1 + abs(h)) ** 2, "this is the slope at z; write it with h"),
        (lambda h: 1 - abs(h), "the slope is the square of 1/(1 + z)"),
        (lambda h: (1 - h * h) ** 2, "1/(1 + |z|) is 1 − |h|"),
    ],
    relative=1e-9,
)
def slope_by_output(h):
    return (1 - abs(h)) ** 2


value(
    "13.3",
    (1 / 64, 0.03),
    hint="how much larger than yours are his gradients, and what does each rule make of that?",
    more="gradient descent multiplies its step by a factor of the gradient; Adam divides it out",
    slips=[
        ((1 / 64, 0.03 / 64), "Adam divides a factor of the gradient out"),
        ((64, 0.03), "his gradients are the larger ones: he needs the smaller rate"),
        ((1, 0.03), "gradient descent does feel a factor of the gradient"),
        ((1 / 64, 1.92), "Adam divides a factor of the gradient out"),
        ((64, 1.92), "his gradients are the larger ones, and Adam divides a factor out"),
        ((0.03, 1 / 64), "SGD comes first"),
    ],
    relative=0.03,  # 0.016 will do
)
ARRAYS = ("W1", "b1", "W2", "b2", "W3", "b3")
SPELT = {f"{name[0]}_{name[1]}": name for name in ARRAYS}


@exercise(
    "13.4",
    hint="which numbers can you trust? Compare array by array, to many digits",
    more="a complex step in each parameter gives the truth, to the last digits",
    answer="W1, b1, W2 and b2: all arrays before the last layer",
)
def contradicted(answer):
    answer = list(answer) if isinstance(answer, (set, frozenset)) else answer
    given, wrong = set(names(answer, None, SPELT)), set(ARRAYS[:4])
    if given != wrong:
        hint = "some faulty ones are missing in your list" if given < wrong else None
        if given > wrong:
            hint = "one of yours is right: the last layer has no bend behind it"
        faulty, sound = len(given & wrong), len(given - wrong)
        raise Wrong(f"of the arrays you name {faulty} are faulty and {sound} are sound", hint)


value(
    "13.5",
    (1 / 10, 10),
    hint="if a weight is much larger, how much does the same small change of it matter?",
    more="differentiate f(W1, W2) = f(a·W1, W2/a) on both sides",
    slips=[
        ((10, 1 / 10), "the other way round: a larger weight has the smaller slope"),
        ((1, 1), "the loss is the same, its slopes are not"),
        ((1 / 100, 100), "these are the factors of the second derivatives"),
        ((1 / 10, 1 / 10), "W2 was divided: what does that do to its slope?"),
        ((10, 10), "W1 was multiplied: what does that do to its slope?"),
    ],
)
value(
    "13.6",
    np.sqrt(2 + np.sqrt(3)),
    hint="how large may the sharpness be, and what is it on the floor, where y = 1/x?",
    more="on the floor the sharpness is x² + 1/x², and it must stay below 2/η",
    slips=[
        (2 + np.sqrt(3), "this is x²"),
        (np.sqrt(2 - np.sqrt(3)), "this is the smallest x"),
        (2, "y is not 0 on the floor"),
        (4, "this is the sharpness, 2/η"),
        (np.sqrt(1 + np.sqrt(3)), "is the limit of the sharpness 2/η or 1/η?"),
    ],
)
value(
    "13.7",
    19,
    hint="which curvature does momentum bear, compared with gradient descent?",
    more="chapter 04: momentum is stable up to the curvature 2(1 + β)/η",
    slips=[
        (10, "this is what gradient descent bears"),
        (100, "momentum does not bear 1/(1 − β) times as much"),
        (9.5, "2(1 + β) over η"),
        (1, "momentum bears more than gradient descent, not less"),
        (3.8, "this is the limit of η times the sharpness"),
        (0.76, "divide by η"),
        (38, "the learning rate is another one here"),
    ],
    quantity="a curvature",
)
WIDTH = np.sqrt(2 * 0.2 * (2.5 - 2 / 0.9))
value(
    "13.8",
    WIDTH,
    hint="at which x does it hop, and which two pushes along x are equal there?",
    more="at x = 2/η, half of y² is k times the way that is left to B",
    slips=[
        (WIDTH**2, "this is y²"),
        (WIDTH**2 / 2, "this is half of y²"),
        (WIDTH / np.sqrt(2), "half of y² is what pushes back, not y²"),
        (2 / 0.9, "this is x, the sharpness where it hops"),
        (np.sqrt(2 * 0.2 * 2.5), "the path never comes to B: how much of the way is left?"),
        (np.sqrt(2 * 0.2 * (2.5 - 1 / 0.9)), "is the limit of the sharpness 2/η or 1/η?"),
    ],
    relative=0.015,  # two digits will do
    length=True,
)


mistaken(
    "13.2",
    (3, "That counts the derivative by the pixels, too: nobody asks for it"),
    (2, "That leaves out what the last layer passes back to the first"),
)
mistaken(
    "13.3",
    (3.32, "That is log₂ 10: the loss takes the natural logarithm"),
)
mistaken(
    "13.4",
    (10, "That would be no difference: on the same digits a small one shows"),
)
