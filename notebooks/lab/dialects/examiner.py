"""An examiner: feeds any optimizer, of any of the three interfaces, and says what it does.

    examine(opt)                                   # a Report: what an optimizer does, in words
    examine(opt).facts["first"]                    # and in numbers
    examine(rule, {"learning_rate": 0.1})          # a function with a config

It judges behaviour and never reads code, so it works on optimizers that nobody can open.
"""

import copy
from dataclasses import dataclass, field
from itertools import count

import numpy as np

from ..descent import feed
from .interfaces import Runner, interface, legend

MANY = 2000  # steps until a run counts as long
SAME = 1e-3  # a share below which two steps count as equally long
RATES = {"lr", "learning_rate", "eta"}  # names of learning rates
KINDS = {
    "dictionary": "a dictionary class, update(params, grads)",
    "array": "an array class, w = update(w, grad)",
    "function": "a function, next_w, config = rule(w, dw, config)",
}
KEYS = (f"x{n}" for n in count())  # each run has a parameter of its own, if memory is shared


@dataclass
class Report:
    """What `examine` found. facts: by name. complaints: what no rule should do."""

    subject: str
    kind: str
    lines: dict = field(default_factory=dict)
    facts: dict = field(default_factory=dict)
    complaints: list = field(default_factory=list)

    def __repr__(self):
        text = [f"{self.subject}: {KINDS[self.kind]}"]
        text += [f"  {name:16}{line}" for name, line in self.lines.items()]
        text += [f"  COMPLAINT       {line}" for line in self.complaints]
        return "\n".join(text if self.complaints else [*text, "  no complaints"])


def examine(optimizer, config=None):
    """Probe an optimizer of any of the three interfaces and report in words what it does.

    Works on copies; the optimizer itself stays as it was (but for memory that all copies share).
    config: what a function with a config is given first.
    It judges behaviour, not code. It sees what scalars, short runs and gradients between 1e-14 and
    1e6 can show: no schedule that starts after 2,000 steps, no rule that looks at whole matrices.
    Raises TypeError if the optimizer fits none of the interfaces.
    """
    kind = interface(optimizer, config)

    def new():
        return Runner(optimizer, kind, config)

    report, lr = Report(legend(optimizer), kind), _learning_rate(new())
    for probe in (_steps, _scale, _memory, _rate, _rest, _arrays, _keys, _copies):
        lines, facts, complaints = probe(new, lr)
        report.lines |= lines
        report.facts |= facts
        report.complaints += complaints
    return report


def _learning_rate(runner):
    """Return the learning rate that an optimizer shows, or None."""
    feed(runner, [1.0], next(KEYS))
    inner = getattr(runner.optimizer, "optimizer", runner.optimizer)
    for source in (*runner.configs.values(), getattr(inner, "__dict__", {})):
        for name in RATES:
            if isinstance(source.get(name), (int, float)) and source[name] > 0:
                return float(source[name])
    return None


# Each probe is given a maker of fresh copies, and the learning rate or None. It returns
# ({name: line of the report}, {name: fact}, [complaints]).


def _steps(new, lr):
    """A constant gradient: the first step, the longest, and what becomes of them."""
    scale, unit, form = (lr, "lr", ".3f") if lr else (1.0, "units of x", ".3g")
    up = feed(new(), [1.0] * MANY, next(KEYS)) / -scale
    down = feed(new(), [-1.0], next(KEYS))[0] / scale
    first, (at, trend) = up[0], _trend(up, form)
    lines = {"first step": f"{first:{form}} {unit} for a gradient of 1", "if it stays 1": trend}
    facts = {"first": first, "longest": up.max(), "longest_at": at, "last": up[-1]}
    if not (first > 0 and down > 0):
        return lines, facts, ["goes uphill: the sign of the gradient does not turn the step"]
    if abs(first - down) > 1e-9 * first:
        return lines, facts, ["steps for gradients of 1 and of -1 differ in length"]
    return lines, facts, []


