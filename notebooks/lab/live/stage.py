"""The live map: sliders, a start to drag, play and scrub.

    stage(SGD(lr=0.5), on=bowl, marks={"lr": {"2/L": 1.0}})

For each slider the kernel sends every path that it can show (they are one run of an optimizer with
an array of hyper-parameters), so that dragging it only redraws: nothing waits for the kernel or for
the network. What a new start or a new setting changes is sent again when it is let go.
"""

import base64
import copy
from dataclasses import fields, replace

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg

from ..descent import descend
from ..landscapes import landscape, turn, turned
from ..pictures import DASHES, describe, draw_map, look, map_axes, picture, plt, trail
from ..values import short
from .widget import Answering, script

RANGES = {
    "lr": (1e-3, 10.0),
    "eps": (1e-12, 100.0),
    "weight_decay": (0.0, 1.0),
}  # every other knob is a decay rate
POSITIONS = 120  # of a slider, about


def knob_values(name, low_high=None):
    """Return the values a slider runs through: decay rates even in log(1 − β), others as they span.

    low_high: the two ends; logarithmic from a factor of 30 on, else in even steps of 1, 2 or 5.
    """
    if name not in RANGES and low_high is None:
        return np.unique(np.round(1 - np.geomspace(1, 1e-4, POSITIONS + 1), 4)).clip(0, 0.9999)
    low, high = low_high or RANGES[name]
    if not 0 <= low < high:
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


class Stage(Answering):
    """What `stage` returns.

    scene: what never changes (the map, the rules, their knobs). wish: {"start": [x, y], "turn":
    the landscape's angle in degrees, which turns the start too, "knobs": a list of {name: value}
    for each rule, "quick": whether only the paths themselves are wanted}.
    runs: float32 values x, y, f for each step of each run, described by `answer`.
    """

    _esm = script("stage.js")

    def __init__(self, optimizers, on, steps, start, marks, ranges, knobs=None, turns=()):
        self._optimizers = [copy.deepcopy(optimizer) for optimizer in optimizers]
        self._on, self._steps, self._turns = on, steps, turns
        self._grids = [
            {
                f.name: knob_values(f.name, ranges.get(f.name))
                for f in fields(optimizer)
                if knobs is None or f.name in knobs
            }
            for optimizer in optimizers
        ]
        start = descend(optimizers[0], on, 0, start).path[0]
        if start.shape != (2,):
            raise ValueError(f"a stage has one start (x, y), got an array of shape {start.shape}")
        angle = float(turns[0]) if len(turns) else 0.0
        opening = [self._run(optimizer, start, angle) for optimizer in optimizers]
        self._opening = opening
        first = {
            "start": [float(value) for value in start],
            "turn": angle,
            "knobs": [{f.name: getattr(o, f.name) for f in fields(o)} for o in optimizers],
            "quick": False,
        }
        scene = self._describe(marks, opening[0].landscape)
        super().__init__(scene={**scene, "first": first}, wish=first)
        self._answer()
        self.observe(self._answer, "wish")

    def _run(self, optimizer, start, angle):
        """Descend from a start that turns with the landscape; an array of angles is one batch."""
        if not len(self._turns):
            return descend(optimizer, self._on, self._steps, start)
        theta = np.radians(angle)
        x, y = np.moveaxis(np.asarray(start), -1, 0)
        start = np.stack(turn(x, y, theta), -1)
        return descend(optimizer, turned(self._on, theta), self._steps, start)

    def _describe(self, marks, opening):
        """Return what the browser draws around the paths."""
        png, frame = background(opening)
        rules = []
        for shape, grids in zip(looks(self._optimizers), self._grids):
            knobs = [
                {
                    "name": knob,
                    "values": grid.tolist(),
                    "marks": [
                        {"label": label, "value": value, "at": float(_position(grid, value))}
                        for label, value in marks.get(knob, {}).items()
                    ],
                }
                for knob, grid in grids.items()
            ]
            rules.append({**shape, "knobs": knobs})
        return {
            "map": base64.b64encode(png).decode(),
            "frame": frame,
            "view": [list(side) for side in opening.view],
            "name": self._on.name,
            "steps": self._steps,
            "rules": rules,
            "turns": self._turns.tolist(),
            "ground": base64.b64encode(ground(self._on)).decode() if len(self._turns) else "",
        }

    def _answer(self, _=None):
        """Compute what the browser wishes; say in `problem` what cannot be done."""
        try:
            start, angle, knobs = (self.wish[key] for key in ("start", "turn", "knobs"))
            for optimizer, values in zip(self._optimizers, knobs):
                for name, value in values.items():
                    setattr(optimizer, name, value)
            runs, table = [], []
            for optimizer, grids in zip(self._optimizers, self._grids):
                paths = [self._run(optimizer, start, angle)]
                for name, grid in {} if self.wish["quick"] else grids.items():
                    many = copy.deepcopy(optimizer)
                    setattr(many, name, grid)
                    paths.append(self._run(many, start, angle))
                if len(self._turns) and not self.wish["quick"]:
                    paths.append(self._run(optimizer, start, self._turns))
                runs += [pack(run) for run in paths]
                table.append([verdicts(run) for run in paths])
        except (TypeError, ValueError, KeyError, AttributeError) as error:
            self.problem = str(error)
            return
        self.reply(dict(self.wish), {"runs": b"".join(runs)}, verdicts=table)

    def still(self):
        return trail(*self._opening)

    def __repr__(self):
        return f"Live map. {describe(self._opening)}"


