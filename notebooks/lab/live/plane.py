"""The live plane: how fast every pair of settings is, measured, and the path of the one you pick.

    plane(Momentum(lr=0.1), on=bowl, x=("lr", rates), y=("momentum", betas), predicted=rate)

Each optimizer gets a heat map: the rate of each of its runs, all of them one run of an optimizer
with arrays of hyper-parameters. A click, the arrow keys or the two sliders pick a point. Its paths
the browser computes. Of rules that cannot be written down for it, it has those of the point's row
and column already, and those of other points the kernel sends.
"""

import base64
from dataclasses import replace

import numpy as np
from matplotlib.colors import to_hex

from ..descent import check_single, descend, fresh, rule_of
from ..landscapes import landscape
from ..pictures import describe, draw_heat, draw_map, picture, plt, style, styles
from ..theory import rate_of
from ..values import short, whole
from .scene import Slider, looks, map_scene, verdicts
from .stage import allowed, call_code, code_of, knobs_of, near_start
from .tracing import program
from .widget import Asking, script

SHADES = (0.6, 1.0)  # the rates between which the colours run; what grows stays white
LABEL = (0.13, 0.08)  # the room of a level's number, in widths and heights of a heat map


class Plane(Asking):
    """What `plane` returns.

    settings: {name of the knob along x: its value, name of the knob along y: its value}. A verdict
    is [how the run ended, its measured and its predicted rate].
    """

    _esm = script("plane")

    def __init__(self, optimizers, on, axes, steps, start, predicted, levels):
        self._optimizers, self._on, self._steps, self._start = optimizers, on, steps, start
        self._axes, self._predicted, self._levels = axes, predicted, levels
        first = {name: float(getattr(optimizers[0], name)) for name in axes}
        self._sliders = [Slider(name, name, axes[name]).including(first[name]) for name in axes]
        numbers = range(len(optimizers))
        self._opening = [self._run(r, first)[0] for r in numbers]
        (across, x), (up, y) = axes.items()
        self._heats = [self._run(r, {across: x, up: y[:, None]}) for r in numbers]
        self._heats = [(rate_of(run), lines) for run, lines in self._heats]
        super().__init__(
            {
                "maps": [map_scene(on)],
                "steps": steps,
                "columns": 4,
                "rules": [
                    {**shape, "knobs": knobs_of(optimizer), "code": code_of(optimizer)}
                    for shape, optimizer in zip(looks(optimizers), optimizers)
                ],
                "sliders": [slider.describe() for slider in self._sliders],
                "axes": [values.tolist() for values in axes.values()],
                "heats": [self._describe(r) for r in numbers],
                "shades": {"ends": SHADES, "colours": shades()},
                "code": call_code({"steps": steps, "start": start and tuple(start)}, [on]),
            },
            first,
        )

    def _run(self, r, settings):
        """Return rule r's run or runs, and what was predicted of them, None if nothing was."""
        x, y = (settings[name] for name in self._axes)
        optimizer = setting(self._optimizers[r], self._axes, x, y)
        run = descend(optimizer, self._on, self._steps, self._start)
        return run, self._predicted[r](x, y) if self._predicted else None

    def descend(self, settings, sweeps):
        for r in range(len(self._optimizers)):
            yield "", r, *self._run(r, settings)
            for slider in self._sliders if sweeps else []:
                yield slider.name, r, *self._run(r, {**settings, slider.name: slider.values})

    def tell(self, run, rule, predicted):
        measured = np.atleast_1d(rate_of(run))
        predicted = np.broadcast_to(np.nan if predicted is None else predicted, measured.shape)
        return [
            [verdict, _rates(*both)] for verdict, *both in zip(verdicts(run), measured, predicted)
        ]

    def program(self):
        on = self._on if self._start is None else replace(self._on, start=self._start)
        return program(self._optimizers, [on], self._predicted or ())

    def _draw(self, ax, rule):
        rate, lines = self._heats[rule]
        (xlabel, x), (ylabel, y) = self._axes.items()
        mesh = draw_heat(ax, x, y, np.where(rate > 1, np.nan, rate), lines, self._levels, SHADES)
        name = rule_of(self._optimizers[rule])
        ax.set(xlabel=xlabel, ylabel=ylabel, title=name)
        return mesh

    @style()
    def _describe(self, rule):
        """Return one heat map for the browser: its picture and what `plane.js` writes on it."""
        rate, lines = self._heats[rule]
        fig = plt.figure(figsize=(3.0, 2.2), layout="none")
        ax = fig.add_axes([0, 0, 1, 1])
        draw_heat(ax, *self._axes.values(), np.where(rate > 1, np.nan, rate), shades=SHADES)
        labels = []
        if lines is not None:
            look = {"levels": self._levels, "colors": "black", "linewidths": 0.8}
            drawn = ax.contour(*self._axes.values(), lines, **look)
            labels = label_levels(ax, drawn, np.where(rate > 1, np.nan, rate), self._axes.values())
        ax.axis("off")
        return {
            "view": [list(ax.get_xlim()), list(ax.get_ylim())],
            "log": [ax.get_xscale() == "log", ax.get_yscale() == "log"],
            "labels": labels,
            "rates": base64.b64encode(rate.astype("<f4").tobytes()).decode(),
            "image": base64.b64encode(picture(fig, "heat map").png).decode(),
        }

    @style()
    def still(self):
        """A picture of the heat maps and of the opening paths."""
        count = len(self._optimizers)
        if count == 1:
            fig, axes = plt.subplots(1, 2, figsize=(6.2, 2.8), width_ratios=[1, 1.5])
        else:
            fig = plt.figure(figsize=(6.2, 5.0))
            above, below = fig.subfigures(2, 1)
            axes = [*above.subplots(1, count), below.subplots()]
        for rule, ax in enumerate(axes[:-1]):
            mesh = self._draw(ax, rule)
            ax.plot(*self.scene["first"].values(), "o", mfc="none", mec="black", mew=1.6, ms=8)
            fig.colorbar(mesh, ax=ax, location="top", label="measured rate", aspect=30)
        draw_map(axes[-1], self._on)
        for run, looks_like in zip(self._opening, styles(self._opening)):
            axes[-1].plot(*run.path.T, **looks_like)
        axes[-1].set_title(self._title())
        return picture(fig, repr(self))

    def _title(self):
        return ", ".join(f"{name} {value:.4g}" for name, value in self.scene["first"].items())

    def __repr__(self):
        rules = ", ".join(rule_of(optimizer) for optimizer in self._optimizers)
        return (
            f"Live plane. Measured rate of {rules} for each {' and '.join(self._axes)}, "
            f"and the path of {self._title()}. {describe(self._opening)}"
        )


