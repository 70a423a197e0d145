"""What chapters 04 and 05 draw in one dimension: springs, and balls on a graph."""

import numpy as np
import pytest
from lab import bowl, descend
from lab.descent import iterate
from lab.landscapes import kinked, kinked_slope

from optimizers import SGD, Momentum, Nesterov


def test_the_kinked_function_is_convex_and_its_slope_is_its_slope():
    x = np.linspace(-3, 4, 1401)
    between = (np.diff(kinked(x)) / np.diff(x)).round(12)
    assert np.all(np.diff(between) >= 0), "a convex function's slope never falls"
    np.testing.assert_allclose(between, kinked_slope(x[:-1] + np.diff(x) / 2), rtol=1e-9, atol=1e-9)
    for kink in (1.0, 2.0):  # no jump where the pieces meet
        for part in (kinked, kinked_slope):
            assert part(kink - 1e-12) == pytest.approx(part(kink), abs=1e-9)


@pytest.mark.parametrize("rule", [SGD(lr=0.1), Momentum(lr=0.1), Nesterov(lr=0.1)])
def test_rolling_is_descending_in_one_dimension(rule):
    starts = np.array([2.0, -0.5])
    path = iterate(rule, lambda x: 2 * x, starts, 20)
    assert path.shape == (21, 2) and rule.t == 0
    wanted = descend(rule, bowl, 20, start=np.stack([0 * starts, starts], -1)).path[..., 1]
    np.testing.assert_allclose(path, wanted, rtol=1e-14)
    np.testing.assert_array_equal(iterate(rule, lambda x: 2 * x, 2.0, 20), path[:, 0])
