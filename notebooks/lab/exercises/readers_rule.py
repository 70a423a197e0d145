"""A reader's own rule, in whichever of the three interfaces, made and driven like one of ours."""

import dis
import inspect
from dataclasses import fields

import numpy as np

from optimizers import Optimizer, allow_divergence

from .answers import shown
from .judges import check_function
from .verdict import Unfit, Wrong

SPELLINGS = {  # what a hyper-parameter is called elsewhere; a function's config has the second name
    "lr": ("lr", "learning_rate", "eta", "alpha"),
    "momentum": ("momentum", "momentum", "beta", "mu"),
    "rho": ("rho", "decay_rate", "decay", "beta", "gamma"),
    "eps": ("eps", "epsilon"),
    "beta1": ("beta1", "beta1", "b1", "beta_1"),
    "beta2": ("beta2", "beta2", "b2", "beta_2"),
    "weight_decay": ("weight_decay", "weight_decay", "wd", "decay"),
}


class ReadersRule:
    """given: a class, or a function with a config. rule: the course's rule that it is to be.

    kind: "rule", a subclass of Optimizer; "dictionary", update(params, grads); "array",
    w = update(w, grad); "function", w, config = f(w, grad, config). spelt: {hyper-parameter: what
    it is called here}. Raises Unfit if it is none of these, or lacks a hyper-parameter.
    """

    def __init__(self, given, rule):
        self.given, self.rule, self.spelt = given, rule, {}
        self.name = getattr(given, "__name__", "yours")
        if isinstance(given, type):
            if not hasattr(given, "update"):
                raise Unfit(f"{self.name} has no update, and is no subclass of Optimizer")
            self._read_constructor()
            self.kind = "rule" if issubclass(given, Optimizer) else self._kind_of_class()
        elif callable(given) and not hasattr(given, "update"):
            self.kind = "function"
            check_function(given, ["w", "dw", "config"])
            self._read_config()
        else:
            raise Unfit(f"the class {rule.__name__} itself is wanted, and yours is {shown(given)}")

    def __call__(self, **knobs):
        """Make a new one: an optimizer, or a function that keeps its configs itself."""
        named = {self.spelt[name]: value for name, value in knobs.items() if name in self.spelt}
        return _Configured(self.given, named) if self.kind == "function" else self.given(**named)

    @property
    def in_place(self):
        """Whether it is to change the caller's arrays, instead of returning new ones."""
        return self.kind in ("rule", "dictionary")

    def steps(self, gradients, knobs, start=0.0):
        """Return its steps for these gradients, shape (T, *shape), each from x = start."""
        optimizer, found = self(**knobs), np.empty(gradients.shape)
        with np.errstate(all="ignore"), allow_divergence():
            for step, g in zip(found, gradients):
                x = np.full(g.shape, float(start))
                step[...] = self.moved(optimizer, x, g.copy()) - start
        return found

    def moved(self, optimizer, x, g):
        """Take one step from x, and return where it leads."""
        if not self.in_place:
            return optimizer.update(x, g)
        params = {"x": x}
        optimizer.update(params, {"x": g})
        for name in getattr(optimizer, "memory", ()) if self.kind == "rule" else ():
            if not isinstance(getattr(optimizer, name), dict):
                raise Wrong(
                    f"yours sets self.{name}, where the {name} of every parameter is kept",
                    f"change the array {name} that step is given, in place: {name} *= …",
                )
        return params["x"]

    def defaults(self):
        """The default values of its hyper-parameters, by the course's names."""
        if self.kind == "function":
            return {}
        found = {p.name: p.default for p in inspect.signature(self.given).parameters.values()}
        return {
            name: found[spelt]
            for name, spelt in self.spelt.items()
            if found.get(spelt, inspect.Parameter.empty) is not inspect.Parameter.empty
        }

    def misnamed(self):
        """Say which name in a class's methods is not its own, though its own is meant; or None."""
        if self.kind == "function":
            return None
        own, kept = {*self.spelt.values(), "t"}, getattr(self.given, "memory", ())
        for method in filter(inspect.isfunction, vars(self.given).values()):
            for word in dis.get_instructions(inspect.unwrap(method)):
                name = word.argval
                if word.opname == "LOAD_GLOBAL" and name in own:
                    return f"`{name}` is not your optimizer's but one of the notebook: self.{name}"
                if self.kind == "rule" and "ATTR" in word.opname and name in kept:
                    return (
                        f"`self.{name}` holds what is remembered of all parameters, by their "
                        f"names: that of this one comes as the argument `{name}`"
                    )
        return None

    def usable(self):
        """Return a class that the chapter can use in the place of the course's rule."""
        if self.kind == "rule":
            if self.given is not self.rule:
                self.given.rule = self.rule.__name__  # by it pictures choose colour and marker
            return self.given
        return _adapted(self)

    def _read_constructor(self):
        parameters = inspect.signature(self.given).parameters
        for knob in (f.name for f in fields(self.rule)):
            names = [name for name in SPELLINGS[knob] if name in parameters]
            if names:
                self.spelt[knob] = names[0]
            elif knob != "eps" or issubclass(self.given, Optimizer):
                raise Unfit(
                    f"{self.name} has no hyper-parameter {knob}, and what follows calls "
                    f"{self.rule.__name__}({knob}=…): it has {', '.join(parameters) or 'none'}"
                )

    def _kind_of_class(self):
        """Which interface `update` has, by trying."""
        self.kind, one = "dictionary", self._ones()
        knobs = {f.name: f.default for f in fields(self.rule)}
        try:
            self(**knobs).update({"x": one.copy()}, {"x": one})
            return "dictionary"
        except Exception as first:
            try:
                if isinstance(self(**knobs).update(one.copy(), one), np.ndarray):
                    return "array"
            except Exception:
                pass
            raise first

    def _ones(self):
        """A parameter to try it with."""
        return np.ones(3) if self.rule.elementwise else np.ones((3, 2))

    def _read_config(self):
        """Learn which names a function's config has, by trying the usual ones and ours."""
        for names in (1, 0):
            self.spelt = {f.name: SPELLINGS[f.name][names] for f in fields(self.rule)}
            try:
                self(lr=0.1).update(self._ones(), self._ones())
                return
            except KeyError as error:
                problem = error
        raise problem


class _Configured:
    """A function with a config as an array class."""

    def __init__(self, function, config):
        self.function, self.config = function, dict(config)

    def update(self, w, dw):
        found = self.function(w, dw, self.config)
        if not isinstance(found, tuple) or len(found) != 2:
            raise Wrong(f"yours has to return next_w, config, and it returns {shown(found)}")
        w, self.config = found
        return w


def _adapted(readers):
    """Return a class with the hyper-parameters of the rule, whose steps are the reader's."""

    class Adapted(readers.rule):
        def reset(self):
            super().reset()
            vars(self)["_theirs"] = {}

        def update(self, params, grads):
            if not self.shapes:
                self.begin(params)
            self.t += 1
            for key, x in params.items():
                if key not in self._theirs:
                    self._theirs[key] = readers(**self.knobs)
                end = readers.moved(self._theirs[key], np.array(x, dtype=float), grads[key])
                params[key] += end - x

    Adapted.__name__ = Adapted.__qualname__ = readers.name
    Adapted.rule = readers.rule.__name__
    return Adapted