def plane(*optimizers, on, x, y, steps=100, start=None, predicted=None, levels=None):
    """Return the live plane of two hyper-parameters, for one optimizer or several.

    x, y: (name, values) of the hyper-parameter along each axis, as ("lr", np.linspace(0.1, 4, 60)),
    in rising order; an optimizer without it ignores it. The plane opens at the first optimizer's
    own values. on, steps, start: as for `descend`. predicted: a function (x, y) → rate that takes
    arrays, or a list of one for each optimizer, drawn as lines at `levels` over what is measured.
    Raises TypeError or ValueError that says what to write instead.
    """
    on = landscape(on)
    if not optimizers:
        raise ValueError("no optimizer to show: write for example plane(Momentum(lr=0.1), …)")
    for optimizer in optimizers:
        check_single(optimizer)
    steps = whole("steps", steps, 1)
    start = None if start is None else near_start(start, on)
    axes = dict([axis("x", x), axis("y", y)])
    if len(axes) < 2:
        raise ValueError(f"x and y must be two hyper-parameters, got {x[0]} twice")
    known = knobs_of(optimizers[0])
    for name in axes:
        if name not in known:
            raise ValueError(
                f"{rule_of(optimizers[0])} has no {name!r} to put on an axis; "
                f"it has {', '.join(known)} (put the optimizer that has both first)"
            )
        for optimizer in optimizers:
            if name in knobs_of(optimizer):
                allowed(optimizer, name, axes[name])
    if callable(predicted):
        predicted = [predicted]
    if predicted is not None and not all(map(callable, np.ravel(predicted))):
        raise TypeError(f"predicted must be functions (x, y) → rate, got {short(predicted)}")
    if predicted is not None and len(predicted) != len(optimizers):
        raise ValueError(f"{len(predicted)} predictions for {len(optimizers)} optimizers")
    return Plane(
        [fresh(optimizer) for optimizer in optimizers], on, axes, steps, start, predicted, levels
    )


