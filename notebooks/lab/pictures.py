"""Pictures of landscapes and runs. Every verb returns a `Picture`, which a notebook shows.

    contour(bowl)                                  # the map of a landscape
    trail(descend(SGD(lr=0.95), bowl))             # one path or several on their map
    loss_curve(run, other)                         # f against the step
    heat_map(x, y, z, ...)                         # one number for each pair of settings
    phase_portrait(run)                            # where a coordinate is against how it moves
    chart(line(t, formula), dots(t, found), ...)   # curves that predict, dots that measure
    picture(fig, "what it shows")                  # any figure of your own

A rule has the same colour and the same marker in every picture of the course.
"""

import base64
from collections import Counter
from dataclasses import dataclass
from io import BytesIO

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import LogNorm, Normalize
from matplotlib.patheffects import withStroke
from PIL import Image

from .descent import Run
from .landscapes import landscape
from .values import short

DPI = 100
STYLE = {
    "figure.dpi": DPI,
    "figure.figsize": (4.4, 3.1),
    "figure.constrained_layout.use": True,
    "font.size": 8.5,
    "axes.titlesize": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
    "legend.fontsize": 8,
    "lines.linewidth": 1.3,
    "lines.markersize": 3.5,
}
plt.rcParams.update(STYLE)

# Shapes of our own, by their corners: few of Matplotlib's can be told apart when they are small.
TALL = ((-0.35, -1.2), (0.35, -1.2), (0.35, 1.2), (-0.35, 1.2), (-0.35, -1.2))
TEE = (
    (-1, 1),
    (1, 1),
    (1, 0.4),
    (0.3, 0.4),
    (0.3, -1),
    (-0.3, -1),
    (-0.3, 0.4),
    (-1, 0.4),
    (-1, 1),
)
BOW_TIE = ((-1, -1), (-1, 1), (1, -1), (1, 1), (-1, -1))
HOURGLASS = tuple((y, x) for x, y in BOW_TIE)

# Okabe and Ito's colours up to Adam, which colour-blind readers can tell apart; more rules than
# seven only the markers can tell, and in grey all of them.
LOOKS = {
    "SGD": ("#d55e00", "o"),
    "Momentum": ("#0072b2", "s"),
    "Nesterov": ("#56b4e9", "D"),
    "AdaGrad": ("#009e73", "^"),
    "RMSProp": ("#e69f00", "v"),
    "Adadelta": ("#cc79a7", "P"),
    "Adam": ("#000000", "X"),
    "AdamW": ("#5c5c5c", "<"),
    "AMSGrad": ("#8c510a", ">"),
    "Adamax": ("#8a8a8a", TALL),
    "NAdam": ("#2c7fb8", "d"),
    "RAdam": ("#c51b7d", BOW_TIE),
    "AdaBelief": ("#01665e", HOURGLASS),
    "Lion": ("#b2182b", TEE),
    "Muon": ("#542788", (4, 1, 0)),
}
OTHER_LOOK = ("#7a4fbf", "*")
GREY = "#8593a0"  # what is no rule: contours, predictions, limits
DASHES = ([], [4, 2], [1, 1.5], [6, 1.5, 1, 1.5])  # tell runs of one rule apart, in this order
LEVELS = 15
LAND = plt.get_cmap("bone")(np.linspace(0.7, 1.0, LEVELS))  # low ground dark, high ground light


class Picture:
    """A finished picture: PNG bytes, and one sentence that says what is to be seen.

    width: how wide to show it, in CSS pixels; the picture's own width if not given.
    """

    def __init__(self, png, text, width=None):
        self.png, self.text, self.width = png, text, width

    def _repr_mimebundle_(self, include=None, exclude=None):
        data = {"image/png": base64.b64encode(self.png).decode(), "text/plain": self.text}
        return data, {"image/png": {"width": self.width}} if self.width else {}

    def __repr__(self):
        return self.text

    def save(self, path):
        """Write the picture to a .png file."""
        with open(path, "wb") as file:
            file.write(self.png)


def picture(fig, text):
    """Return a Matplotlib figure as a Picture, and close it. text says what it shows."""
    drawn, stored = BytesIO(), BytesIO()
    fig.savefig(drawn, dpi=2 * DPI)  # twice as fine as shown, for sharp screens and for paper
    plt.close(fig)
    with Image.open(drawn) as image:  # 256 colours make a third of the bytes
        image.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(
            stored, "PNG", optimize=True
        )
    return Picture(stored.getvalue(), text, width=round(fig.get_figwidth() * DPI))


def look(rule):
    """Return the colour and the marker of a rule, given its name."""
    return LOOKS.get(rule, OTHER_LOOK)


def map_axes(on, width=4.4):
    """Return (figure, axes) of the right proportions with the map of a landscape drawn on it."""
    (left, right), (bottom, top) = on.view
    height = (width - 0.55) * (top - bottom) / (right - left) + 0.6
    fig, ax = plt.subplots(figsize=(width, height))
    draw_map(ax, on)
    return fig, ax


