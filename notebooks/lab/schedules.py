"""Schedules: a learning rate for each step t = 1, 2, 3, …

    schedule = warm_up(cosine(0.6, steps=100), steps=10)
    opt.lr = schedule(opt.t + 1)                     # before each opt.update(params, grads)
    descend(scheduled(SGD(), schedule), bowl, 110)   # the same, done by a wrapper
    expected_f(schedule, 110)                        # the mean f to be expected on the noisy bowl

A schedule is a function of t. Those made here print as they were written and refuse t < 1; any
other function of t will do. A learning rate may be an array, as in the rules: then every entry has
a schedule of its own.
"""

import copy
import inspect
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial, wraps
from numbers import Integral

import numpy as np

from .descent import check_optimizer, fresh, rule_of
from .values import is_a, numbers, real, setting, short, whole

FIELDS = "__dataclass_fields__"  # what dataclasses.fields looks at


@dataclass(frozen=True, eq=False)
class Schedule:
    """A function of t = 1, 2, … that knows its name, for legends.

    made: the call that makes it again, without arguments; by it a schedule is pickled.
    """

    function: Callable
    name: str
    made: Callable = None

    def __call__(self, t):
        if isinstance(t, bool) or not isinstance(t, Integral) or t < 1:
            raise ValueError(f"steps are counted 1, 2, 3, …: there is no step {short(t)}")
        return self.function(int(t))

    def __deepcopy__(self, memo):
        return self  # nothing in it can change

    def __reduce__(self):
        return (self.made, ()) if self.made else super().__reduce__()

    def __repr__(self):
        return self.name


def maker(make):
    """Let the schedules that a function returns remember how they were made."""

    @wraps(make)
    def making(*args, **kwargs):
        schedule = make(*args, **kwargs)
        args, kwargs = copy.deepcopy((args, kwargs))  # a list of them may change later
        return replace(schedule, made=partial(making, *args, **kwargs))

    return making


@maker
def constant(lr):
    """η_t = η, the schedule that is none."""
    lr = _rate("lr", lr)
    return Schedule(lambda t: lr, f"constant({setting(lr)})")


@maker
def table(rates):
    """η_t = rates[t − 1], any rates one can list; the last one stays."""
    rates = numbers("rates", rates, 0)
    if not rates.ndim or not len(rates):
        raise ValueError(f"rates must be a list of learning rates, got {short(rates)}")
    every = rates.tolist() if rates.ndim == 1 else list(rates)
    return Schedule(lambda t: every[min(t, len(every)) - 1], f"table(<{len(every)} rates>)")


