"""The three interfaces in which optimizers are written, and ways from one to another.

opt.update(params, grads)                      # a dictionary class, as in optimizers.py
next_w, config = as_function(Adam)(w, dw, config)      # a function with a config
w = as_array(Adam(lr=0.1)).update(w, grad_wrt_w)       # an array class
opt = plug(rule)                               # any of the three, for `descend` and `feed`
"""

import copy
from collections.abc import Collection, Mapping
from dataclasses import fields

import numpy as np

from optimizers import Momentum, Optimizer

from ..descent import check_optimizer, feed, rule_of
from ..values import short

WORDS = {"lr": "learning_rate", "rho": "decay_rate", "eps": "epsilon", "h": "cache"}


def as_function(rule, **defaults):
    """Return a rule of optimizers.py as a pure function: next_w, config = f(w, dw, config).

    config holds the hyper-parameters and the state by the names that are usual there
    (`learning_rate`, `decay_rate`, `epsilon`, `cache`, Momentum's `velocity`; others as ours);
    what it lacks gets its default. Neither w nor dw nor the config given is changed.
    Raises TypeError for what is no rule and for a default that it does not know. The function
    raises KeyError for a name that the rule does not know, and what `Optimizer.update` raises.
    """
    if not isinstance(rule, type) or not issubclass(rule, Optimizer):
        raise TypeError(f"as_function wants the class of a rule, such as Adam, got {short(rule)}")
    rule(**defaults)  # raises for what is no hyper-parameter
    knobs = {f.name: f.default for f in fields(rule)} | defaults
    words = WORDS | ({"v": "velocity"} if issubclass(rule, Momentum) else {})
    said = {name: words.get(name, name) for name in (*knobs, *rule.memory, "t")}

    def function(w, dw, config=None):
        config = dict(config or {})
        for name in config.keys() - set(said.values()):
            raise KeyError(f"config has {name!r}; {rule.__name__} knows {', '.join(said.values())}")
        for name, value in knobs.items():
            config.setdefault(said[name], value)
        opt = rule(**{name: config[said[name]] for name in knobs})
        opt.begin({"w": w})
        opt.t = config.get("t", 0)
        for name in rule.memory:
            state = config.get(said[name])
            setattr(opt, name, {"w": np.zeros_like(w) if state is None else np.array(state)})
        params = {"w": w.copy() if isinstance(w, np.ndarray) else w}
        opt.update(params, {"w": dw})
        config["t"] = opt.t
        config.update({said[name]: getattr(opt, name)["w"] for name in rule.memory})
        return params["w"], config

    function.__name__ = rule.__name__.lower()
    return function


class Adapter:
    """What holds a copy of an optimizer and drives it in a way of its own."""

    def __init__(self, optimizer):
        check_optimizer(optimizer)
        self.optimizer = copy.deepcopy(optimizer)

    @property
    def rule(self):
        """The name of the rule inside: pictures find its look by it."""
        return rule_of(self.optimizer)

    def reset(self):
        self.optimizer.reset()

    def __repr__(self):
        return f"{type(self).__name__}({self.optimizer!r})"


class as_array(Adapter):
    """An optimizer of optimizers.py as an array class: w = opt.update(w, grad) is a new array."""

    def update(self, w, grad_wrt_w):
        params = {"w": w.copy() if isinstance(w, np.ndarray) else w}
        self.optimizer.update(params, {"w": grad_wrt_w})
        return params["w"]


class Runner:
    """A new copy of an optimizer of any interface, driven like a dictionary class."""

    def __init__(self, optimizer, kind, config=None):
        self.kind, self.start, self.original = kind, config, optimizer
        self.reset()

    @property
    def rule(self):
        return getattr(self.original, "__name__", rule_of(self.original))  # a function has a name

    def reset(self):
        """Begin anew, with another copy of the optimizer as it was given."""
        self.configs, self.copies, function = {}, {}, self.kind == "function"
        self.optimizer = self.original if function else copy.deepcopy(self.original)
        if hasattr(self.optimizer, "reset"):
            self.optimizer.reset()

    def update(self, params, grads):
        """Take one step, as `Optimizer.update` does; arrays may be replaced by new ones."""
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

    def __repr__(self):
        return legend(self.original)


def plug(optimizer, config=None):
    """Return a fresh copy of an optimizer of any of the three interfaces as a dictionary class.

    config: what a function with a config is given first.
    Raises TypeError if the optimizer fits none of the interfaces.
    """
    return Runner(optimizer, interface(optimizer, config), config)


def interface(optimizer, config=None):
    """Return which interface an optimizer has, "dictionary", "array" or "function", by trying.

    What is tried is a copy, with copies of what its class holds; a function is called once.
    Raises TypeError that says what is wrong if it has none of the three.
    """
    if isinstance(optimizer, type):
        check_optimizer(optimizer)  # raises, and says what to write instead
    kinds = ("dictionary", "array") if hasattr(optimizer, "update") else ("function",)
    if isinstance(optimizer, Collection) or not (kinds != ("function",) or callable(optimizer)):
        raise TypeError(
            "an optimizer has an update(params, grads) or an update(w, grad), or is a function of "
            f"(w, dw, config), got {short(optimizer)}"
        )
    if config is not None and kinds != ("function",):
        raise TypeError(f"only a function gets a config, {legend(optimizer)} has its own settings")
    problems = []
    for kind in kinds:
        try:
            runner = Runner(_isolated(optimizer), kind, config)
            feed(runner, [1.0], "w")
            if all(isinstance(found, Mapping) for found in runner.configs.values()):
                return kind
            problems.append("no config came back")
        except Exception as error:
            problems.append(f"{type(error).__name__}: {error}")
    if kinds == ("function",):
        raise TypeError(
            f"{legend(optimizer)} is no function that takes (w, dw, config) and returns the next w "
            f"and a config ({problems[0]}); one that needs a config gets it by plug(f, config)"
        )
    raise TypeError(
        f"the update of {legend(optimizer)} takes neither dictionaries ({problems[0]}) nor "
        f"arrays ({problems[1]})"
    )


def legend(optimizer):
    """Return what to call an optimizer: its repr, or its name where that would be an address."""
    plain = type(optimizer).__repr__ is object.__repr__
    return getattr(optimizer, "__name__", type(optimizer).__name__ if plain else repr(optimizer))


def _isolated(optimizer):
    """Return a copy that shares nothing, not even the containers that its class holds."""
    twin = copy.deepcopy(optimizer)
    for cls in type(twin).__mro__ if hasattr(twin, "__dict__") else ():
        for name, value in vars(cls).items():
            own = isinstance(value, (dict, list, set, np.ndarray)) and not name.startswith("__")
            if own and name not in vars(twin):
                vars(twin)[name] = copy.deepcopy(value)
    return twin