def draw_map(ax, on):
    """Draw a landscape's contours and minima on axes of equal scales."""
    x, y = (np.linspace(*side, 241) for side in on.view)
    z = on(*np.meshgrid(x, y))
    low = min([z.min(), *(on(*point) for point in on.minima)])
    height = (z - low) / (z.max() - low)
    # Levels crowd where most of the map lies: half of them are below the median height.
    power = np.clip(np.log(np.median(height)) / np.log(0.5), 1, 8)
    levels = np.linspace(0, 1, LEVELS + 1) ** power
    ax.contourf(x, y, height, levels, colors=LAND)
    ax.contour(x, y, height, levels[1:-1], colors=GREY, linewidths=0.5)
    ax.plot(
        *np.reshape(on.minima, (-1, 2)).T, "*", color="white", mec="black", ms=9, mew=0.7, zorder=4
    )
    ax.set(xlim=on.view[0], ylim=on.view[1], xlabel="x", ylabel="y", aspect="equal")


def contour(on):
    """Draw the map of a landscape (or of its name): contours, and a star at each known minimum."""
    on = landscape(on)
    fig, ax = map_axes(on)
    ax.set_title(f"${on.formula}$")
    stars = ", ".join(f"({x:.2f}, {y:.2f})" for x, y in on.minima)
    shown = f"with its minimum at {stars}" if len(on.minima) == 1 else f"with minima at {stars}"
    return picture(fig, f"Contour map of the {on.name} {shown if stars else 'without a minimum'}.")


