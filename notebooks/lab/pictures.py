"""Pictures of landscapes and runs. Every verb returns a `Picture`, which a notebook shows.

    contour(bowl)                                  # the map of a landscape
    trail(descend(SGD(lr=0.95), bowl))             # one path or several on their map
    loss_curve(run, other)                         # f against the step
    phase_portrait(run)                            # where a coordinate is against how it moves
    heat_map(x, y, z, ...)                         # one number for each pair of settings
    chart(line(t, formula), dots(t, found), ...)   # curves that predict, dots that measure
    charts({"a": [line(t, f)], "b": [...]}, ...)   # small charts side by side
    picture(fig, "what it shows")                  # any figure of your own

What can be drawn in a chart, over a map or over a heat map: `line`, `lines`, `dots`, `bars`,
`band`, `arrows`, `note`. A rule has the same colour and the same marker in every picture, and a
reader's own Matplotlib style changes none of them: each is drawn inside `style()`. A verb named v
has a twin draw_v(ax, …), which draws on given axes.
"""

import base64
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import BytesIO

import matplotlib.pyplot as plt
import numpy as np
from contourpy import contour_generator
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LogNorm, Normalize, to_rgb
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from matplotlib.ticker import LogFormatterSciNotation
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from .descent import Run
from .landscapes import landscape
from .values import box, is_a, short

DPI = 100  # CSS pixels to an inch
FINE = 2 * DPI  # drawn twice as fine as shown, for sharp screens, projectors and paper
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
plt.rcParams.update(STYLE)  # how a reader's own figures look, until the reader says otherwise


@contextmanager
def style():
    """Draw in the course's style, whatever the reader's is: `with style(): …`, or as a decorator.

    What is drawn must be made, laid out and stored inside it.
    """
    with plt.style.context(STYLE, after_reset=True):
        yield


def subplots(rows=1, columns=1, figsize=None, **more):
    """Return (figure, axes) as plt.subplots does, but of a figure that nobody has to close."""
    fig = Figure(figsize=figsize)
    return fig, fig.subplots(rows, columns, **more)


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
DARK_GREY = "#5c5c5c"  # what is written beside such lines
# tell runs of one rule apart, in this order
DASHES = ([], [4, 2], [1, 1.5], [6, 1.5, 1, 1.5], [1, 4])
COLOURS = {  # what is no rule, by name: in a cell one reads color="blue", and no number
    "grey": GREY,
    "blue": "#0072b2",
    "sky": "#56b4e9",
    "green": "#009e73",
    "orange": "#e69f00",
    "vermilion": "#d55e00",
    "pink": "#cc79a7",
    "yellow": "#f0e442",
    "purple": OTHER_LOOK[0],
}

LEVELS = 15  # shades of a map
LAND = plt.get_cmap("bone")(np.linspace(0.7, 1.0, LEVELS))  # low ground dark, high ground light
GRID = 241  # points along each side of a map: about one for two pixels
FAR = 1e300  # what is higher or lower counts as this, so that differences stay finite
GAP = 0.035  # of a picture's diagonal: markers of a path are no closer to one another
MARKERS = 40  # of a path, about, at most
DARK = 0.15  # relative luminance below which a colour is made lighter, not darker
GROUND = {"framealpha": 0.8, "frameon": True, "edgecolor": "none"}  # of a legend: no line in words
OVER_MAP = {"loc": "best", **GROUND}
TINY = 1e-300  # stands for 0 on a logarithmic axis


class Picture:
    """A finished picture: PNG bytes, and one sentence that says what is to be seen.

    width: how wide to show it, in CSS pixels; the picture's own width if not given.
    """

    def __init__(self, png, text, width=None):
        self.png, self.text, self.width = png, text, width

    def _repr_mimebundle_(self, include=None, exclude=None):
        data = {"image/png": base64.b64encode(self.png).decode(), "text/plain": self.text}
        about = {"alt": self.text} | ({"width": self.width} if self.width else {})
        return data, {"image/png": about}

    def __repr__(self):
        return self.text

    def save(self, path):
        """Write the picture to a .png file."""
        with open(path, "wb") as file:
            file.write(self.png)


