"""The 2-D test functions of the course: formula, value, gradient, Hessian, minima, view, start.

    bowl(-7, 2)                      # the value f(x, y); works on whole arrays of points
    bowl.gradient(-7, 2)             # (∂f/∂x, ∂f/∂y), each shaped like x and y
    bowl.hessian(-7, 2)              # [[f_xx, f_xy], [f_xy, f_yy]], shape (..., 2, 2)
    bowl.least                       # the least known value, the f* of the books
    landscape("rosenbrock")          # by name; LANDSCAPES lists them all
    turned(beale, 0.5)               # the same function seen from elsewhere; also moved, scaled

Every function is written with + − × ÷ wherever it can be, so that a path on a polynomial landscape
is the same to the last bit on every machine.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from .values import is_a, short


@dataclass(frozen=True)
class Landscape:
    """A function of two coordinates and what one has to know about it.

    name: what plots call it. formula: LaTeX, without dollar signs. teaches: one sentence.
    value(x, y), slope(x, y) → (f_x, f_y), curvature(x, y) → (f_xx, f_xy, f_yy): NumPy functions.
    minima, saddles: tuples of points (x, y), where they are known. start: the usual first point.
    view: ((left, right), (bottom, top)) of the picture. made: the call that makes it, for code
    that is copied; empty for those of the catalogue.
    """

    name: str
    formula: str
    value: Callable
    slope: Callable
    curvature: Callable
    minima: tuple
    start: tuple
    view: tuple
    teaches: str
    saddles: tuple = ()
    made: str = ""

    def __call__(self, x, y):
        """Return f(x, y), with the broadcast shape of x and y."""
        x, y = _points(x, y)
        value = self.value(x, y)
        if np.shape(value) == x.shape == y.shape:
            return value
        return value + np.zeros_like(x + y)  # one that knows only x, or neither

    def gradient(self, x, y):
        """Return (∂f/∂x, ∂f/∂y), each with the broadcast shape of x and y."""
        x, y = _points(x, y)
        return tuple(part + np.zeros_like(x + y) for part in self.slope(x, y))

    def hessian(self, x, y):
        """Return the matrix of second derivatives, shape (..., 2, 2)."""
        x, y = _points(x, y)
        xx, xy, yy = (part + np.zeros_like(x + y) for part in self.curvature(x, y))
        return np.stack([np.stack([xx, xy], -1), np.stack([xy, yy], -1)], -2)

    @property
    def least(self):
        """The least known value: that of the lowest minimum, 0 where no minimum is known."""
        return float(min([np.min(self(*point)) for point in self.minima], default=0.0))

    def __repr__(self):
        return f"{self.name}: f(x, y) = {self.formula}"


def _points(x, y):
    """Return coordinates as float arrays (complex ones stay complex, for complex-step checks)."""
    x, y = np.asarray(x), np.asarray(y)
    for name, value in (("x", x), ("y", y)):
        if value.dtype.kind not in "fiuc":
            raise TypeError(f"{name} must be a number or an array of numbers, got {short(value)}")
    return x * 1.0, y * 1.0


def quadratic(a, b, c=0.0, **about):
    """Return the landscape ½(a x² + 2c xy + b y²), whose Hessian is [[a, c], [c, b]] everywhere."""
    places = [f"{name}={about[name]!r}" for name in ("start", "view") if name in about]
    given = [repr(float(value)) for value in (a, b, *([c] if c else []))] + places
    settings = dict(
        name="quadratic",
        made=f"quadratic({', '.join(given)})",
        formula=rf"\frac{{1}}{{2}}({a:g}x^2 {2 * c:+g}xy {b:+g}y^2)",
        value=lambda x, y: 0.5 * (a * x * x + 2 * c * x * y + b * y * y),
        slope=lambda x, y: (a * x + c * y, c * x + b * y),
        curvature=lambda x, y: (a, c, b),
        minima=((0.0, 0.0),) if a * b > c * c and a > 0 else (),
        saddles=((0.0, 0.0),) if a * b < c * c else (),
        start=(-7.0, 2.0),
        view=((-10.0, 10.0), (-10.0, 10.0)),
        teaches="a valley with any two curvatures",
    )
    return Landscape(**settings | about)


bowl = Landscape(
    name="bowl",
    formula=r"\frac{x^2}{20} + y^2",
    value=lambda x, y: x * x / 20 + y * y,
    slope=lambda x, y: (x / 10, 2 * y),
    curvature=lambda x, y: (0.1, 0.0, 2.0),
    minima=((0.0, 0.0),),
    start=(-7.0, 2.0),
    view=((-10.0, 10.0), (-5.0, 5.0)),
    teaches="twenty times steeper across than along: the zig-zag",
)


def rotated_bowl(theta=np.pi / 4):
    """Return the bowl and its start, turned counter-clockwise by theta (in radians)."""
    cos, sin = np.cos(theta), np.sin(theta)
    (x0, y0), mu, steep = bowl.start, 0.1, 2.0
    turned = quadratic(
        a=mu * cos**2 + steep * sin**2, b=mu * sin**2 + steep * cos**2, c=(mu - steep) * cos * sin
    )
    return replace(
        turned,
        name=f"bowl turned by {np.degrees(theta):.0f}°",
        made=f"rotated_bowl({float(theta)!r})",
        start=(float(cos * x0 - sin * y0), float(sin * x0 + cos * y0)),
        view=((-10.0, 10.0), (-10.0, 10.0)),
        teaches="coordinates are a choice: per-coordinate rules notice the turn",
    )


def turn(x, y, theta):
    """Return a point, or arrays of points, turned counter-clockwise about the origin."""
    cos, sin = np.cos(theta), np.sin(theta)
    return cos * x - sin * y, sin * x + cos * y


def turned(on, theta):
    """Return any landscape, on a square map, turned counter-clockwise by theta (in radians).

    An array of angles is a landscape of its own for each of as many runs: a minimum then has two
    arrays as coordinates, and the name and the start stay as they were.
    """

    def curvature(x, y):
        xx, xy, yy = on.curvature(*turn(x, y, -theta))
        (a, c), (d, b) = turn(xx, xy, theta), turn(xy, yy, theta)  # the Hessian's two columns
        (xx, xy), (_, yy) = turn(a, d, theta), turn(c, b, theta)
        return xx, xy, yy

    reach = max(abs(end) for side in on.view for end in side)
    function = replace(
        on,
        value=lambda x, y: on.value(*turn(x, y, -theta)),
        slope=lambda x, y: turn(*on.slope(*turn(x, y, -theta)), theta),
        curvature=curvature,
        view=((-reach, reach), (-reach, reach)),
    )
    if np.ndim(theta):
        return replace(function, **_known(on, lambda x, y: turn(x, y, theta)))
    angle = f"{np.degrees(theta):.0f}"
    return replace(
        function,
        name=f"{on.name} turned by {angle}°",
        made=f"turned({expression(on)}, {float(theta)!r})",
        formula=rf"{on.formula}\ \mathrm{{turned\ by}}\ {angle}^\circ",
        **_known(on, lambda x, y: tuple(map(float, turn(x, y, theta)))),
        start=tuple(map(float, turn(*on.start, theta))),
    )


def moved(on, x, y):
    """Return a landscape shifted by (x, y), with its start, its minima and its view."""

    def shift(a, b):
        return a + x, b + y

    return replace(
        on,
        name=f"{on.name} moved by ({x:g}, {y:g})",
        made=f"moved({expression(on)}, {float(x)!r}, {float(y)!r})",
        formula=rf"{on.formula}\ \mathrm{{moved\ by}}\ ({x:g}, {y:g})",
        value=lambda a, b: on.value(a - x, b - y),
        slope=lambda a, b: on.slope(a - x, b - y),
        curvature=lambda a, b: on.curvature(a - x, b - y),
        **_known(on, shift),
        start=shift(*on.start),
        view=tuple(tuple(end + by for end in side) for side, by in zip(on.view, (x, y))),
    )


def scaled(on, length=1.0, height=1.0):
    """Return a landscape in other units: coordinates times `length`, values times `height`.

    A bowl in metres is scaled(bowl, 1000) in millimetres. height may be an array: then it is a
    landscape of its own for each of as many runs.
    """
    by = f"({length:g}, {height:g})" if np.ndim(height) == 0 else f"({length:g}, …)"
    return replace(
        on,
        name=f"{on.name} scaled by {by}",
        made=f"scaled({expression(on)}, {float(length)!r}, {height!r})",
        formula=rf"{on.formula}\ \mathrm{{scaled\ by}}\ {by}",
        value=lambda x, y: height * on.value(x / length, y / length),
        slope=lambda x, y: tuple(height / length * g for g in on.slope(x / length, y / length)),
        curvature=lambda x, y: tuple(
            height / length**2 * part for part in on.curvature(x / length, y / length)
        ),
        **_known(on, lambda x, y: (length * x, length * y)),
        start=tuple(length * v for v in on.start),
        view=tuple(tuple(length * end for end in side) for side in on.view),
    )


def expression(on):
    """Return Python code for a landscape: its name here, or the call that made it.

    For one from a function of your own, which has no name here, it is the landscape's name.
    """
    own = {id(value): name for name, value in globals().items()}
    return own.get(id(on), on.made or on.name)


def _known(on, where):
    """Return where the minima and the saddles of a landscape are now. where(x, y): one of them."""
    kinds = {"minima": on.minima, "saddles": on.saddles}
    return {kind: tuple(where(*point) for point in points) for kind, points in kinds.items()}


gentle_bowl = quadratic(
    a=0.2,
    b=4.0,
    name="gentle bowl",
    formula=r"0.1x^2 + 2y^2",
    start=(-5.0, -2.0),
    view=((-6.0, 6.0), (-3.0, 3.0)),
    teaches="the bowl of another textbook: same κ = 20, all curvatures doubled",
)

saddle = Landscape(
    name="saddle",
    formula=r"x^2 - y^2 + 0.05y^4",
    value=lambda x, y: x * x - y * y + 0.05 * y * y * y * y,
    slope=lambda x, y: (2 * x, -2 * y + 0.2 * y * y * y),
    curvature=lambda x, y: (2.0, 0.0, -2 + 0.6 * y * y),
    minima=((0.0, -np.sqrt(10)), (0.0, np.sqrt(10))),
    saddles=((0.0, 0.0),),
    start=(2.0, 1e-3),
    view=((-3.0, 3.0), (-4.5, 4.5)),
    teaches="how long it takes to leave a ridge",
)


rosenbrock = Landscape(
    name="Rosenbrock function",
    formula=r"(1 - x)^2 + 100(y - x^2)^2",
    value=lambda x, y: (1 - x) * (1 - x) + 100 * (y - x * x) * (y - x * x),
    slope=lambda x, y: (-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)),
    curvature=lambda x, y: (2 - 400 * y + 1200 * x * x, -400 * x, 200.0),
    minima=((1.0, 1.0),),
    start=(-2.0, 2.0),
    view=((-2.5, 2.0), (-1.5, 3.0)),
    teaches="a curved valley that is easy to find and slow to follow",
)


def _beale(x, y):
    """The three residuals of Beale's function and their derivatives by y, divided by x."""
    y2 = y * y
    return (1.5 - x + x * y, 2.25 - x + x * y2, 2.625 - x + x * y2 * y), (1.0, 2 * y, 3 * y2)


