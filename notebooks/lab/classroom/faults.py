"""Questions of an exam: a class with one fault, and which rule for which landscape."""

import inspect

import numpy as np

from optimizers import SGD, AdaGrad, Adam, AMSGrad, Lion, Momentum, RMSProp

from ..descent import descend
from ..exercises.slips import slips, steps, written
from ..landscapes import quadratic, rotated_bowl
from ..online import contest, sensors
from .questions import Question, pick, told

FAULTY = (Momentum, AdaGrad, RMSProp, Adam)
VISIBLE = 0.02  # the share by which a step of a faulty class is wrong, so that it can be told
GRADIENTS = np.array([[2.0], [1.0], [-3.0]])


def fault(rng, rule):
    """A class with one slip of the pen, and its first three steps."""
    text, opt = written(rule), rule(lr=0.1)
    right = steps(text, opt, GRADIENTS, 0.0, False)[:, 0]
    found = {}
    for words, changed in slips(text, rule.memory):
        odd = any(part in words for part in (", and ", "in all places", "`", "after it is used"))
        if odd or not missing(text, changed):
            continue  # two slips, or one that cannot be written in a plain line
        with np.errstate(all="ignore"):
            wrong = steps(changed, opt, GRADIENTS, 0.0, False)[:, 0]
        if np.isfinite(wrong).all() and abs(wrong - right).max() > VISIBLE * abs(right).max():
            found[words] = changed, wrong
    words = pick(rng, *found)
    changed, wrong = found[words]
    return Question(
        "fault",
        "One slip of the pen is in this class. Which line is it, and what should stand there? The "
        "first gradients of a weight are 2, 1 and −3: what are its first three steps with lr = "
        "0.1 (other settings as they stand), and what should they be?",
        [
            (2, f"{words}. {mended(text, changed)}"),
            (1, f"it takes the steps {listed(wrong)}"),
            (1, f"right are {listed(right)}"),
        ],
        code=source(rule, changed),
        predicted=right[2],
        measured=float(_by_class(rule)),
    )


def mended(text, changed):
    """Say which lines of a rule's text are not in its changed text."""
    return "It should be: " + "; ".join(missing(text, changed))


def missing(text, changed):
    """The lines of a text that are not in the other."""
    kept = [line.strip() for line in changed.splitlines()]
    return [line.strip() for line in text.splitlines() if line.strip() not in kept]


def listed(values):
    return ", ".join(f"{value:.4g}".replace("-", "−") for value in values)


def source(rule, step):
    """The text of a class with another `step`, as it could stand in a notebook."""
    lines = inspect.getsource(rule).splitlines()
    first = next(k for k, line in enumerate(lines) if line.lstrip().startswith("def step"))
    head, inside = [], False
    for line in lines[:first]:  # without the docstring: it has the formula
        marks = line.count('"""')
        if not inside and not marks:
            head.append(line)
        inside ^= marks % 2 == 1
    body = [f"    {line}".rstrip() for line in step.strip().splitlines()]
    text = "\n".join([*head, *body])
    while "\n\n\n" in text:
        text = text.replace("\n\n\n", "\n\n")
    return text.replace("):\n\n", "):\n", 1)


def _by_class(rule):
    opt, params = rule(lr=0.1), {"x": 0.0}
    for g in GRADIENTS[:, 0]:
        before = params["x"]
        opt.update(params, {"x": g})
    return params["x"] - before


# ---------------------------------------------------------------------------- choose

RATES = np.geomspace(0.01, 10, 121)


def best_of(rule, on, count, **knobs):
    """The lowest f after so many steps, over 121 learning rates."""
    with np.errstate(all="ignore"):
        return np.nanmin(descend(rule(lr=RATES, **knobs), on, steps=count).final)


def straight_or_turned(rng):
    """SGD, Momentum and AdaGrad on a long valley, along the axes or across them."""
    turned = bool(rng.integers(2))
    on = rotated_bowl(np.pi / 4) if turned else quadratic(0.001, 2.0, start=(-7.0, 2.0))
    where = (
        "the bowl turned by 45°, with curvatures 0.1 and 2"
        if turned
        else "a valley along the axes, with curvatures 0.001 and 2"
    )
    low = {
        "SGD": best_of(SGD, on, 60),
        "Momentum": best_of(Momentum, on, 60, momentum=0.4),
        "AdaGrad": best_of(AdaGrad, on, 60),
    }
    first = min(low, key=low.get)
    why = {
        "Momentum": "turned, both coordinates see both curvatures, and a rate for each cannot "
        "help; momentum does not notice the turn",
        "AdaGrad": "along the axes AdaGrad does not see the curvatures at all, while the others "
        "starve in the flat one",
    }[first]
    table = ", ".join(f"{name} {value:.1e}" for name, value in low.items())
    return Question(
        "choose",
        f"From (−7, 2), 60 steps, on {where}. Each may have its best learning rate: SGD, Momentum "
        f"with momentum 0.4, AdaGrad. Which ends lowest, and why?",
        [(2, first), (2, why), (0, f"measured, the best of 121 rates each: f = {table}")],
    )


def rare_or_not(rng):
    """AdaGrad against SGD with rare features, and without."""
    often, meaning = np.repeat([0.5, 0.02], [10, 50]), np.repeat([1.0, 3.0], [10, 50])
    seed = int(rng.integers(1000))
    ratio = {}
    for kind, share in (("rare", often), ("equal", np.full(60, 0.1))):
        games = [sensors(seed + k, share, meaning) for k in range(10)]
        rates = np.geomspace(0.02, 8, 20)
        regrets = [np.median(contest(rule, games, rates)[1]) for rule in (AdaGrad, SGD)]
        ratio[kind] = regrets[0] / regrets[1]
    return Question(
        "choose",
        "Sixty sensors report in rounds. In plant A ten of them report in half of all rounds and "
        "fifty in one of fifty, in plant B all of them in one of ten. A linear model is trained "
        "online. For which plant do you take AdaGrad rather than SGD, and why? Say what you expect "
        "of the ratio of their tuned regrets in each.",
        [
            (1, "plant A"),
            (
                2,
                "AdaGrad's rate for a sensor falls as one over the root of its own count: rare "
                "sensors keep large rates; where all are alike there is nothing to win",
            ),
            (
                1,
                f"clearly below 1 in A, about 1 in B; measured {told(ratio['rare'])} and "
                f"{told(ratio['equal'])}",
            ),
        ],
    )


def what_fits(rng):
    """Which rules fit beside a model in a memory of so many gigabytes."""
    billions = int(pick(rng, 3, 7, 13, 30))
    kept = {
        rule.__name__: len(rule.memory) for rule in (SGD, Momentum, Lion, RMSProp, Adam, AMSGrad)
    }
    room = 4 * billions * pick(rng, 2, 3) + 2
    need = {name: 4 * billions * (1 + many) for name, many in kept.items()}
    fits = [name for name in need if need[name] <= room]
    return Question(
        "choose",
        f"A model of {billions} billion parameters is trained in 32 bits. Beside the gradients "
        f"there are {room} GB for the weights and for what the rule remembers. Which of "
        f"{', '.join(need)} fit? Which of them would you try first, and what do you give up?",
        [
            (1, "4 bytes for a weight and 4 for each number remembered about it"),
            (
                2,
                ", ".join(f"{name} {size} GB" for name, size in need.items())
                + f": {', '.join(fits)}",
            ),
            (
                1,
                "any with a reason, such as the one that is nearest to Adam; without v there is no "
                "scale for each coordinate, without m no direction from the past",
            ),
        ],
    )


CHOOSE = (straight_or_turned, rare_or_not, what_fits)
