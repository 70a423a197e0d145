"""Probes: small questions put to any optimizer, and the row of a table that asks several of them.

    opt = plug(rule)                     # any of the three interfaces, for descend and feed
    first(Adam, g=1e-6)                  # the first step downhill, for lr = 1
    halved(Momentum)                     # lr is halved in mid-run: the next step over the last
    beside({"right": Adam, "faulty": Late}, "first step", first, [1, 0.744])    # a row, asserted

A probe takes a maker, such as a class, and makes an optimizer of its own. lr = 1 unless given.
"""

import copy

import numpy as np

from ..descent import feed


class Runner:
    """A new copy of an optimizer of any interface, driven like a dictionary class."""

    def __init__(self, optimizer, kind, config=None):
        self.kind, self.start, self.original = kind, config, optimizer
        self.reset()

    def reset(self):
        """Begin anew, with another copy of the optimizer as it was given."""
        self.configs, self.copies, function = {}, {}, self.kind == "function"
        self.optimizer = self.original if function else copy.deepcopy(self.original)
        if hasattr(self.optimizer, "reset"):
            self.optimizer.reset()

    def __repr__(self):
        return told(self.original)

    def update(self, params, grads):
        if self.kind == "dictionary":
            self.optimizer.update(params, grads)
            return
        for key in params:  # one array at a time, each with a state of its own
            if self.kind == "function":
                config = self.configs.get(key, copy.deepcopy(self.start))
                params[key], self.configs[key] = self.optimizer(params[key], grads[key], config)
            else:
                opt = self.copies.setdefault(key, copy.deepcopy(self.optimizer))
                params[key] = opt.update(params[key], grads[key])


def told(optimizer):
    """Return what to call an optimizer: its repr, or its name where that would be an address."""
    plain = type(optimizer).__repr__ is object.__repr__
    return getattr(optimizer, "__name__", type(optimizer).__name__ if plain else repr(optimizer))


def interface(optimizer):
    """Return which interface an optimizer has, by trying."""
    if not hasattr(optimizer, "update"):
        if callable(optimizer) and not isinstance(optimizer, type):
            return "function"
        raise TypeError(f"no optimizer: {optimizer!r} has no update and is no function")
    problems = []
    for kind in ("dictionary", "array"):
        try:
            feed(Runner(optimizer, kind), [1.0])
            return kind
        except Exception as error:
            problems.append(error)
    raise TypeError(f"update takes neither dictionaries nor arrays: {problems[0]!r}")


def plug(optimizer, config=None):
    """Return a fresh copy of an optimizer of any of the three interfaces as a dictionary class.

    config: what a function with a config is given first.
    Raises TypeError if the optimizer fits none of the interfaces.
    """
    return Runner(optimizer, interface(optimizer), config)


def first(maker, g=1.0, x=0.0, lr=1.0, **knobs):
    """Return the first step downhill, from x, for a gradient g. lr=None: with the maker's own."""
    return last(maker, [g], x, lr, **knobs)


def last(maker, gradients, x=0.0, lr=1.0, **knobs):
    """Return the step downhill for the last of these gradients, each met at x."""
    opt = maker(**knobs) if lr is None else maker(lr=lr, **knobs)
    return 0.0 - float(feed(opt, gradients, start=x)[-1])


def halved(maker, **knobs):
    """Return the next step over the last, when lr is halved after 1,000 gradients of 1."""
    opt = maker(lr=1.0, **knobs)
    steady = feed(opt, [1.0] * 1000, "w")[-1]
    opt.lr = 0.5
    return float(feed(opt, [1.0], "w")[0] / steady)


def apart(one, other):
    """Return how far two optimizers are apart, fed alike: a share of the other's longest step.

    Forty gradients of four numbers, of size 1, 0.01, 0.0001 and 100; the largest of the shares.
    """
    gradients = np.random.default_rng(7).normal(size=(40, 4)) * np.array([1, 1e-2, 1e-4, 1e2])
    ours, theirs = (feed(plug(opt), gradients) for opt in (other, one))
    return float((abs(theirs - ours).max(axis=0) / abs(ours).max(axis=0)).max())


def beside(makers, what, probe, predicted, within=1e-3, knobs=None, **arguments):
    """Print one row of a table: what a probe finds of each maker; assert that it was predicted.

    makers: {label: maker}, ours or the right one first. predicted: a number for each of them, None
    for one that is left out. within: the largest allowed error, relative (absolute where 0 is
    predicted). knobs: {label: {name: value}} that only these get; arguments: what all get.
    Returns {label: measured}. Raises AssertionError for a number that was not predicted.
    """
    found = {}
    for (label, maker), expected in zip(makers.items(), predicted, strict=True):
        if expected is None:
            continue
        value = probe(maker, **arguments, **(knobs or {}).get(label, {}))
        allowed = within * (abs(expected) or 1)
        assert abs(value - expected) <= allowed, f"{what}, {label}: {value}, not {expected}"
        found[label] = value
    cells = "".join(f" {label} {_short(value):<8}" for label, value in found.items())
    print(f"{what:42}{cells}".rstrip())
    return found


def _short(value):
    return f"{value:.1e}" if 0 < abs(value) < 1e-3 else f"{value:.4f}"
