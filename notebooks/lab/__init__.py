"""The bench equipment of the course: what the chapters use to run optimizers and to see them."""

from .animation import animate
from .check import check
from .claim import claim
from .cloud import cloud
from .descent import Run, descend
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
    turned,
    two_wells,
)
from .pictures import Picture, contour, heat_map, loss_curve, phase_portrait, picture, trail
from .stage import stage

__all__ = [
    "LANDSCAPES",
    "Landscape",
    "Picture",
    "Run",
    "animate",
    "beale",
    "booth",
    "bowl",
    "check",
    "claim",
    "cloud",
    "contour",
    "descend",
    "gentle_bowl",
    "heat_map",
    "himmelblau",
    "landscape",
    "long_valley",
    "loss_curve",
    "matyas",
    "phase_portrait",
    "picture",
    "plateau",
    "quadratic",
    "rastrigin",
    "rosenbrock",
    "rosenbrock_of",
    "rotated_bowl",
    "saddle",
    "stage",
    "trail",
    "turned",
    "two_wells",
]