def _beale_slope(x, y):
    (r1, r2, r3), (d1, d2, d3) = _beale(x, y)
    across = 2 * (r1 * (y - 1) + r2 * (y * y - 1) + r3 * (y * y * y - 1))
    return across, 2 * x * (r1 * d1 + r2 * d2 + r3 * d3)


def _beale_curvature(x, y):
    (r1, r2, r3), (d1, d2, d3) = _beale(x, y)
    e1, e2, e3 = y - 1, y * y - 1, y * y * y - 1
    xx = 2 * (e1 * e1 + e2 * e2 + e3 * e3)
    xy = 2 * (d1 * (x * e1 + r1) + d2 * (x * e2 + r2) + d3 * (x * e3 + r3))
    yy = 2 * (x * x * (d1 * d1 + d2 * d2 + d3 * d3) + x * (2 * r2 + 6 * y * r3))
    return xx, xy, yy


beale = Landscape(
    name="Beale function",
    formula=r"(1.5 - x + xy)^2 + (2.25 - x + xy^2)^2 + (2.625 - x + xy^3)^2",
    value=lambda x, y: sum(r * r for r in _beale(x, y)[0]),
    slope=_beale_slope,
    curvature=_beale_curvature,
    minima=((3.0, 0.5),),
    saddles=((0.0, 1.0),),
    start=(1.0, 1.5),
    view=((-4.5, 4.5), (-4.5, 4.5)),
    teaches="steep walls around a flat floor: gradients differ by orders of magnitude",
)

