"""Guesses: what you say before you see it, and how near that was.

    guess("04.1", ...)                             # a number; the dots while it is open
    guess("04.2", "left", choices=("left", "right"))
    guess("04.3", [10, 5, 1], at=("step 1", "step 10", "step 100"))    # points of a curve
    compare("04.1", formula=20 / 2, measured=run.f[-1])    # you said, the formula says, measured
    guesses()                                      # how many came within a factor of two

A guess tells nothing. Later, the cell that measures calls `compare`, and that is the line to read.
It also names what a guess usually means that comes near for a wrong reason, and does not count it:
see `mistaken`.
"""

from dataclasses import dataclass

import numpy as np

from ..claims import CHANGED
from ..values import agree
from .answers import brief, close, name_of, number, numbers, plain, shown
from .check import find, still_open
from .trial import trial
from .verdict import Unfit, Verdict, Wrong, sentences

GUESSES = {}
MISTAKEN = {}  # by guess: [(what one may say, in one sentence why)], see chapter_NN.py
SPOT_ON = 0.02  # a guess that is off by no more than this share is called right


@dataclass
class Guess:
    """value: None while it is open. near: None until it is compared, then whether it came near.

    percent: whether it was written as "37 %".
    """

    value: object = None
    near: object = None
    percent: bool = False


def mistaken(key, *cases):
    """Register what may be guessed for a wrong reason: pairs of such a guess and a sentence."""
    MISTAKEN[key] = cases


def guess(key, value, choices=None, at=None):
    """Keep a guess until `compare`, and return a Verdict that says so. It may be wrong: it is one.

    choices: the words to choose from. at: where on a curve the points lie, one word or number for
    each of them. What is no guess of this kind gets a sentence. The first guess that was compared
    counts; another one afterwards is not taken.
    """
    key, kind = str(key), "a number"
    if choices is not None:
        kind = f"one of {', '.join(map(repr, choices))}"
    elif at is not None:
        kind = f"{len(at)} numbers, at {', '.join(map(str, at))}"
    kept = GUESSES.setdefault(key, Guess())
    if still_open(value):
        if kept.near is None:
            kept.value = None
        text = f"Guess {key} is open: replace the dots by {kind}. Any guess will do."
        return Verdict("open", text)
    if choices is not None and (isinstance(value, type) or hasattr(value, "update")):
        value = name_of(value)  # quotation marks are easily forgotten
    try:
        said = trial(lambda: _taken(value, choices, at))
    except Wrong as no:
        return Verdict("unfit", sentences(f"Guess {key}: {no.found}", f"Write {kind}"))
    if kept.near is not None and not np.array_equal(said, kept.value):
        return Verdict("kept", f"Guess {key}: you have seen the answer, so {_said(kept)} counts.")
    kept.value, kept.percent = said, isinstance(value, str) and value.strip().endswith("%")
    return Verdict("kept", f"Guess {key}: you say {_said(kept)}. The answer comes further down.")


def compare(key, measured, formula=None, within=0.05, percent=False):
    """Print one line: what you said, what the formula says if there is one, what was measured.

    measured: a number, a word among the choices, or the points of a curve; formula: numbers.
    within: the largest error that the formula is allowed, as in `claim`. Your guess may be wrong,
    the formula may not: AssertionError. percent: whether percents were asked for, so that "37 %" is
    37, and 0.37 as well where that is nearer.
    """
    key = str(key)
    kept = GUESSES.setdefault(key, Guess())
    parts = [f"you said {_said(kept)}" if kept.value is not None else "you said nothing yet"]
    if formula is not None:
        parts.append(f"the formula says {_told(formula)}")
    parts.append(f"measured {_told(measured)}")
    near = ""
    if kept.value is not None:
        share = percent and (kept.percent or _is_a_share(kept.value, measured))
        said = 100 * kept.value if share else kept.value
        kept.near, near = _nearness(said, measured, formula)
        if share and not kept.percent:
            near = f", taken as percent{near}"
        if not near.endswith(": right"):
            find(key)  # the lesson's judges, which know what is mistaken for what
            whys = [why for wrong, why in MISTAKEN.get(key, ()) if _is(said, wrong)]
            if whys and kept.near:
                kept.near, near = False, ": near in size alone"
            near += "".join(f". {why}" for why in whys)
    print(f"Guess {key}: {', '.join(parts)}{near}.")
    if formula is not None and not _agree(measured, formula, within):
        raise AssertionError(
            f"guess {key}: what the formula says and what was measured differ by more than "
            f"{100 * within:g} %. {CHANGED}"
        )


