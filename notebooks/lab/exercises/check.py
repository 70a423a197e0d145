"""Exercise checks: what you said, what was expected, and one hint.

    answer = ...
    check("01.1", answer)          # says that the exercise is still open

A chapter's exercises are judged in lab/exercises/chapter_NN.py, so that the notebook does not give
them away. A wrong answer is never an error: the notebook goes on.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

import numpy as np

from ..values import label

EXERCISES = {}


@dataclass(frozen=True)
class Verdict:
    """What `check` found: state is "open", "right" or "wrong", text is what the reader sees."""

    state: str
    text: str

    def __repr__(self):
        return self.text


@dataclass(frozen=True)
class Exercise:
    """judge(answer) returns (whether it is right, what was expected in words)."""

    judge: Callable
    hint: str


def exercise(number, hint):
    """Register the function below as the judge of exercise `number`, such as "01.1"."""

    def register(judge):
        EXERCISES[number] = Exercise(judge, hint)
        return judge

    return register


def check(number, answer):
    """Judge an answer and return the Verdict. `...` is an exercise not yet begun.

    Raises KeyError if there is no such exercise.
    """
    try:
        import_module(f"{__package__}.chapter_{str(number)[:2]}")
        task = EXERCISES[number]
    except (ModuleNotFoundError, KeyError):
        raise KeyError(f"no exercise {number!r}: write its number as the text says it") from None
    if answer is ...:
        return Verdict("open", f"Exercise {number} is open: replace the dots.")
    try:
        if isinstance(answer, (list, tuple, np.ndarray)) and np.size(answer) == 1:
            answer = np.ravel(answer).item()  # a number is a number, in whatever box it comes
        with np.errstate(all="ignore"):
            right, expected = task.judge(answer)
        right = bool(right)
    except Exception as error:  # whatever a reader may try, the notebook goes on
        right, expected = False, f"something else; trying it failed: {error}"
    yours = f"Exercise {number}: yours {label(answer)}, expected {expected}."
    if right:
        return Verdict("right", f"{yours}\nRight.")
    return Verdict("wrong", f"{yours}\nNot yet. Hint: {task.hint}")


def close(answer, expected, relative=1e-3):
    """Judge a number, or an array of numbers, by relative error (absolute where 0 is expected)."""
    wanted = np.asarray(expected, dtype=float)
    given = np.asarray(answer, dtype=float)
    right = given.shape == wanted.shape and np.all(
        abs(given - wanted) <= relative * np.where(wanted == 0, 1, abs(wanted))
    )
    return bool(right), label(expected)