himmelblau = Landscape(
    name="Himmelblau function",
    formula=r"(x^2 + y - 11)^2 + (x + y^2 - 7)^2",
    value=lambda x, y: (x * x + y - 11) * (x * x + y - 11) + (x + y * y - 7) * (x + y * y - 7),
    slope=lambda x, y: (
        4 * x * (x * x + y - 11) + 2 * (x + y * y - 7),
        2 * (x * x + y - 11) + 4 * y * (x + y * y - 7),
    ),
    curvature=lambda x, y: (
        12 * x * x + 4 * y - 42,
        4 * (x + y),
        12 * y * y + 4 * x - 26,
    ),
    minima=(
        (3.0, 2.0),
        (-2.805118086952745, 3.131312518250573),
        (-3.779310253377747, -3.283185991286170),
        (3.584428340330492, -1.848126526964404),
    ),
    saddles=(
        (-3.0730257507643897, -0.08135304428796751),
        (-0.12796134673068008, -1.9537149802445766),
        (0.08667750455539634, 2.884254701174776),
        (3.385154183607021, 0.07385187983774928),
    ),
    start=(-0.15, 0.67),
    view=((-6.0, 6.0), (-6.0, 6.0)),
    teaches="four minima: the start decides which one is found",
)


def _wells(x, y):
    """The two Gaussians of the two-wells function, with depths 2 and 3."""
    right = 2 * np.exp(-((x - 1) * (x - 1) + y * y) / 0.2)
    left = 3 * np.exp(-((x + 1) * (x + 1) + y * y) / 0.2)
    return right, left


