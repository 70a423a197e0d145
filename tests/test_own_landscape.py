"""A landscape from a plain function: as good as one that is written out, or one sentence."""

import math

import numpy as np
import pytest
from helpers import complains
from lab import LANDSCAPES, bowl, descend, landscape_of

from optimizers import SGD

pytestmark = pytest.mark.filterwarnings("error")


@pytest.mark.parametrize("name", LANDSCAPES)
def test_it_is_the_landscape_that_is_written_out(name):
    on = LANDSCAPES[name]
    own = landscape_of(on.value, view=on.view, start=on.start)
    x, y = np.random.default_rng(1).uniform(*np.transpose(on.view), (50, 2)).T
    np.testing.assert_array_equal(own(x, y), on(x, y))
    slope, bend = np.array(on.gradient(x, y)), on.hessian(x, y)
    np.testing.assert_allclose(own.gradient(x, y), slope, rtol=1e-9, atol=1e-9 * abs(slope).max())
    np.testing.assert_allclose(own.hessian(x, y), bend, rtol=1e-5, atol=1e-6 * abs(bend).max())
    assert own.least == pytest.approx(on.least, abs=1e-12)
    known = {tuple(np.round(point, 6) + 0.0) for point in on.minima}
    assert known <= {tuple(np.round(point, 6) + 0.0) for point in own.minima}
    assert name == "rastrigin" or len(own.minima) == len(on.minima), (
        f"{name}: its view has minima at {own.minima}, name all of them"
    )


def by_math(x, y):
    return math.sin(x) * math.cos(y) if x > -100 else 0.0


def by_numpy(x, y):
    return np.sin(x) * np.cos(y)


def test_a_function_of_single_numbers_will_do():
    view = ((-3, 3), (-3, 3))
    slow, fast = landscape_of(by_math, view), landscape_of(by_numpy, view)
    x, y = np.random.default_rng(1).uniform(-3, 3, (2, 4, 5))
    np.testing.assert_allclose(slow(x, y), fast(x, y), rtol=1e-14)
    np.testing.assert_allclose(slow.gradient(x, y), fast.gradient(x, y), rtol=0, atol=1e-10)
    np.testing.assert_allclose(slow.hessian(x, y), fast.hessian(x, y), rtol=0, atol=1e-6)
    np.testing.assert_allclose(slow.minima, [(-np.pi / 2, 0)], atol=1e-9)
    assert slow.name == "function by_math" and slow.formula == r"\mathrm{by\_math}(x, y)"


def test_a_complex_step_is_taken_only_where_it_is_right():
    """abs throws the imaginary part away, and a gradient of 0 would come out."""
    kinks = landscape_of(lambda x, y: abs(x) + np.maximum(y, 2 * y))
    np.testing.assert_allclose(kinks.gradient(1, -2), (1, 1), rtol=1e-9)
    np.testing.assert_allclose(kinks.gradient(-1, 2), (-1, 2), rtol=1e-9)


def test_one_that_knows_only_a_coordinate_has_the_shape_of_both():
    valley = landscape_of(lambda x, y: x * x)
    assert valley(np.zeros((3, 1)), np.ones(4)).shape == (3, 4)
    assert valley.minima == () and valley.least == 0
    run = descend(SGD(lr=0.1), valley, 20, start=[(1, 1), (2, -2)])
    np.testing.assert_array_equal(run.path[:, :, 1], [[1, -2]] * 21)
    np.testing.assert_allclose(run.path[-1, :, 0], np.array([1, 2]) * 0.8**20, rtol=1e-9)


def test_a_gradient_that_is_given_is_used():
    calls = []

    def slope(x, y):
        calls.append(1)
        return x / 10, 2.0 * y

    own = landscape_of(bowl.value, bowl.view, bowl.start, slope)
    run = descend(SGD(lr=0.3), own, 30)
    np.testing.assert_array_equal(run.path, descend(SGD(lr=0.3), bowl, 30).path)
    assert len(calls) > 31
    level = landscape_of(lambda x, y: x * x, gradient=lambda x, y: (2 * x, 0.0))
    assert [part.shape for part in level.gradient(np.ones(3), 1)] == [(3,), (3,)]


def test_a_pole_is_no_trouble_where_one_does_not_step_on_it():
    wall = landscape_of(lambda x, y: 1 / (x - 1) ** 2 + x * x + y * y, start=(3, 2))
    assert np.isinf(wall(1, 0)) and np.isfinite(descend(SGD(lr=0.01), wall, 50).f).all()
    half = landscape_of(lambda x, y: x - math.log(x) + y * y, ((-1, 3), (-2, 2)), (2.5, 1.0))
    assert np.isnan(half(-1, 0))
    np.testing.assert_allclose(half.minima, [(1, 0)], atol=1e-6)
    assert descend(SGD(lr=2.0), half, 50).diverged > 0  # over the edge: lost, and no traceback


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: landscape_of(3), TypeError, "a function of x and y is wanted, got 3"),
        (lambda: landscape_of(lambda p: p[0]), ValueError, "f( raises TypeError argument"),
        (lambda: landscape_of(lambda x, y: nowhere * x), ValueError, "raises NameError 'nowhere'"),  # noqa: F821
        (lambda: landscape_of(lambda x, y: 3.0), ValueError, "f same value no way down"),
        (lambda: landscape_of(lambda x, y: x > 0), TypeError, "f must return a number, got True"),
        (lambda: landscape_of(lambda x, y: (x, y)), TypeError, "must return a number, got ["),
        (lambda: landscape_of(lambda x, y: x**0.5 + y), TypeError, "must return a number j"),
        (lambda: landscape_of(lambda x, y: None), TypeError, "must return a number, got None"),
        (lambda: landscape_of(lambda x, y: 1 / x, start=(0, 1)), ValueError, "start (0, 1) finite"),
        (lambda: landscape_of(by_numpy, (0, 1)), ValueError, "view ((left, right), (bottom, top))"),
        (lambda: landscape_of(by_numpy, ((1, 0), (0, 1))), ValueError, "view ((left, right)"),
        (lambda: landscape_of(by_numpy, start=3), ValueError, "start must be one point (x, y)"),
        (lambda: landscape_of(by_numpy, start="(1, 2)"), TypeError, "start"),
        (
            lambda: landscape_of(by_numpy, gradient=3),
            TypeError,
            "function of x and y is wanted, got 3",
        ),
        (lambda: landscape_of(by_numpy, gradient=by_numpy), TypeError, "gradient two numbers"),
    ],
)
def test_what_is_no_landscape_gets_one_clear_line(call, error, words):
    complains(call, error, words)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda x, y: (-x / 10, -2 * y),
        lambda x, y: (2 * y, x / 10),
        lambda x, y: (x / 10, 2 * y + 0.01),
        lambda x, y: (x / 10.01, 2 * y),
        lambda x, y: (x / 20, y * y),
        lambda x, y: (x / 10, 2 * y + np.nan),
    ],
)
def test_a_gradient_that_is_none_is_told(wrong):
    words = "the gradient is wrong at it says slope of f there is"
    complains(lambda: landscape_of(bowl.value, gradient=wrong), ValueError, words)