@style()
def picture(fig, text):
    """Return a Matplotlib figure as a Picture, and close it. text says what it shows."""
    drawn, stored = BytesIO(), BytesIO()
    fig.savefig(drawn, format="png", dpi=FINE)
    plt.close(fig)
    with Image.open(drawn) as image:  # 256 colours make a third of the bytes
        image.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(
            stored, "PNG", optimize=True, pnginfo=description(text)
        )
    return Picture(stored.getvalue(), text, width=round(fig.get_figwidth() * DPI))


def description(text):
    """Return what is written into a PNG file, so that the file alone still says what it shows."""
    about = PngInfo()
    about.add_itxt("Description", text)
    return about


@style()
def framed(fig, *axes):
    """Return (PNG bytes of a figure, where each of its axes stands), for a browser to draw over.

    Each place is [left, top, right, bottom, the figure's width, its height], in CSS pixels.
    """
    FigureCanvasAgg(fig).draw()
    fig.set_layout_engine("none")  # else the axes move once more, when the picture is stored
    return picture(fig, "the ground of a live picture").png, [frame_of(ax) for ax in axes]


def frame_of(ax):
    """Return where axes stand in their drawn figure: [left, top, right, bottom, width, height]."""
    inner, whole = ax.get_window_extent(), ax.figure.bbox
    sides = (inner.x0, whole.height - inner.y1, inner.x1, whole.height - inner.y0)
    return [float(value) for value in (*sides, whole.width, whole.height)]


# How runs look -----------------------------------------------------------------------------------


def look(rule):
    """Return the colour and the marker of a rule, given its name."""
    return LOOKS.get(rule, OTHER_LOOK)


def shade(colour, nth):
    """Return the colour of a look's nth run: every other one darker, or lighter where it is dark.

    So two runs of one rule differ also where neither dashes nor marks are seen, as in a film.
    """
    red, green, blue = np.power(to_rgb(colour), 2.2)  # light, about, as in sRGB
    goal = 1.0 if 0.21 * red + 0.72 * green + 0.07 * blue < DARK else 0.0
    return tuple(0.55 * np.array(to_rgb(colour)) + 0.45 * goal) if nth % 2 else colour


def styles(runs):
    """Return how to draw each run: its rule's look, another shade and dashes for a second run."""
    seen, found = Counter(), []
    for run in runs:
        colour, marker = look(run.rule)
        nth = seen[colour, marker]  # two rules that are not of the course look alike
        seen[colour, marker] += 1
        found.append(
            {
                "color": shade(colour, nth),
                "marker": marker,
                "dashes": DASHES[nth % len(DASHES)] or (None, None),
                "markerfacecolor": "white" if nth % 2 else colour,
                "ms": 3,
                "lw": 1.1,
                "label": run_label(run),
            }
        )
    return found


def run_label(run):
    """Return a run's legend: its optimizer, and its divergence if it diverged."""
    return f"{run.label}, diverged at step {run.diverged}" if run.diverged >= 0 else run.label


def describe(runs):
    """Say in one sentence what a picture of these runs shows."""
    x, y = runs[0].path[0]
    paths = "; ".join(f"{run.label}: {run.verdict()}" for run in runs)
    return f"Descent on the {runs[0].landscape.name} from ({x:.2f}, {y:.2f}). {paths}."


# Maps --------------------------------------------------------------------------------------------


def map_axes(on, width=4.4, view=None):
    """Return (figure, axes) of the right proportions with the map of a landscape drawn on it.

    view: ((left, right), (bottom, top)), the part to show; the landscape's own if not given.
    """
    on = shown_part(on, view)
    (left, right), (bottom, top) = on.view
    height = (width - 0.55) * (top - bottom) / (right - left) + 0.6  # room for the numbers
    fig, ax = subplots(figsize=(width, np.clip(height, 1.2, 2 * width)))
    draw_map(ax, on)
    return fig, ax


def shown_part(on, view):
    """Return a landscape with another view, or as it is for None."""
    return on if view is None else replace(on, view=box("view", view))


