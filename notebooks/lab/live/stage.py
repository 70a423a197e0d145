"""The live map: sliders, a start to drag, play and scrub, and the loss beside the path.

    stage(SGD(lr=0.5), on=bowl, marks={"lr": {"2/L": 1.0}})

The browser gets a program of its rules and landscapes, so that dragging only redraws: nothing waits
for the kernel or for the network. For a rule that cannot be written down, the kernel sends for each
slider every path that it can show (they are one run of an optimizer with an array of
hyper-parameters), and again what a new start or a new setting changes when it is let go.
"""

from dataclasses import fields, is_dataclass

import numpy as np

from ..descent import (
    FAR,
    check_optimizer,
    descend,
    fresh,
    map_distance,
    one_start,
    rule_of,
)
from ..landscapes import expression, landscape, turned
from ..landscapes import turn as turn_point
from ..pictures import describe, trail
from ..values import numbers, real, short, whole
from .scene import Slider, knob_values, looks, map_scene, name_of
from .tracing import program
from .widget import Asking, script


class Stage(Asking):
    """What `stage` returns.

    settings: {"start": [x, y] as on the map not turned, None for the landscape's usual one;
    "landscape": the number of the one that is chosen; "turn": its angle in degrees, which turns the
    start too; "0.lr", …: every hyper-parameter of every rule; "hidden": the rules not shown}.
    """

    _esm = script("stage")

    def __init__(self, rules, maps, steps, start, sliders, hidden, angle, code):
        self._rules, self._maps, self._steps, self._sliders = rules, maps, steps, sliders
        self._turns = any(slider.name == "turn" for slider in sliders)
        settings = {"start": start, "landscape": 0, "turn": angle, "hidden": hidden}
        for r, rule in enumerate(rules):
            settings |= {f"{r}.{name}": value for name, value in knobs_of(rule).items()}
        self._opening = [self._run(r, settings) for r in range(len(rules)) if r not in hidden]
        super().__init__(
            {
                "maps": [map_scene(on, self._turns) for on in maps],
                "steps": steps,
                "columns": 4,
                "rules": [
                    {**shape, "knobs": list(knobs_of(rule)), "code": code_of(rule)}
                    for shape, rule in zip(looks(rules), rules)
                ],
                "sliders": [slider.describe() for slider in sliders],
                "code": code,
            },
            settings,
        )

    def _run(self, r, settings):
        """Return the run or runs of rule r: one setting may be an array, of all its positions."""
        optimizer, on = fresh(self._rules[r]), self._maps[settings["landscape"]]
        for name in knobs_of(optimizer):
            setattr(optimizer, name, settings[f"{r}.{name}"])
        start = on.start if settings["start"] is None else settings["start"]
        if self._turns:
            theta = np.radians(settings["turn"])
            on, start = turned(on, theta), np.stack(turn_point(*start, theta), -1)
        return descend(optimizer, on, self._steps, start)

    def descend(self, settings, sweeps):
        for r, rule in enumerate(self._rules):
            yield "", r, self._run(r, settings)
            for slider in self._sliders if sweeps else []:
                if slider.name == "landscape":  # another one begins at its own start
                    for k in range(len(self._maps)) if settings["start"] is None else []:
                        yield slider.name, r, self._run(r, {**settings, slider.name: k})
                elif slider.rule in (None, r) and at_once(rule):
                    yield slider.name, r, self._run(r, {**settings, slider.name: slider.values})

    def program(self):
        return program(self._rules, self._maps, turns=self._turns)

    def still(self):
        return trail(*self._opening)

    def __repr__(self):
        return f"Live map. {describe(self._opening)}"


