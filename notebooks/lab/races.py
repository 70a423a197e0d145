"""A fair race: the same budget for every rule, tuned on some starts, reported on others.

    fair = race([SGD(), Momentum(), Adam()], bowl, steps=30)   # a Result: print it, it is a table
    fair["Adam"].median              # f above the minimum at the end, of the report's starts
    heads(wins(fair, "Adam", "SGD"), 101)   # how often would twins do that, if one wins so often?

The protocol. All rules meet the same starts, the same noise, the same learning rates and the same
number of steps, each of which costs one gradient. The rate with the lowest median end on the tuning
starts is chosen (with by=0.75 the lowest upper quartile, which forgives fewer crashes), and is then
run on the reporting starts, which had no part in choosing it. Runs that diverge count as infinitely
high; none is left out.
"""

import copy
from dataclasses import dataclass
from itertools import product
from math import comb
from numbers import Integral

import numpy as np

from .descent import check_optimizer, descend, rule_of
from .landscapes import Landscape, landscape
from .values import box as check_box
from .values import numbers, real, short, whole

# Six learning rates for each factor of ten, 0.0001 to 68.1; the same digits on every machine.
RATES = np.array([float(f"{10 ** (k / 6):.3g}") for k in range(-24, 12)])
FLOOR = 1e-15  # what is lower counts as this low: it is as good as at the minimum
WORKS = 0.01  # a setting works if f above the minimum falls to this part of what it was


@dataclass(frozen=True, eq=False)
class Entry:
    """How one rule did. f is always above the least known value, infinite once diverged.

    tuned: the optimizer with the chosen settings. lr, other: the settings of each trial. trials: f
    at the end on each tuning start, shape (trials, starts). best: the trial that was chosen.
    f: of the report, shape (steps + 1, starts). diverged: how many of the report's runs did.
    robust_share: the share of the trials that came down far enough.
    """

    tuned: object
    lr: np.ndarray
    trials: np.ndarray
    best: int
    f: np.ndarray
    diverged: int
    robust_share: float

    @property
    def rule(self):
        return rule_of(self.tuned)

    @property
    def ends(self):
        """f at the end of each run of the report."""
        return self.f[-1]

    @property
    def median(self):
        return float(lower_median(self.ends))

    @property
    def area(self):
        """Mean over the steps of how many powers of ten the median is below its start."""
        curve = lower_median(self.f)
        if not np.isfinite(curve).all():
            return -np.inf
        return float(np.mean(np.log10(curve[0] / curve)))

    @property
    def at_edge(self):
        """Whether the chosen rate is the first or the last that was tried."""
        return self.lr[self.best] in (self.lr.min(), self.lr.max())


@dataclass(frozen=True, eq=False)
class Result:
    """What `race` found: an Entry for each rule, the lowest median first."""

    landscape: Landscape
    steps: int
    entries: tuple
    budget: int  # gradients that each rule was given to be tuned
    tune: np.ndarray
    report: np.ndarray
    noise: float

    def __getitem__(self, rule):
        """The Entry of a rule, by its name or its place."""
        if isinstance(rule, Integral):
            return self.entries[rule]
        for entry in self.entries:
            if rule in (entry.rule, repr(entry.tuned)):
                return entry
        raise KeyError(f"no {rule!r} in this race: {', '.join(e.rule for e in self.entries)}")

    def __iter__(self):
        return iter(self.entries)

    def __repr__(self):
        trials = self.entries[0].lr.size
        noise = f", noise {self.noise:g}" if self.noise else ""
        names = [f"{e.tuned!r}{' (edge)' if e.at_edge else ''}" for e in self.entries]
        width = max(map(len, names)) + 1
        tune, report = len(self.tune), len(self.report)
        known = set(map(tuple, self.tune)) & set(map(tuple, self.report))
        whose = (
            f"{len(known)} of them used in tuning"
            if known and not self.noise
            else "none of them used in tuning"
        )
        lines = [
            f"Race on the {self.landscape.name}, {self.steps} steps{noise}. Tuned: {trials} trials"
            f" x {tune} start{'s'[: tune > 1]} = {self.budget:,} gradients each.",
            f"Reported: {report} start{'s'[: report > 1]}, {whose}.",
            f"{'':{width}}{'median f':>9}  {'quartiles':^21}{'diverged':>9}{'area':>6}{'works':>7}",
        ]
        for e, name in zip(self.entries, names):
            low, high = (f"{quantile(e.ends, q):.2e}" for q in (0.25, 0.75))
            area = f"{e.area:.1f}" if np.isfinite(e.area) else "-"
            lines.append(
                f"{name:{width}}{e.median:9.2e}  {low:>9} … {high:<9}{e.diverged:9}{area:>6}"
                f"{100 * e.robust_share:5.0f} %"
            )
        if any(e.at_edge for e in self.entries):
            lines.append("(edge): the best rate is the grid's first or last; a wider grid may do.")
        return "\n".join(lines)


