"""Schedules: a learning rate for each step t = 1, 2, 3, …

    schedule = warm_up(cosine(0.6, steps=100), steps=10)
    opt.lr = schedule(opt.t + 1)                     # before each opt.update(params, grads)
    descend(scheduled(SGD(), schedule), bowl, 110)   # the same, done by a wrapper
    foresee(schedule, 110)                           # the mean f to be expected on the noisy bowl

A schedule is a function of t. Those made here print as they were written and refuse t < 1; any
other function of t will do. A learning rate may be an array, as in the rules: then every entry has
a schedule of its own.
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from numbers import Integral

import numpy as np

from .values import short


@dataclass(frozen=True, eq=False)
class Schedule:
    """A function of t = 1, 2, … that knows its name, for legends."""

    function: Callable
    name: str

    def __call__(self, t):
        if isinstance(t, bool) or not isinstance(t, Integral) or t < 1:
            raise ValueError(f"steps are counted 1, 2, 3, …: there is no step {short(t)}")
        return self.function(int(t))

    def __repr__(self):
        return self.name


def constant(lr):
    """η_t = η, the schedule that is none."""
    lr = _rate("lr", lr)
    return Schedule(lambda t: lr, f"constant({_short(lr)})")


def table(rates):
    """η_t = rates[t − 1], any rates one can list; the last one stays."""
    rates = _rate("rates", rates)
    if np.ndim(rates) == 0 or len(rates) == 0:
        raise ValueError(f"rates must be a list of learning rates, got {short(rates)}")
    every = [float(lr) for lr in rates] if rates.ndim == 1 else list(rates)
    return Schedule(lambda t: every[min(t, len(every)) - 1], f"table(<{len(every)} rates>)")


def step(lr, drops, factor=0.5):
    """η_t = η · factor^(number of drops before t): a staircase.

    drops: the steps after which the learning rate falls, as [60, 90], or a whole number n for a
    fall after every n steps. As in He et al. (2016), section 3.4, where the factor is 0.1.
    """
    lr, factor = _rate("lr", lr), _rate("factor", factor)
    if np.ndim(drops) == 0:
        every = _count("drops", drops)
        return Schedule(
            lambda t: lr * factor ** ((t - 1) // every), f"step({_short(lr)}, {every}, {factor:g})"
        )
    after = [_count("drops", drop) for drop in drops]
    return Schedule(
        lambda t: lr * factor ** sum(drop < t for drop in after),
        f"step({_short(lr)}, {after}, {factor:g})",
    )


def exponential(lr, keep):
    """η_t = η · keep^(t − 1): each step keeps this share of the last learning rate."""
    lr, keep = _rate("lr", lr), _rate("keep", keep)
    if np.any(np.greater(keep, 1)):
        raise ValueError(f"keep must be at most 1, or the learning rate grows: got {short(keep)}")
    return Schedule(lambda t: lr * keep ** (t - 1), f"exponential({_short(lr)}, {_short(keep)})")


def inverse_square_root(lr, warmup=1):
    """η_t = η · min(t/w, √(w/t)): linear up to η at t = w, then falling as 1/√t.

    Vaswani et al. (2017), section 5.3, eq. (3), where η = 1/√(d·w) for a model of width d.
    """
    lr, w = _rate("lr", lr), _count("warmup", warmup)
    extra = "" if w == 1 else f", {w}"
    return Schedule(
        lambda t: lr * min(t / w, (w / t) ** 0.5), f"inverse_square_root({_short(lr)}{extra})"
    )


def linear(lr, steps):
    """η_t = η(1 − (t − 1)/T), T = steps: a straight line, 0 after them; its last rate is η/T."""
    lr, total = _rate("lr", lr), _count("steps", steps)
    return Schedule(
        lambda t: lr * (1 - min(t - 1, total) / total), f"linear({_short(lr)}, {total})"
    )


def cosine(lr, steps, final=0.0):
    """η_t = η_min + ½(η − η_min)(1 + cos(π(t − 1)/T)), T = steps; η_min = `final` after them.

    Loshchilov & Hutter (2017), SGDR, eq. (5), where T_cur = t − 1 counts from 0, without restarts.
    """
    lr, total, final = _rate("lr", lr), _count("steps", steps), _rate("final", final)

    def at(t):
        share = min(t - 1, total) / total
        return final + 0.5 * (lr - final) * (1 + np.cos(np.pi * share))

    end = "" if np.all(np.equal(final, 0)) else f", {_short(final)}"
    return Schedule(at, f"cosine({_short(lr)}, {total}{end})")


def warm_up(schedule, steps):
    """η_t = (t/W) · schedule(1) up to t = W = steps, then the schedule from its first step on.

    The gradual warm-up of Goyal et al. (2017), section 2.2, with a start near zero. With 0 steps it
    is the schedule itself.
    """
    if not callable(schedule):
        raise TypeError(f"warm_up needs a schedule such as constant(0.1), got {short(schedule)}")
    w = _count("steps", steps, least=0)
    return Schedule(
        lambda t: schedule(1) * (t / w) if t <= w else schedule(t - w),
        f"warm_up({_name(schedule)}, {w})",
    )


def one_cycle(start, peak, steps, rest=0.1, final=0.0):
    """Linear from start to peak, back to start, and in the last share `rest` of the steps to final.

    Smith (2018), "A disciplined approach to neural network hyper-parameters", section 4. It serves
    for the momentum too, which goes down and up: one_cycle(0.95, 0.85, steps, final=0.95).
    """
    start, peak, final = _rate("start", start), _rate("peak", peak), _rate("final", final)
    total = _count("steps", steps, least=4)
    if not 0 <= rest < 1:
        raise ValueError(f"rest must be a share of the steps, from 0 to below 1, got {short(rest)}")
    back = 1 + (1 - rest) * (total - 1)
    half = (1 + back) / 2

    def at(t):
        if t <= back:
            return start + (peak - start) * (1 - abs(t - half) / (half - 1))
        return start + (final - start) * (min(t, total) - back) / (total - back)

    return Schedule(at, f"one_cycle({_short(start)}, {_short(peak)}, {total})")


class Scheduled:
    """An optimizer whose hyper-parameters follow schedules: what `scheduled` returns."""

    def __init__(self, optimizer, schedules):
        self.optimizer, self.schedules = copy.deepcopy(optimizer), schedules
        self.reset()

    def reset(self):
        self.optimizer.reset()
        self._set()

    def update(self, params, grads):
        self._set()
        self.optimizer.update(params, grads)

    def _set(self):
        for name, schedule in self.schedules.items():
            setattr(self.optimizer, name, schedule(self.optimizer.t + 1))

    def __getattr__(self, name):  # lr, t, m, v, …: those of the optimizer
        if name.startswith("__") or "optimizer" not in vars(self):
            raise AttributeError(name)
        return getattr(self.optimizer, name)

    def __repr__(self):
        told = [f"{name}={_name(schedule)}" for name, schedule in self.schedules.items()]
        return f"{type(self.optimizer).__name__}({', '.join(told)})"


def scheduled(optimizer, lr, **others):
    """Return the optimizer with a schedule: before each update, lr is set to schedule(t).

    lr: a function of t = 1, 2, … others: schedules of other hyper-parameters, as momentum=….
    Whatever takes an optimizer takes the result, and draws it with the colours of its rule.
    Raises TypeError or ValueError that says what to write instead.
    """
    if isinstance(optimizer, type):
        raise TypeError(f"{optimizer.__name__} is a class: pass {optimizer.__name__}()")
    if not hasattr(optimizer, "update") or not hasattr(optimizer, "reset"):
        raise TypeError(f"an optimizer such as SGD() is wanted, got {short(optimizer)}")
    known = getattr(optimizer, "__dataclass_fields__", {})
    for name, schedule in (("lr", lr), *others.items()):
        if name not in known:
            raise ValueError(
                f"{type(optimizer).__name__} has no {name!r} to schedule; it has {', '.join(known)}"
            )
        if not callable(schedule):
            raise TypeError(
                f"{name} must be a function of t, such as cosine(0.6, steps=100), "
                f"got {short(schedule)}"
            )
    kind = type(type(optimizer).__name__, (Scheduled,), {})  # pictures go by the name of the rule
    return kind(optimizer, {"lr": lr, **others})


def _rate(name, value):
    """Return a number, or an array, that can be a learning rate; or raise."""
    try:
        array = np.asarray(value)
    except ValueError:
        array = np.asarray(None)
    if array.dtype.kind not in "fiu":
        raise TypeError(f"{name} must be a number, got {short(value)}")
    if not np.all((array >= 0) & (array < np.inf)):
        raise ValueError(f"{name} must be finite and not negative, got {short(value)}")
    return array.astype(float) if array.ndim else float(array)


def _count(name, value, least=1):
    """Return a number of steps, or raise."""
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise TypeError(f"{name} must be a whole number of steps, got {short(value)}")
    if value < least:
        raise ValueError(f"{name} must be at least {least}, got {short(value)}")
    return int(value)


def _short(value):
    return f"<{value.size} values>" if isinstance(value, np.ndarray) else f"{value:.6g}"


def _name(schedule):
    """A schedule as a legend shows it; a plain function by its own name."""
    if isinstance(schedule, Schedule):
        return repr(schedule)
    name = getattr(schedule, "__name__", "schedule")
    return "schedule" if name == "<lambda>" else name
