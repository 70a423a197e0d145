"""An examiner: feeds any optimizer, of any of the three interfaces, and says what it does.

    examine(opt)                                   # a Report: what an optimizer does, in words
    examine(opt).facts["first"]                    # and in numbers
    examine(rule, {"learning_rate": 0.1})          # a function with a config

It judges behaviour and never reads code, so it works on optimizers that nobody can open.
"""

import copy
from dataclasses import dataclass, field

import numpy as np

from ..descent import NAMES, feed
from .probes import Runner, interface, told

MANY = 2000  # steps until a run counts as long
RATES = {"lr", "learning_rate", "eta"}  # names of learning rates
KINDS = {
    "dictionary": "a dictionary class, update(params, grads)",
    "array": "an array class, w = update(w, grad)",
    "function": "a function, next_w, config = rule(w, dw, config)",
}


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
    kind = interface(optimizer)

    def new():
        return Runner(optimizer, kind, config)

    report = Report(told(optimizer), kind)
    lr = _learning_rate(new())
    unit = "lr" if lr else "units of x"
    _probe_steps(report, new, lr or 1.0, unit)
    _probe_scale(report, new, lr or 1.0)
    _probe_memory(report, new)
    _probe_rate(report, new)
    _probe_rest(report, new, lr or 1.0, unit)
    _probe_arrays(report, new)
    _probe_keys(report, new)
    _probe_copies(report, new)
    return report


def _learning_rate(runner):
    """Return the learning rate that an optimizer shows, or None."""
    feed(runner, [1.0])
    inner = getattr(runner.optimizer, "optimizer", runner.optimizer)
    for source in (*runner.configs.values(), getattr(inner, "__dict__", {})):
        for name in RATES:
            if isinstance(source.get(name), (int, float)) and source[name] > 0:
                return float(source[name])
    return None