def draw_map(ax, on):
    """Draw a landscape's contours and minima on axes of equal scales; white where f is no number.

    Raises ValueError if it is a number nowhere.
    """
    x, y = (np.linspace(*side, GRID) for side in on.view)
    with np.errstate(all="ignore"):  # a pole is drawn, and no reason to warn
        z = np.clip(on(*np.meshgrid(x, y)), -FAR, FAR)
        if np.isnan(z).all():
            raise ValueError(f"no map: the {on.name} is a number nowhere in its view {on.view}")
        low = np.nanmin([np.nanmin(z), on.least if on.minima else np.nan])
        height = (z - low) / ((np.nanmax(z) - low) or 1.0)
        # Levels crowd where most of the map lies, half of them below the median height, but not so
        # much that the few above it are lost: with a power of 8 the highest covers two fifths.
        power = np.clip(np.log(np.nanmedian(height)) / np.log(0.5), 1, 8)
    levels = np.linspace(0, 1, LEVELS + 1) ** power
    ax.contourf(x, y, height, levels, colors=LAND)
    if np.nanmax(height) > levels[1]:
        ax.contour(x, y, height, levels[1:-1], colors=GREY, linewidths=0.5)
    stars = np.reshape(on.minima, (-1, 2)).T
    ax.plot(*stars, "*", color="white", mec="black", ms=9, mew=0.7, zorder=6)  # above all paths
    ax.set(xlim=on.view[0], ylim=on.view[1], xlabel="x", ylabel="y", aspect="equal")


@style()
def contour(on, *shapes, text=None, title=None, view=None):
    """Draw the map of a landscape (or of its name): contours, and a star at each known minimum.

    shapes: lines, dots, arrows, notes to draw over it; then text says what is to be seen. view:
    the part of the map to show.
    """
    on = landscape(on)
    if shapes and text is None:
        raise TypeError('contour: say what the shapes show, as in text="The ends of 500 runs."')
    fig, ax = map_axes(on, view=view)
    draw_shapes(ax, shapes)
    ax.set_title(f"${on.formula}$" if title is None else title)
    stars = ", ".join(f"({x:.2f}, {y:.2f})" for x, y in on.minima)
    shown = f"with its minimum at {stars}" if len(on.minima) == 1 else f"with minima at {stars}"
    return picture(
        fig, text or f"Contour map of the {on.name} {shown if stars else 'without a minimum'}."
    )


def level_line(on, height):
    """Return the points where f(x, y) = height in a landscape's view: its longest line, (n, 2).

    Raises ValueError if there is none.
    """
    x, y = (np.linspace(*side, 4 * GRID) for side in on.view)
    found = contour_generator(x, y, on(*np.meshgrid(x, y))).lines(height)
    if not found:
        raise ValueError(f"the {on.name} is nowhere {short(height)} in its view {on.view}")
    return max(found, key=len)


@style()
def trail(*runs, also=(), title="", text=None, view=None):
    """Draw the paths of runs, all on one landscape, over its map.

    also: lines, dots, arrows, notes to draw beside them. text: what is to be seen, if not only the
    runs. view: the part of the map to show.
    """
    fig, ax = map_axes(same_landscape(runs), view=view)
    draw_shapes(ax, also)
    draw_trail(ax, runs)
    ax.set_title(title)
    return picture(fig, text or describe(runs))


def draw_trail(ax, runs):
    """Draw the paths of runs and their start on a map, and return the paths as lines."""
    paths, corners = [], np.transpose([ax.get_xlim(), ax.get_ylim()])
    for run, looks in zip(runs, styles(runs)):
        paths += ax.plot(*run.path.T, markevery=marked(run.path, *corners), **looks)
    ax.plot(*runs[0].path[0], "o", color="white", mec="black", ms=6, zorder=5)
    ax.legend(**OVER_MAP)
    return paths


def marked(points, low, high):
    """Return the indices of the points of a path that get a marker: GAP apart, MARKERS at most.

    low, high: the corners of what is shown. Long steps are marked one by one, short ones are not.
    """
    steps = np.diff(np.clip(points, low, high), axis=0) / np.subtract(high, low)
    lengths = np.nan_to_num(np.hypot(*steps.T) / np.hypot(1, 1))  # in diagonals of the picture
    travelled = np.concatenate([[0.0], np.cumsum(lengths)])
    slots = travelled // max(GAP, travelled[-1] / MARKERS)
    return np.flatnonzero(np.diff(slots, prepend=-1))


# Curves of runs ----------------------------------------------------------------------------------


@style()
def loss_curve(*runs, title=""):
    """Draw f above its least known value against the step, on a logarithmic axis."""
    same_landscape(runs)
    fig, ax = subplots()
    draw_loss_curve(ax, runs)
    ax.set_title(title)
    return picture(fig, f"Loss against step. {describe(runs)}")