def stage(
    *optimizers,
    on,
    steps=60,
    start=None,
    marks=None,
    ranges=None,
    knobs=None,
    turns=(),
    turn=None,
    more=(),
    landscapes=(),
):
    """Return the live map of one optimizer or several on a landscape.

    on: a landscape or its name. steps, start: as for `descend`. marks: predictions to show on a
    slider, as {"lr": {"2/L": 1.0}}; they stand only on the landscape `on`. ranges: a slider's ends,
    as {"lr": (0.1, 1.2)}. knobs: the names of the sliders to show, as ["lr"]; all of them if not
    given. turns: angles in degrees, as in range(0, 91, 2), for one more slider, which turns the
    landscape and the start; turn: the one to open with, the first if not given. more: optimizers
    that can be added in the map. landscapes: others than `on` that can be chosen in it.
    Raises TypeError or ValueError that says what to write instead.
    """
    if not optimizers:
        raise ValueError("no optimizer to show: write for example stage(SGD(lr=0.5), on=bowl)")
    maps = [landscape(each) for each in (on, *landscapes)]
    rules = [checked(optimizer) for optimizer in (*optimizers, *more)]
    steps = whole("steps", steps, 1)
    if start is not None:
        start = near_start(start, maps[0])
    marks, ranges = marks_of(marks or {}), ranges_of(ranges or {})
    known = {name for rule in rules for name in knobs_of(rule)}
    for what, given in (("marks", marks), ("ranges", ranges), ("knobs", knobs or [])):
        for name in given:
            if name not in known:
                there = ", ".join(sorted(known)) or "none"
                raise ValueError(f"{what}: no slider {name!r}; there are {there}")
    angles = np.unique(numbers("turns", turns, row=True)) if np.size(turns) else np.array([])
    angle = real("turn", angles[0] if turn is None else turn) if len(angles) else 0.0
    sliders = []
    if len(maps) > 1:
        sliders.append(Slider("landscape", "landscape", [each.name for each in maps]))
    if len(angles):
        sliders.append(Slider("turn", "turn θ in degrees", angles).including(angle))
    for r, rule in enumerate(rules):
        for name, value in knobs_of(rule).items():
            if knobs is None or name in knobs:
                values = allowed(rule, name, knob_values(name, ranges.get(name)))
                label = f"{rule_of(rule)} {name}"
                predicted = marks.get(name, {}) if r < len(optimizers) else {}
                slider = Slider(f"{r}.{name}", label, values, r, predicted)
                sliders.append(slider.including(value))
    hidden = list(range(len(optimizers), len(rules)))
    given = {"steps": steps, "marks": marks, "ranges": ranges, "knobs": knobs}
    given |= {"turns": turns if isinstance(turns, range) else angles.tolist()}
    code = call_code(given, maps)
    return Stage(rules, maps, steps, start, sliders, hidden, angle, code)


def knobs_of(optimizer):
    """Return {name: value} of an optimizer's hyper-parameters; none if it does not tell them."""
    return dict(getattr(optimizer, "knobs", {}))


def at_once(optimizer):
    """Whether an array of hyper-parameters is as many runs of it."""
    return getattr(optimizer, "elementwise", False)


def checked(optimizer):
    """Return a copy of an optimizer that descends and whose knobs are single numbers, or raise."""
    check_optimizer(optimizer)
    for name, value in getattr(optimizer, "array_knobs", {}).items():
        raise ValueError(
            f"{name} is an array of shape {value.shape}: a stage needs a single number"
        )
    descend(optimizer, "bowl", steps=1)  # what has an `update` of its own may not take a step
    return fresh(optimizer)


def near_start(start, on):
    """Return a start as [x, y], or raise."""
    x, y = one_start(start, on)
    if map_distance(on, x, y) > FAR:
        raise ValueError(f"start ({x:g}, {y:g}) is more than {FAR} maps away from the {on.name}")
    return [x, y]


def marks_of(marks):
    """Return marks as {slider: {label: value}} of plain numbers, or raise."""
    return {
        name: {str(label): real(f"marks of {name}", value) for label, value in labels.items()}
        for name, labels in _items("marks", marks, '{"lr": {"2/L": 1.0}}', dict)
    }


def ranges_of(ranges):
    """Return ranges as {slider: (low, high)} of plain numbers, or raise."""
    found = {}
    for name, ends in _items("ranges", ranges, '{"lr": (0.1, 1.2)}', (tuple, list, np.ndarray)):
        if len(ends) != 2:
            raise ValueError(f"the range of {name} must be (low, high), got {short(ends)}")
        found[name] = tuple(real(f"the range of {name}", end) for end in ends)
    return found


def _items(what, given, example, kind):
    """Return the items of a dictionary whose values are of a kind, or raise."""
    if not isinstance(given, dict) or not all(isinstance(v, kind) for v in given.values()):
        raise TypeError(f"{what} must look like {example}, got {short(given)}")
    return given.items()


def allowed(rule, name, values):
    """Return values of a slider, or raise what the rule says of its ends."""
    for end in (values[0], values[-1]):
        try:
            setattr(fresh(rule), name, float(end))
        except (TypeError, ValueError) as error:
            raise type(error)(f"the range of {name} ends at {end:g}: {error}") from None
    return values


def code_of(rule):
    """Return for `copy as code`: the name of a rule and [[knob, its default], …]; or its repr."""
    if not knobs_of(rule) or not is_dataclass(type(rule)):
        return {"name": repr(rule), "knobs": None}
    kind = type(rule)
    name = name_of(kind, kind.__name__)
    return {"name": name, "knobs": [[f.name, f.default] for f in fields(rule)]}


def spelled(rule):
    """Return the repr of a rule, with its class as the notebook reaches it."""
    name = type(rule).__name__
    return repr(rule).replace(f"{name}(", f"{name_of(type(rule), name)}(", 1)


def call_code(given, maps):
    """Return the rest of the call for `copy as code`: the maps, and other arguments."""
    usual = {"steps": 60, "start": None, "marks": {}, "ranges": {}, "knobs": None, "turns": []}
    tail = [f", {name}={value!r}" for name, value in given.items() if value != usual[name]]
    return {"on": [name_of(on, expression(on)) for on in maps], "tail": "".join(tail)}
