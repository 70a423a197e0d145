"""How exercises are judged. Each is registered by one of these.

    value("01.1", 2 / 6, hint, more, slips=[(1 / 6, "that is 1/L")])      # a number, or several
    @function("01.3", first, draw, hint, more, slips)                     # the right function
    sequence("10.2", ["AdaBelief", …], known, hint, more)                 # names in an order
    @exercise("00.2", hint, more, answer="…")                             # any other judge
    @varied("01.1", first, draw, text)                                    # for each seed another

hint comes with the first wrong answer, unless the judge knows the mistake and has a sentence that
fits it; more comes with the second, the value with the third. None of them may hold the value.
"""

import inspect
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import permutations

import numpy as np

from ..values import short
from .answers import brief, close, names, numbers, positive, readings, shown
from .trial import call, told
from .verdict import Unfit, Wrong

EXERCISES = {}
NEAR = 0.025  # an answer that is off by no more than this share was rounded, or nearly so
ORDINAL = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
CALLS = Counter()  # of check, by exercise: each draws cases of its own, so no table holds them all


@dataclass(frozen=True)
class Exercise:
    """judge(answer) raises Wrong, or returns False, if the answer is not right.

    answer: the right one, in words.

    vary(rng): this exercise with other numbers, None if it has none. text: what such a one asks.
    slips: the usual wrong answers, [(answer, the hint that fits it)].
    """

    judge: Callable
    hint: str
    more: str
    answer: str
    vary: Callable | None = None
    text: str = ""
    slips: tuple = ()


def register(number, task):
    """Make an Exercise known to `check` by its number, or any other name.

    Raises ValueError if the name or a hint is missing.
    """
    number = str(number).strip()
    if not number:
        raise ValueError("an exercise needs a number or a name, such as 'tuesday.1'")
    if not (task.hint and task.more):
        raise ValueError(f"exercise {number} needs a hint and a second hint, in words")
    EXERCISES[number] = task


def exercise(number, hint, more, answer):
    """Register the function below as the judge of exercise `number`, such as "01.1"."""

    def take(judge):
        register(number, Exercise(judge, hint, more, answer))
        return judge

    return take


def value(number, expected, hint, more, slips=(), relative=1e-3, length=False, quantity=""):
    """Register an exercise whose answer is a number, or several in an order: see `of_value`."""
    register(number, of_value(expected, hint, more, slips, relative, length, quantity))


def of_value(expected, hint, more, slips=(), relative=1e-3, length=False, quantity=""):
    """Return an Exercise whose answer is a number, or several in an order.

    slips: [(usual wrong answer, the hint that fits it)]. relative: the largest allowed error,
    relative to each expected number (absolute where that is 0). length: True if signs do not count.
    quantity: what the number is, such as "a learning rate", if that cannot be 0 or below.
    """
    size = _how_many(expected)
    counted = relative < 1e-6
    exactly = "every one counts" if counted else "give more digits, or the fraction itself"

    def judge(answer):
        meant = [numbers(answer, size)] if size > 1 else readings(answer)
        meant = np.abs(meant) if length else meant
        if not any(close(given, expected, relative) for given in meant):
            fitting = _fitting(slips, meant[0], 1e-3)
            if not fitting and any(
                close(given, expected, max(NEAR, 3 * relative)) for given in meant
            ):
                fitting = [f"that is near, and not near enough: {exactly}"]
            fitting += _fitting(slips, meant[0], NEAR)
            if quantity and not fitting:
                positive(meant[0], quantity)
            several = size > 1 and not fitting
            right = _right_ones(meant[0], expected, relative) if several else ""
            raise Wrong(f"yours is {shown(answer)}{right}", *fitting[:1])

    return Exercise(judge, hint, more, brief(expected), slips=tuple(slips))


