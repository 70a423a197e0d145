"""Chapter 04, momentum."""

import numpy as np

from optimizers import Momentum

from ..descent import descend
from ..landscapes import bowl
from ..theory import heavy_ball_rate
from .answers import numbers
from .guess import mistaken
from .judges import exercise, function, made_from, of_value, varied
from .verdict import Unfit, Wrong


@varied(
    "04.1",
    first=(3, 0.9),
    draw=lambda rng: (int(rng.integers(2, 20)) / 2, int(rng.integers(4, 19)) / 20),
    text="on f(x) = {}x², below which learning rate does momentum with β = {} converge?",
)
def limit(a, beta):
    most = 2 + 2 * beta
    return of_value(
        most / (2 * a),
        hint="momentum bears more than gradient descent: how much more, and which curvature is it?",
        more=f"the curvature of {a:g}x² is its second derivative, and ηλ stays below 2 + 2β",
        slips=[
            (1 / a, "this is the limit without momentum"),
            (most / a, "the coefficient of x² is not yet the curvature: differentiate twice"),
            (most, "this is the limit of ηλ, not of η"),
            ((1 - beta) / a, "momentum bears more than gradient descent, not less"),
            (2 / a, "this is the limit as β tends to 1"),
            (most / 2, "this is the limit on the bowl, where L = 2; which curvature has this f?"),
            ((1 - beta) / (2 * a), "momentum bears more than gradient descent, not less"),
            (most / (4 * a), "put z = −1 into p(z) once more: a factor is missing"),
        ],
        quantity="a learning rate",
    )


@exercise(
    "04.2",
    hint="which of the two modes is the slow one, and which momentum damps it critically?",
    more="critical damping of a mode λ needs √β = 1 − √(ηλ); the flat mode has λ = 0.1",
    answer="Momentum(lr=0.95, momentum=(1 - np.sqrt(0.95 * 0.1)) ** 2), for one",
)
def with_a_handicap(answer):
    made_from(answer, "Momentum")
    run = descend(answer, bowl, steps=30)
    if answer.lr > 0.95:
        raise Wrong(f"your lr is {answer.lr:g}", "the handicap: lr at most 0.95")
    if not run.f[-1] < 1e-6:
        hint = None
        if np.isfinite(run.f[-1]):
            critical = (1 - np.sqrt(0.1 * answer.lr)) ** 2
            hint = "the flat mode " + (
                "swings to and fro: it is underdamped"
                if answer.momentum > critical
                else "creeps: it is overdamped"
            )
            if np.isclose(answer.momentum, critical, rtol=0.02):
                hint = "this momentum fits its lr, and the handicap allows a larger lr"
            elif np.isclose(answer.momentum, (1 - np.sqrt(2 * answer.lr)) ** 2, rtol=0.02):
                hint = "this damps the steep mode critically; which of the two is the slow one?"
        raise Wrong(f"your run: {run.verdict()}", hint)


def rates(lr, ema_lr, beta, curvature):
    """The rates of gradient descent, and of the classical form with two learning rates."""
    ema, classical = (heavy_ball_rate(eta, beta, curvature) for eta in (ema_lr, lr))
    return np.array([abs(1 - lr * curvature), ema, classical])


@function(
    "04.3",
    first=[(0.1, 0.9, 0.1), (0.02, 0.9, 0.1), (0.7, 0.5, 2.0), (1.2, 0.8, 2.0)],
    draw=lambda rng: (
        round(rng.uniform(0.05, 0.9), 2),
        round(rng.uniform(0.1, 0.95), 2),
        round(rng.uniform(0.1, 2), 1),
    ),
    hint="which learning rate would make the classical form take the EMA form's steps?",
    more="the EMA form is the classical one with (1 − β)·lr; heavy_ball_rate gives its rate",
    slips=[
        (
            lambda lr, beta, curvature: [1 - lr * curvature, *three(lr, beta, curvature)[1:]],
            "a rate is a size: 1 − ηλ may be negative",
        ),
        (
            lambda lr, beta, curvature: three(lr, beta, curvature)[[0, 2, 1]],
            "the order is gradient descent, EMA, classical",
        ),
        (
            lambda lr, beta, curvature: rates(lr, lr, beta, curvature),
            "the EMA form weighs each new gradient by 1 − β, so it is not the classical one",
        ),
        (
            lambda lr, beta, curvature: rates(lr, lr / (1 - beta), beta, curvature),
            "the EMA form has the smaller steps: multiply by 1 − β, do not divide",
        ),
        (
            lambda lr, beta, curvature: rates(lr, beta * lr, beta, curvature),
            "the new gradient counts 1 − β in the EMA form; β is the share of the old v",
        ),
        (
            lambda lr, beta, curvature: three(lr, beta, curvature)[[0, 0, 2]],
            "EMA momentum is near to gradient descent here, and not the same: it remembers",
        ),
        *[
            (
                lambda lr, beta, curvature, parts=parts: np.where(
                    parts, beta**0.5, three(lr, beta, curvature)
                ),
                "the rate is √β only while the roots are complex",
            )
            for parts in ((False, True, True), (False, False, True), (False, True, False))
        ],
    ],
    relative=1e-3,
)
def three(lr, beta, curvature):
    return rates(lr, (1 - beta) * lr, beta, curvature)


