"""Questions of an exam, and those to derive. Each is drawn, and each number is computed.

A maker gets a generator of random numbers and returns a Question. Its key is a formula that the
answer derives; `measured` is the same number from the course's own rules and landscapes, and no
exam is written where the two disagree.
"""

from dataclasses import dataclass, field

import numpy as np

from optimizers import SGD, Momentum

from ..descent import feed, newton
from ..own_landscape import landscape_of


@dataclass(frozen=True)
class Question:
    """kind: derive, predict, fault or choose. steps: [(marks, what earns them)] of the key.

    predicted, measured: the number by formula and by experiment, where there is one; within: how
    far they may be apart, relative to the first.
    """

    kind: str
    text: str
    steps: list = field(default_factory=list)
    code: str = ""
    predicted: float = np.nan
    measured: float = np.nan
    within: float = 1e-6

    @property
    def marks(self):
        return sum(marks for marks, _ in self.steps)


def told(value):
    """A number as it stands in a key: four digits."""
    rounded = float(f"{value:.4g}")
    text = f"{int(rounded):,}" if rounded == round(rounded) else f"{rounded:.4g}"
    return text.replace("-", "−")


def pick(rng, *values):
    return values[rng.integers(len(values))]


# ---------------------------------------------------------------------------- derive


def unweighted_sum(rng):
    beta, t = pick(rng, 0.6, 0.7, 0.8, 0.9), int(rng.integers(3, 7))
    share = (1 - beta**t) / (1 - beta)
    return Question(
        "derive",
        f"An optimizer keeps u ← βu + g with u = 0 at the start, without a factor 1 − β. By which "
        f"number must u be divided after step t, so that it is a weighted mean of the gradients "
        f"seen? Derive it, and give it for β = {beta} and t = {t}.",
        [
            (2, "unrolled: u = g_t + βg_(t−1) + … + β^(t−1)g_1"),
            (2, "its weights add up to (1 − βᵗ)/(1 − β), a geometric sum: divide by that"),
            (1, f"here {told(share)}"),
        ],
        predicted=share,
        measured=-feed(Momentum(lr=1.0, momentum=beta), np.ones(t))[-1],
    )


def two_rates(rng):
    curvature = pick(rng, 1.0, 2.0, 4.0)
    bold, shy = 2.6 / curvature, pick(rng, 0.3, 0.4, 0.5) / curvature
    factor = (1 - bold * curvature) * (1 - shy * curvature)
    opt, params = SGD(lr=bold), {"x": 1.0}
    for rate in (bold, shy) * 5:
        opt.lr = rate
        opt.update(params, {"x": curvature * params["x"]})
    return Question(
        "derive",
        f"Gradient descent on f(x) = ½λx² takes two learning rates in turn, a, b, a, b, … Derive "
        f"for which a and b it converges. Does it for λ = {curvature:g}, a = {bold:g} and "
        f"b = {shy:g}, although a alone is too large? By which factor do two steps change x?",
        [
            (2, "two steps multiply x by (1 − aλ)(1 − bλ)"),
            (1, "it converges exactly if that is between −1 and 1"),
            (
                2,
                f"here it is {told(factor)}: it {'converges' if abs(factor) < 1 else 'diverges'}",
            ),
        ],
        predicted=factor,
        measured=float(np.sign(params["x"]) * abs(params["x"]) ** (1 / 5)),
    )


def sign_with_momentum(rng):
    lr, beta = pick(rng, 0.1, 0.2, 0.3, 0.6), pick(rng, 0.5, 0.8, 0.9)
    half = lr / (2 * (1 + beta))
    return Question(
        "derive",
        f"Heavy-ball momentum is fed the sign of the gradient: v ← βv − η·sign(x), x ← x + v. "
        f"Suppose that x hops between a and −a for ever. Derive a, and give it for η = {lr} and "
        f"β = {beta}. What does momentum do to the hop of sign descent, which is η/2?",
        [
            (2, "in such a hop the velocity turns its sign at each step: v′ = −v"),
            (
                2,
                "−v = βv − η·sign(x), so |v| = η/(1 + β), and the hop is 2a long: a = η/(2(1 + β))",
            ),
            (1, f"here a = {told(half)}: momentum makes the hop smaller, not larger"),
        ],
        predicted=half,
        measured=_hop(lr, beta),
    )


def _hop(lr, beta):
    """The distance that the rule keeps, when it begins with the velocity of such a hop."""
    opt, params = Momentum(lr=lr, momentum=beta), {"x": np.array(lr / (2 * (1 + beta)))}
    opt.update(params, {"x": np.array(0.0)})  # at rest: it makes its memory
    opt.v["x"][...] = lr / (1 + beta)
    path = iterate_on(opt, params, np.sign, 20)
    return float(np.abs(path).mean())


def iterate_on(opt, params, slope, steps):
    """The points that a rule goes to from where it is, with what it remembers."""
    path = []
    for _ in range(steps):
        opt.update(params, {"x": slope(params["x"])})
        path.append(float(params["x"]))
    return np.array(path)


def newton_on_a_power(rng):
    p = int(pick(rng, 4, 6, 8))
    factor = (p - 2) / (p - 1)
    on = landscape_of(lambda x, y: x**p + y**p, view=((-2, 2), (-2, 2)), start=(1.0, 1.0))
    path = newton(on, (1.0, 1.0), steps=3)
    steps = int(np.ceil(np.log(1000) / -np.log(factor)))
    return Question(
        "derive",
        f"Newton's method on f(x) = x^{p}. Derive the factor by which each step multiplies x. "
        f"After how many steps is x a thousand times smaller? Why is it not quadratic convergence?",
        [
            (2, f"x − f′/f″ = x − x/{p - 1} = {p - 2}/{p - 1} · x, a factor of {told(factor)}"),
            (2, f"{steps} steps: the first whole number above ln 1000 / −ln {told(factor)}"),
            (1, "the curvature at the minimum is zero: there is no bowl to be exact on"),
        ],
        predicted=factor,
        measured=path[3, 0] / path[2, 0],
        within=1e-4,
    )


DERIVE = (unweighted_sum, two_rates, sign_with_momentum, newton_on_a_power)