def _wells_curvature(x, y):
    right, left = _wells(x, y)
    xx = 2 + right * (10 - 100 * (x - 1) * (x - 1)) + left * (10 - 100 * (x + 1) * (x + 1))
    xy = -100 * y * (right * (x - 1) + left * (x + 1))
    yy = 2 + (right + left) * (10 - 100 * y * y)
    return xx, xy, yy


def _wells_slope(x, y):
    right, left = _wells(x, y)
    return 2 * x + 10 * (right * (x - 1) + left * (x + 1)), 2 * y + 10 * y * (right + left)


two_wells = Landscape(
    name="two wells",
    formula=r"x^2 + y^2 - 2e^{-((x-1)^2 + y^2)/0.2} - 3e^{-((x+1)^2 + y^2)/0.2}",
    value=lambda x, y: x * x + y * y - sum(_wells(x, y)),
    slope=_wells_slope,
    curvature=_wells_curvature,
    minima=((-0.9363006340109187, 0.0), (0.905317899160115, 0.0)),
    saddles=((0.0686024367080965, 0.0),),
    start=(0.4, 1.6),
    view=((-2.5, 2.5), (-2.0, 2.0)),
    teaches="a deep well and a shallow one: which of them catches the path?",
)


def _plateau(x):
    """softplus(6x) and the logistic function of 6x, without overflow at either end."""
    return np.logaddexp(0, 6 * x), np.exp(-np.logaddexp(0, -6 * x))


def _plateau_curvature(x, y):
    softplus, logistic = _plateau(x)
    return 0.45 * logistic * (logistic + softplus * (1 - logistic)), 0.0, 1.2


plateau = Landscape(
    name="plateau",
    formula=r"\frac{\mathrm{softplus}(6x)^2}{160} + 0.6y^2",
    value=lambda x, y: _plateau(x)[0] ** 2 / 160 + 0.6 * y * y,
    slope=lambda x, y: (0.075 * _plateau(x)[0] * _plateau(x)[1], 1.2 * y),
    curvature=_plateau_curvature,
    minima=(),
    start=(-6.0, 2.0),
    view=((-7.0, 7.0), (-4.0, 4.0)),
    teaches="flat ground to the left: gradients that all but vanish",
)

rastrigin = Landscape(
    name="Rastrigin function",
    formula=r"20 + x^2 - 10\cos 2\pi x + y^2 - 10\cos 2\pi y",
    value=lambda x, y: 20 + x * x + y * y - 10 * np.cos(2 * np.pi * x) - 10 * np.cos(2 * np.pi * y),
    slope=lambda x, y: (
        2 * x + 20 * np.pi * np.sin(2 * np.pi * x),
        2 * y + 20 * np.pi * np.sin(2 * np.pi * y),
    ),
    curvature=lambda x, y: (
        2 + 40 * np.pi**2 * np.cos(2 * np.pi * x),
        0.0,
        2 + 40 * np.pi**2 * np.cos(2 * np.pi * y),
    ),
    minima=((0.0, 0.0),),
    start=(-2.0, 3.5),
    view=((-5.0, 5.0), (-5.0, 5.0)),
    teaches="so many minima that going downhill is not enough",
)

