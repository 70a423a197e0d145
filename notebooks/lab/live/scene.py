"""What a live picture is made of, in the kernel: maps without axes, sliders, looks, packed runs.

The browser draws the axes, so that their text has its size at any width, and a picture lies where
its paths lie, whatever Matplotlib's settings are.
"""

import base64
from dataclasses import dataclass, field, replace
from types import ModuleType

import numpy as np
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from ..descent import rule_of
from ..landscapes import turned
from ..pictures import DASHES, draw_map, look, picture, shade, style

RANGES = {
    "lr": (1e-3, 10.0),
    "eps": (1e-12, 100.0),
    "weight_decay": (0.0, 1.0),
}  # every other knob is a decay rate
POSITIONS = 120  # of a slider, about
GRID = 80  # cells across a map, for what a pointer that hovers is told


@dataclass
class Slider:
    """One control of a live picture: an entry of this kind is all that a new one takes.

    name: of its setting, unique in the picture, as "turn", or "0.lr" for the lr of rule 0.
    values: what it runs through; words make it a row of choices. rule: the number of the rule
    whose runs it changes, None: all. marks: {label: value} of what a formula predicts.
    """

    name: str
    label: str
    values: object
    rule: int | None = None
    marks: dict = field(default_factory=dict)

    def including(self, value):
        """Return it with one more position, so that the opening stands exactly on one."""
        return replace(self, values=np.union1d(self.values, value))

    def describe(self):
        """Return it for the browser; `at` is from 0, its left end, to 1."""
        values = list(self.values)
        places = np.linspace(0, 1, len(values))
        return {
            "name": self.name,
            "label": self.label,
            "rule": self.rule,
            "values": [v.item() if isinstance(v, np.generic) else v for v in values],
            "marks": [
                {"label": label, "value": value, "at": float(np.interp(value, values, places))}
                for label, value in self.marks.items()
            ],
        }


def knob_values(name, low_high=None):
    """Return the values a slider runs through: decay rates even in log(1 − β), others as they span.

    low_high: the two ends; logarithmic from a factor of 30 on, else in even steps of 1, 2 or 5.
    """
    if name not in RANGES and low_high is None:
        return np.unique(np.round(1 - np.geomspace(1, 1e-4, POSITIONS + 1), 4)).clip(0, 0.9999)
    low, high = low_high or RANGES[name]
    if not 0 <= low < high < np.inf:
        raise ValueError(
            f"the range of {name} must be (low, high) with 0 <= low < high, got {low_high!r}"
        )
    if low > 0 and high >= 30 * low:
        grid = np.geomspace(low, high, POSITIONS + 1)
        return np.array([float(f"{value:.3g}") for value in grid])
    step = next(s for s in _round_steps(high - low) if (high - low) / s <= 1.25 * POSITIONS)
    return np.round(np.arange(np.ceil(low / step), np.floor(high / step + 1e-9) + 1) * step, 12)


def _round_steps(span):
    """1, 2 and 5 times the powers of ten, from far too small for a span of this size upwards."""
    decade = np.floor(np.log10(span)) - 4
    return [m * 10.0 ** (decade + k) for k in range(6) for m in (1, 2, 5)]


def map_scene(on, turns=False):
    """Return a landscape's map for the browser.

    view: what its axes show. extent: what its image and its grid show; for one that turns, a
    square that fills the view however turned. grid: f at GRID cells across, for `fAt` in axes.js,
    with one cell more on each side.
    """
    view, extent = on.view, on.view
    if turns:
        view = turned(on, 0.0).view
        reach = np.sqrt(2) * view[0][1]
        extent = ((-reach, reach), (-reach, reach))
    shown = replace(on, view=extent)
    columns, rows, grid = sample(shown)
    return {
        "name": on.name,
        "image": base64.b64encode(bare(shown)).decode(),
        "view": [[float(end) for end in side] for side in view],
        "extent": [[float(end) for end in side] for side in extent],
        "grid": base64.b64encode(grid).decode(),
        "cells": [columns, rows],
        "start": [float(value) for value in on.start],
        "least": on.least if on.minima and abs(on.least) > 1e-9 else 0.0,
    }


@style()
def bare(on):
    """Return PNG bytes of a map without axes, from edge to edge of its view."""
    (left, right), (bottom, top) = on.view
    width = 4.7 * min(1, (right - left) / (top - bottom))
    fig = Figure(figsize=(width, width * (top - bottom) / (right - left)), layout="none")
    ax = fig.add_axes([0, 0, 1, 1])
    draw_map(ax, on)
    ax.set_aspect("auto")
    ax.axis("off")
    return picture(fig, "map").png


def sample(on):
    """Return (columns, rows, float32 bytes of f row by row from below) of a grid over a view."""
    (left, right), (bottom, top) = on.view
    rows = max(2, round(GRID * (top - bottom) / (right - left)))
    x = left + (np.arange(-1, GRID + 2) / GRID) * (right - left)
    y = bottom + (np.arange(-1, rows + 2) / rows) * (top - bottom)
    with np.errstate(all="ignore"):
        return GRID, rows, on(x, y[:, None]).astype("<f4").tobytes()


def name_of(thing, usual):
    """Return the name by which the notebook reaches a class or a landscape: for code to copy.

    usual: its own name, which is taken where the notebook has none, or there is no notebook.
    """
    try:
        names = dict(get_ipython().user_ns)
    except (NameError, AttributeError):
        return usual
    own = [name for name, value in names.items() if value is thing and name[0] != "_"]
    modules = {name: value for name, value in names.items() if isinstance(value, ModuleType)}
    within = [f"{n}.{usual}" for n, value in modules.items() if vars(value).get(usual) is thing]
    return [*sorted(own, key=usual.__ne__), *within, usual][0]


def looks(optimizers):
    """Return for the browser how each optimizer's path looks: as in `pictures.styles`."""
    found = []
    for rule in map(rule_of, optimizers):
        colour, marker = look(rule)
        nth = sum(look(other["rule"]) == (colour, marker) for other in found)
        found.append(
            {
                "rule": rule,
                "colour": to_hex(shade(colour, nth)),
                "face": "#ffffff" if nth % 2 else colour,
                "marker": marker,
                "dashes": DASHES[nth % len(DASHES)],
            }
        )
    return found


def pack(run):
    """Return what the browser draws of each step: x, y, f and the direction downhill, in radians.

    Shape (steps + 1, *runs, 4). The direction is NaN where there is none.
    """
    with np.errstate(all="ignore"):
        gx, gy = run.landscape.gradient(*np.moveaxis(run.path, -1, 0))
        downhill = np.where((gx == 0) & (gy == 0), np.nan, np.arctan2(-gy, -gx))
    return np.concatenate([run.path, run.f[..., None], downhill[..., None]], axis=-1)


def as_bytes(values):
    """Return arrays of shape (steps + 1, *runs, columns) as float32 bytes, run by run."""
    with np.errstate(over="ignore"):
        return np.ascontiguousarray(np.moveaxis(values, 0, -2), dtype="<f4").tobytes()


def verdicts(run):
    """Return the verdict of each run, as a list."""
    return [run.verdict(i) for i in range(run.f[0].size)]
