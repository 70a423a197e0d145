"""The fault injector: Adam beside the same Adam with faults, switched on and off.

    injector(Adam(lr=0.3), on=bowl)
    injector(FaultyAdam(lr=0.3, first_t=2))        # opens with these faults

The kernel runs every combination of faults at once, so that flipping a switch only redraws. A knob
asks it again. Below the map stands the ratio of the two rules' steps. It is a fair one: both are
fed the same gradients, those along Adam's path, or else it would also tell where each has got to.
"""

import base64
from dataclasses import fields
from itertools import product

import numpy as np
import traitlets
from matplotlib.ticker import LogLocator, NullLocator

from optimizers import Adam

from ..descent import descend
from ..dialects.faults import CHOICES, FaultyAdam, step_ratio
from ..landscapes import bowl, landscape
from ..pictures import describe, draw_map, picture, plt, styles
from ..values import short
from .legacy import FOLDER, Answering, background, pack, script
from .scene import knob_values, looks

KNOBS = [f.name for f in fields(Adam)]
LEGENDS = {"correction": "bias correction", "first_t": "first t", "eps_place": "place of ε"}
COMBINATIONS = [dict(zip(CHOICES, choices)) for choices in product(*CHOICES.values())]


class Injector(Answering):
    """What `injector` returns. The browser changes `wish` and `faults`; the others follow `wish`.

    scene: what never changes. wish: {knob: value}. faults: {name: choice}, which are switched on.
    runs: float32 values x, y, f for each step of Adam and of each combination of faults.
    ratios: float32, for each combination the ratio of the steps 1, 2, … to Adam's.
    answer: {"wish": what was run, "verdicts": one for each run}.
    """

    _esm = script("injector.js")
    _css = "\n".join(
        (FOLDER / f"{n}.css").read_text(encoding="utf-8") for n in ("legacy", "injector")
    )
    faults = traitlets.Dict().tag(sync=True)
    ratios = traitlets.Bytes().tag(sync=True)

    def __init__(self, knobs, faults, on, steps, start):
        self._on, self._steps, self._start = on, steps, start
        opening = FaultyAdam(**knobs, **faults)
        self._opening = [self._run(Adam(**knobs)), self._run(opening)]
        self._ratio = self._compare(opening, self._opening[0])
        png, frame = background(on)
        super().__init__(
            scene={
                "map": base64.b64encode(png).decode(),
                "frame": frame,
                "view": [list(side) for side in on.view],
                "name": on.name,
                "steps": steps,
                "rules": looks([Adam(), FaultyAdam()]),
                "switches": [
                    {"name": name, "legend": LEGENDS[name], "choices": list(choices)}
                    for name, choices in CHOICES.items()
                ],
                "knobs": [{"name": name, "values": knob_values(name).tolist()} for name in KNOBS],
                "first": {"wish": knobs, "faults": faults},
            },
            wish=knobs,
            faults=faults,
        )
        self._answer()
        self.observe(self._answer, "wish")

    def _run(self, optimizer):
        return descend(optimizer, self._on, self._steps, self._start)

    def _compare(self, faulty, run):
        """Return the ratio of each step to that of a run of Adam, NaN after a divergence."""
        gradients = np.stack(self._on.gradient(*run.path[:-1].T), axis=-1)
        gradients = gradients[np.isfinite(gradients).all(axis=-1)]
        known = step_ratio(faulty, run.optimizer, gradients)
        return np.concatenate([known, np.full(self._steps - len(known), np.nan)])

    def _answer(self, _=None):
        """Run every combination with the knobs that are wished; say in `problem` what is wrong."""
        try:
            knobs = {name: self.wish[name] for name in KNOBS}
            right = self._run(Adam(**knobs))
        except (TypeError, ValueError, KeyError) as error:
            self.problem = str(error)
            return
        rules = [FaultyAdam(**knobs, **faults) for faults in COMBINATIONS]
        runs = [right, *(self._run(rule) for rule in rules)]
        ratios = np.array([self._compare(rule, right) for rule in rules])
        with np.errstate(over="ignore"):
            ratios = ratios.astype("<f4").tobytes()
        arrays = {"runs": b"".join(pack(run) for run in runs), "ratios": ratios}
        self.reply(knobs, arrays, verdicts=[run.verdict() for run in runs])

    def still(self):
        """The map with both paths, and the ratio of the steps below it."""
        (left, right), (bottom, top) = self._on.view
        height = 4.65 * (top - bottom) / (right - left) + 0.6
        fig, (ax, below) = plt.subplots(
            2, 1, figsize=(5.2, height + 1.7), height_ratios=[height, 1.7]
        )
        draw_map(ax, self._on)
        for run, style in zip(self._opening, styles(self._opening)):
            ax.plot(*run.path.T, **style)
        ax.legend(loc="best", framealpha=0.8, frameon=True, edgecolor="none")
        draw_ratio(below, self._ratio, styles(self._opening)[1])
        return picture(fig, repr(self))

    def __repr__(self):
        text = f"Fault injector. {describe(self._opening)}"
        if not np.isfinite(self._ratio).any():
            return text
        least, most = (
            f"{self._ratio[k]:.3f} times at step {k + 1}"
            for k in (np.nanargmin(self._ratio), np.nanargmax(self._ratio))
        )
        return (
            f"{text} Fed the same gradients, the faulty step is to the right one: least "
            f"{least}, most {most}, in the end {self._ratio[-1]:.3f} times."
        )


