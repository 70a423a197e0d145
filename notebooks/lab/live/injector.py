"""The fault injector: Adam beside the same Adam with faults, switched on and off.

    injector(Adam(lr=0.3), on=bowl)
    injector(FaultyAdam(lr=0.3, first_t=2))        # opens with these faults

What each slider and each switch can show is in the browser already. Below the map stands the ratio
of the two rules' steps. It is a fair one: both are fed the same gradients, those along Adam's path,
or else it would also tell where each has got to.
"""

from dataclasses import fields, replace
from itertools import product

import numpy as np
from matplotlib.ticker import LogLocator, NullLocator

from optimizers import Adam

from ..descent import check_single, descend
from ..dialects.faults import CHOICES, FaultyAdam, step_lengths
from ..landscapes import bowl, landscape
from ..pictures import describe, draw_map, picture, plt, style, styles
from ..values import decimals, short, whole
from .scene import Slider, knob_values, looks, map_scene, pack
from .stage import call_code, code_of, near_start
from .tracing import program
from .widget import Asking, script

KNOBS = [f.name for f in fields(Adam)]
LEGENDS = {"correction": "bias correction", "first_t": "first t", "eps_place": "place of ε"}


class Injector(Asking):
    """What `injector` returns.

    settings: {knob: its value}, for both rules, and {"1.correction": the number of its choice, …},
    for rule 1, which has the faults. The fifth number of a step is the ratio, NaN at step 0.
    """

    _esm = script("injector")

    def __init__(self, knobs, faults, on, steps, start):
        self._on, self._steps, self._start = on, steps, start
        first = dict(knobs)
        for name, choice in faults.items():
            first[f"1.{name}"] = CHOICES[name].index(choice)
        self._first = first
        self._sliders = [Slider(n, n, knob_values(n)).including(knobs[n]) for n in KNOBS]
        self._switches = [
            Slider(f"1.{name}", LEGENDS[name], [str(choice) for choice in choices], 1)
            for name, choices in CHOICES.items()
        ]
        right, faulty = self._rules(first)
        run = self._run(right)
        other, self._ratio = self._compared(faulty, *self._feed(run))
        self._opening = [run, other]
        super().__init__(
            {
                "maps": [map_scene(on)],
                "steps": steps,
                "columns": 5,
                "rules": [
                    {**shape, "code": code_of(rule)}
                    for shape, rule in zip(looks([right, faulty]), (right, faulty))
                ],
                "sliders": [each.describe() for each in (*self._sliders, *self._switches)],
                "choices": {f"1.{name}": [name, choices] for name, choices in CHOICES.items()},
                "code": call_code({"steps": steps, "start": start and tuple(start)}, [on]),
            },
            first,
        )

    def _rules(self, settings):
        """Return Adam and the Adam with the faults."""
        knobs = {name: settings[name] for name in KNOBS}
        faults = {name: choices[settings[f"1.{name}"]] for name, choices in CHOICES.items()}
        return Adam(**knobs), FaultyAdam(**knobs, **faults)

    def _run(self, optimizer):
        return descend(optimizer, self._on, self._steps, self._start)

    def _feed(self, run):
        """Return what both rules are fed, shape (steps, 2, *runs): the gradients along Adam's path.

        And how long Adam's steps are with them, NaN after a divergence.
        """
        with np.errstate(all="ignore"):
            gradients = np.stack(self._on.gradient(*np.moveaxis(run.path[:-1], -1, 0)), axis=1)
        known = np.isfinite(gradients).all(axis=1)
        gradients = np.where(known[:, None], gradients, 0.0)
        return gradients, np.where(known, step_lengths(run.optimizer, gradients), np.nan)

    def _compared(self, faulty, gradients, lengths):
        """Return a faulty rule's run or runs, and the ratio of each of its steps to Adam's."""
        with np.errstate(all="ignore"):
            ratio = step_lengths(faulty, gradients) / lengths
        return self._run(faulty), ratio

    def descend(self, settings, sweeps):
        right, faulty = self._rules(settings)
        run = self._run(right)
        fed = self._feed(run)
        own = self._compared(faulty, *fed)
        yield "", 0, run, np.ones(self._steps)
        yield "", 1, *own
        if not sweeps:
            return
        for switch in self._switches:
            for choice in range(len(switch.values)):
                _, other = self._rules({**settings, switch.name: choice})
                here = choice == settings[switch.name]
                yield switch.name, 1, *(own if here else self._compared(other, *fed))
        for slider in self._sliders:
            right, faulty = self._rules({**settings, slider.name: slider.values})
            runs = self._run(right)
            yield slider.name, 0, runs, np.ones(runs.f[1:].shape)
            yield slider.name, 1, *self._compared(faulty, *self._feed(runs))

    def columns(self, run, rule, ratio):
        ratio = np.concatenate([np.full((1, *run.f.shape[1:]), np.nan), ratio])
        return np.concatenate([pack(run), ratio[..., None]], axis=-1)

    def program(self):
        on = self._on if self._start is None else replace(self._on, start=self._start)
        names = [switch.name for switch in self._switches]
        faults = product(*(range(len(switch.values)) for switch in self._switches))
        settings = [{**self._first, **dict(zip(names, chosen))} for chosen in faults]
        right, *_ = self._rules(self._first)
        return program([right, *(self._rules(chosen)[1] for chosen in settings)], [on])

    @style()
    def still(self):
        """The map with both paths, and the ratio of the steps below it."""
        (left, right), (bottom, top) = self._on.view
        height = 4.65 * (top - bottom) / (right - left) + 0.6
        fig, (ax, below) = plt.subplots(
            2, 1, figsize=(5.2, height + 1.7), height_ratios=[height, 1.7]
        )
        draw_map(ax, self._on)
        for run, looks_like in zip(self._opening, styles(self._opening)):
            ax.plot(*run.path.T, **looks_like)
        ax.legend(loc="best", framealpha=0.8, frameon=True, edgecolor="none")
        draw_ratio(below, self._ratio, styles(self._opening)[1])
        return picture(fig, repr(self))

    def __repr__(self):
        text = f"Fault injector. {describe(self._opening)}"
        if not np.isfinite(self._ratio).any():
            return text
        least, most = (
            f"{decimals(self._ratio[k], 3)} times at step {k + 1}"
            for k in (np.nanargmin(self._ratio), np.nanargmax(self._ratio))
        )
        return (
            f"{text} Fed the same gradients, the faulty step is to the right one: least "
            f"{least}, most {most}, in the end {decimals(self._ratio[-1], 3)} times."
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
    check_single(optimizer)
    if type(optimizer).__name__ not in ("Adam", "FaultyAdam"):  # a notebook's own Adam will do
        raise TypeError(f"the faults are those of Adam(lr=0.3), not of {short(optimizer)}")
    steps = whole("steps", steps, 1)
    start = None if start is None else near_start(start, on)
    first = {name: choices[0] for name, choices in CHOICES.items()} | {"correction": "none"}
    return Injector(
        {name: float(getattr(optimizer, name)) for name in KNOBS},
        {name: getattr(optimizer, name, choice) for name, choice in first.items()},
        on,
        steps,
        start,
    )