def guesses():
    """Return, as a Verdict, how many guesses came within a factor of two, and which are open."""
    said = {key: kept for key, kept in GUESSES.items() if kept.near is not None}
    near = [key for key, kept in said.items() if kept.near]
    waiting = [key for key, kept in GUESSES.items() if kept.near is None]
    if not said:
        are = "is" if len(waiting) == 1 else "are"
        text = f"No guess yet: {', '.join(waiting)} {are} open" if waiting else "No guess yet"
        return Verdict("open", sentences(f"{text}. Replace dots, and run the cells again"))
    which = f": {', '.join(near)}" if near else ""
    text = [f"{len(near)} of {len(said)} guesses came within a factor of two{which}"]
    if waiting:
        text.append(f"Still open: {', '.join(waiting)}")
    return Verdict("told", sentences(*text))


def _taken(value, choices, at):
    """Return a guess as it is kept: a float, one of the choices, or an array. Raises Unfit."""
    if choices is not None:
        return _chosen(value, choices)
    found = number(value) if at is None else numbers(value, len(at))
    if not np.all(np.isfinite(found)):
        raise Unfit("a guess is finite")
    return found


def _is(said, wrong):
    return not isinstance(said, str) and close(said, wrong, SPOT_ON)


def _chosen(value, choices):
    """Return the choice that is meant: by all of its words, or by some that only this one has."""
    if isinstance(value, (list, tuple)) and len(value) == 1:
        value = value[0]
    said = plain(value) if isinstance(value, (str, int, float)) else ""
    meant = [choice for choice in choices if said == plain(choice)] or [
        choice for choice in choices if said and f" {said}" in f" {plain(choice)}"
    ]
    if len(meant) != 1:
        raise Unfit(f"{shown(value)} is not among the choices")
    return meant[0]


def _nearness(said, measured, formula=None):
    """Return (whether a guess came within a factor of two, in words how near it came)."""
    if isinstance(said, str):
        near = plain(said) == plain(measured)
        return near, ": right" if near else ": not this time"
    said, measured = np.atleast_1d(said), np.atleast_1d(np.asarray(measured, dtype=float))
    if said.shape != measured.shape:
        return False, ""
    with np.errstate(all="ignore"):
        ratio = said / measured
        alike = np.all(ratio > 0) and np.ptp(np.log(ratio)) < 0.1
    close = (said == measured) | ((ratio >= 0.5) & (ratio <= 2))
    if _spot_on(said, measured):
        return True, ": right"
    if formula is not None and _spot_on(said, np.atleast_1d(np.asarray(formula, dtype=float))):
        return bool(close.all()), ": just what the formula says"
    if np.all((ratio >= -2) & (ratio <= -0.5)):
        return False, ": of about this size, and of the other sign"
    if len(said) > 1 and (close.any() or not alike):
        return bool(close.all()), f": {int(close.sum())} of {len(said)} within a factor of two"
    if close.all():
        return True, ": within a factor of two"
    if not np.isfinite(ratio[0]) or ratio[0] <= 0:
        return False, ": not this time"
    many = f"{max(ratio[0], 1 / ratio[0]):.2g}"
    each = "each " if len(said) > 1 else ""
    much = "much" if ratio[0] > 1 else "little"
    return False, f": {each}{brief(float(many))} times too {much}"


def _spot_on(said, wanted):
    """Whether all of a guess is as it should be, but for SPOT_ON."""
    if said.shape != wanted.shape:
        return False
    with np.errstate(all="ignore"):
        return bool(np.all((said == wanted) | (abs(said / wanted - 1) <= SPOT_ON)))


def _is_a_share(said, measured):
    """Whether a guess is a share where percents are asked for: near the measured if that is so."""
    if isinstance(said, str):
        return False
    said, measured = np.atleast_1d(said), np.atleast_1d(np.asarray(measured, dtype=float))
    if said.shape != measured.shape:
        return False
    near = (50 * said <= measured) & (measured <= 200 * said)
    return bool(np.all((said > 0) & (said < 1) & (measured > 1) & (measured <= 100) & near))


def _agree(measured, formula, within):
    alike = np.shape(measured) == np.shape(formula)
    return alike and bool(np.all(agree(measured, formula, within)))


def _said(kept):
    if kept.percent:
        return f"{brief(100 * kept.value)} %"
    return kept.value if isinstance(kept.value, str) else brief(kept.value)


def _told(value):
    """Return what was measured or computed as text: to four digits, a guess needs no more."""
    if isinstance(value, str):
        return value
    rounded = [float(f"{each:.4g}") for each in np.ravel(value)]
    return brief(rounded if np.ndim(value) else rounded[0])
