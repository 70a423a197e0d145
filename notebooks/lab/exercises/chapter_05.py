"""Chapter 05, Nesterov."""

import numpy as np

from .answers import close, number, positive
from .guess import mistaken
from .judges import check_function, exercise, function, returned
from .verdict import Wrong


@exercise(
    "05.1",
    hint="what is the largest curvature, and what are the two limits of ηL?",
    more="the largest curvature is 4; compare 2/L with (2 + 2β)/(1 + 2β)/L",
    answer="any learning rate between 0.375 and 0.5",
)
def between_two_limits(answer):
    lr = positive(number(answer), "a learning rate")
    if not 0.375 < lr < 0.5:
        both = "converge" if lr <= 0.375 else "diverge"
        found = f"with {lr:g} both methods {both}"
        if lr in (0.375, 0.5):
            found = f"{lr:g} is one of the limits itself"
        hint = None
        if 0.75 <= lr <= 1:
            hint = "is this the home bowl? here f = 0.1x² + 2y²"
        elif 1.5 <= lr <= 2:
            hint = "this lies between the limits of ηL; which η is that?"
        raise Wrong(found, hint)


@function(
    "05.2",
    first=[(0.8,), (0.0,), (0.5,), (0.9,), (0.99,)],
    draw=lambda rng: (round(rng.uniform(0.05, 0.98), 2),),
    hint="which formula gives the β of the cautious settings from κ? Read it from right to left",
    more="solve β = (√κ − 1)/(√κ + 1) for √κ, then square",
    slips=[
        (lambda beta: (1 + beta) / (1 - beta), "this is √κ"),
        (lambda beta: (1 - beta) / (1 + beta), "this is 1/√κ"),
        (lambda beta: ((1 + beta) / (1 - beta)) ** 0.5, "from √κ to κ one squares"),
        (lambda beta: ((1 - beta) / (1 + beta)) ** 2, "a condition number is at least 1"),
        (lambda beta: 1 / (1 - beta), "this is how long β remembers, not the κ it is made for"),
        (
            lambda beta: ((1 + beta**0.5) / (1 - beta**0.5)) ** 2,
            "this is chapter 04's momentum, whose best β is a square",
        ),
        (lambda beta: 1 / (1 - beta) ** 2, "solve exactly, without dropping a term"),
    ],
)
def made_for(beta):
    return ((1 + beta) / (1 - beta)) ** 2


@function(
    "05.3",
    first=[(np.array([0.7, -0.4]), 0.1, 0.01), (np.array([0.7, -0.4]), 0.02, 0.3)],
    draw=lambda rng: (
        rng.normal(size=2).round(2),
        round(rng.uniform(0.01, 0.5), 2),
        round(rng.uniform(0.01, 0.5), 2),
    ),
    hint="write down one step of both; when are they the same from now on?",
    more="with which learning rate will PyTorch multiply the buffer from now on?",
    slips=[
        (
            lambda v, old, new: -v / old,
            "this is the buffer that PyTorch would have had; it is multiplied by the new rate now",
        ),
        (lambda v, old, new: v / new, "PyTorch subtracts its buffer, Keras adds its velocity"),
        (lambda v, old, new: -new * v, "the buffer will be multiplied by η: divide by it first"),
        (lambda v, old, new: -v, "the buffer holds gradients, the velocity holds steps"),
        (lambda v, old, new: v, "the buffer holds gradients, the velocity holds steps"),
        *[
            (lambda v, old, new, factor=factor: v * factor(old, new), "what the rate was " + rest)
            for factor, rest in (
                (lambda old, new: -old / new**2, "does not matter"),
                (lambda old, new: -new / old, "does not matter; and which unit has the buffer?"),
                (lambda old, new: -old / new, "does not matter; and which unit has the buffer?"),
                (lambda old, new: new / old, "does not matter; and look at the sign"),
                (lambda old, new: old / new, "does not matter; and look at the sign"),
                (lambda old, new: 1 / old, "does not matter; and look at the sign"),
            )
        ],
    ],
    relative=1e-9,
)
def buffer_of(v, old, new):
    return -v / new


@exercise(
    "05.4",
    hint="how do you see from a gradient and a step whether the step went uphill?",
    more="test the sign of gᵀ(new − old); where it is positive, begin again with k = 1; return θ",
    answer="if g @ (new - theta) > 0, set k = 1, and return the last theta",
)
def restarts(answer):
    parameters = ["gradient", "x", "lr", "steps"]
    check_function(answer, parameters)
    turn = np.linalg.qr(np.random.default_rng(54).normal(size=(50, 50)))[0]
    for kappa, steps in ((100, 200), (10_000, 1500)):
        for lowest in (0.0, 3.0):
            curvature, start = np.geomspace(1 / kappa, 1, 50), np.ones(50) + lowest

            def gradient(x, curvature=curvature, lowest=lowest):
                return curvature * (x - lowest)

            def path(gradient=gradient, start=start, steps=steps):
                case = dict(zip(parameters, (gradient, start, 1.0, steps)))
                return returned(answer, case, 50)

            begins_as_nesterov(path(steps=3), *without_restarts(gradient, start, 3))
            end, last = path(), without_restarts(gradient, start, steps)[1]
            height, plain = (np.sum(curvature * (x - lowest) ** 2) for x in (end, last))
            if not height < 0.01 * plain:
                raise Wrong(
                    f"for κ = {kappa:,} its f is {height / plain:.3g} times that without restarts; "
                    f"it should be less than a hundredth",
                    "it never restarts" if close(end, last, 1e-9) else None,
                )
            other = path(lambda x: turn @ gradient(turn.T @ x), turn @ start)
            if not np.allclose(turn.T @ other, end, rtol=1e-3, atol=1e-3):
                raise Wrong(
                    "when the axes are turned, yours takes another path",
                    "the restart is one decision for all coordinates together, by a scalar product",
                )


def begins_as_nesterov(end, ahead, theta):
    """Raise Wrong unless the first steps, too early for a restart, lead where Nesterov's do."""
    if close(end, theta, 1e-9):
        return
    raise Wrong(
        "after 3 steps, too early for a restart, yours is elsewhere than nesterov_path",
        "return the last θ, not the look-ahead point"
        if close(end, ahead, 1e-9)
        else "without a restart it has to do what nesterov_path does",
    )


def without_restarts(gradient, start, steps):
    """The look-ahead point and θ after so many steps of Nesterov's schedule."""
    plain = last = start
    for k in range(1, steps + 1):
        new = plain - gradient(plain)
        plain, last = new + (k - 1) / (k + 2) * (new - last), new
    return plain, last


mistaken(
    "05.1",
    ((1, 1), "θ moves as gradient descent does, and x is βv ahead of it"),
)
mistaken(
    "05.2",
    ((0.949, 0.949), "That is the heavy ball's √β, the same in both directions"),
    ((0.891, 0.72), "That is β(1 − ηλ) itself: the swing shrinks by its root"),
)