@maker
def step(lr, drops, factor=0.5):
    """η_t = η · factor^(number of drops before t): a staircase.

    drops: the steps after which the learning rate falls, as [60, 90], or a whole number n for a
    fall after every n steps. As in He et al. (2016), section 3.4, where the factor is 0.1.
    """
    lr, factor = _rate("lr", lr), _rate("factor", factor)
    if np.ndim(drops) == 0:
        every = whole("drops", drops, 1)
        return Schedule(
            lambda t: lr * factor ** ((t - 1) // every), f"step({setting(lr)}, {every}, {factor:g})"
        )
    after = [whole("drops", drop, 1) for drop in drops]
    return Schedule(
        lambda t: lr * factor ** sum(drop < t for drop in after),
        f"step({setting(lr)}, {after}, {factor:g})",
    )


@maker
def exponential(lr, keep):
    """η_t = η · keep^(t − 1): each step keeps this share of the last learning rate."""
    lr, keep = _rate("lr", lr), _rate("keep", keep)
    if np.any(np.greater(keep, 1)):
        raise ValueError(f"keep must be at most 1, or the learning rate grows: got {short(keep)}")
    return Schedule(lambda t: lr * keep ** (t - 1), f"exponential({setting(lr)}, {setting(keep)})")


@maker
def inverse_square_root(lr, warmup=1):
    """η_t = η · min(t/w, √(w/t)): linear up to η at t = w, then falling as 1/√t.

    Vaswani et al. (2017), section 5.3, eq. (3), where η = 1/√(d·w) for a model of width d.
    """
    lr, w = _rate("lr", lr), whole("warmup", warmup, 1)
    extra = "" if w == 1 else f", {w}"
    return Schedule(
        lambda t: lr * min(t / w, (w / t) ** 0.5), f"inverse_square_root({setting(lr)}{extra})"
    )


@maker
def linear(lr, steps):
    """η_t = η(1 − (t − 1)/T), T = steps: a straight line, 0 after them; its last rate is η/T."""
    lr, total = _rate("lr", lr), whole("steps", steps, 1)
    return Schedule(
        lambda t: lr * (1 - min(t - 1, total) / total), f"linear({setting(lr)}, {total})"
    )


@maker
def cosine(lr, steps, final=0.0):
    """η_t = η_min + ½(η − η_min)(1 + cos(π(t − 1)/T)), T = steps; η_min = `final` after them.

    Loshchilov & Hutter (2017), SGDR, eq. (5), where T_cur = t − 1 counts from 0, without restarts.
    """
    lr, total, final = _rate("lr", lr), whole("steps", steps, 1), _rate("final", final)

    def at(t):
        share = min(t - 1, total) / total
        return final + 0.5 * (lr - final) * (1 + np.cos(np.pi * share))

    end = "" if np.all(np.equal(final, 0)) else f", {setting(final)}"
    return Schedule(at, f"cosine({setting(lr)}, {total}{end})")


@maker
def warm_up(schedule, steps):
    """η_t = (t/W) · schedule(1) up to t = W = steps, then the schedule from its first step on.

    The gradual warm-up of Goyal et al. (2017), section 2.2, with a start near zero. With 0 steps it
    is the schedule itself.
    """
    _check_schedule("schedule", schedule)
    w = whole("steps", steps)
    return Schedule(
        lambda t: schedule(1) * (t / w) if t <= w else schedule(t - w),
        f"warm_up({_name(schedule)}, {w})",
    )


@maker
def one_cycle(start, peak, steps, rest=0.1, final=0.0):
    """Linear from start to peak, back to start, and in the last share `rest` of the steps to final.

    Smith (2018), "A disciplined approach to neural network hyper-parameters", section 4. It serves
    for the momentum too, which goes down and up: one_cycle(0.95, 0.85, steps, final=0.95).
    """
    start, peak, final = _rate("start", start), _rate("peak", peak), _rate("final", final)
    total = whole("steps", steps, 4)
    rest = real("rest", rest, least=0, below=1)
    back = 1 + (1 - rest) * (total - 1)
    half = (1 + back) / 2

    def at(t):
        if t <= back:
            return start + (peak - start) * (1 - abs(t - half) / (half - 1))
        share = (min(t, total) - back) / (total - back)
        return (1 - share) * start + share * final  # in this form it ends at final to the last bit

    return Schedule(at, f"one_cycle({setting(start)}, {setting(peak)}, {total})")


class Scheduled:
    """An optimizer whose hyper-parameters follow schedules: what `scheduled` returns.

    rule: the name of its rule, for pictures. What else the rule has is read through (t, lr, m, v),
    and a hyper-parameter that no schedule sets can be set. Raises AttributeError for others.
    """

    def __init__(self, optimizer, schedules):
        vars(self).update(optimizer=fresh(optimizer), schedules=schedules)
        self.reset()

    @property
    def rule(self):
        return rule_of(self.optimizer)

    def reset(self):
        self.optimizer.reset()
        self._set()

    def update(self, params, grads):
        self._set()
        self.optimizer.update(params, grads)

    def _set(self):
        for name, schedule in self.schedules.items():
            setattr(self.optimizer, name, schedule(self.optimizer.t + 1))

    def __setattr__(self, name, value):
        if name in self.schedules:
            raise AttributeError(
                f"{name} follows {_name(self.schedules[name])}: for another schedule write "
                f"scheduled({self.rule}(), {name}=…) anew"
            )
        setattr(self.optimizer, name, value)

    def __getattr__(self, name):
        if "optimizer" not in vars(self) or name.startswith("__") and name != FIELDS:
            raise AttributeError(name)
        found = getattr(self.optimizer, name)
        if name in ("knobs", FIELDS):  # those that can be turned
            return {key: knob for key, knob in found.items() if key not in self.schedules}
        return found

    def __repr__(self):
        told = [f"{name}={_name(schedule)}" for name, schedule in self.schedules.items()]
        return f"{self.rule}({', '.join(told)})"


def scheduled(optimizer, lr, **others):
    """Return the optimizer with a schedule: before each update, lr is set to schedule(t).

    lr: a function of t = 1, 2, … others: schedules of other hyper-parameters, as momentum=….
    Whatever takes an optimizer takes the result, and draws it with the colours of its rule.
    Raises TypeError or ValueError that says what to write instead.
    """
    check_optimizer(optimizer)
    known = getattr(optimizer, "knobs", {})
    for name, schedule in (("lr", lr), *others.items()):
        if name not in known:
            raise ValueError(
                f"{rule_of(optimizer)} has no {name!r} to schedule; it has {', '.join(known)}"
            )
        _check_schedule(name, schedule)
    return Scheduled(optimizer, {"lr": lr, **others})


def _check_schedule(name, schedule):
    """Raise TypeError unless this is a function of t alone."""
    example = f"{name} must be a function of t, such as cosine(0.6, steps=100)"
    if not callable(schedule):
        raise TypeError(f"{example}, got {short(schedule)}")
    try:
        inspect.signature(schedule).bind(1)
    except TypeError:
        raise TypeError(f"{example}: {_name(schedule)} needs more than t") from None
    except ValueError:  # a built-in function that does not tell
        pass


def _rate(name, value):
    """Return a learning rate as a float, or several as an array; or raise."""
    rate = numbers(name, value, least=0)
    return rate if rate.ndim else float(rate)


def _name(schedule):
    """A schedule as a legend shows it; a plain function by its own name."""
    if is_a(schedule, Schedule):
        return repr(schedule)
    name = getattr(schedule, "__name__", "schedule")
    return "schedule" if name == "<lambda>" else name