def race(rules, on, steps=60, rates=RATES, tune=11, report=101, box=None, noise=0, seed=0, by=0.5):
    """Tune every rule with the same budget, report it on other starts, and return the Result.

    rules: optimizers; their lr is chosen among `rates`, their other settings stay. A rule may have
    another setting that is an array of k values, as in Momentum(momentum=[0.5, 0.9]): it then gets
    every k-th rate with each of them, so that the number of trials stays the same.
    tune, report: how many starts, drawn evenly from `box` ((left, right), (bottom, top)), which is
    the landscape's map if not given; or arrays of starts. noise: as for `descend`; the same for
    all rules, new for the report. by: the quantile of a trial's ends that is to be low, the median
    if not given. A rule that is not elementwise, such as Muon, runs alone, a thousand times slower,
    with noise of its own.
    Raises TypeError or ValueError that says what to write instead.
    """
    on, rules = landscape(on), _rules(rules)
    rates = numbers("rates", rates, least=0, row=True)
    tune, report = _starts(tune, report, on.view if box is None else box, seed)
    by = _share(by)
    entries = [
        _enter(rule, _trials(rule, rates), on, steps, tune, report, noise, seed, by)
        for rule in rules
    ]
    entries.sort(key=lambda entry: (entry.median, -entry.area))
    budget = rates.size * len(tune) * steps
    return Result(on, steps, tuple(entries), budget, tune, report, noise)


def quantile(values, q):
    """Return the q-quantile along the last axis, the lower of two: always one of the values.

    np.quantile(…, method="lower") is NaN beside infinities, which lost runs have.
    """
    return np.sort(values, axis=-1)[..., int(q * (np.shape(values)[-1] - 1))]


def lower_median(values):
    """Return the median along the last axis, the lower one of two, infinite values included."""
    return quantile(values, 0.5)


def wins(result, one, other):
    """Return on how many of a race's reported starts one rule ended below another."""
    return int(np.count_nonzero(result[one].ends < result[other].ends))


def heads(k, n, p=0.5):
    """Return the chance that n tosses of a coin show at least k heads. p: the chance of one."""
    return sum(comb(n, j) * p**j * (1 - p) ** (n - j) for j in range(k, n + 1))


def needed(n, risk=0.05):
    """Return the fewest heads that n tosses of a fair coin show with at most this chance."""
    return next(k for k in range(n // 2, n + 2) if heads(k, n) <= risk)


def floored(run):
    """Return the gap of a Run at every step, but nothing below FLOOR."""
    return np.maximum(run.gap, FLOOR)


def _rules(rules):
    """Return the rules as a list, or raise unless the learning rate of each can be tuned."""
    example = "race([SGD(), Adam()], bowl)"
    if not isinstance(rules, (list, tuple)):
        raise TypeError(f"race takes a list of rules, as in {example}, got {short(rules)}")
    if not rules:
        raise ValueError(f"no rule to race: write for example {example}")
    for rule in rules:
        check_optimizer(rule)
        if "lr" not in getattr(rule, "knobs", {}):
            raise TypeError(
                f"{short(rule)} has no lr that can be tuned: race takes rules as in {example}"
            )
    return list(rules)


def _starts(tune, report, box, seed):
    """Return the two sets of starts as arrays of shape (n, 2), drawn where numbers are given."""
    rng, (low, high), sets = np.random.default_rng(seed), np.transpose(check_box("box", box)), []
    for name, given in (("tune", tune), ("report", report)):
        if np.ndim(given) == 0:
            sets.append(rng.uniform(low, high, (whole(name, given, 1), 2)))
            continue
        points = numbers(name, given)
        if points.ndim != 2 or points.shape[1] != 2 or not len(points):
            raise ValueError(f"{name} must be a number of starts or points, got {short(given)}")
        sets.append(points)
    return sets


def _share(by):
    """Return a quantile, or raise: 0.5 for the median."""
    by = real("by", by, least=0)
    if by > 1:
        raise ValueError(f"by is a quantile, 0.5 for the median, at most 1, got {by:g}")
    return by


def _trials(rule, rates):
    """Return the settings to try, {name: array}: as many for every rule as there are rates."""
    others = [name for name in rule.array_knobs if name != "lr"]
    extra = list(product(*(np.ravel(getattr(rule, name)) for name in others)))
    k = len(extra)
    if rates.size % k:
        raise ValueError(
            f"{rates.size} trials cannot be shared evenly by the {k} settings of {rule!r}: "
            f"give it another number of values, or other rates"
        )
    rows = [(lr, *values) for lr in rates[k // 2 :: k] for values in extra]
    return {name: np.array(column) for name, column in zip(["lr", *others], zip(*rows))}


def _enter(rule, trials, on, steps, tune, report, noise, seed, by):
    """Tune one rule and run what was chosen on the report's starts."""
    f = _f(rule, trials, on, steps, tune, noise, [seed, 1])
    scores = lower_median(f[-1])
    best = int(np.argmin(quantile(f[-1], by)))
    chosen = {name: values[best : best + 1] for name, values in trials.items()}
    reported = _f(rule, chosen, on, steps, report, noise, [seed, 2])[:, 0]
    robust = np.mean(scores <= WORKS * lower_median(f[0]))
    lost = int(np.count_nonzero(np.isinf(reported[-1])))
    tuned = _with(rule, {name: float(value[0]) for name, value in chosen.items()})
    return Entry(tuned, trials["lr"], f[-1], best, reported, lost, float(robust))


def _f(rule, trials, on, steps, starts, noise, seed):
    """f above the minimum of each trial from each start, shape (steps + 1, trials, starts)."""
    if rule.elementwise:
        many = _with(rule, {name: values[:, None] for name, values in trials.items()})
        return floored(descend(many, on, steps, starts, noise, seed))
    rows = [dict(zip(trials, map(float, row))) for row in zip(*trials.values())]
    single = [
        [
            floored(descend(_with(rule, row), on, steps, start, noise, [*seed, i]))
            for i, start in enumerate(starts)
        ]
        for row in rows
    ]
    return np.moveaxis(np.array(single), -1, 0)


def _with(rule, settings):
    """Return a copy of an optimizer with other settings."""
    new = copy.deepcopy(rule)
    for name, value in settings.items():
        setattr(new, name, value)
    return new