def _right_ones(given, expected, relative):
    """Say which of several numbers are right, since one hint is for all of them."""
    pairs = enumerate(zip(np.ravel(given), np.ravel(expected)))
    places = [ORDINAL[k] for k, (one, right) in pairs if close(one, right, relative)]
    if not places:
        return ""
    return f", of which the {' and the '.join(places)} {'is' if len(places) == 1 else 'are'} right"


def _fitting(slips, given, within):
    """Return the hints of the usual wrong answers that it is, to a share: of 0 nothing is near."""
    return [said for wrong, said in slips if close(given, wrong, within * np.all(wrong))]


def _how_many(expected):
    """Return how many numbers a right answer has. Raises TypeError for what is no number."""
    try:
        return np.asarray(expected, dtype=float).size
    except (TypeError, ValueError):
        what = f"the right answer must be a number, or several, got {short(expected)}"
        raise TypeError(what) from None


def sequence(number, expected, known, hint, more):
    """Register an exercise whose answer is a list of names, spelt as `answers.names` takes them."""

    def judge(answer):
        given = names(answer, len(expected), known)
        right = sum(one == other for one, other in zip(given, expected))
        if right < len(expected):
            stand = "stands in its place" if right == 1 else "stand in their places"
            many = f"{right} of your {len(expected)} names {stand}"
            raise Wrong(many if len(expected) > 1 else f"it is not {given[0]}")

    register(number, Exercise(judge, hint, more, ", ".join(expected)))


def varied(number, first, draw, text):
    """Register the function below as the maker of an exercise whose numbers can be changed.

    It returns the Exercise for such numbers. first: those of the lesson. draw(rng): others, for a
    seed. text: what is asked then, with {} for each number.
    """

    def take(make):
        def vary(rng):
            case = first
            while case == first:
                case = draw(rng)
            return replace(make(*case), text=text.format(*map(brief, case)))

        register(number, replace(make(*first), vary=vary))
        return make

    return take


def function(number, first, draw, hint, more, slips=(), relative=1e-6, length=False):
    """Register the function below as the right answer of an exercise that asks for a function.

    It returns a number or an array. first: cases that are always tried, as tuples. draw(rng)
    returns one more: eight of them are new at each call of `check`. slips: [(wrong function, the
    hint that fits it)]. relative: the largest allowed error. length: True if signs do not count.
    """

    def take(right):
        parameters = list(inspect.signature(right).parameters)

        def agree(given, wanted, within=relative):
            size = abs if length else np.asarray
            return close(size(np.asarray(given, dtype=float)), size(wanted), within)

        def alike(given, slip):
            """A slip has room for rounding, also where the answer is a count and has none."""
            return agree(given, slip, max(relative, 1e-9))

        def judge(answer):
            check_function(answer, parameters)
            rng = np.random.default_rng(CALLS[number])
            tried = _tried(answer, right, [*first, *(draw(rng) for _ in range(8))], agree)
            for case, given, wanted in tried:
                if not agree(given, wanted):
                    raise Wrong(
                        f"{told(case)} yours returns {brief(given)}",
                        _slip(right, tried, slips, alike),
                        f"{told(case)} it is {brief(wanted)}",
                    )

        case = dict(zip(parameters, first[0]))
        answer = f"{told(case)} it is {brief(right(*first[0]))}"
        register(number, Exercise(judge, hint, more, answer, slips=tuple(slips)))
        return right

    return take


def _tried(answer, right, cases, agree):
    """Return [(case, what the answer returned, what is right)], or raise what it raises."""
    tried, parameters = [], list(inspect.signature(right).parameters)
    for case in cases:
        wanted = right(*case)
        case = dict(zip(parameters, case))
        try:
            tried.append((case, returned(answer, case, np.size(wanted)), wanted))
        except Unfit:  # NaN, say: if something was wrong before, that says more
            if all(agree(given, wanted) for _, given, wanted in tried):
                raise
            break
    return tried