def trail(*runs, title=""):
    """Draw the paths of runs, all on one landscape, over its map."""
    on = same_landscape(runs)
    fig, ax = map_axes(on)
    for run, style in zip(runs, styles(runs)):
        ax.plot(*run.path.T, markevery=max(1, run.steps // 60), **style)
    ax.plot(*runs[0].path[0], "o", color="white", mec="black", ms=6, zorder=5)
    ax.legend(loc="best", framealpha=0.8, frameon=True, edgecolor="none")
    ax.set_title(title)
    return picture(fig, describe(runs))


def styles(runs):
    """Return how to draw each run: its rule's colour and marker, dashes for a look's second run."""
    seen, found = Counter(), []
    for run in runs:
        colour, marker = look(run.rule)
        nth = seen[colour, marker]  # two rules that are not of the course look alike
        seen[colour, marker] += 1
        found.append(
            {
                "color": colour,
                "marker": marker,
                "dashes": DASHES[nth % len(DASHES)] or (None, None),
                "markerfacecolor": "white" if nth % 2 else colour,
                "lw": 1.1,
                "label": told(run),
            }
        )
    return found


def told(run):
    """Return a run's legend: its optimizer, and its divergence if it diverged."""
    return f"{run.label}, diverged at step {run.diverged}" if run.diverged >= 0 else run.label


def describe(runs):
    """Say in one sentence what a picture of these runs shows."""
    x, y = runs[0].path[0]
    paths = "; ".join(f"{run.label}: {run.verdict()}" for run in runs)
    return f"Descent on the {runs[0].landscape.name} from ({x:.2f}, {y:.2f}). {paths}."


def loss_curve(*runs, title=""):
    """Draw f above its least known value against the step, on a logarithmic axis."""
    on = same_landscape(runs)
    least = min([0.0, *(float(on(*point)) for point in on.minima)])
    fig, ax = plt.subplots()
    for run, style in zip(runs, styles(runs)):
        ax.semilogy(np.maximum(run.f - least, 1e-300), markevery=max(1, run.steps // 10), **style)
    ax.set(xlabel="step t", ylabel="f − min f" if least else "f", title=title)
    ax.legend()
    return picture(fig, f"Loss against step. {describe(runs)}")


def heat_map(x, y, z, *, xlabel, ylabel, zlabel, text, contours=None, levels=None, title=""):
    """Draw z, shape (len(y), len(x)), as colours; points that are not finite stay white.

    contours: a second array like z, drawn as lines at `levels`: a prediction over a measurement.
    Axes are logarithmic where their values are spaced so, colours where z is positive and spans
    more than a factor of a hundred. text says what is to be seen.
    """
    fig, ax = plt.subplots()
    fig.colorbar(draw_heat(ax, x, y, z, contours, levels), ax=ax, label=zlabel)
    ax.set(xlabel=xlabel, ylabel=ylabel, title=title)
    return picture(fig, text)


def draw_heat(ax, x, y, z, contours=None, levels=None, shades=None):
    """Draw what `heat_map` says on axes, and return the coloured mesh. shades: its two ends."""
    z = np.where(np.isfinite(z), z, np.nan)
    low, high = shades or (np.nanmin(z), np.nanmax(z))
    norm = (LogNorm if low > 0 and high > 100 * low else Normalize)(low, high)
    mesh = ax.pcolormesh(x, y, z, cmap="cividis_r", norm=norm, shading="nearest")
    for values, set_scale in ((x, ax.set_xscale), (y, ax.set_yscale)):
        if np.min(values) > 0 and np.allclose(
            np.diff(np.log(values)), np.log(values[1] / values[0])
        ):
            set_scale("log")
    if contours is not None:
        lines = ax.contour(x, y, contours, levels=levels, colors="black", linewidths=0.8)
        lines.set_path_effects([withStroke(linewidth=1.8, foreground="white")])
        ax.autoscale_view()  # a label makes room for itself on the axes as they are now
        for number in ax.clabel(lines, fontsize=7, fmt="%g"):
            number.set_path_effects([withStroke(linewidth=2, foreground="white")])
    return mesh


@dataclass(frozen=True, eq=False)
class Curve:
    """What `line` and `dots` return, for `chart` to draw."""

    x: object
    y: object
    style: dict


def line(x, y, label=None, rule=None, style="-", **more):
    """Return a curve for `chart`: grey, as a prediction, or as a rule looks, given its name.

    style: Matplotlib's dashes, "-", "--", ":" or "-."; more: its other names, as lw=2.
    """
    colour, marker = (GREY, None) if rule is None else look(rule)
    every = max(1, np.size(y) // 10)
    looks = {"color": colour, "marker": marker, "markevery": every, "ls": style, "label": label}
    return Curve(x, y, {**looks, **more})


def dots(x, y, label=None, rule=None, **more):
    """Return measured points for `chart`: black, or as a rule looks, given its name."""
    colour, marker = ("black", "o") if rule is None else look(rule)
    return Curve(x, y, {"color": colour, "marker": marker, "ls": "none", "label": label, **more})


def chart(*curves, text, **axes):
    """Draw curves and dots, and return the Picture. text says what is to be seen.

    x, y: the labels of the axes. log: which of them are logarithmic, "", "x", "y" or "xy".
    marks, levels: {label: value} of upright and level lines, for limits that were predicted.
    xlim, ylim and whatever else Matplotlib's `Axes.set` takes.
    """
    return picture(draw_chart(*curves, **axes)[0], text)


def draw_chart(*curves, x, y, log="", marks=None, levels=None, title="", **limits):
    """Return (figure, its curves as lines) of what `chart` shows."""
    for curve in curves:
        if not isinstance(curve, Curve):
            raise TypeError(
                f"chart draws what line(x, y) and dots(x, y) return, got {short(curve)}"
            )
    fig, ax = plt.subplots()
    drawn = [ax.plot(curve.x, curve.y, **curve.style)[0] for curve in curves]
    scales = {f"{axis}scale": "log" for axis in log}
    ax.set(**{"xlabel": x, "ylabel": y, "title": title, **scales, **limits})
    edge = {"fontsize": 7, "color": "#5c5c5c"}
    for label, value in (marks or {}).items():
        ax.axvline(value, color=GREY, lw=0.8, zorder=1)
        place = {"xytext": (2, -2), "textcoords": "offset points", "va": "top"}
        ax.annotate(label, (value, 1), xycoords=ax.get_xaxis_transform(), **place, **edge)
    for label, value in (levels or {}).items():
        ax.axhline(value, color=GREY, lw=0.8, zorder=1)
        place = {"xytext": (-2, 2), "textcoords": "offset points", "ha": "right"}
        ax.annotate(label, (1, value), xycoords=ax.get_yaxis_transform(), **place, **edge)
    if any(curve.style["label"] for curve in curves):
        ax.legend()
    return fig, drawn


def phase_portrait(*runs, coordinate="x", title=""):
    """Draw a coordinate's change per step against its value: a spiral where a path swings."""
    same_landscape(runs)
    fig, ax = plt.subplots()
    for run, style in zip(runs, styles(runs)):
        values = run.path[:, "xy".index(coordinate)]
        ax.plot(values[:-1], np.diff(values), **style)
    ax.axhline(0, color=GREY, lw=0.6)
    ax.axvline(0, color=GREY, lw=0.6)
    ax.set(xlabel=f"{coordinate}", ylabel=f"change of {coordinate} in a step", title=title)
    ax.legend()
    return picture(fig, f"Phase portrait of {coordinate}. {describe(runs)}")


def same_landscape(runs):
    """Return the one landscape of single runs, or raise with what to write instead."""
    if not runs:
        raise ValueError("no run to draw: pass what descend(SGD(lr=0.1), bowl) returns")
    for run in runs:
        if not isinstance(run, Run):
            raise TypeError(f"a run is wanted, as from descend(SGD(lr=0.1), bowl), got {run!r}")
        if not run.single:
            raise ValueError(f"{run!r}: draw single paths, or a heat_map of the runs' ends")
    names = {run.landscape.name for run in runs}
    if len(names) > 1:
        raise ValueError(f"these runs are on different landscapes: {', '.join(sorted(names))}")
    return runs[0].landscape