@exercise(
    "04.4",
    hint="try many starts at once: an array of them runs like a single one",
    more="try more momentum than 0.9, and look at where |x| is still large after 3,000 steps",
    answer="there are many: with momentum 0.97 about half of all starts",
)
def never_settles(answer):
    momentum, start = (float(part) for part in numbers(answer, 2))
    if momentum >= 1 or momentum < 0:
        raise Unfit(f"the pair is (momentum, start), and your momentum is {momentum:g}")
    if momentum > 0.98 or abs(start) > 10:
        raise Wrong(
            f"your momentum is {momentum:g} and your start {start:g}",
            "the momentum is at most 0.98, and the start between −10 and 10",
        )
    params, opt, late = {"x": start}, Momentum(lr=0.06, momentum=momentum), []
    for t in range(4000):
        x = params["x"]
        slope = 25 * x if x < 1 else x + 24 if x < 2 else 25 * x - 24
        opt.update(params, {"x": slope})
        if t >= 3800:
            late.append(abs(params["x"]))
    if max(late) <= 0.05:
        raise Wrong(f"from there |x| is at most {max(late):.1e} from step 3,800 on: it settles")


def throw(kappa, double=True):
    """The largest |y_t / y_0|, and what it would be with a single root."""
    rho = (np.sqrt(kappa) - 1) / (np.sqrt(kappa) + 1)
    t = np.arange(int(10 * np.sqrt(kappa)) + 10)
    return np.max((1 + ((1 + rho) if double else rho) * t) * rho**t)


@function(
    "04.5",
    first=[(20.0,), (100.0,), (1e4,)],
    draw=lambda rng: (float(f"{10 ** rng.uniform(1.2, 4):.3g}"),),
    hint="which roots has the steep mode at the best settings, and what solution goes with them?",
    more="y has the double root −ρ*: look for the largest of (1 + (1 + ρ*)t) ρ*ᵗ",
    slips=[
        (
            lambda kappa: np.sqrt(kappa) / np.e,
            "this is the function of κ for long valleys; the largest over whole steps differs",
        ),
        (lambda kappa: throw(kappa, False), "what is the first step, from rest? it fixes both c"),
        (lambda kappa: 1, "it does not come in at once"),
    ],
    relative=2e-3,
)
def farthest(kappa):
    return throw(kappa)


def halves(lr, mu, L):
    tau = 2 * lr * (lr * L - 1) / (L - mu)
    return tau, tau - lr**2


def _beyond_the_best(rng):
    mu = round(rng.uniform(0.05, 1), 2)
    L = round(mu * rng.uniform(2, 30), 2)
    share = rng.uniform(0.05, 0.95)
    return round((1 - share) * 2 / (mu + L) + share * 2 / L, 4), mu, L


@function(
    "04.6",
    first=[(0.97, 0.1, 2.0), (1.5, 0.5, 1.2), (0.08, 1.0, 24.5)],
    draw=_beyond_the_best,
    hint="which two coefficients hold τ and σ alone, without ‖x‖²?",
    more="‖g‖² says σ = τ − η²; put it into 2η = τ(μ + L) − 2Lσ",
    slips=[
        (lambda lr, mu, L: halves(lr, mu, L)[::-1], "the pair is (τ, σ)"),
        (
            lambda lr, mu, L: (
                2 * lr * (1 - lr * mu) / (L - mu),
                2 * lr * (1 - lr * mu) / (L - mu) - lr**2,
            ),
            "this is the other half, for η up to 2/(μ + L): exchange μ and L",
        ),
        (
            lambda lr, mu, L: (-halves(lr, mu, L)[0], -halves(lr, mu, L)[1]),
            "look at the signs: both multipliers must not be negative",
        ),
        (
            lambda lr, mu, L: (
                2 * lr * (1 - lr * L) / (mu - L),
                2 * lr * (1 - lr * L) / (mu - L) + lr**2,
            ),
            "in ‖g‖² the square of the step stands with a minus",
        ),
    ],
)
def the_other_half(lr, mu, L):
    return halves(lr, mu, L)


mistaken(
    "04.1",
    (10, "Each move gains a tenth of the height, but is 1.9 times the height long"),
)
mistaken(
    "04.5",
    (50, "The line begins at lr 1, so it cuts off a triangle of the right half alone"),
)