def draw_ratio(ax, ratio, style):
    """Draw the ratios of the steps 1, 2, … on a logarithmic axis of whole decades, 0.1 to 10."""
    ax.axhline(1, color="black", lw=0.8)
    ax.semilogy(range(1, len(ratio) + 1), ratio, **style)
    sound = np.log10(ratio[(ratio > 0) & (ratio < np.inf)])
    low, high = np.floor(min([-1, *sound])), np.ceil(max([1, *sound]))
    ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if high - low <= 3 else (1,)))
    ax.yaxis.set_major_formatter("{x:g}")
    ax.yaxis.set_minor_locator(NullLocator())
    ax.set(
        xlabel="step t",
        ylabel="times the right step",
        xlim=(0, len(ratio)),
        ylim=(10.0**low, 10.0**high),
    )


def injector(optimizer=None, on=bowl, steps=60, start=None):
    """Return the fault injector of Adam on a landscape.

    optimizer: an Adam, for its hyper-parameters, or a FaultyAdam, whose faults it opens with; else
    it opens with Adam(lr=0.3) and without bias correction. on, steps, start: as for `descend`, with
    at least one step. Raises TypeError or ValueError that says what to write instead.
    """
    on = landscape(on)
    optimizer = Adam(lr=0.3) if optimizer is None else optimizer
    point = descend(optimizer, on, steps, start).path[0]  # raises for what cannot be run
    if type(optimizer).__name__ not in ("Adam", "FaultyAdam"):  # a notebook's own Adam will do
        raise TypeError(f"the faults are those of Adam(lr=0.3), not of {short(optimizer)}")
    for name, value in optimizer.array_knobs.items():
        raise ValueError(
            f"{name} is an array of shape {value.shape}: the injector needs a single number"
        )
    if point.shape != (2,):
        raise ValueError(f"the injector has one start (x, y), got an array of {point.shape}")
    if steps < 1:
        raise ValueError("steps must be at least 1: without a step there is nothing to compare")
    first = {name: choices[0] for name, choices in CHOICES.items()} | {"correction": "none"}
    return Injector(
        {name: getattr(optimizer, name) for name in KNOBS},
        {name: getattr(optimizer, name, choice) for name, choice in first.items()},
        on,
        steps,
        start,
    )
