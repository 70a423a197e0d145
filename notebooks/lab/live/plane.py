"""The live plane: how fast every pair of settings is, measured, and the path of the one you pick.

    plane(Momentum(lr=0.1), on=bowl, x=("lr", rates), y=("momentum", betas), predicted=rate)

Each optimizer gets a heat map: the rate of each of its runs, all of them one run of an optimizer
with arrays of hyper-parameters. A click, the arrow keys or the two sliders pick a point; the kernel
then sends the paths of that one setting, for the map beside it.
"""

import base64
import copy
from dataclasses import fields

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg

from ..descent import descend
from ..landscapes import landscape
from ..pictures import describe, draw_heat, draw_map, picture, plt, styles
from ..theory import rate_of
from ..values import short
from .legacy import Answering, background, frame_of, pack, script
from .scene import looks

SHADES = (0.6, 1.0)  # the rates between which the colours run; what grows stays white


class Plane(Answering):
    """What `plane` returns.

    scene: what never changes (the heat maps, the map, the two knobs). wish: {"x": value, "y":
    value}. runs: float32 values x, y, f for each step of each optimizer, described by `answer`.
    """

    _esm = script("plane.js")

    def __init__(self, optimizers, on, axes, steps, start, predicted, levels):
        self._optimizers = [copy.deepcopy(optimizer) for optimizer in optimizers]
        self._on, self._steps, self._start, self._names = on, steps, start, list(axes)
        self._predicted = predicted
        first = dict(zip("xy", (getattr(optimizers[0], name) for name in axes)))
        self._opening = self._descend(*first.values())
        x, y = axes.values()
        self._heats = []
        for rule, optimizer in enumerate(optimizers):
            run = descend(setting(optimizer, self._names, x, y[:, None]), on, steps, start)
            lines = predicted[rule](x, y[:, None]) if predicted else None
            self._heats.append((rate_of(run), lines))
        self._axes, self._levels = axes, levels
        png, frame = background(on)
        super().__init__(
            scene={
                "map": base64.b64encode(png).decode(),
                "frame": frame,
                "view": [list(side) for side in on.view],
                "name": on.name,
                "steps": steps,
                "rules": looks(optimizers),
                "planes": [self._describe(rule) for rule in range(len(optimizers))],
                "knobs": [{"name": name, "values": v.tolist()} for name, v in axes.items()],
                "first": first,
            },
            wish=first,
        )
        self._answer()
        self.observe(self._answer, "wish")

    def _descend(self, x, y):
        """Return the runs of all optimizers with one pair of settings."""
        return [
            descend(setting(optimizer, self._names, x, y), self._on, self._steps, self._start)
            for optimizer in self._optimizers
        ]

    def _draw(self, ax, rule):
        rate, lines = self._heats[rule]
        (xlabel, x), (ylabel, y) = self._axes.items()
        mesh = draw_heat(ax, x, y, np.where(rate > 1, np.nan, rate), lines, self._levels, SHADES)
        name = type(self._optimizers[rule]).__name__
        ax.set(xlabel=xlabel, ylabel=ylabel, title=name)
        return mesh

    def _describe(self, rule):
        """Return one heat map for the browser: its picture, its frame and its scales."""
        many = len(self._optimizers) > 1
        fig, ax = plt.subplots(figsize=(2.3, 2.5) if many else (3.1, 3.0))
        fig.colorbar(self._draw(ax, rule), ax=ax, location="top", label="measured rate", aspect=30)
        FigureCanvasAgg(fig).draw()
        fig.set_layout_engine("none")  # else the axes move once more, when the picture is stored
        frame = frame_of(ax)
        view = [list(ax.get_xlim()), list(ax.get_ylim())]
        logs = [ax.get_xscale() == "log", ax.get_yscale() == "log"]
        png = base64.b64encode(picture(fig, "heat map").png).decode()
        return {"map": png, "frame": frame, "view": view, "log": logs}

    def _answer(self, _=None):
        """Run the setting that the browser wishes; say in `problem` what cannot be done."""
        try:
            x, y = self.wish["x"], self.wish["y"]
            runs = self._descend(x, y)
        except (TypeError, ValueError, KeyError, AttributeError) as error:
            self.problem = str(error)
            return
        told = [self._tell(run, rule, x, y) for rule, run in enumerate(runs)]
        paths = b"".join(pack(run) for run in runs)
        self.reply(dict(self.wish), {"runs": paths}, verdicts=told)

    def _tell(self, run, rule, x, y):
        """Say the measured and the predicted rate of a run, and how it ended."""
        rate = rate_of(run)
        measured = "" if np.isinf(rate) else f"measured rate {rate:.4f}, "
        predicted = (
            f"predicted {float(self._predicted[rule](x, y)):.4f}, " if self._predicted else ""
        )
        return f"{measured}{predicted}{run.verdict()}"

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
        for run, style in zip(self._opening, styles(self._opening)):
            axes[-1].plot(*run.path.T, **style)
        axes[-1].set_title(self._title())
        return picture(fig, repr(self))

    def _title(self):
        return ", ".join(f"{n} {v:.4g}" for n, v in zip(self._names, self.scene["first"].values()))

    def __repr__(self):
        rules = ", ".join(type(optimizer).__name__ for optimizer in self._optimizers)
        return (
            f"Live plane. Measured rate of {rules} for each {' and '.join(self._names)}, "
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
    axes = {}
    for axis, given in (("x", x), ("y", y)):
        try:
            name, values = given
            axes[name] = np.asarray(values, dtype=float)
        except (TypeError, ValueError):
            raise TypeError(
                f"{axis} must be (name, values), as in ('lr', [0.1, 0.2]), got {short(given)}"
            ) from None
        if axes[name].ndim != 1 or len(axes[name]) < 2 or not np.all(np.diff(axes[name]) > 0):
            raise ValueError(f"{axis}: the values of {name} must be a rising row of numbers")
    if len(axes) < 2:
        raise ValueError(f"x and y must be two hyper-parameters, got {x[0]} twice")
    for optimizer in optimizers:
        descend(optimizer, on, 0, start)  # raises for what is no optimizer
    known = [f.name for f in fields(optimizers[0])]
    for name in axes:
        if name not in known:
            raise ValueError(
                f"{type(optimizers[0]).__name__} has no {name!r} to put on an axis; "
                f"it has {', '.join(known)} (put the optimizer that has both first)"
            )
    if predicted is not None and callable(predicted):
        predicted = [predicted]
    if predicted is not None and len(predicted) != len(optimizers):
        raise ValueError(f"{len(predicted)} predictions for {len(optimizers)} optimizers")
    return Plane(optimizers, on, axes, steps, start, predicted, levels)


def setting(optimizer, names, x, y):
    """Return a copy of an optimizer with new values of those of the two knobs that it has.

    Arrays come out in one full grid, also where the optimizer has only one of the two.
    """
    new = copy.deepcopy(optimizer)
    known = [f.name for f in fields(optimizer)]
    for name, value in zip(names, np.broadcast_arrays(x, y)):
        if name in known:
            setattr(new, name, value if value.ndim else float(value))
    return new
