"""Worst cases over a class of functions: inequalities, functions through points, stored proofs.

What needs a solver of semidefinite programs is skipped where PEPit is not installed.
"""

from importlib.util import find_spec

import numpy as np
import pytest
import worst_cases
from helpers import complains
from lab.schedules import cosine
from lab.theory import best_heavy_ball
from lab.worst import gap_form, interpolation_gaps, through, two_term_path, worst_case

MU, L = worst_cases.MU, worst_cases.L
METHODS = worst_cases.settings()
CASES = [(name, steps) for name in METHODS for steps in (5, 10, 15)]
each_case = pytest.mark.parametrize("name, steps", CASES)
needs_pepit = pytest.mark.skipif(
    not find_spec("PEPit"), reason="PEPit is not installed, and only it solves worst cases anew"
)


def smooth(rng, n=3):
    """A function with curvatures from MU to L, by its heights and slopes at points in rows."""
    A = rng.normal(size=(5, n))
    w = (L - MU) / np.linalg.eigvalsh(A.T @ A).max()
    return (
        lambda x: MU / 2 * np.sum(x * x, -1) + w * np.log(np.cosh(x @ A.T)).sum(-1),
        lambda x: MU * x + w * np.tanh(x @ A.T) @ A,
    )


def test_the_gap_is_the_inequality_of_the_paper():
    """Taylor, Hendrickx and Glineur (2017), theorem 4, as it is printed there."""
    rng = np.random.default_rng(0)
    x, g, f = rng.normal(size=(6, 3)), rng.normal(size=(6, 3)), rng.normal(size=6)
    gaps = interpolation_gaps(x, g, f, MU, L)
    x, g, f = np.vstack([x, np.zeros(3)]), np.vstack([g, np.zeros(3)]), np.append(f, 0)
    for i in range(7):
        for j in range(7):
            d, e = x[i] - x[j], g[i] - g[j]
            turned = e @ e / L + MU * d @ d - 2 * MU / L * (-e) @ (-d)
            printed = f[i] - f[j] - g[j] @ d - turned / (2 * (1 - MU / L))
            assert gaps[i, j] == pytest.approx(printed, abs=1e-12)


def test_gaps_of_functions_in_and_out_of_the_class():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(20, 3)) * 3
    f, slope = smooth(rng)
    assert interpolation_gaps(x, slope(x), f(x), MU, L).min() > -1e-12
    for curvature in (0.9 * MU, 1.1 * L):
        gaps = interpolation_gaps(x, curvature * x, curvature / 2 * np.sum(x * x, 1), MU, L)
        assert gaps.min() < -1e-3


def test_a_function_goes_through_its_points():
    rng = np.random.default_rng(2)
    x = rng.normal(size=(8, 3)) * 2
    f, slope = smooth(rng)
    value, turn = through(x, slope(x), f(x), MU, L)
    for point in x:
        assert value(point) == pytest.approx(f(point), abs=1e-9)
        np.testing.assert_allclose(turn(point), slope(point), atol=1e-7)
    assert value(np.zeros(3)) == 0 and not turn(np.zeros(3)).any()


def test_any_numbers_give_a_function_of_the_class():
    rng = np.random.default_rng(3)
    value, turn = through(
        rng.normal(size=(6, 2)), rng.normal(size=(6, 2)), rng.normal(size=6), MU, L
    )
    x = rng.normal(size=(12, 2)) * 3
    heights, slopes = np.array([value(p) for p in x]), np.array([turn(p) for p in x])
    assert interpolation_gaps(x, slopes, heights, MU, L).min() > -1e-6
    for point, slope in zip(x, slopes):
        step = 1e-4 * np.eye(2)
        measured = [(value(point + h) - value(point - h)) / 2e-4 for h in step]
        np.testing.assert_allclose(measured, slope, atol=1e-3)


@pytest.mark.parametrize("ahead", [False, True])
def test_the_form_is_what_it_says(ahead):
    """For any vectors, whether or not a function has them, if the heights cancel."""
    rng = np.random.default_rng(4)
    x0, g, f = rng.normal(size=3), rng.normal(size=(4, 3)), rng.normal(size=4)
    weights = np.triu(rng.uniform(size=(5, 5)), 1)
    weights = weights + weights.T  # each row sums up to what its column does
    form = gap_form(weights, 1.3, 0.7, 0.4, ahead, MU, L)
    points, last = two_term_path(x0, g, 0.7, 0.4, ahead)
    gaps = interpolation_gaps(points, g, f, MU, L)
    vectors = np.vstack([x0, g])
    wanted = 1.3**2 * x0 @ x0 - last @ last - np.sum(weights * gaps)
    assert np.sum(form * (vectors @ vectors.T)) == pytest.approx(wanted, abs=1e-10)


@each_case
def test_a_stored_case(name, steps):
    """A function that takes the method nearly as far as the stored proof allows."""
    case = worst_case(name, steps)
    assert (case.lr, case.momentum, case.ahead) == pytest.approx(METHODS[name], rel=1e-12)
    assert case.multipliers.min() >= 0
    sums = case.multipliers.sum(axis=0), case.multipliers.sum(axis=1)
    np.testing.assert_allclose(*sums, atol=1e-12)
    form = gap_form(case.multipliers, case.bound, *METHODS[name], MU, L)
    assert np.linalg.eigvalsh(form).min() > 1e-7
    _, slope = through(case.points, case.slopes, case.heights, MU, L)
    end = worst_cases.run(slope, case.start, steps, *METHODS[name])
    far = np.linalg.norm(end) / np.linalg.norm(case.start)
    assert 0.999 * case.bound < far <= case.bound
    assert case.grown == pytest.approx(far, rel=1e-3)


def test_a_proof_proves_no_more():
    case = worst_case("heavy ball", 5)
    form = gap_form(case.multipliers, 0.999 * case.bound, *METHODS["heavy ball"], MU, L)
    assert np.linalg.eigvalsh(form).min() < 0


@needs_pepit
@each_case
def test_a_stored_case_is_the_worst_of_all(name, steps):
    assert worst_cases.solve(steps, *METHODS[name])[0] == pytest.approx(
        worst_case(name, steps).bound, rel=1e-3
    )


@needs_pepit
def test_numbers_that_the_deeper_pages_04_and_11_state():
    lr, momentum, _ = best_heavy_ball(MU, L)
    assert worst_cases.solve(20, lr, momentum, False)[0] == pytest.approx(3.95, abs=0.005)
    for steps in (5, 10, 20):
        least = 1 / np.sqrt(steps + 1)
        t = np.arange(1, steps + 1)
        line = worst_cases.last_height(least * (1 - t / (steps + 1)))
        assert line == pytest.approx(least, rel=1e-4)
        wave = least * np.array([cosine(1.0, steps)(int(k)) for k in t])
        best = min(worst_cases.last_height(peak * wave) for peak in (0.8, 0.88, 0.92))
        assert least < best < 1.032 * least


@pytest.mark.parametrize(
    "make, error, word",
    [
        (lambda: worst_case("heavy ball", 6), ValueError, "no worst case 5 steps"),
        (lambda: interpolation_gaps([1, 2], [1, 2], [1, 2], MU, L), ValueError, "a row of points"),
        (lambda: interpolation_gaps([[1]], [[1]], [1], 2, 1), ValueError, "mu is the smallest"),
        (lambda: through([["a"]], [[1]], [1], MU, L), TypeError, "points must be a number"),
        (lambda: gap_form([[0, -1], [0, 0]], 1, 1, 0, False, MU, L), ValueError, "multipliers"),
    ],
)
def test_bad_input(make, error, word):
    complains(make, error, word)