def check_function(answer, parameters):
    """Raise Unfit unless an answer can be called with these parameters, in their order."""
    if isinstance(answer, type) or not callable(answer):
        wanted = f"def answer({', '.join(parameters)}): …"
        raise Unfit(f"a function is wanted, `{wanted}`, and yours is {shown(answer)}")
    try:
        signature = inspect.signature(answer)
    except (TypeError, ValueError):  # one written in C tells nothing of itself
        return
    try:
        signature.bind(*parameters)
    except TypeError:
        wanted = ", ".join(parameters)
        raise Unfit(f"yours takes {signature}, and it is called with ({wanted})") from None


def returned(answer, case, size=1):
    """Return what a reader's function makes of a case: a float, or an array of `size` floats.

    Raises Unfit if it is something else, and what the function raises.
    """
    given = call(answer, case)
    if given is None:
        raise Unfit(
            f"{told(case)} yours returned None: a function has to end with `return`, "
            f"and print() shows a value without returning it"
        )
    try:
        return numbers(given, size) if size > 1 else readings(given)[0]
    except Unfit as no:
        raise Unfit(f"{told(case)}: {no.found}") from None


def yes_or_no(answer, case):
    """Return the True or False that a reader's function says of a case; raises Unfit for others."""
    given = call(answer, case)
    if given is None:
        raise Unfit("yours returned None: it has to end with `return`")
    if np.size(given) != 1 or np.asarray(given).item() not in (False, True):
        raise Unfit(f"{told(case)} True or False is wanted, and yours returned {shown(given)}")
    return bool(given)


def _slip(right, tried, slips, agree):
    """Return the hint for what a wrong function seems to be, None if that is not known."""

    def like(other):
        try:
            return all(agree(given, other(*case.values())) for case, given, _ in tried)
        except Exception:  # this one cannot be called with such cases
            return False

    for wrong, hint in slips:
        if like(wrong):
            return hint
    if all(np.array_equal(given, tried[0][1]) for _, given, _ in tried):
        return "it returns the same whatever it is given"
    if like(lambda *case: -right(*case)):
        return "look at the sign"
    given = np.concatenate([np.ravel(given) for _, given, _ in tried])
    wanted = np.concatenate([np.ravel(wanted) for *_, wanted in tried]).astype(float)
    if np.any(wanted) and _one_factor(given, wanted):
        return "it is wrong by the same factor in all cases: one is left out, or too many"
    if np.all(wanted == np.round(wanted)) and 0 < abs(given - wanted).max() <= 1:
        return "it is off by at most one: what exactly is counted, and which way is it rounded?"
    parameters = list(tried[0][0])
    for order in list(permutations(range(len(parameters))))[1:]:
        if like(lambda *case: right(*[case[i] for i in order])):  # noqa: B023
            return f"it takes its arguments in another order than ({', '.join(parameters)})"
    return None


def _one_factor(given, wanted):
    """Whether given is wanted times one factor; where 0 is wanted, it has to be 0."""
    there = wanted != 0
    factor = given[there] / wanted[there]
    return not np.any(given[~there]) and np.ptp(factor) <= 1e-9 * abs(factor[0])


def made_from(answer, rule):
    """Raise Unfit unless an answer is one optimizer of this rule, its knobs single numbers."""
    if isinstance(answer, type):
        raise Unfit(
            f"{answer.__name__} is a class: make an optimizer from it, {answer.__name__}(lr=…)"
        )
    if isinstance(answer, str) and answer.strip().startswith(f"{rule}("):
        raise Unfit(f"yours is a text: leave the quotation marks away, answer = {rule}(lr=…)")
    if type(answer).__name__ != rule:
        raise Unfit(f"an optimizer {rule}(lr=…) is wanted, and yours is {shown(answer)}")
    many = [name for name, knob in vars(answer).items() if isinstance(knob, np.ndarray)]
    if many:
        raise Unfit(f"your {many[0]} is an array: give one number")
