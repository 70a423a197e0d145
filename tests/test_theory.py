"""What the formulas predict against what the optimizers do."""

import numpy as np
import pytest
from helpers import complains
from lab import best_heavy_ball, best_nesterov, bowl, descend, heavy_ball_rate, nesterov_rate
from lab.theory import rate_of

from optimizers import SGD, Momentum, Nesterov


@pytest.mark.parametrize("mu, L", [(0.1, 2.0), (0.02, 2.0), (1.0, 1.0), (1e-5, 2.0)])
@pytest.mark.parametrize(
    "best, rate", [(best_heavy_ball, heavy_ball_rate), (best_nesterov, nesterov_rate)]
)
def test_the_best_settings_are_the_best(mu, L, best, rate):
    """Their rate is that of the slower end of the curvatures, and nothing near them is faster."""
    lr, momentum, promised = best(mu, L)
    assert all(type(number) is float for number in (lr, momentum, promised))

    def slowest(lr, momentum):
        return np.max([rate(lr, momentum, end) for end in (mu, L)], axis=0)

    # Where two roots meet, the larger moves with the square root of a rounding error.
    assert slowest(lr, momentum) == pytest.approx(promised, abs=1e-7)
    rates = lr * np.linspace(0.9, 1.1, 41)
    betas = np.clip(momentum + 0.1 * (1 - momentum) * np.linspace(-1, 1, 41), 0, None)[:, None]
    assert slowest(rates, betas).min() >= promised - 1e-7


def test_the_best_settings_of_the_bowl():
    assert [f"{v:.5f}" for v in best_heavy_ball(0.1, 2)] == ["1.33581", "0.40261", "0.63451"]
    assert [f"{v:.5f}" for v in best_nesterov(0.1, 2)] == ["0.65574", "0.59226", "0.74393"]


@pytest.mark.parametrize("best", [best_heavy_ball, best_nesterov])
def test_curvatures_that_cannot_be(best):
    complains(lambda: best(2, 0.1), ValueError, "mu smallest L largest 2 0.1")
    complains(lambda: best(0, 1), ValueError, "mu must be greater than 0")
    complains(lambda: best(0.1, "2"), TypeError, "L must be a number, got '2'")


def test_the_measured_rate_is_that_of_the_slowest_mode():
    run = descend(SGD(lr=0.3), bowl, 400, start=(-7, 0))
    assert rate_of(run) == pytest.approx(1 - 0.3 * 0.1, rel=1e-12) and type(rate_of(run)) is float
    many = descend(SGD(lr=np.array([0.3, 30])), bowl, 400, start=(-7, 0))
    assert rate_of(many)[0] == rate_of(run) and rate_of(many)[1] == np.inf
    lr, momentum, rate = best_nesterov(0.1, 2.0)
    found = rate_of(descend(Nesterov(lr=lr, momentum=momentum), bowl, 400))
    assert found == pytest.approx(rate, rel=0.02)


@pytest.mark.filterwarnings("error")
def test_a_rate_of_no_steps_is_none():
    complains(lambda: rate_of(descend(SGD(), bowl, 0)), ValueError, "at least one step")
    assert rate_of(descend(Momentum(lr=1e200), bowl, 9)) == np.inf
    assert (
        rate_of(descend(SGD(), bowl, 9, start=(1e200, 0))) == np.inf
    )  # lost before the first step