def _probe_steps(report, new, lr, unit):
    """A constant gradient: the first step, the longest, and what becomes of them."""
    up, down = feed(new(), [1.0] * MANY) / -lr, feed(new(), [-1.0])[0] / lr
    first, longest, last = up[0], up.max(), up[-1]
    form = ".3f" if unit == "lr" else ".3g"  # nobody knows how small a step in units of x is
    at = int(np.argmax(up)) + 1
    report.lines["first step"] = f"{first:{form}} {unit} for a gradient of 1"
    if up.min() > 0.999 * longest:
        trend = f"always {last:{form}}"
    elif last > 0.999 * longest:
        at = int(np.argmax(up > 0.99 * longest)) + 1
        trend = f"grows to {last:{form}}, 99 % of it by step {at:,}"
        if at > MANY / 2:
            trend = f"still growing: {last:{form}} at step {MANY:,}"
    else:
        trend = f"longest {longest:{form}} at step {at:,}, then {last:{form}} at step {MANY:,}"
        powers = np.log2([up[MANY // 4 - 1] / up[MANY // 2 - 1], up[MANY // 2 - 1] / last])
        if powers[1] > 0.05:
            regular = abs(powers[0] - powers[1]) < 0.02
            trend += f", still falling like 1/t^{powers[1]:.2f}" if regular else ", still falling"
    report.facts.update(first=first, longest=longest, longest_at=at, last=last)
    report.lines["if it stays 1"] = trend
    if not (first > 0 and down > 0):
        report.complaints.append("goes uphill: the sign of the gradient does not turn the step")
    elif abs(first - down) > 1e-9 * first:
        report.complaints.append("steps for gradients of 1 and of -1 differ in length")


def _probe_scale(report, new, lr):
    """First steps for gradients of all sizes: what a factor does, and where ε takes over."""
    g = 10.0 ** np.arange(-14, 6.25, 0.25)
    steps = np.array([abs(feed(new(), [size])[0]) / lr for size in g])
    # How the step grows: 0 where it is scale-free, 1 where it is proportional to the gradient.
    slope = np.diff(np.log(np.maximum(steps, 1e-300))) / np.diff(np.log(g))
    large = slope[-1]
    kind = "neither proportional nor scale-free"
    if slope.min() > 0.99:
        kind = "proportional to the gradient"
    elif abs(large) < 0.01:
        kind = "the same step for any large gradient"
    elif large < -0.9:
        kind = "the larger the gradient, the shorter the step"
    report.facts.update(scale=kind)
    report.lines["scale"] = kind
    if kind.startswith("the same"):
        place, size = _place_of_eps(g, steps)
        report.facts.update(eps_place=place, eps=size)
        words = {
            None: "no ε to be seen",
            "clipped": f"followed in proportion up to about {size:.1e}, then no further: clipped",
            "odd": "shorter steps, but not in the way of an ε",
        }.get(place, f"as if ε = {size:.1e} stood {place} the root")
        if place in ("inside", "outside"):
            near = np.array([size if place == "outside" else np.sqrt(size), 1e6])
            near_step, far_step = (abs(feed(new(), [x] * MANY)[-1]) for x in near)
            late = far_step / near_step
            late = (late - 1) * near[0] if place == "outside" else (late**2 - 1) * near[0] ** 2
            report.facts.update(eps_late=late)
            words += f"; after {MANY:,} steps {late:.1e}"
        report.lines["tiny gradients"] = words


def _place_of_eps(g, steps):
    """Return ("outside" or "inside" a root, the ε of the first step), (None, 0) without one.

    With r = (step for a large g)/step: outside r = 1 + ε/g, inside r² = 1 + ε/g²; where the
    gradient is clipped at a limit, r = limit/g ("clipped"). Any other form is "odd".
    """
    with np.errstate(all="ignore"):
        r = steps[-1] / steps
        shown = (r > 1.03) & (r < 30)
        r, g = r[shown], g[shown]
        guesses = {"outside": (r - 1) * g, "inside": (r * r - 1) * g**2, "clipped": r * g}
    if not shown.any():
        return None, 0.0
    spread = {place: np.ptp(values) / values.mean() for place, values in guesses.items()}
    place = min(spread, key=spread.get)
    return (place if spread[place] < 0.1 else "odd"), float(guesses[place].mean())


def _probe_memory(report, new):
    """A gradient, then none: does the walk go on?"""
    steps = feed(new(), [1.0] + [0.0] * 50)
    ratio = steps[1] / steps[0]
    report.facts.update(goes_on=ratio)
    words = f"goes on: step 2 is {ratio:.3f} of step 1"
    shorter = abs(steps) < abs(steps[0]) / 2
    words += f", step {np.argmax(shorter) + 1} less than half of it" if shorter.any() else ""
    report.lines["then silence"] = words if ratio else "stops at once: remembers no direction"


def _probe_rate(report, new):
    """The learning rate is halved in mid-run: does all of the next step shrink, or what is new?"""
    runner, key = new(), next(NAMES)
    last = feed(runner, [1.0] * 300, key)[-1]
    if _halve_rate(runner):
        ratio = feed(runner, [1.0], key)[0] / last
        report.facts.update(halved=ratio)
        report.lines["lr halved"] = f"the next step is {ratio:.3f} of the last"


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


def _probe_rest(report, new, lr, unit):
    """No gradient at all, at x = 0 and elsewhere."""
    at0, at1, at2 = (feed(new(), [0.0] * 3, start=x)[0] for x in (0.0, 1.0, 2.0))
    report.facts.update(at_rest=at0, pull=at1 - at0)
    if not np.isfinite(at0):
        report.lines["at rest"] = "a gradient of 0 makes NaN"
        report.complaints.append("a gradient of 0 makes NaN: nothing guards 0/0")
        return
    report.lines["at rest"] = "does not move" if at0 == at1 == 0 else f"moves by {at0:.1e} a step"
    if at0:
        report.complaints.append(f"moves by {at0:.1e} where the gradient is 0")
    elif at1:
        kind = "in proportion to x" if abs(at2 - 2 * at1) < 1e-9 * abs(at1) else "at any x alike"
        report.lines["at rest"] = f"is pulled to 0, by {-at1 / lr:.3g} {unit} from x = 1, {kind}"


def _probe_arrays(report, new):
    """Does it touch what belongs to the caller, or keep it?"""
    key, runner = next(NAMES), new()
    params, grads = {key: np.zeros(3)}, {key: np.ones(3)}
    held, given = params[key], grads[key]
    with np.errstate(all="ignore"):
        for _ in range(3):
            runner.update(params, grads)
    touched, same = held.any(), params[key] is held
    wanted = runner.kind == "dictionary"
    kept = "changes the array in place" if same else "makes a new array"
    report.facts.update(in_place=bool(same), writes_gradients=not np.array_equal(given, np.ones(3)))
    report.lines["arrays"] = kept
    if wanted and not same:
        report.complaints.append(
            "puts new arrays into params: whoever holds the old ones never learns"
        )
    if not wanted and touched:
        report.complaints.append("changes the caller's array, and returns it as if it were new")
    if report.facts["writes_gradients"]:
        report.complaints.append("writes into the caller's gradients")
    if not report.facts["writes_gradients"] and _reads_later(new):
        report.complaints.append("keeps the caller's gradient array and reads it later")
    report.facts["integers"] = _integers(new())
    report.lines["integers"] = report.facts["integers"]
    if "lost" in report.facts["integers"]:
        report.complaints.append("rounds the steps of integer parameters away")


def _reads_later(new):
    """Do the steps change if all gradients come in one array?"""
    values, buffer, runner = [1.0, -2.0, 0.5, 3.0], np.zeros(1), new()
    key, steps = next(NAMES), []
    for value in values:  # one buffer for all gradients, as many programs have
        buffer[:] = value
        params = {key: np.zeros(1)}
        runner.update(params, {key: buffer})
        steps.append(float(params[key][0]))
    return not _alike(steps, feed(new(), values))


def _integers(runner):
    key = next(NAMES)
    params = {key: np.array([5, 5])}
    try:
        runner.update(params, {key: np.array([0.5, 0.5])})
    except Exception as error:
        return f"refused, with a {type(error).__name__.strip('_')}"
    return "become floats" if params[key].dtype.kind == "f" else "stay integers: steps are lost"


def _probe_keys(report, new):
    """Two parameters, in one order and the other; one of them alone."""
    rng = np.random.default_rng(14)
    gradients = rng.normal(size=(12, 2))
    found = {}
    for name, orders in {"same": ("ab", "ab"), "turned": ("ab", "ba"), "alone": ("a", "a")}.items():
        runner, stem, found[name] = new(), next(NAMES), []
        for k, g in enumerate(gradients):
            keys = orders[k % 2]
            params = {stem + key: np.zeros(1) for key in keys}
            runner.update(params, {stem + key: np.array([g["ab".index(key)]]) for key in keys})
            found[name].append(float(params[stem + "a"][0]))
    ordered = _alike(found["same"], found["turned"])
    alone = _alike(found["same"], found["alone"])
    report.facts.update(order_matters=not ordered, company_matters=not alone)
    report.lines["other keys"] = (
        "do not matter" if ordered and alone else "change a parameter's steps"
    )
    if not ordered:
        report.complaints.append("the order of the keys changes the steps")
    if not alone:
        report.complaints.append("a parameter's steps depend on which others there are")


def _probe_copies(report, new):
    """A new copy must be new, and two half-runs must be one run."""
    gradients, key = np.random.default_rng(41).normal(size=12), next(NAMES)
    whole, again = feed(new(), gradients, key), feed(new(), gradients, key)
    key, runner = next(NAMES), new()
    feed(runner, gradients[:6], key)
    twin = copy.deepcopy(runner)
    halves = feed(twin, gradients[6:], key), feed(runner, gradients[6:], key)
    report.facts.update(fresh=_alike(whole, again))
    report.facts.update(halves=all(_alike(whole[6:], half) for half in halves))
    sound = report.facts["fresh"] and report.facts["halves"]
    report.lines["copies"] = "two half-runs make one run" if sound else "are not independent"
    if not report.facts["fresh"]:
        report.complaints.append("a second optimizer begins with the memory of the first")
    elif not report.facts["halves"]:
        report.complaints.append("a copy made half-way does not go on as the whole run does")


def _alike(a, b):
    return np.allclose(a, b, rtol=1e-9, atol=0, equal_nan=True)
