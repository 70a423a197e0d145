"""A reader's rule beside the rule by hand: do their steps agree, and if not, what explains it?

both = Beside(readers)    # readers: a ReadersRule
both.agree(both.text)              # is it right?
both.told(), both.hint()           # if not: the first step that differs, and the slip
"""

import time
from itertools import combinations

import numpy as np

from .habits import begins_anew
from .judges import ORDINAL
from .slips import pairs, slips, steps, written
from .trial import told

PLAIN = np.array([1, 0.5, -2, 0.25, 1, -0.5, 3, 0.1, 0.1, -1])  # told, where it shows the slip
BLOW = np.array([10, -0.5, -0.5, -0.5, 0, 0, 0, 0, 2, 0])
_drawn = np.random.default_rng(3).normal(size=(10, 6)).round(1)
_many = np.random.default_rng(4).normal(size=(10, 80)).round(1)  # a sign seldom shows a slip
_many[_many == 0] = 0.1  # 0/0 is no slip
LARGE = np.column_stack([PLAIN, BLOW, _drawn, _many])  # beside which a small ε does not count
GRADIENTS = np.column_stack([LARGE, PLAIN / 100, _drawn[:, :2] / 100])
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
SECONDS = 2  # for two slips at once, which are rare: less than all pairs on a slow machine


class Beside:
    """mine, right: the steps of both, shape (T, tracks), for the same gradients and knobs.

    text: the rule's formulas, as slips.py has them. within: the largest error that is none.
    Raises Wrong if the reader's rule does not begin anew, and what it raises.
    """

    def __init__(self, readers):
        self.readers, self.rule = readers, readers.rule
        self.knobs = {knob: KNOBS[knob] for knob in self.rule.__dataclass_fields__}
        settable = "eps" in readers.spelt or "eps" not in self.knobs
        if not settable:  # it has an ε of its own, which nobody can set: it must be small
            self.knobs["eps"] = self.rule.__dataclass_fields__["eps"].default
        gradients, self.within = (GRADIENTS, 1e-7) if settable else (LARGE, 1e-4)
        self.given = [gradients] if self.rule.elementwise else MATRICES
        self.start = 2.0 if "weight_decay" in self.knobs else 0.0
        self.text = written(self.rule)
        begins_anew(readers, self.knobs)
        self.mine, self.right = self.by_reader(), self.by(self.text)

    def by_reader(self, **knobs):
        """The reader's steps, with other knobs if any are given."""
        return self._tracks(lambda g: self.readers.steps(g, self.knobs | knobs, self.start))

    def by(self, text, coupled=False, rows=None, **knobs):
        """The steps, or the first rows of them, of a rule that is given as text."""
        opt = self.rule(**self.knobs | knobs)
        try:
            return self._tracks(lambda g: steps(text, opt, g[:rows], self.start, coupled))
        except ZeroDivisionError:
            return np.full(self.mine.shape, np.nan)[:rows]

    def agree(self, text, **more):
        """Whether the reader takes the steps of this text."""
        return _same(self.mine, self.by(text, **more), self.within)

    def told(self):
        """One clause on the first step that differs, with its numbers."""
        first = _first_difference if self.rule.elementwise else _first_matrix
        return first(self.mine, self.right, self._tracks(np.array), self.knobs, self.within)

    def hint(self):
        """What explains the reader's steps, as exactly as it is known."""
        return (
            self.readers.misnamed()
            or self._slip()
            or self._two_slips()
            or self._unused()
            or _general(self.mine, self.right)
        )

    def _tracks(self, taken):
        return np.hstack([taken(g).reshape(-1, g[0].size) for g in self.given])

    def _slip(self):
        if "weight_decay" in self.knobs and self.agree(self.text, coupled=True):
            return "the decay is added to the gradient: it is to shrink x itself, instead"
        known = slips(self.text, self.rule.memory)
        return self._typed() or next((words for words, text in known if self.agree(text)), None)

    def _typed(self):
        course = {knob: self.rule.__dataclass_fields__[knob].default for knob in self.knobs}
        course = {knob: default for knob, default in course.items() if default not in (0, 1)}
        for many in range(1, len(course) + 1):
            for names in combinations(course, many):
                if self.agree(self.text, **{knob: course[knob] for knob in names}):
                    return ", and ".join(
                        f"{course[knob]:g}, the default, is typed where self.{knob} is to stand"
                        for knob in names
                    )
        return None

    def _two_slips(self):
        until = time.monotonic() + SECONDS
        for words, changed in pairs(self.text, self.rule.memory):
            begins_so = _same(self.mine[:1], self.by(changed, rows=1), 10 * self.within)
            if begins_so and self.agree(changed):
                return words
            if time.monotonic() > until:
                break
        return None

    def _unused(self):
        for knob in self.readers.spelt:
            if np.array_equal(self.mine, self.by_reader(**{knob: self.knobs[knob] / 2})):
                return f"another {knob} changes nothing: is a number typed where it is to stand?"
        return None


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
    off = mine - right
    if np.ptp(off) < 1e-9 * abs(off).max():
        return (
            "the same number is in every step, whatever the gradient: is it x? A step is the "
            "change Δx alone, which is then added"
        )
    if np.allclose(mine[0], right[0]):
        return "the first step is right: look at what is remembered from step to step, and at t"
    moved = abs(right[0]) > 1e-12
    if moved.any() and np.ptp(mine[0, moved] / right[0, moved]) < 1e-9:
        return (
            "the first step is wrong by one factor: is one left out, or too many, or is there a "
            "term too many that holds g?"
        )
    return "already the first step differs: compare it with the formula, term by term"
