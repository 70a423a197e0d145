"""Every landscape against its formula, and what the course says about it."""

import lab
import numpy as np
import pytest
from formulas import value
from helpers import complains
from lab.landscapes import (
    LANDSCAPES,
    Landscape,
    beale,
    booth,
    bowl,
    expression,
    gentle_bowl,
    gorge,
    himmelblau,
    landscape,
    long_valley,
    matyas,
    moved,
    plateau,
    quadratic,
    rastrigin,
    rosenbrock,
    rotated_bowl,
    saddle,
    scaled,
    smallest_network,
    turn,
    turned,
    two_wells,
)

pytestmark = pytest.mark.filterwarnings("error")

R = np.sqrt(0.5)

# The formulas of the course, written once more. They take complex numbers where they can.
FORMULAS = {
    "bowl": lambda x, y: x**2 / 20 + y**2,
    "rotated bowl": lambda x, y: (R * x + R * y) ** 2 / 20 + (R * y - R * x) ** 2,
    "gentle bowl": lambda x, y: 0.1 * x**2 + 2 * y**2,
    "saddle": lambda x, y: x**2 - y**2 + 0.05 * y**4,
    "rosenbrock": lambda x, y: (1 - x) ** 2 + 100 * (y - x**2) ** 2,
    "beale": lambda x, y: (
        (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2
    ),
    "himmelblau": lambda x, y: (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2,
    "two wells": lambda x, y: (
        x**2
        + y**2
        - 2 * np.exp(-((x - 1) ** 2 + y**2) / 0.2)
        - 3 * np.exp(-((x + 1) ** 2 + y**2) / 0.2)
    ),
    "plateau": lambda x, y: np.log1p(np.exp(6 * x)) ** 2 / 160 + 0.6 * y**2,
    "rastrigin": lambda x, y: (
        20 + x**2 - 10 * np.cos(2 * np.pi * x) + y**2 - 10 * np.cos(2 * np.pi * y)
    ),
    "long valley": lambda x, y: 0.01 * x**2 + y**2,
    "matyas": lambda x, y: 0.26 * (x**2 + y**2) - 0.48 * x * y,
    "booth": lambda x, y: (x + 2 * y - 7) ** 2 + (2 * x + y - 5) ** 2,
    "smallest network": lambda x, y: (x * y - 1) ** 2 / 2,
    "gorge": lambda x, y: 0.025 * x**2 + y**4 / 4,
}
ALL = {**LANDSCAPES, "smallest network": smallest_network, "gorge": gorge}
EVERY = pytest.mark.parametrize("name", ALL)
EVERY_FORMULA = pytest.mark.parametrize("name", FORMULAS)


def points(land, n=200):
    """Random points all over the picture and beyond it, so that no symmetry hides an error."""
    rng = np.random.default_rng(0)
    return [rng.uniform(low - 0.5, high + 0.5, n) for low, high in land.view]


def by_complex_step(f, x, y, h=1e-30):
    """The two partial derivatives of f, exact to rounding: nothing is subtracted."""
    return f(x + h * 1j, y + 0j).imag / h, f(x + 0j, y + h * 1j).imag / h


def by_differences(f, x, y, h=1e-5):
    return (f(x + h, y) - f(x - h, y)) / (2 * h), (f(x, y + h) - f(x, y - h)) / (2 * h)


def close(actual, expected, digits=11):
    """Equal up to rounding, which is relative to the largest number in sight."""
    scale = np.abs(expected).max() + 1
    np.testing.assert_allclose(actual, expected, rtol=0, atol=scale * 10.0**-digits)


def test_every_landscape_has_a_formula_here():
    assert set(ALL) == set(FORMULAS), "write the formula of a new landscape into FORMULAS, above"


@EVERY_FORMULA
def test_value(name):
    land, (x, y) = ALL[name], points(ALL[name])
    close(land(x, y), FORMULAS[name](x, y))


ODD = {
    "tilted": quadratic(2, 1, -0.5),
    "upside down": quadratic(-3, -1, 0.25),
    "turned": rotated_bowl(np.pi / 3),
}


@pytest.mark.parametrize("land", [*ALL.values(), *ODD.values()], ids=[*ALL, *ODD])
def test_the_printed_formula_is_the_function(land):
    x, y = points(land)
    names = {"x": x, "y": y, r"\mathrmsoftplus": lambda z: np.log1p(np.exp(z))}
    close(value(land.formula, names), land(x, y), digits=5)  # it is printed with six digits
    assert "$" not in land.formula and "+-" not in land.formula.replace(" ", "")
    assert repr(land) == f"{land.name}: f(x, y) = {land.formula}"


@EVERY_FORMULA
def test_gradient(name):
    land, f, (x, y) = ALL[name], FORMULAS[name], points(ALL[name])
    if land is plateau:  # logaddexp is not for complex numbers
        close(land.gradient(x, y), by_differences(f, x, y), digits=8)
    else:
        close(land.gradient(x, y), by_complex_step(f, x, y))
        close(land.gradient(x, y), by_complex_step(land, x, y))


@EVERY
def test_hessian(name):
    land, (x, y) = ALL[name], points(ALL[name])
    derive, digits = (by_differences, 8) if land is plateau else (by_complex_step, 11)
    for row in (0, 1):
        expected = derive(lambda x, y, row=row: land.gradient(x, y)[row], x, y)
        close(land.hessian(x, y)[:, row, 0], expected[0], digits)
        close(land.hessian(x, y)[:, row, 1], expected[1], digits)


@EVERY
def test_shapes(name):
    land = ALL[name]
    for x, y in [(1, 2), (1.0, np.zeros(3)), (np.zeros((4, 1)), np.ones(3)), (np.zeros(0), 1)]:
        shape = np.broadcast_shapes(np.shape(x), np.shape(y))
        assert np.shape(land(x, y)) == shape
        assert [part.shape for part in land.gradient(x, y)] == [shape, shape]
        assert land.hessian(x, y).shape == (*shape, 2, 2)
    x, y = points(land, 12)
    whole = land(x.reshape(3, 4), y.reshape(3, 4)), land.hessian(x.reshape(3, 4), y.reshape(3, 4))
    for i in range(12):  # every point by itself
        assert whole[0].flat[i] == pytest.approx(land(x[i], y[i]), rel=1e-13)
        close(whole[1].reshape(12, 2, 2)[i], land.hessian(x[i], y[i]))


@EVERY
def test_integer_points_are_points(name):
    land = ALL[name]
    assert land(-3, 2) == land(-3.0, 2.0)
    assert land.gradient(np.array([-3]), 2) == land.gradient(np.array([-3.0]), 2.0)


@EVERY
def test_inputs_are_not_written_and_outputs_are_new(name):
    land, x, y = ALL[name], np.array([1.0, 2.0]), np.array([0.5, -1.0])
    for parts in (land.gradient(x, y), (land.hessian(x, y),), (land(x, y),)):
        for part in parts:
            part += 1  # writable, and nobody else's
    assert x.tolist() == [1, 2] and y.tolist() == [0.5, -1]


@pytest.mark.parametrize("name", LANDSCAPES)
def test_minima_and_saddles(name):
    land = LANDSCAPES[name]
    for kind, signs in (("minima", [1, 1]), ("saddles", [-1, 1])):
        for point in getattr(land, kind):
            slope = np.hypot(*land.gradient(*point))
            assert slope < 1e-10, f"slope {slope:.0e}: newton({name!r}, {point}) has more digits"
            signs_there = np.sign(np.linalg.eigvalsh(land.hessian(*point))).tolist()
            assert signs_there == signs, f"{name}: {point} is none of the {kind}"
    ring = np.linspace(0, 2 * np.pi, 50)
    for x, y in land.minima:
        assert (land(x + 0.01 * np.cos(ring), y + 0.01 * np.sin(ring)) > land(x, y)).all()


@EVERY
def test_the_picture_shows_what_matters(name):
    land = ALL[name]
    (left, right), (bottom, top) = land.view
    for x, y in (*land.minima, *land.saddles, land.start):
        assert left < x < right and bottom < y < top, f"{name}: ({x}, {y}) is not in its view"
    assert all(type(number) is float for number in (*land.start, *land.view[0], *land.view[1]))
    assert np.hypot(*land.gradient(*land.start)) > 1e-6  # there is somewhere to go
    assert 20 < len(land.teaches) < 100, f"{name}: teaches says on one line what it is good for"


@EVERY
def test_the_whole_picture_is_finite(name):
    land = ALL[name]
    x, y = np.meshgrid(*[np.linspace(*side, 101) for side in land.view])
    assert np.isfinite(land(x, y)).all() and np.isfinite(land.gradient(x, y)).all()


# ---------------------------------------------------------------- the numbers of the course


@pytest.mark.parametrize(
    "land, point, small, large",
    [
        (bowl, (0, 0), 0.1, 2.0),
        (rotated_bowl(), (0, 0), 0.1, 2.0),
        (rotated_bowl(1.0), (3, 4), 0.1, 2.0),
        (gentle_bowl, (0, 0), 0.2, 4.0),
        (rosenbrock, (1, 1), 501 - np.sqrt(501**2 - 400), 501 + np.sqrt(501**2 - 400)),
        (long_valley, (0, 0), 0.02, 2.0),
        (matyas, (0, 0), 0.04, 1.0),
        (booth, (1, 3), 2.0, 18.0),
        (saddle, (0, 0), -2.0, 2.0),
        (saddle, (0, np.sqrt(10)), 2.0, 4.0),
        (rastrigin, (0, 0), 2 + 40 * np.pi**2, 2 + 40 * np.pi**2),
    ],
)
def test_curvatures(land, point, small, large):
    assert np.linalg.eigvalsh(land.hessian(*point)) == pytest.approx([small, large], rel=1e-7)


def test_rosenbrock_numbers():
    small, large = np.linalg.eigvalsh(rosenbrock.hessian(1, 1))
    assert f"{small:.5f}" == "0.39936" and f"{large:.1f}" == "1001.6"
    assert f"{large / small:.0f}" == "2508"
    assert f"{2 / large:.7f}" == "0.0019968"


@pytest.mark.parametrize(
    "land, minima, value",
    [
        (bowl, [(0, 0)], 0),
        (rotated_bowl(), [(0, 0)], 0),
        (gentle_bowl, [(0, 0)], 0),
        (saddle, [(0, -np.sqrt(10)), (0, np.sqrt(10))], -5),
        (rosenbrock, [(1, 1)], 0),
        (beale, [(3, 0.5)], 0),
        (plateau, [], None),
        (rastrigin, [(0, 0)], 0),
        (long_valley, [(0, 0)], 0),
        (matyas, [(0, 0)], 0),
        (booth, [(1, 3)], 0),
    ],
)
def test_minima_are_where_the_course_says(land, minima, value):
    assert np.array(land.minima) == pytest.approx(np.array(minima))
    assert [land(*point) for point in land.minima] == pytest.approx([value] * len(minima))


def test_himmelblau_has_four_minima_and_four_saddles():
    assert len(set(himmelblau.minima)) == len(set(himmelblau.saddles)) == 4
    assert [himmelblau(*point) for point in himmelblau.minima] == pytest.approx([0] * 4)


def test_two_wells_one_deeper():
    (deep, shallow), (ridge,) = two_wells.minima, two_wells.saddles
    assert deep == pytest.approx((-1, 0), abs=0.1) and shallow == pytest.approx((1, 0), abs=0.1)
    assert two_wells(*deep) == pytest.approx(-2, abs=0.1)
    assert two_wells(*shallow) == pytest.approx(-1, abs=0.2)
    assert two_wells(*ridge) > two_wells(*shallow) > two_wells(*deep)


def test_the_plateau_is_flat_on_one_side_and_never_overflows():
    assert 0 < np.hypot(*plateau.gradient(-6, 0)) < 1e-30
    assert plateau.gradient(5, 0)[0] > 2
    for x in (-1e4, 1e4):
        assert np.isfinite(plateau(x, 0)) and np.isfinite(plateau.hessian(x, 0)).all()
    assert plateau(-1e4, 0) == 0


@pytest.mark.parametrize(
    "land, start",
    [
        (bowl, (-7, 2)),
        (gentle_bowl, (-5, -2)),
        (rosenbrock, (-2, 2)),
        (beale, (1, 1.5)),
        (himmelblau, (-0.15, 0.67)),
        (rastrigin, (-2, 3.5)),
    ],
)
def test_starts_of_the_course(land, start):
    assert land.start == start


@pytest.mark.parametrize("theta", [0, np.pi / 6, np.pi / 4, np.pi / 2, 2.5, -1])
def test_the_rotated_bowl_is_the_bowl_turned(theta):
    """Turned counter-clockwise: its value at a turned point is the bowl's at the point."""
    turned, (x, y) = rotated_bowl(theta), points(bowl)
    cos, sin = np.cos(theta), np.sin(theta)
    close(turned(cos * x - sin * y, sin * x + cos * y), bowl(x, y))
    x, y = bowl.start
    assert turned.start == pytest.approx((cos * x - sin * y, sin * x + cos * y))
    assert turned(*turned.start) == pytest.approx(bowl(*bowl.start))
    assert turned.name == f"bowl turned by {np.degrees(theta):.0f}°"


def test_the_saddle_starts_just_off_the_ridge():
    assert 0 < abs(saddle.start[1]) < 0.01


@pytest.mark.parametrize(
    "a, b, c, minima, saddles",
    [(2, 3, 1, 1, 0), (2, 3, 3, 0, 1), (-2, -3, 0, 0, 0), (1, -1, 0, 0, 1), (1, 1, 1, 0, 0)],
)
def test_quadratic(a, b, c, minima, saddles):
    land, (x, y) = quadratic(a, b, c), points(bowl)
    close(land(x, y), (a * x**2 + 2 * c * x * y + b * y**2) / 2)
    assert land.hessian(5, 6).tolist() == [[a, c], [c, b]]
    assert land.minima == ((0, 0),) * minima and land.saddles == ((0, 0),) * saddles
    assert quadratic(a, b, name="mine", start=(1.0, 1.0)).name == "mine"


def test_the_smallest_network_has_a_level_floor():
    """On xy = 1 it is 0, flat along the curve, and as sharp across it as x² + y²."""
    x = np.array([-3.0, -1.0, 0.25, 1.0, 2.0, 3.5])
    assert smallest_network(x, 1 / x).max() < 1e-30
    small, large = np.linalg.eigvalsh(smallest_network.hessian(x, 1 / x)).T
    np.testing.assert_allclose(small, 0, atol=1e-12)
    np.testing.assert_allclose(large, x**2 + 1 / x**2)
    for point in smallest_network.minima:
        assert smallest_network(*point) == 0 and sum(np.square(point)) == large.min()
    assert np.linalg.eigvalsh(smallest_network.hessian(0, 0)) == pytest.approx([-1, 1])


# ---------------------------------------------------------------- names and bad input


@pytest.mark.parametrize("name", ["Rosenbrock", "ROSENBROCK", "two_wells", "Two wells"])
def test_by_name(name):
    assert landscape(name) is LANDSCAPES[name.replace("_", " ").lower()]
    assert landscape(landscape(name)) is landscape(name)


@pytest.mark.parametrize("name", ["rosenbrok", "", "bowl ", "x**2", "a\nb"])
def test_a_name_that_does_not_exist(name):
    complains(
        lambda: landscape(name), ValueError, f"{name.split()[0] if name.split() else ''} bowl"
    )
    complains(lambda: landscape(name), ValueError, " ".join(LANDSCAPES))


@pytest.mark.parametrize("what", [None, 3, Landscape, ["bowl"], np.ones((30, 3)), lambda x, y: x])
def test_what_is_no_landscape(what):
    complains(lambda: landscape(what), TypeError, "landscape 'bowl'")


@pytest.mark.parametrize("bad", ["7", None, True, [None], np.full((30, 3), "a"), {"x": 1}, bowl])
@pytest.mark.parametrize("method", ["__call__", "gradient", "hessian"])
def test_what_is_no_point(bad, method):
    complains(lambda: getattr(bowl, method)(bad, 2), TypeError, "x must number")
    complains(lambda: getattr(bowl, method)(-7, bad), TypeError, "y must number")


@pytest.mark.parametrize("on", [bowl, beale, two_wells], ids=lambda on: on.name)
def test_a_turned_landscape_is_the_same_one_seen_from_elsewhere(on):
    theta, h = 0.7, 1e-5
    there = turned(on, theta)
    x, y = np.random.default_rng(3).uniform(-1, 1, (2, 50))
    np.testing.assert_allclose(there(*turn(x, y, theta)), on(x, y), rtol=1e-12)
    gradient = np.array(there.gradient(x, y))
    across = (there(x + h, y) - there(x - h, y)) / (2 * h)
    up = (there(x, y + h) - there(x, y - h)) / (2 * h)
    np.testing.assert_allclose(gradient, [across, up], rtol=1e-5, atol=1e-5)
    hessian = there.hessian(x, y)
    for column, step in ((0, (h, 0)), (1, (0, h))):
        ahead, behind = (
            np.array(there.gradient(x + s * step[0], y + s * step[1])) for s in (1, -1)
        )
        np.testing.assert_allclose(
            hessian[:, :, column].T, (ahead - behind) / (2 * h), rtol=1e-5, atol=1e-5
        )
    for point in there.minima:
        np.testing.assert_allclose(there.gradient(*point), 0, atol=1e-12)
    many = turned(on, np.array([0.0, theta]))
    np.testing.assert_array_equal(many(x[:, None], y[:, None])[:, 1], there(x, y))
    for one in (there, many):
        assert one.least == pytest.approx(on.least, abs=1e-12)


def test_a_moved_landscape_is_the_same_elsewhere():
    on, x, y = moved(beale, 1.0, -2.0), 0.3, 1.1
    assert on(x + 1, y - 2) == pytest.approx(beale(x, y))
    np.testing.assert_allclose(on.gradient(x + 1, y - 2), beale.gradient(x, y))
    np.testing.assert_allclose(on.hessian(x + 1, y - 2), beale.hessian(x, y))
    assert on.minima == ((4.0, -1.5),) and on.start == (2.0, -0.5)
    assert on.view == ((-3.5, 5.5), (-6.5, 2.5)) and r"moved\ by}\ (1, -2)" in on.formula


@pytest.mark.parametrize("on", [bowl, beale, two_wells], ids=lambda on: on.name)
def test_a_scaled_landscape_is_the_same_one_in_other_units(on):
    length, height, (x, y) = 8.0, 0.25, points(on)  # powers of two: nothing is rounded
    there = scaled(on, length, height)
    np.testing.assert_array_equal(there(8 * x, 8 * y), on(x, y) / 4)
    slope = np.array(there.gradient(8 * x, 8 * y))
    np.testing.assert_array_equal(slope, np.array(on.gradient(x, y)) / 32)
    np.testing.assert_array_equal(there.hessian(8 * x, 8 * y), on.hessian(x, y) / 256)
    assert there.least == on.least / 4 and there.start == tuple(8 * v for v in on.start)
    assert np.array_equal(there.view, 8 * np.array(on.view))
    assert np.array_equal(there.minima, 8 * np.array(on.minima))
    assert there.name == f"{on.name} scaled by (8, 0.25)" and r"scaled\ by" in there.formula
    many = scaled(on, height=np.array([1.0, height]))
    np.testing.assert_array_equal(many(x[:, None], y[:, None])[:, 1], on(x, y) / 4)


@EVERY
def test_the_least_known_value_is_that_of_the_lowest_minimum(name):
    on = ALL[name]
    assert on.least == min([float(on(*point)) for point in on.minima], default=0)
    assert type(on.least) is float
    x, y = np.meshgrid(*[np.linspace(*side, 101) for side in on.view])
    assert on.least <= on(x, y).min() + 1e-12


@pytest.mark.parametrize(
    "on",
    [
        bowl,
        gentle_bowl,
        quadratic(0.5, 1),
        quadratic(np.float64(1e-7), 2e-6, 1e-8, start=(-7000, 2000), view=((-9, 9), (-5, 5))),
        rotated_bowl(0.3),
        turned(rosenbrock, 0.5),
        moved(turned(bowl, 1.0), 2, 3.5),
        scaled(bowl, 1000, height=2.0),
    ],
    ids=repr,
)
def test_the_code_of_a_landscape_makes_it_again(on):
    """What `copy as code` writes, read by a reader who has imported the lab's landscapes."""
    again = eval(expression(on), {name: getattr(lab, name) for name in lab.__all__})
    assert (again.name, again.start, again.view) == (on.name, on.start, on.view)
    np.testing.assert_array_equal(again(*on.start), on(*on.start))
    np.testing.assert_array_equal(again.gradient(1.5, -2.0), on.gradient(1.5, -2.0))