def draw_loss_curve(ax, runs):
    """Draw on axes what `loss_curve` says. Where f is least, a curve leaves through the floor."""
    for i, (run, looks) in enumerate(zip(runs, styles(runs))):
        every = max(1, run.steps // 10)
        start = i * every // len(runs)  # so that no curve's markers hide another's
        ax.plot(np.maximum(run.gap, TINY), markevery=(start, every), **looks)
    heights = np.concatenate([run.gap for run in runs])
    heights = heights[(heights > TINY) & (heights < np.inf)]
    ax.set(xlabel="step t", ylabel="f − min f" if runs[0].landscape.least else "f", yscale="log")
    if heights.size:
        ax.set_ylim(heights.min() / 2, heights.max() * 2)
    ax.legend()


@style()
def phase_portrait(*runs, coordinate="x", title=""):
    """Draw a coordinate's change per step against its value: a spiral where a path swings."""
    same_landscape(runs)
    if coordinate not in ("x", "y"):
        raise ValueError(f'coordinate must be "x" or "y", got {short(coordinate)}')
    fig, ax = subplots()
    draw_phase_portrait(ax, runs, coordinate)
    ax.set_title(title)
    return picture(fig, f"Phase portrait of {coordinate}. {describe(runs)}")


def draw_phase_portrait(ax, runs, coordinate="x"):
    """Draw on axes what `phase_portrait` says."""
    found = [run.path[:, "xy".index(coordinate)] for run in runs]
    found = [np.stack([values[:-1], np.diff(values)], axis=-1) for values in found]
    corners = np.transpose([extremes(points[:, k] for points in found) for k in (0, 1)])
    for points, looks in zip(found, styles(runs)):
        ax.plot(*points.T, markevery=marked(points, corners[0], corners[1] + TINY), **looks)
    ax.axhline(0, color=GREY, lw=0.6)
    ax.axvline(0, color=GREY, lw=0.6)
    ax.set(xlabel=coordinate, ylabel=f"change of {coordinate} in a step")
    ax.legend()


def same_landscape(runs):
    """Return the one landscape of single runs, or raise with what to write instead."""
    if not runs:
        raise ValueError("no run to draw: pass what descend(SGD(lr=0.1), bowl) returns")
    for run in runs:
        if not is_a(run, Run):
            raise TypeError(f"a run is wanted, as from descend(SGD(lr=0.1), bowl), got {run!r}")
        if not run.single:
            raise ValueError(f"{run!r}: draw single paths, or a heat_map of the runs' ends")
    names = {run.landscape.name for run in runs}
    if len(names) > 1:
        raise ValueError(f"these runs are on different landscapes: {', '.join(sorted(names))}")
    return runs[0].landscape


# Heat maps ---------------------------------------------------------------------------------------


@style()
def heat_map(
    x,
    y,
    z,
    *,
    xlabel,
    ylabel,
    zlabel,
    text,
    contours=None,
    levels=None,
    shades=None,
    also=(),
    title="",
    **limits,
):
    """Draw z, shape (len(y), len(x)), as colours; points that are not finite stay white.

    x, y: rising numbers, or names. z: one array, or {title: array} for maps side by side with the
    same colours. contours: a second array like z, drawn as lines at `levels`: a prediction over a
    measurement. shades: the values of the two ends of the colours. also: lines, dots, notes over
    it. (Of several maps each may have its own contours and shapes: {title: …}.)
    Axes are logarithmic where their values are spaced so, colours where z is positive and spans
    more than a factor of a hundred. text says what is to be seen. limits: whatever else
    Matplotlib's `Axes.set` takes.
    """
    maps = z if isinstance(z, dict) else {title: z}
    if not maps:
        raise ValueError("heat_map: no map to draw: z is an empty dictionary")
    shades = shades or extremes(maps.values())
    size = (4.4, 3.1) if len(maps) == 1 else (1.1 + 1.9 * len(maps), 2.7)
    fig, axes = subplots(1, len(maps), figsize=size, sharey=True, squeeze=False)

    def own(given, name):
        return given[name] if isinstance(given, dict) else given

    for ax, (name, values) in zip(axes.flat, maps.items()):
        mesh = draw_heat(ax, x, y, values, own(contours, name), levels, shades)
        draw_shapes(ax, own(also, name))
        ax.set(xlabel=xlabel, title=name, **limits)
    axes[0, 0].set_ylabel(ylabel)
    fig.colorbar(mesh, ax=axes, label=zlabel)
    return picture(fig, text)


def extremes(arrays):
    """Return the least and the largest finite number in arrays; 0 and 1 where there is none."""
    numbers = np.concatenate([np.ravel(np.asarray(z, dtype=float)) for z in arrays])
    numbers = numbers[np.isfinite(numbers)]
    return (numbers.min(), numbers.max()) if numbers.size else (0.0, 1.0)


def draw_heat(ax, x, y, z, contours=None, levels=None, shades=None):
    """Draw what `heat_map` says on axes, and return the coloured mesh. shades: its two ends."""
    x, y = _side(ax, "x", x), _side(ax, "y", y)
    z = np.asarray(z, dtype=float)
    if z.shape != (len(y), len(x)):
        raise ValueError(
            f"z must have a row for each y and a column for each x: shape {(len(y), len(x))}, "
            f"not {z.shape}"
        )
    low, high = shades or extremes([z])
    norm = (LogNorm if low > 0 and high > 100 * low else Normalize)(low, high)
    mesh = ax.pcolormesh(x, y, z, cmap="cividis_r", norm=norm, shading="nearest")
    if contours is not None:
        lines = ax.contour(x, y, contours, levels=levels, colors="black", linewidths=0.8)
        lines.set_path_effects([withStroke(linewidth=1.8, foreground="white")])
        ax.autoscale_view()  # a label makes room for itself on the axes as they are now
        for number in ax.clabel(lines, fontsize=7, fmt="%g"):
            number.set_path_effects([withStroke(linewidth=2, foreground="white")])
    return mesh


def _side(ax, name, values):
    """Set the scale or the names of one side of a heat map, and return where its cells stand."""
    if len(values) and all(isinstance(value, str) for value in values):
        places = np.arange(len(values))
        turned = {"rotation": 60} if name == "x" and len("".join(values)) > 20 else {}
        getattr(ax, f"set_{name}ticks")(places, values, **turned)
        if name == "y" and not ax.yaxis_inverted():
            ax.invert_yaxis()  # the first name on top
        return places
    values = np.array(values, dtype=float)
    if values.ndim != 1 or len(values) < 2 or not np.all(np.diff(values) > 0):
        raise ValueError(f"{name} must be a rising row of two numbers or more, got {short(values)}")
    if values[0] > 0 and np.allclose(np.diff(np.log(values)), np.log(values[1] / values[0])):
        getattr(ax, f"set_{name}scale")("log")
    return values


# Charts ------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Shape:
    """What `line`, `dots`, … return: a method of Matplotlib's axes and what it is called with."""

    method: str
    data: tuple
    style: dict

    def draw(self, ax):
        """Draw it on axes, and return the artist."""
        drawn = getattr(ax, self.method)(*self.data, **self.style)
        return drawn[0] if isinstance(drawn, list) else drawn


def _looks(colour, marker, label, rule, more):
    """Return (style, marker) of a shape: as a rule looks, if a rule or a rule's label is given."""
    if rule is not None or label in LOOKS:
        colour, marker = look(label if rule is None else rule)
    more = {"color": colour, "label": label, **more}
    return {**more, "color": COLOURS.get(more["color"], more["color"])}, marker


def _rows(verb, **values):
    """Return rows of numbers of one length, or raise with what to write instead."""
    try:
        rows = [np.atleast_1d(np.asarray(value, dtype=float)) for value in values.values()]
        rows = np.broadcast_arrays(*rows)
    except (TypeError, ValueError):
        rows = [np.empty((0, 0))]
    if rows[0].ndim > 1:
        got = ", ".join(f"{name} = {short(value)}" for name, value in values.items())
        raise ValueError(f"{verb} takes rows of numbers of one length, got {got}")
    return rows


def line(x, y, label=None, rule=None, style="-", **more):
    """Return a curve: grey, as a prediction, or as a rule looks, given its name.

    style: Matplotlib's dashes, "-", "--", ":" or "-."; more: its other names, as lw=2,
    color="blue", marker="o", drawstyle="steps-mid". A label that is a rule's name is enough.
    """
    looks, marker = _looks("grey", None, label, rule, more)
    x, y = _rows("line", x=x, y=y)
    every = max(1, len(x) // 10)
    return Shape("plot", (x, y), {"marker": marker, "markevery": every, "ls": style, **looks})


def lines(x, curves, rule=None, **more):
    """Return a curve for each entry of {label: y}; dashes tell those of one look apart."""
    seen, found = Counter(), []
    for label, y in curves.items():
        name = label if rule is None and label in LOOKS else rule
        dashes = DASHES[seen[name] % len(DASHES)]
        seen[name] += 1
        found.append(line(x, y, label, name, (0, dashes) if dashes else "-", **more))
    return found


def dots(x, y, label=None, rule=None, **more):
    """Return measured points: black, or as a rule looks, given its name."""
    looks, marker = _looks("black", "o", label, rule, more)
    return Shape("plot", tuple(_rows("dots", x=x, y=y)), {"marker": marker, "ls": "none", **looks})


def bars(x, height, label=None, rule=None, width=0.85, **more):
    """Return bars that stand on 0 around the places x. width: one for all, or one for each."""
    looks, _ = _looks("grey", None, label, rule, more)
    return Shape("bar", tuple(_rows("bars", x=x, height=height, width=width)), looks)


def band(x, low, high, label=None, rule=None, **more):
    """Return the ground between two heights, or two curves, pale and behind all others."""
    looks, _ = _looks("grey", None, label, rule, {"alpha": 0.25, "lw": 0, "zorder": 0, **more})
    return Shape("fill_between", tuple(_rows("band", x=x, low=low, high=high)), looks)


def arrows(x, y, across, up, label=None, rule=None, scale=1.0, **more):
    """Return arrows that start at the points (x, y). scale: how long they are, 1 for as given."""
    looks, _ = _looks("black", None, label, rule, more)
    as_given = {"angles": "xy", "scale_units": "xy", "scale": 1 / scale, "zorder": 3}
    rows = _rows("arrows", x=x, y=y, across=across, up=up)
    return Shape("quiver", tuple(rows), {"width": 0.004, "headlength": 4, **as_given, **looks})


def note(text, at, place=None, **more):
    """Return a word beside the point `at`, or at `place` with a thin line to the point."""
    if np.shape(at) != (2,):
        raise ValueError(f"note: the point must be (x, y), got {short(at)}")
    (x,), (y,) = _rows("note", x=at[0], y=at[1])
    looks = {"fontsize": 8, "zorder": 7, "path_effects": [withStroke(linewidth=2, foreground="w")]}
    if place is None:
        beside = {"xytext": (4, 4), "textcoords": "offset points"}
    else:
        leader = {"arrowstyle": "-", "lw": 0.6}
        beside = {"xytext": tuple(place), "va": "center", "arrowprops": leader}
    return Shape("annotate", (text, (x, y)), {**looks, **beside, **more})


def draw_shapes(ax, shapes):
    """Draw what `line`, `dots`, … returned on axes, and return the artists."""
    for shape in shapes:
        if not is_a(shape, Shape):
            raise TypeError(
                "what line(x, y), dots(x, y), bars, band, arrows or note return is drawn, "
                f"got {short(shape)}"
            )
    return [shape.draw(ax) for shape in shapes]


@style()
def chart(*shapes, text, **axes):
    """Draw curves, dots, bars, …, and return the Picture. text says what is to be seen.

    x, y: the labels of the axes. log: which of them are logarithmic, "", "x", "y" or "xy".
    marks, levels: {label: value}, or values, of upright and level lines, for limits that were
    predicted. legend: its place, as "upper left". title, xlim, ylim and whatever else Matplotlib's
    `Axes.set` takes.
    """
    fig, ax = subplots()
    draw_chart(ax, *shapes, **axes)
    return picture(fig, text)


def draw_chart(ax, *shapes, x, y, log="", marks=None, levels=None, legend="best", **limits):
    """Draw on axes what `chart` says, and return the artists of its shapes."""
    if not shapes:
        raise ValueError("nothing to draw: pass what line(x, y) or dots(x, y) returns")
    drawn = draw_shapes(ax, shapes)
    scales = {f"{axis}scale": "log" for axis in log}
    ax.set(**{"xlabel": x, "ylabel": y, **scales, **limits})
    for axis in (getattr(ax, f"{name}axis") for name in log):
        axis.set_major_formatter(Plain())
        axis.set_minor_formatter(Plain(labelOnlyBase=False))
    beside = {"fontsize": 7, "color": DARK_GREY, "textcoords": "offset points", "zorder": 4}
    beside["path_effects"] = [withStroke(linewidth=2, foreground="white")]
    words = []
    for label, value in _labelled(marks):
        ax.axvline(value, color=GREY, lw=0.8, zorder=1)
        place = {"xycoords": ax.get_xaxis_transform(), "xytext": (2, -2), "va": "top"}
        words.append(ax.annotate(label, (value, 1), **place, **beside))
    for label, value in _labelled(levels):
        ax.axhline(value, color=GREY, lw=0.8, zorder=1)
        place = {"xycoords": ax.get_yaxis_transform(), "xytext": (-2, 2), "ha": "right"}
        ax.annotate(label, (1, value), **place, **beside)
    _keep_apart(ax, words)
    if any(shape.style.get("label") for shape in shapes):
        ax.legend(loc=legend, **GROUND)
    return drawn


class Plain(LogFormatterSciNotation):
    """Numbers beside a logarithmic axis: 0.2 and 30, not 2 × 10⁻¹, where few of them are powers."""

    def __call__(self, x, pos=None):
        low, high = sorted(self.axis.get_view_interval())
        text = super().__call__(x, pos)
        return f"{x:g}" if text and 1e-3 < low and high < min(1e4, 100 * low) else text


def _labelled(limits):
    """Return (label, value) of each limit of {label: value}, or of plain values."""
    if isinstance(limits, dict):
        return limits.items()
    return [("", value) for value in np.ravel(limits)] if limits is not None else []


def _keep_apart(ax, words):
    """Move words at the upper edge down until none covers another, and left of the right edge."""
    words = [word for word in words if word.get_text()]
    if not words:
        return
    ax.figure.draw_without_rendering()  # now the words have places
    free = []  # how far to the right each row of words reaches
    for word in sorted(words, key=lambda word: word.get_window_extent().x0):
        if word.get_window_extent().x1 > ax.bbox.x1:
            word.set(ha="right", x=-2)
        place = word.get_window_extent()
        row = next((k for k, end in enumerate(free) if place.x0 > end), len(free))
        free[row : row + 1] = [place.x1 + 3]
        word.set_y(-2 - 1.15 * row * word.get_fontsize())


@style()
def charts(groups, columns=2, *, text, width=3.1, height=2.3, share=False, **axes):
    """Draw small charts side by side: groups is {title: [shapes of one chart]}; axes as `chart`.

    width, height: of one, in inches. share: whether all have the same axes.
    """
    return picture(draw_charts(groups, columns, width, height, share, **axes)[0], text)


def draw_charts(groups, columns=2, width=3.1, height=2.3, share=False, **axes):
    """Draw what `charts` says, and return the figure and the artists of all its shapes."""
    fig, panels = grid_of(groups, columns, width, height, share)
    # An open end of shared limits, as in ylim=(0, None), is known when all panels are drawn.
    limits = {name: axes.pop(name) for name in ("xlim", "ylim") if share and name in axes}
    legend, drawn = None, []
    for ax, (title, shapes) in zip(panels, groups.items()):
        drawn += draw_chart(ax, *shapes, title=title, **axes)
        ax.title.set_fontsize(9 if width > 2 else 6.5)
        if share:
            ax.label_outer()
        if ax.get_legend() is None:
            continue
        entries = [word.get_text() for word in ax.get_legend().get_texts()]
        if entries == legend:  # said once is enough
            ax.get_legend().remove()
        legend = entries
    for ax in panels:
        ax.set(**limits)
    return fig, drawn


def grid_of(groups, columns, width, height, share=False):
    """Return (figure, axes) of a grid with a place for each group, or raise if there is none."""
    if not groups:
        raise ValueError("nothing to draw: a grid of pictures needs one group or more")
    columns = min(columns, len(groups))
    rows = -(-len(groups) // columns)
    size = (columns * width, rows * height)
    fig, axes = subplots(rows, columns, figsize=size, squeeze=False, sharex=share, sharey=share)
    for ax in axes.flat[len(groups) :]:
        ax.axis("off")
    return fig, axes.flat[: len(groups)]
