"""Exercise checks: what your answer is or does, a hint that fits, and the value when you ask.

    answer = ...
    check("01.1", answer)              # says that the exercise is still open
    check("01.1", answer, tell=True)   # tells the value, too
    check("01.1", answer, seed=7)      # with other numbers, which are seven's own

The exercises of a chapter are judged in lab/exercises/chapter_NN.py, so that the notebook does not
give them away. A wrong answer is never an error: the notebook goes on.
"""

from importlib import import_module
from zlib import crc32

import numpy as np

from ..values import short
from .answers import shown
from .judges import CALLS, EXERCISES
from .trial import blank, trial
from .verdict import Unfit, Verdict, Wrong, sentences

TRIES = {}  # the different wrong answers so far, by exercise


def check(number, answer, tell=False, seed=None):
    """Judge an answer and return the Verdict. `...` is an exercise not yet begun.

    A wrong answer gets a hint, the next one a second hint, the third the value; the same answer
    again is no further try, nor is one that is no answer at all. tell: True for the value now.
    seed: a number or name of yours, for numbers of your own in exercises that can be varied.
    """
    number, task = find(number, seed)
    if task is None:
        said = f"There is no exercise {short(number)}: write its number as the text says it."
        return Verdict("unknown", said)
    name = number if not task.text else f"{number}, seed {seed}"
    state, no = judged(number, task, answer)
    if state == "open":
        asked = [f"Yours: {task.text}"] if task.text else []
        told = [f"The answer: {task.answer}"] if tell else []
        return Verdict(
            "open", sentences(f"Exercise {name} is open: replace the dots", *asked, *told)
        )
    if state == "wrong":
        return Verdict("wrong", _reply(name, task, answer, no, tell))
    said = "" if callable(answer) else f", yours is {shown(answer)}"
    return Verdict("right", f"Exercise {name}: right{said}.")


def judged(number, task, answer):
    """Return ("open" | "right" | "wrong", the Wrong that was raised or None)."""
    if still_open(answer):
        return "open", None
    CALLS[number] += 1
    try:
        said = trial(lambda: task.judge(answer))
    except Wrong as no:
        return "wrong", no
    if said is False:
        return "wrong", Wrong(f"yours is {shown(answer)}")
    return "right", None


def still_open(answer):
    """Whether an answer is `...`, holds it, or is a function or class of which nothing stands."""
    if isinstance(answer, dict):
        answer = list(answer.values())
    if isinstance(answer, (list, tuple)):
        return any(part is ... for part in answer)
    return answer is ... or blank(answer)


def find(number, seed=None):
    """Return (the number as exercises are numbered, the Exercise or None if there is none).

    seed: whose variant it is, if this exercise has any; None or the dots for the lesson's own.
    """
    number = str(number).strip()
    if number[1:2] == ".":  # "1.1" is "01.1"
        number = f"0{number}"
    if number not in EXERCISES and number[:2].isdecimal():
        try:
            import_module(f"{__package__}.chapter_{number[:2]}")
        except ModuleNotFoundError:
            pass
    task = EXERCISES.get(number)
    if task is not None and task.vary is not None and seed is not None and seed is not ...:
        whose = f"{number} {str(seed).strip().lower()}"
        task = task.vary(np.random.default_rng(crc32(whose.encode())))
    return number, task


def _reply(number, task, answer, no, tell):
    """Return what is said to a wrong answer, which is counted if it is one."""
    tries = TRIES.setdefault(number, [])
    said = [f"Exercise {number}, not yet: {no.found}"]
    if not isinstance(no, Unfit):
        same = getattr(answer, "__code__", None) or shown(answer)
        if same not in tries:
            tries.append(same)
        said.append(f"Hint: {no.hint or task.hint}")
        if len(tries) > 1:
            said.append(f"Second hint: {task.more}")
        tell = tell or len(tries) > 2
    if tell:
        said.append(f"The answer: {no.answer or task.answer}")
    return sentences(*said)