def _trend(steps, form):
    """Return when the steps under a constant gradient are longest, and what becomes of them."""
    longest, last, at = steps.max(), steps[-1], int(np.argmax(steps)) + 1
    if steps.min() > (1 - SAME) * longest:
        return at, f"always {last:{form}}"
    if last > (1 - SAME) * longest:
        at = int(np.argmax(steps > 0.99 * longest)) + 1
        if at > MANY / 2:
            return at, f"still growing: {last:{form}} at step {MANY:,}"
        return at, f"grows to {last:{form}}, 99 % of it by step {at:,}"
    trend = f"longest {longest:{form}} at step {at:,}, then {last:{form}} at step {MANY:,}"
    quarter, half = steps[MANY // 4 - 1], steps[MANY // 2 - 1]
    powers = np.log2([quarter / half, half / last])  # p where the steps fall like 1/t^p
    if powers[1] > 0.05:
        regular = abs(powers[0] - powers[1]) < 0.02
        trend += f", still falling like 1/t^{powers[1]:.2f}" if regular else ", still falling"
    return at, trend


def _scale(new, lr):
    """First steps for gradients of all sizes: how do they grow, and what does ε do to them?"""
    g = 10.0 ** np.arange(-14, 6.25, 0.25)
    steps = np.array([abs(feed(new(), [size], next(KEYS))[0]) / (lr or 1) for size in g])
    # 0 where the step is scale-free, 1 where it is proportional to the gradient
    slope = np.diff(np.log(np.maximum(steps, 1e-300))) / np.diff(np.log(g))
    kind = "neither proportional nor scale-free"
    if slope.min() > 0.99:
        kind = "proportional to the gradient"
    elif slope[-1] < -0.9:
        kind = "the larger the gradient, the shorter the step"
    elif abs(slope[-1]) < 0.01:
        kind = "the same step for any large gradient"
        tiny, facts = _eps(new, g, steps)
        return {"scale": kind, "tiny gradients": tiny}, {"scale": kind} | facts, []
    return {"scale": kind}, {"scale": kind}, []


def _eps(new, g, steps):
    """Return in words, and as facts, where ε stands and how large it is."""
    place, size = _place_of_eps(g, steps)
    facts = {"eps_place": place, "eps": size}
    if place is None:
        return "no ε to be seen", facts
    if place == "clipped":
        words = f"followed in proportion up to about {size:.1e}, then no further: clipped"
        return words, facts
    if place == "odd":
        return "shorter steps, but not in the way of an ε", facts
    near = size if place == "outside" else np.sqrt(size)  # where ε takes about half of a step
    near_step, far_step = (abs(feed(new(), [x] * MANY, next(KEYS))[-1]) for x in (near, 1e6))
    share = far_step / near_step
    late = (share - 1) * near if place == "outside" else (share**2 - 1) * near**2
    words = f"as if ε = {size:.1e} stood {place} the root; after {MANY:,} steps {late:.1e}"
    return words, facts | {"eps_late": late}


def _place_of_eps(g, steps):
    """Return ("outside" or "inside" a root, the ε of the first step), (None, 0) without one.

    With r = (step for a large g)/step: outside r = 1 + ε/g, inside r² = 1 + ε/g²; where the
    gradient is clipped at a limit, r = limit/g ("clipped"). Any other form is "odd".
    """
    with np.errstate(all="ignore"):
        r = steps[-1] / steps
        shown = (r > 1.03) & (r < 30)  # where ε can be read off: neither hidden nor all there is
        r, g = r[shown], g[shown]
        guesses = {"outside": (r - 1) * g, "inside": (r * r - 1) * g**2, "clipped": r * g}
    if not shown.any():
        return None, 0.0
    spread = {place: np.ptp(values) / values.mean() for place, values in guesses.items()}
    place = min(spread, key=spread.get)  # the right guess is one number at every gradient
    return (place if spread[place] < 0.1 else "odd"), float(guesses[place].mean())


def _memory(new, lr):
    """A gradient, then none: does the walk go on?"""
    steps = feed(new(), [1.0] + [0.0] * 50, next(KEYS))
    ratio = steps[1] / steps[0]
    words = "stops at once: remembers no direction"
    if ratio:
        words = f"goes on: step 2 is {ratio:.3f} of step 1"
        shorter = abs(steps) < abs(steps[0]) / 2
        words += f", step {np.argmax(shorter) + 1} less than half of it" if shorter.any() else ""
    return {"then silence": words}, {"goes_on": ratio}, []


def _rate(new, lr):
    """The learning rate is halved in mid-run: does all of the next step shrink, or what is new?"""
    runner, key = new(), next(KEYS)
    last = feed(runner, [1.0] * 300, key)[-1]
    if not _halve_rate(runner):
        return {}, {}, []
    ratio = feed(runner, [1.0], key)[0] / last
    return {"lr halved": f"the next step is {ratio:.3f} of the last"}, {"halved": ratio}, []


def _halve_rate(runner):
    """Halve every learning rate that an optimizer shows; return whether there was one."""
    found = [(config, name) for config in runner.configs.values() for name in RATES & config.keys()]
    for config, name in found:
        config[name] = config[name] / 2
    for opt in runner.copies.values() if runner.copies else [runner.optimizer]:
        inner = getattr(opt, "optimizer", opt)
        for name in RATES & getattr(inner, "__dict__", {}).keys():
            setattr(inner, name, getattr(inner, name) / 2)
            found.append((inner, name))
    return bool(found)


def _rest(new, lr):
    """No gradient at all, at x = 0 and elsewhere."""
    at0, at1, at2 = (feed(new(), [0.0] * 3, next(KEYS), start=x)[0] for x in (0.0, 1.0, 2.0))
    facts = {"at_rest": at0, "pull": at1 - at0}
    if not np.isfinite(at0):
        words = "a gradient of 0 makes NaN"
        return {"at rest": words}, facts, [f"{words}: nothing guards 0/0"]
    if at0:
        words = f"moves by {at0:.1e}"
        return {"at rest": f"{words} a step"}, facts, [f"{words} where the gradient is 0"]
    if not at1:
        return {"at rest": "does not move"}, facts, []
    kind = "in proportion to x" if abs(at2 - 2 * at1) < 1e-9 * abs(at1) else "at any x alike"
    pull = f"{-at1 / (lr or 1):.3g} {'lr' if lr else 'units of x'}"
    return {"at rest": f"is pulled to 0, by {pull} from x = 1, {kind}"}, facts, []


def _arrays(new, lr):
    """Does it touch what belongs to the caller, or keep it?"""
    key, runner = next(KEYS), new()
    params, grads = {key: np.zeros(3)}, {key: np.ones(3)}
    held, given = params[key], grads[key]
    with np.errstate(all="ignore"):
        for _ in range(3):
            runner.update(params, grads)
    same, writes = params[key] is held, not np.array_equal(given, np.ones(3))
    integers, complaints = _integers(new()), []
    if runner.kind == "dictionary" and not same:
        complaints += ["puts new arrays into params: whoever holds the old ones never learns"]
    if runner.kind != "dictionary" and held.any():
        complaints += ["changes the caller's array, and returns it as if it were new"]
    if writes:
        complaints += ["writes into the caller's gradients"]
    elif _reads_later(new):
        complaints += ["keeps the caller's gradient array and reads it later"]
    if "lost" in integers:
        complaints += ["rounds the steps of integer parameters away"]
    kept = "changes the array in place" if same else "makes a new array"
    facts = {"in_place": bool(same), "writes_gradients": writes, "integers": integers}
    return {"arrays": kept, "integers": integers}, facts, complaints


def _reads_later(new):
    """Do the steps change if all gradients come in one array?"""
    values, buffer, runner = [1.0, -2.0, 0.5, 3.0], np.zeros(1), new()
    key, steps = next(KEYS), []
    for value in values:  # one buffer for all gradients, as many programs have
        buffer[:] = value
        params = {key: np.zeros(1)}
        runner.update(params, {key: buffer})
        steps.append(float(params[key][0]))
    return not _alike(steps, feed(new(), values, next(KEYS)))


def _integers(runner):
    key = next(KEYS)
    params = {key: np.array([5, 5])}
    try:
        runner.update(params, {key: np.array([0.5, 0.5])})
    except Exception as error:
        return f"refused, with a {type(error).__name__.strip('_')}"
    return "become floats" if params[key].dtype.kind == "f" else "stay integers: steps are lost"


def _keys(new, lr):
    """Two parameters, in one order and the other; one of them alone."""
    gradients = np.random.default_rng(14).normal(size=(12, 2))
    found = {}
    for name, orders in {"same": ("ab", "ab"), "turned": ("ab", "ba"), "alone": ("a", "a")}.items():
        runner, stem, found[name] = new(), next(KEYS), []
        for k, g in enumerate(gradients):
            keys = orders[k % 2]
            params = {stem + key: np.zeros(1) for key in keys}
            runner.update(params, {stem + key: np.array([g["ab".index(key)]]) for key in keys})
            found[name].append(float(params[stem + "a"][0]))
    complaints = []
    if not _alike(found["same"], found["turned"]):
        complaints += ["the order of the keys changes the steps"]
    if not _alike(found["same"], found["alone"]):
        complaints += ["a parameter's steps depend on which others there are"]
    words = "change a parameter's steps" if complaints else "do not matter"
    return {"other keys": words}, {}, complaints


def _copies(new, lr):
    """A new copy must be new, and two half-runs must be one run."""
    gradients, key = np.random.default_rng(41).normal(size=12), next(KEYS)
    whole, again = feed(new(), gradients, key), feed(new(), gradients, key)
    key, runner = next(KEYS), new()
    feed(runner, gradients[:6], key)
    twin = copy.deepcopy(runner)
    halves = feed(twin, gradients[6:], key), feed(runner, gradients[6:], key)
    if not _alike(whole, again):
        complaints = ["a second optimizer begins with the memory of the first"]
    elif not all(_alike(whole[6:], half) for half in halves):
        complaints = ["a copy made half-way does not go on as the whole run does"]
    else:
        return {"copies": "two half-runs make one run"}, {}, []
    return {"copies": "are not independent"}, {}, complaints


def _alike(a, b):
    return np.allclose(a, b, rtol=1e-9, atol=0, equal_nan=True)
