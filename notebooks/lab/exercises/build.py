"""Build a rule yourself: it is compared, step by step, with the rule by hand.

    class Momentum(Optimizer):                  # or a dictionary class, an array class, or a
        ...                                     # function with a config
    Momentum = build("Momentum", Momentum)      # yours if it is right; until then, the course's

    rate = build("inverse time", rate)          # a schedule: a function of t, and what it needs

A slip is found by the steps that it leads to (slips.py), and told in words and numbers.
"""

import inspect
import time
from itertools import chain

import numpy as np

import optimizers

from .check import still_open
from .habits import HABITS, begins_anew
from .judges import CALLS, EXERCISES, ORDINAL
from .readers_rule import ReadersRule
from .schedules import SCHEDULES
from .slips import VARIANTS, pairs, slips, steps, written
from .trial import told, trial
from .verdict import Unfit, Verdict, Wrong, sentences

RULES = {name: getattr(optimizers, name) for name in optimizers.__all__ if name != "Optimizer"}
PLAIN = np.array([1, 0.5, -2, 0.25, 1, -0.5, 3, 0.1, 0.1, -1])  # told, where it shows the slip
BLOW = np.array([10, -0.5, -0.5, -0.5, 0, 0, 0, 0, 2, 0])
_drawn = np.random.default_rng(3).normal(size=(10, 6)).round(1)
GRADIENTS = np.column_stack([PLAIN, BLOW, _drawn, PLAIN / 100, _drawn[:, :2] / 100])
LARGE = GRADIENTS[:, :8]  # beside which a small ε does not count
MATRICES = [_drawn.reshape(10, *shape) for shape in ((3, 2), (2, 3))]  # for rules of whole matrices
KNOBS = {  # none is a default, so that a default typed in the place of a knob is seen
    "lr": 0.2,
    "momentum": 0.85,
    "rho": 0.7,
    "beta1": 0.92,
    "beta2": 0.95,
    "eps": 0.01,
    "weight_decay": 0.5,
}


def build(name, mine):
    """Judge a reader's own rule or schedule, print what was found, and return which one to use.

    name: that of a rule, such as "Adam", or of a schedule in SCHEDULES. mine: a class or function;
    it is what is returned if it is right, in a form that every verb of the lab takes. While it is
    open or wrong the course's own is returned. Nothing that a reader writes raises an error.
    """
    verdict, used = judge(name, mine)
    print(verdict)
    return used


def judge(name, mine):
    """Return (the Verdict, the class or function to use) of a reader's own `mine`."""
    course = RULES.get(name) or SCHEDULES.get(name)
    if course is None:
        known = ", ".join([*RULES, *SCHEDULES])
        return Verdict("unknown", f"There is no {name!r} to build; there are {known}."), mine
    until = f"Until then this lesson runs on the course's {name}"
    if _is_open(mine):
        return Verdict("open", sentences(f"{name} is open: replace the dots", until)), course
    try:
        used, notes = trial(lambda: (_judge_rule if name in RULES else _judge_schedule)(name, mine))
    except Wrong as no:
        hint = [no.hint] if no.hint else []
        return Verdict("wrong", sentences(f"{name}, not yet: {no.found}", *hint, until)), course
    own = getattr(mine, "__name__", "own")
    right = f"{name}: right, and from here on this lesson runs on your {own}"
    return Verdict("right", sentences(right, *notes)), used


def _is_open(mine):
    """Whether nothing of a rule or schedule has been written yet."""
    if not isinstance(mine, type):
        return still_open(mine)
    own = [getattr(mine, method, None) for method in ("step", "update")]
    return any(still_open(inspect.unwrap(method)) for method in own if inspect.isfunction(method))


# ---------------------------------------------------------------------------- rules


def _judge_rule(name, mine):
    """Return (the class to use, what else is to be said), or raise Wrong."""
    rule = RULES[name]
    readers = ReadersRule(mine, rule)
    knobs = {knob: KNOBS[knob] for knob in readers.rule.__dataclass_fields__}
    begins_anew(readers, knobs)
    notes = _compare(readers, knobs)
    for habit in HABITS:
        habit(readers, knobs)
    course = {knob: field.default for knob, field in rule.__dataclass_fields__.items()}
    for knob, default in readers.defaults().items():
        if default != course[knob]:
            notes.append(
                f"Its default {knob} is {default:g} where the course's is {course[knob]:g}: "
                f"pictures that do not name it will differ"
            )
    if (
        readers.kind == "rule"
        and mine.memory != rule.memory
        and set(rule.memory) - set(mine.memory)
    ):
        notes.append(f"What follows may look at what it remembers as {', '.join(rule.memory)}")
    return readers.usable(), notes


