"""A rule of one's own: what it gets, what its class must say, and what its step may not do."""

from dataclasses import fields

import numpy as np
import pytest
from helpers import Summing, complains, path_of, state

import optimizers
from optimizers import SGD, AboveZero, Adam, BelowOne, Momentum, Optimizer

pytestmark = pytest.mark.filterwarnings("error")


class Signum(Optimizer):
    """A rule as a reader would write it in a notebook."""

    memory = ("m",)
    lr: float = 0.1
    beta: BelowOne = 0.5

    def step(self, g, m):
        m *= self.beta
        m += (1 - self.beta) * g
        return -self.lr * np.sign(m)


class Warmup(Adam):
    """A rule on top of another, with a knob more."""

    warm: float = 0.5

    def step(self, g, m, v):
        return (1 - self.warm**self.t) * super().step(g, m, v)


def test_a_rule_of_ones_own():
    opt, params = Signum(lr=0.25), {"x": np.array([1.0, 2.0]), "y": 3.0}
    for _ in range(2):
        opt.update(params, {"x": np.array([5.0, -5.0]), "y": 0.0})
    assert params["x"].tolist() == [0.5, 2.5] and params["y"] == 3.0
    assert opt.m["x"].tolist() == [3.75, -3.75]
    assert repr(opt) == "Signum(lr=0.25)"
    assert repr(Signum(0.1, 0.75)) == "Signum(lr=0.1, beta=0.75)"
    with pytest.raises(ValueError, match="beta must be at least 0 and less than 1"):
        opt.beta = 1
    with pytest.raises(TypeError, match="beta must be a number"):
        Signum(beta="0.5")


def test_a_rule_on_top_of_another():
    opt, plain = Warmup(lr=0.5), Adam(lr=0.5)
    path = path_of(opt, lambda x, y: (1.0, -2.0), (0.0, 0.0), steps=3)
    straight = path_of(plain, lambda x, y: (1.0, -2.0), (0.0, 0.0), steps=3)
    assert [f.name for f in fields(opt)] == ["lr", "beta1", "beta2", "eps", "warm"]
    steps, full = np.diff(path, axis=0), np.diff(straight, axis=0)
    np.testing.assert_allclose(steps, full * [[0.5], [0.75], [0.875]], rtol=1e-12)


class OwnNames(SGD):
    """A rule with knobs that this file does not have, and ranges that stand where they stand."""

    alpha: float = 3.0
    gamma: BelowOne = 0.5
    tiny: AboveZero = 1.0
    old: "BelowOne" = 0.5  # as it looks to a class after `from __future__ import annotations`
    weight_decay: float = 0.0


class Redeclared(Momentum):
    """A plain float says nothing new: the range is that of the parent."""

    momentum: float = 0.5


class Wider(Momentum):
    """And another range holds from its class on."""

    momentum: AboveZero = 2.0


class BelowWider(Wider):
    steady: float = 1.0


def test_a_range_is_declared_where_the_knob_is():
    for name in ("lr", "alpha", "weight_decay"):
        assert (
            getattr(OwnNames(**{name: 5}), name) == 5 and getattr(OwnNames(**{name: 0}), name) == 0
        )
        with pytest.raises(ValueError, match=f"OwnNames: {name} must be finite and not negative"):
            OwnNames(**{name: -1})
    for rule, name in ((OwnNames, "gamma"), (OwnNames, "old"), (Redeclared, "momentum")):
        assert getattr(rule(**{name: 0}), name) == 0
        with pytest.raises(ValueError, match=f"{name} must be at least 0 and less than 1, got 1"):
            rule(**{name: 1})
    with pytest.raises(ValueError, match="tiny must be greater than 0, got 0"):
        OwnNames(tiny=0)
    for rule in (Wider, BelowWider):
        assert rule(momentum=3).momentum == 3
        with pytest.raises(ValueError, match="momentum must be greater than 0, got 0"):
            rule(momentum=0)
    params = {"x": 2.0}
    OwnNames(lr=0.5, weight_decay=0.4).update(params, {"x": 1.0})
    assert params["x"] == 1.5  # a name does nothing: what shrinks x is `shrink`


class Norm(Optimizer):
    """A rule that takes a norm, and that writes into its gradient."""

    lr: float = 0.1

    def step(self, g):
        g /= np.sqrt(np.sum(g * g))
        return -self.lr * g


def test_a_rule_of_ones_own_gets_whole_arrays():
    n = optimizers.BLOCK + 1
    params, gradient = {"x": np.zeros(n)}, np.ones(n)
    Norm().update(params, {"x": gradient})
    np.testing.assert_allclose(params["x"], -0.1 / np.sqrt(n), rtol=1e-12)
    assert (gradient == 1).all()  # the caller's own, which the rule cannot write


