"""The bench equipment of the course: what the chapters use to run optimizers and to see them."""

from .animation import animate, film
from .check import check
from .claim import claim
from .cloud import cloud
from .descent import Run, descend, feed
from .landscapes import (
    LANDSCAPES,
    Landscape,
    beale,
    booth,
    bowl,
    gentle_bowl,
    himmelblau,
    landscape,
    long_valley,
    matyas,
    plateau,
    quadratic,
    rastrigin,
    rosenbrock,
    rosenbrock_of,
    rotated_bowl,
    saddle,
    smallest_network,
    turned,
    two_wells,
)
from .pictures import (
    Picture,
    chart,
    contour,
    dots,
    heat_map,
    line,
    loss_curve,
    phase_portrait,
    picture,
    trail,
)
from .plane import plane
from .stage import stage
from .theory import heavy_ball_rate, nesterov_rate

__all__ = [
    "LANDSCAPES",
    "Landscape",
    "Picture",
    "Run",
    "animate",
    "beale",
    "booth",
    "bowl",
    "chart",
    "check",
    "claim",
    "cloud",
    "contour",
    "descend",
    "dots",
    "feed",
    "film",
    "gentle_bowl",
    "heat_map",
    "heavy_ball_rate",
    "himmelblau",
    "landscape",
    "line",
    "long_valley",
    "loss_curve",
    "matyas",
    "nesterov_rate",
    "phase_portrait",
    "picture",
    "plane",
    "plateau",
    "quadratic",
    "rastrigin",
    "rosenbrock",
    "rosenbrock_of",
    "rotated_bowl",
    "saddle",
    "smallest_network",
    "stage",
    "trail",
    "turned",
    "two_wells",
]