long_valley = quadratic(
    a=0.02,
    b=2.0,
    name="long valley",
    formula=r"0.01x^2 + y^2",
    start=(-9.0, 1.5),
    view=((-10.0, 10.0), (-5.0, 5.0)),
    teaches="κ = 100: the floor is almost flat",
)

matyas = quadratic(
    a=0.52,
    b=0.52,
    c=-0.48,
    name="Matyas function",
    formula=r"0.26(x^2 + y^2) - 0.48xy",
    start=(-8.0, 3.0),
    view=((-10.0, 10.0), (-10.0, 10.0)),
    teaches="a valley along the diagonal, κ = 25",
)

booth = Landscape(
    name="Booth function",
    formula=r"(x + 2y - 7)^2 + (2x + y - 5)^2",
    value=lambda x, y: (x + 2 * y - 7) * (x + 2 * y - 7) + (2 * x + y - 5) * (2 * x + y - 5),
    slope=lambda x, y: (10 * x + 8 * y - 34, 8 * x + 10 * y - 38),
    curvature=lambda x, y: (10.0, 8.0, 10.0),
    minima=((1.0, 3.0),),
    start=(-8.0, -4.0),
    view=((-10.0, 10.0), (-10.0, 10.0)),
    teaches="a valley whose minimum is not at the origin",
)

# By itself, not in the list below: its minima are no points but two curves, xy = 1.
smallest_network = Landscape(
    name="smallest network",
    formula=r"\frac{1}{2}(xy - 1)^2",
    value=lambda x, y: 0.5 * (x * y - 1) * (x * y - 1),
    slope=lambda x, y: ((x * y - 1) * y, (x * y - 1) * x),
    curvature=lambda x, y: (y * y, 2 * x * y - 1, x * x),
    minima=((1.0, 1.0), (-1.0, -1.0)),  # where the two curves are widest
    saddles=((0.0, 0.0),),
    start=(3.5, 0.3),
    view=((-2.5, 4.5), (-2.0, 2.5)),
    teaches="a level floor of changing width: where can gradient descent rest?",
)

gorge = Landscape(
    name="gorge",
    formula=r"0.025x^2 + \frac{1}{4}y^4",
    value=lambda x, y: 0.025 * x * x + 0.25 * y * y * y * y,
    slope=lambda x, y: (0.05 * x, y * y * y),
    curvature=lambda x, y: (0.05, 0.0, 3 * y * y),
    minima=((0.0, 0.0),),
    start=(-9.0, 3.0),
    view=((-10.0, 10.0), (-5.0, 5.0)),
    teaches="steep walls, a flat floor: what may a learning rate do first?",
)


def kinked(x):
    """A convex function on which the heavy ball can run in a circle: curvature 25, 1, then 25."""
    middle, right = x * x / 2 + 24 * x - 12, 12.5 * x * x - 24 * x + 36
    return np.where(x < 1, 12.5 * x * x, np.where(x < 2, middle, right))


def kinked_slope(x):
    """Its slope: 25x up to x = 1, x + 24 up to x = 2, then 25x − 24."""
    return np.where(x < 1, 25 * x, np.where(x < 2, x + 24, 25 * x - 24))


LANDSCAPES = {
    "bowl": bowl,
    "rotated bowl": rotated_bowl(),
    "gentle bowl": gentle_bowl,
    "saddle": saddle,
    "rosenbrock": rosenbrock,
    "beale": beale,
    "himmelblau": himmelblau,
    "two wells": two_wells,
    "plateau": plateau,
    "rastrigin": rastrigin,
    "long valley": long_valley,
    "matyas": matyas,
    "booth": booth,
}


def landscape(which):
    """Return a landscape, given itself or its name (case and underscores do not matter).

    Raises ValueError with the list of names, or TypeError.
    """
    if is_a(which, Landscape):
        return which
    if not isinstance(which, str):
        raise TypeError(
            f"a landscape or its name is wanted, such as bowl or 'bowl', got {short(which)}"
        )
    name = which.replace("_", " ").lower()
    if name not in LANDSCAPES:
        raise ValueError(f"no landscape {short(which)}; there are {', '.join(LANDSCAPES)}")
    return LANDSCAPES[name]