def stage(*optimizers, on, steps=60, start=None, marks=None, ranges=None, knobs=None, turns=()):
    """Return the live map of one optimizer or several on a landscape.

    on: a landscape or its name. steps, start: as for `descend`. marks: predictions to show on a
    slider, as {"lr": {"2/L": 1.0}}. ranges: a slider's ends, as {"lr": (0.1, 1.2)}. knobs: the
    names of the sliders to show, as ["lr"]; all of them if not given. turns: angles in degrees, as
    in range(0, 91, 2), for one more slider, which turns the landscape and the start.
    Raises TypeError or ValueError that says what to write instead.
    """
    on = landscape(on)
    if not optimizers:
        raise ValueError("no optimizer to show: write for example stage(SGD(lr=0.5), on=bowl)")
    known = {f.name for optimizer in optimizers for f in _knobs(optimizer)}
    for what, given in (("marks", marks or {}), ("ranges", ranges or {}), ("knobs", knobs or [])):
        for name in given:
            if name not in known:
                raise ValueError(
                    f"{what}: no slider {name!r}; there are {', '.join(sorted(known))}"
                )
    turns = np.array(turns, dtype=float)
    if turns.ndim != 1 or not np.isfinite(turns).all():
        raise ValueError(
            f"turns must be angles in degrees, as in range(0, 91, 2), got {short(turns)}"
        )
    return Stage(optimizers, on, steps, start, marks or {}, ranges or {}, knobs, turns)


def _knobs(optimizer):
    """Return an optimizer's fields, or raise what `descend` would say of it."""
    descend(optimizer, "bowl", steps=0)
    if not optimizer.elementwise:
        raise ValueError(
            f"{type(optimizer).__name__} moves a point as a whole, and a stage runs all values of "
            f"a slider at once: draw trail(descend({optimizer!r}, on)) instead"
        )
    for name, value in optimizer.array_knobs.items():
        raise ValueError(
            f"{name} is an array of shape {value.shape}: a stage needs a single number"
        )
    return fields(optimizer)


def background(on):
    """Return (PNG bytes of the map, its axes' [left, top, right, bottom, width, height] in px)."""
    fig, ax = map_axes(on, width=5.2)
    FigureCanvasAgg(fig).draw()
    fig.set_layout_engine("none")  # else the axes move once more, when the picture is stored
    frame = frame_of(ax)
    return picture(fig, "map").png, frame


def frame_of(ax):
    """Return where axes stand in their drawn figure: [left, top, right, bottom, width, height]."""
    box, whole = ax.get_window_extent(), ax.figure.bbox
    sides = (box.x0, whole.height - box.y1, box.x1, whole.height - box.y0)
    return [float(value) for value in (*sides, whole.width, whole.height)]


def looks(optimizers):
    """Return for the browser how each optimizer's path looks; dashes for a rule's second one."""
    found = []
    for optimizer in optimizers:
        name = type(optimizer).__name__
        colour, marker = look(name)
        dashes = DASHES[sum(other["rule"] == name for other in found) % len(DASHES)]
        found.append({"rule": name, "colour": colour, "marker": marker, "dashes": dashes})
    return found


def ground(on):
    """Return PNG bytes of the map without axes, in a square that fills the view however turned."""
    reach = np.sqrt(2) * turned(on, 0.0).view[0][1]
    fig = plt.figure(figsize=(4, 4), layout="none")
    ax = fig.add_axes([0, 0, 1, 1])
    draw_map(ax, replace(on, view=((-reach, reach), (-reach, reach))))
    ax.axis("off")
    return picture(fig, "map").png


def pack(run):
    """Return x, y, f of every step as float32 bytes, run by run: shape (runs, steps + 1, 3)."""
    values = np.concatenate([run.path, run.f[..., None]], axis=-1)
    with np.errstate(over="ignore"):
        return np.ascontiguousarray(np.moveaxis(values, 0, -2), dtype="<f4").tobytes()


def verdicts(run):
    """Return the verdict of each run, as a list."""
    return [run.verdict(i) for i in range(run.f[0].size)]


def _position(grid, value):
    """Where a value stands on a slider, from 0 at its left end to 1 at its right end."""
    return np.interp(value, grid, np.linspace(0, 1, len(grid)))