def _compare(readers, knobs):
    """Return notes if the reader's steps are right; else raise Wrong with the slip and numbers."""
    rule, small = readers.rule, "eps" in readers.spelt or "eps" not in knobs
    if not small:  # it has an ε of its own, which nobody can set: it must be small
        knobs["eps"] = rule.__dataclass_fields__["eps"].default
    gradients, within = (GRADIENTS, 1e-7) if small else (LARGE, 1e-4)
    given = [gradients] if rule.elementwise else MATRICES
    start = 2.0 if "weight_decay" in knobs else 0.0
    text, opt = written(rule), rule(**knobs)

    def tracks(taken):
        return np.hstack([taken(each).reshape(len(each), -1) for each in given])

    def by(text, coupled=False, opt=opt):
        try:
            return tracks(lambda each: steps(text, opt, each, start, coupled))
        except ZeroDivisionError:
            return np.full(mine.shape, np.nan)

    mine = tracks(lambda each: readers.steps(each, knobs, start))
    right = by(text)
    if _same(mine, right, within):
        return []
    for words, (old, new) in VARIANTS.items():
        if old in text and _same(mine, by(text.replace(old, new)), within):
            return [f"It is written {words}"]
    first = _first_difference if rule.elementwise else _first_matrix
    found = first(mine, right, tracks(np.array), knobs, within)
    if "weight_decay" in knobs and _same(mine, by(text, coupled=True), within):
        raise Wrong(found, "the decay is added to the gradient: it is to shrink x itself, instead")
    for knob in knobs:
        default = rule.__dataclass_fields__[knob].default
        typed = rule(**knobs | {knob: default})
        if default not in (0, 1) and _same(mine, by(text, opt=typed), within):
            raise Wrong(found, f"{default:g}, the default, is typed where self.{knob} is to stand")
    until = time.monotonic() + 2
    for words, changed in chain(slips(text, rule.memory), pairs(text, rule.memory)):
        if _same(mine, by(changed), within):
            raise Wrong(found, words)
        if time.monotonic() > until:  # a slow machine: two slips at once are rare
            break
    raise Wrong(found, _general(mine, right))


def _same(mine, other, within):
    """Whether steps agree, each track measured by its longest step."""
    scale = abs(np.where(np.isfinite(other), other, 0)).max(axis=0)
    return np.all(np.isclose(mine, other, rtol=0, atol=within * scale + 1e-300, equal_nan=True))


def _first_difference(mine, right, gradients, knobs, within):
    """Say at which step the reader's first differs, in the plainest track that shows it well."""
    scale = abs(right).max(axis=0)
    differs = ~np.isclose(mine, right, rtol=0, atol=within * scale)
    visible = ~np.isclose(mine, right, rtol=0, atol=0.01 * scale)
    track = next(i for shows in (visible, differs) for i in range(len(scale)) if shows[:, i].any())
    shows = visible if visible[:, track].any() else differs
    t = int(np.argmax(shows[:, track]))
    fed = ", ".join(f"{g:g}" for g in gradients[: t + 1, track])
    which = ORDINAL[t] if t < len(ORDINAL) else f"{t + 1}th"
    return (
        f"fed the gradient{'s' * (t > 0)} {fed} {told(knobs).replace('for ', 'with ', 1)}, your "
        f"{which} step is {mine[t, track]:.4g} where by hand it is {right[t, track]:.4g}"
    )


def _first_matrix(mine, right, gradients, knobs, within):
    """Say the same of a rule of whole matrices, in the entry that shows it best."""
    off = np.nan_to_num(abs(mine - right), nan=np.inf)
    t = int(np.argmax((off > within * abs(right).max(axis=0)).any(axis=1)))
    track, before = int(np.argmax(off[t])), 0
    for rows, columns in (each.shape[1:] for each in MATRICES):
        if track < before + rows * columns:
            break
        before += rows * columns
    i, j = divmod(track - before, columns)
    first = gradients[0, before : before + rows * columns].reshape(rows, columns).tolist()
    return (
        f"fed matrices of {rows} rows and {columns} columns, the first of them {first}, from x = 2 "
        f"{told(knobs).replace('for ', 'with ', 1)}, in row {i + 1} and column {j + 1} your "
        f"{ORDINAL[t] if t < len(ORDINAL) else f'{t + 1}th'} step is {mine[t, track]:.4g} where "
        f"by hand it is {right[t, track]:.4g}"
    )


def _general(mine, right):
    """A hint for a slip that is not known."""
    if np.allclose(mine[0], right[0]):
        return "the first step is right: look at what is remembered from step to step, and at t"
    moved = abs(right[0]) > 1e-12
    if moved.any() and np.ptp(mine[0, moved] / right[0, moved]) < 1e-9:
        return "the first step is wrong by one factor: is one left out, or too many?"
    return "already the first step differs: compare it with the formula, term by term"


# ---------------------------------------------------------------------------- schedules


def _judge_schedule(name, mine):
    """Return (the function to use, nothing more to be said), or raise Wrong."""
    CALLS[name] += 1
    try:
        EXERCISES[name].judge(mine)
    except Wrong as no:
        if not isinstance(no, Unfit):
            no.hint = no.hint or EXERCISES[name].hint
        raise
    return mine, []
