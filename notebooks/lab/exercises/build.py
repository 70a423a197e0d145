"""Build a rule yourself: it is compared, step by step, with the rule by hand.

    class Momentum(Optimizer):                  # or a dictionary class, an array class, or a
        ...                                     # function with a config
    Momentum = build("Momentum", Momentum)      # yours if it is right; until then, the course's

    rate = build("inverse time", rate)          # a schedule: a function of t, and what it needs

A slip is found by the steps that it leads to (slips.py), and told in words and numbers.
"""

import inspect

import optimizers

from .beside import Beside
from .check import still_open
from .habits import HABITS
from .judges import CALLS, EXERCISES
from .readers_rule import ReadersRule
from .remedies import remedy
from .schedules import SCHEDULES
from .slips import VARIANTS
from .trial import in_words, trial
from .verdict import Unfit, Verdict, Wrong, sentences

RULES = {name: getattr(optimizers, name) for name in optimizers.__all__ if name != "Optimizer"}


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
        hint = [words for words in [no.hint or remedy(no.found)] if words]
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
    try:
        notes = _compare(readers)
    except Wrong:
        raise
    except Exception as error:
        raise Unfit(in_words(error), readers.misnamed()) from None
    course = {knob: field.default for knob, field in rule.__dataclass_fields__.items()}
    for knob, default in readers.defaults().items():
        if default != course[knob]:
            notes.append(
                f"Its default {knob} is {default:g} where the course's is {course[knob]:g}: "
                f"pictures that do not name it will differ"
            )
    if readers.kind == "rule" and set(rule.memory) - set(mine.memory):
        notes.append(f"What follows may look at what it remembers as {', '.join(rule.memory)}")
    return readers.usable(), notes


def _compare(readers):
    """Return notes if the reader's rule is right; else raise Wrong, or what the rule raises."""
    both, notes = Beside(readers), []
    if not both.agree(both.text):
        notes = [
            f"It is written {words}"
            for words, (old, new) in VARIANTS.items()
            if old in both.text and both.agree(both.text.replace(old, new))
        ]
        if not notes:
            raise Wrong(both.told(), both.hint())
    for habit in HABITS:
        habit(readers, both.knobs)
    return notes


# ---------------------------------------------------------------------------- schedules


def _judge_schedule(name, mine):
    """Return (the function to use, nothing more to be said), or raise Wrong."""
    CALLS[name] += 1
    try:
        EXERCISES[name].judge(mine)
    except Wrong as no:
        no.found = no.found.replace("def answer(", "def …(")  # a schedule has a name of its own
        if not isinstance(no, Unfit):
            no.hint = no.hint or EXERCISES[name].hint
        raise
    return mine, []