def axis(which, given):
    """Return (name, values) of an axis as a text and a rising float array, or raise."""
    try:
        name, values = given
        values = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        name = None
    if not isinstance(name, str):
        raise TypeError(
            f"{which} must be (name, values), as in ('lr', [0.1, 0.2]), got {short(given)}"
        )
    rising = values.ndim == 1 and len(values) > 1 and np.isfinite(values).all()
    if not rising or not np.all(np.diff(values) > 0):
        raise ValueError(f"{which}: the values of {name} must be a rising row of numbers")
    return name, values


def setting(optimizer, names, x, y):
    """Return a copy of an optimizer with new values of those of the two knobs that it has.

    Arrays come out in one full grid, also where the optimizer has only one of the two.
    """
    new = fresh(optimizer)
    known = knobs_of(optimizer)
    for name, value in zip(names, np.broadcast_arrays(x, y)):
        if name in known:
            setattr(new, name, value if value.ndim else value.item())
    return new


def shades():
    """Return nine colours of a heat map, from its lowest rate to its highest, for the browser."""
    return [to_hex(colour) for colour in plt.get_cmap("cividis_r")(np.linspace(0, 1, 9))]


def label_levels(ax, drawn, rate, axes):
    """Return [{"text", "at": [x, y]}], where to write the number of each line of a heat map.

    That is where it is farthest from the frame, from other lines and numbers, and from white.
    """

    def places(points):
        return ax.transAxes.inverted().transform(ax.transData.transform(points))

    x, y = np.meshgrid(*axes)
    white = places(np.stack([x, y], -1)[~np.isfinite(rate)])
    white = white[:: len(white) // 500 + 1]
    lines = [places(path.vertices) for path in drawn.get_paths()]
    found, labels = np.empty((0, 2)), []
    for k, (level, path) in enumerate(zip(drawn.levels, drawn.get_paths())):
        if not len(lines[k]):
            continue
        points, others = lines[k], np.concatenate([found, *lines[:k], *lines[k + 1 :]])
        edge = (np.minimum(points, 1 - points) / LABEL).min(axis=1)
        room = np.minimum(edge, _distance(points, others)) * np.where(edge < 0.6, 0.1, 1)
        best = np.argmax(room * (0.3 + np.minimum(_distance(points, white), 1)))
        found = np.concatenate([found, points[best : best + 1]])
        labels.append({"text": f"{level:g}", "at": path.vertices[best].tolist()})
    return labels


def _distance(points, others):
    """Return how far each point is from the nearest of others, in labels; 9 if there are none."""
    apart = np.linalg.norm((points[:, None] - others) / LABEL, axis=-1)
    return apart.min(axis=1, initial=9.0)


def _rates(measured, predicted):
    """Return in words the rates that are known."""
    known = {"measured rate": measured, "predicted": predicted}
    return ", ".join(f"{name} {rate:.4f}" for name, rate in known.items() if np.isfinite(rate))