def test_a_rule_of_ones_own_that_declares_itself_elementwise_gets_blocks():
    sizes = []

    class Sign(Optimizer):
        elementwise = True
        lr: float = 0.1

        def step(self, g):
            sizes.append(g.size)
            return -self.lr * np.sign(g)

    class Faster(Sign):
        lr: float = 0.4

    class Lazy(Sign):
        def step(self, g):
            return 0.5 * super().step(g)

    n = 2 * optimizers.BLOCK
    params = {"x": np.zeros(n)}
    Sign().update(params, {"x": np.ones(n)})
    assert sizes == [n // 2] * 2 and (params["x"] == -0.1).all()
    Faster().update(params, {"x": np.ones(n)})
    assert sizes[2:] == [n // 2] * 2 and (params["x"] == -0.5).all()
    Lazy().update(params, {"x": np.ones(n)})  # a step of its own, which has not declared itself
    assert sizes[4:] == [n]


# ---------------------------------------------------------------- what a new rule lacks


def rule_with(step=lambda self, g: -g, base=Optimizer, **lines):
    return type("Mine", (base,), {"step": step, **lines})


def annotated(**kinds):
    return {"__annotations__": kinds}


LACKING = {
    "memory without its comma": (
        dict(memory="v"),
        "memory must be a tuple of names, such as ('v",
    ),
    "memory of something else": (dict(memory=(1,)), "memory must be a tuple of names"),
    "no annotation": (dict(lr=0.5), "write lr: float = 0.5"),
    "no annotation below a rule": (
        dict(base=Momentum, lr=0.5, step=Momentum.step),
        "write lr: float = 0.5",
    ),
    "a bool": (dict(on=True, **annotated(on=bool)), "a hyper-parameter is a number, on is True"),
    "a text": (dict(kind="a", **annotated(kind=str)), "a hyper-parameter is a number, kind is 'a'"),
    "a list": (dict(lr=[0.1], **annotated(lr=float)), "a hyper-parameter is a number, lr is [0.1]"),
    "a typed switch": (
        dict(elementwise=False, **annotated(elementwise=bool)),
        "written without annotation, elementwise = False",
    ),
    "a step counter": (dict(t=0.5, **annotated(t=float)), "'t' is taken"),
    "the shapes of the parameters": (
        dict(shapes=0.5, **annotated(shapes=float)),
        "'shapes' is taken",
    ),
    "a function": (dict(at=abs, **annotated(at=float)), "a hyper-parameter is a number, at is <"),
    "a name of the base": (dict(update=0.5, **annotated(update=float)), "'update' is taken"),
    "knob and memory": (
        dict(v=0.5, memory=("v",), step=lambda self, g, v: g, **annotated(v=float)),
        "'v' is taken",
    ),
    "a step that takes too little": (dict(memory=("v",)), "step must take self, g, v"),
    "a step that takes too much": (dict(step=lambda self, g, v: g), "step must take self, g, as"),
}


@pytest.mark.parametrize("case", LACKING)
def test_what_a_rule_lacks_is_said_where_it_is_written(case):
    lines, words = LACKING[case]
    complains(lambda: rule_with(**lines), TypeError, ["Mine: ", words])


def test_a_default_out_of_range():
    for kind, bad in ((float, -1.0), (BelowOne, 1.0), (AboveZero, 0.0)):
        lines = dict(knob=bad, **annotated(knob=kind))
        complains(lambda lines=lines: rule_with(**lines), ValueError, f"Mine: knob must be {bad}")


def test_what_is_fine_in_a_rule():
    rule = rule_with(switch=False, _constant=3, LEGEND="a", helper=property(lambda self: 1))
    params = {"x": 1.0}
    rule().update(params, {"x": 1.0})
    assert params["x"] == 0 and rule().knobs == {}
    rule = rule_with(**annotated(lr=float))  # one without a default has to be given
    assert repr(rule(0.5)) == "Mine(lr=0.5)"
    complains(rule, TypeError, "lr")


def test_a_rule_without_a_step_says_so():
    opt = Optimizer()
    with pytest.raises(NotImplementedError, match=r"Optimizer needs a step.*SGD\(lr=0.1\)"):
        opt.update({"x": 1.0}, {"x": 1.0})
    assert opt.t == 0 and opt.shapes == {}


# ---------------------------------------------------------------- what goes wrong in the middle


def interrupted(g):
    raise KeyboardInterrupt


RETURNS = {
    "nothing": (lambda g: None, TypeError, "step must return Δx (3,) NoneType"),
    "a text": (lambda g: "down", TypeError, "step must return Δx (3,) str 'down'"),
    "one number": (lambda g: g.sum(), TypeError, "step must return Δx (3,)"),
    "another shape": (lambda g: np.ones(5), TypeError, "step must return Δx (3,) ndarray"),
    "a shape that broadcasts": (lambda g: g[:1], TypeError, "step must return Δx (3,) ndarray"),
    "complex numbers": (lambda g: 1j * g, TypeError, "step must return Δx (3,) ndarray"),
    "truth values": (lambda g: g > 0, TypeError, "step must return Δx (3,) ndarray"),
    "NaN": (lambda g: np.nan * g, ValueError, "parameter 'y' NaN or infinite rule"),
    "infinity": (lambda g: np.inf * g, ValueError, "parameter 'y' NaN or infinite rule"),
    "an exception": (lambda g: 1 / 0, ZeroDivisionError, "division by zero"),
    "an interrupt": (interrupted, KeyboardInterrupt, ""),
}


@pytest.mark.parametrize("steps", [0, 3])
@pytest.mark.parametrize("case", RETURNS)
def test_a_step_that_goes_wrong_never_happened(case, steps):
    """It fails at the second of two parameters, when the first has moved."""
    wrong, error, words = RETURNS[case]

    class Mine(Summing):
        def step(self, g, v):
            delta = super().step(g, v)
            g *= 2
            return wrong(g) if len(g) == 3 and self.t > steps else delta

    opt, params = Mine(), {"x": np.ones(2), "y": np.ones(3)}
    grads = {"x": np.ones(2), "y": np.ones(3)}
    for _ in range(steps):
        opt.update(params, grads)
    before = state(params, opt)
    complains(lambda: opt.update(params, grads), error, words)
    assert state(params, opt) == before and opt.t == steps
    assert (grads["x"] == 1).all() and (grads["y"] == 1).all()
